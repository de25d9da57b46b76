"""A download ends in time and in size, is tried once more if it brought no picture, and is never re-encoded."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import socket
from io import BytesIO
from tempfile import TemporaryFile

import pytest
from aiohttp import web

from bot.errors import Cause, LinksExpired, Rejected, Unavailable
from bot.images.hunyuan import Hunyuan
from bot.images.wire import Limits
from bot.ports import Photo
from tests.images.conftest import Make, Provider, Reply, cut, cut_half_way, fetched, raw
from tests.images.pictures import picture, png_claiming

PNG = picture()
PATH = "/job/1.png?q-sign-time=1%3B2&q-signature=a%2Bb"


def a_picture(data: bytes = PNG) -> Reply:
    return raw(data, kind="image/png")


def chunked(data: bytes) -> Reply:
    """Says no length."""

    async def reply(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(data)
        return response

    return reply


async def why_not(images: Hunyuan, provider: Provider, reply: Reply) -> Rejected:
    provider.will(reply)
    with pytest.raises(Rejected) as caught:
        await fetched(images, provider.url + PATH)
    assert caught.value.cause is Cause.BAD_PICTURE
    return caught.value


async def test_the_bytes_that_are_delivered_are_the_bytes_that_came(images: Hunyuan, provider: Provider) -> None:
    provider.will(a_picture())
    photo, data = await fetched(images, provider.url + PATH)
    assert data == PNG
    assert photo == Photo("image/png", 48, 32, len(PNG), hashlib.sha256(PNG).hexdigest())
    assert (provider.seen[0].method, provider.seen[0].path) == ("GET", PATH)
    assert provider.seen[0].headers["Accept-Encoding"] == "identity"
    assert "Authorization" not in provider.seen[0].headers


async def test_what_the_sender_calls_a_picture_does_not_count(images: Hunyuan, provider: Provider) -> None:
    provider.will(raw(PNG, kind="text/html; charset=utf-8"))
    assert (await fetched(images, provider.url + PATH))[0].mime == "image/png"


async def test_nothing_is_unpacked_on_the_way(images: Hunyuan, provider: Provider) -> None:
    provider.will(raw(PNG, headers={"Content-Encoding": "gzip"}))
    assert (await fetched(images, provider.url + PATH))[1] == PNG


async def test_bytes_that_are_no_picture_are_fetched_once_more(images: Hunyuan, provider: Provider) -> None:
    provider.will(raw(b"<html>busy</html>", kind="text/html"), a_picture())
    assert (await fetched(images, provider.url + PATH))[1] == PNG
    assert len(provider.seen) == 2


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (raw(b"<html></html>", kind="image/png"), "picture_wrong_type"),
        (a_picture(b""), "picture_empty"),
        (a_picture(PNG[:-20]), "picture_truncated"),
        (a_picture(png_claiming(30_000, 30_000)), "picture_too_many_pixels"),
        (raw(b"", status=204), "picture_http_204"),
        (raw(b"\x1f\x8b\x08\x00", headers={"Content-Encoding": "gzip"}), "picture_wrong_type"),
    ],
)
async def test_what_is_no_picture_twice_is_refused(
    images: Hunyuan, provider: Provider, reply: Reply, code: str
) -> None:
    assert (await why_not(images, provider, reply)).code == code
    assert len(provider.seen) == 2


async def test_a_longer_body_that_was_none_leaves_nothing_behind_the_picture(
    images: Hunyuan, provider: Provider
) -> None:
    provider.will(raw(b"<html>" + b"x" * 5000, kind="text/html"), a_picture())
    assert (await fetched(images, provider.url + PATH))[1] == PNG


async def test_length_and_type_are_told_with_the_first_bytes_and_not_with_the_last(
    images: Hunyuan, provider: Provider
) -> None:
    async def in_two_parts(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": str(len(PNG))})
        await response.prepare(request)
        await response.write(PNG[:40])
        await provider.never.wait()
        await response.write(PNG[40:])
        return response

    told: list[tuple[int, str]] = []

    def sized(length: int, mime: str) -> None:
        told.append((length, mime))
        provider.never.set()  # the second part comes only now: whoever tells too late waits for ever

    provider.will(in_two_parts)
    with TemporaryFile() as into:
        await images.fetch(provider.url + PATH, into, sized=sized)
    assert told == [(len(PNG), "image/png")]


@pytest.mark.parametrize("reply", [a_picture(b"<html>" * 9), chunked(PNG)])
async def test_a_length_that_is_not_known_or_of_no_picture_is_not_told(
    images: Hunyuan, provider: Provider, reply: Reply
) -> None:
    provider.will(reply)
    told: list[tuple[int, str]] = []
    with TemporaryFile() as into, contextlib.suppress(Rejected):
        await images.fetch(provider.url + PATH, into, sized=lambda length, mime: told.append((length, mime)))
    assert told == []


@pytest.mark.parametrize(("number", "code"), [(errno.ENOSPC, "disk_full"), (errno.EIO, "spool_failed")])
async def test_a_disk_that_takes_no_more_is_tried_again_later(
    images: Hunyuan, provider: Provider, number: int, code: str
) -> None:
    class Full(BytesIO):
        def write(self, _data: object) -> int:
            raise OSError(number, "no")

    provider.will(a_picture())
    with pytest.raises(Unavailable) as caught:
        await images.fetch(provider.url + PATH, Full(), sized=lambda *_: None)
    assert caught.value.code == code


async def endless(request: web.Request) -> web.StreamResponse:
    """Says no length, and goes on until nobody listens."""
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(b"\x89PNG" * 1024)


@pytest.mark.parametrize("reply", [a_picture(b"\x89PNG" * 1000), endless])
async def test_a_picture_is_not_read_beyond_its_cap(make: Make, provider: Provider, reply: Reply) -> None:
    fault = await why_not(make(limits=Limits(picture=2000)), provider, reply)
    assert fault.code == "picture_too_large"


async def test_a_picture_that_says_it_is_too_large_is_not_read_at_all(make: Make, provider: Provider) -> None:
    fault = await why_not(make(limits=Limits(picture=500)), provider, provider.drip)
    assert fault.code == "picture_too_large"


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 403, 404, 410])
async def test_a_dead_link_is_asked_for_anew_and_a_redirect_is_not_followed(
    images: Hunyuan, provider: Provider, status: int
) -> None:
    provider.will(
        raw(b"<Error/>", status=status, kind="application/xml", headers={"Location": f"{provider.url}/other"})
    )
    with pytest.raises(LinksExpired) as caught:
        await fetched(images, provider.url + PATH)
    assert caught.value.code == f"link_http_{status}"
    assert len(provider.seen) == 1


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
async def test_a_storage_that_stumbles_is_tried_for_as_long_as_links_live(
    images: Hunyuan, provider: Provider, status: int
) -> None:
    provider.will(raw(b"", status=status))
    with pytest.raises(Unavailable) as caught:
        await fetched(images, provider.url + PATH)
    patience = caught.value.patience
    assert patience is not None
    assert [patience.is_over(50, waited=seconds) for seconds in (3599, 3600)] == [False, True]


async def test_a_download_that_is_cut_is_tried_again_and_in_the_end_a_bad_picture(
    images: Hunyuan, provider: Provider
) -> None:
    provider.will(cut_half_way)
    with pytest.raises(Unavailable) as caught:
        await fetched(images, provider.url + PATH)
    assert (caught.value.code, caught.value.cause) == ("download_cut", Cause.BAD_PICTURE)
    assert caught.value.patience is not None
    assert caught.value.patience.is_over(8, waited=0)


async def test_a_connection_that_is_reset_is_tried_again(images: Hunyuan, provider: Provider) -> None:
    provider.will(cut)
    with pytest.raises(Unavailable) as caught:
        await fetched(images, provider.url + PATH)
    assert (caught.value.code, caught.value.cause) == ("download_failed", Cause.PROVIDER_STUMBLED)


async def test_a_refused_connection_is_tried_again(images: Hunyuan) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(Unavailable):
            await fetched(images, f"http://127.0.0.1:{taken.getsockname()[1]}/1.png")


@pytest.mark.parametrize("how", ["hang", "drip"])
async def test_silence_and_drips_are_cut_by_the_total_time(make: Make, provider: Provider, how: str) -> None:
    provider.will(getattr(provider, how))
    with pytest.raises(Unavailable) as caught:
        await fetched(make(limits=Limits(download=0.1)), provider.url + PATH)
    assert caught.value.code == "download_timeout"


@pytest.mark.parametrize(
    "link", ["https://images.example/1.png", "http://169.254.0.23/1.png", "file:///etc/passwd", ""]
)
async def test_a_link_to_elsewhere_is_refused_without_a_connection(images: Hunyuan, link: str) -> None:
    with pytest.raises(Rejected) as caught:
        await fetched(images, link)
    assert (caught.value.code, caught.value.cause) == ("link_refused", Cause.BAD_PICTURE)


async def test_this_machine_is_out_of_bounds_for_an_endpoint_elsewhere(make: Make, provider: Provider) -> None:
    provider.will(a_picture())
    with pytest.raises(Rejected):
        await fetched(make(endpoint="https://hunyuan.tencentcloudapi.com"), provider.url + PATH)
    assert provider.seen == []
