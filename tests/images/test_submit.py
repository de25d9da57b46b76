"""A submit is sent once, signed over what is sent, and its fault says honestly whether anything was created."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
import re
import socket
from email.utils import formatdate
from typing import Any

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from structlog.testing import capture_logs
from tencentcloud.common.sign import Sign

from bot.errors import STEADY, Cause, LaneDown, OutcomeUnknown, Rejected, SlotTaken, Throttled, Unavailable
from bot.images.hunyuan import Hunyuan
from bot.images.tc3 import Credentials
from bot.images.wire import Access, Limits
from bot.ports import Images
from bot.request import Clarity, Request, Shape
from tests.images.conftest import (
    KEYS,
    NOW,
    WALL,
    Make,
    Provider,
    Reply,
    answer,
    cut,
    cut_half_way,
    environment,
    error,
    raw,
)

FOX = Request("a fox in the rain")
SHORT = Limits(connect=0.2, total=0.2)
PROMPTS = ["a fox", "雨中竹林", "🦊👨‍👩‍👧 'quoted' \"twice\" \\ back\nslash", "é\u200d\u202e", "\ud83e lone"]


def test_the_client_is_an_image_port(images: Hunyuan) -> None:
    port: Images = images
    assert port


async def test_everything_that_was_asked_is_sent(images: Hunyuan, provider: Provider) -> None:
    provider.will(answer(JobId="job-1"))
    request = Request(
        "雨中竹林", negative="人", style="shuimo", shape=Shape.WIDE_16_9, count=4, seed=7, clarity=Clarity.X2, raw=True
    )
    assert await images.submit(request) == "job-1"
    assert provider.seen[0].said == {
        "Prompt": "雨中竹林",
        "NegativePrompt": "人",
        "Style": "shuimo",
        "Resolution": "1280:720",
        "Num": 4,
        "Clarity": "x2",
        "Revise": 0,
        "Seed": 7,
        "LogoAdd": 1,
    }


async def test_what_was_not_asked_is_not_sent(make: Make, provider: Provider) -> None:
    provider.will(answer(JobId="job-1"))
    await make(logo=False).submit(FOX)
    assert provider.seen[0].said == {
        "Prompt": "a fox in the rain",
        "Resolution": "1024:1024",
        "Num": 1,
        "Revise": 1,
        "LogoAdd": 0,
    }


@pytest.mark.parametrize(
    ("request_", "revise"),
    [(FOX, 1), (Request("a", raw=True), 0), (Request("a", seed=0), 0), (Request("a", seed=9), 0)],
)
async def test_a_seed_or_exact_words_switch_rewriting_off(
    images: Hunyuan, provider: Provider, request_: Request, revise: int
) -> None:
    provider.will(answer(JobId="job-1"))
    await images.submit(request_)
    assert provider.seen[0].said["Revise"] == revise
    assert provider.seen[0].said.get("Seed") == request_.seed


async def test_the_headers_are_the_documented_ones(images: Hunyuan, provider: Provider) -> None:
    provider.will(answer(JobId="job-1"))
    await images.submit(FOX)
    seen = provider.seen[0]
    assert (seen.method, seen.path) == ("POST", "/")
    wanted = {
        "Host": provider.url.removeprefix("http://"),
        "Content-Type": "application/json",
        "X-TC-Action": "SubmitHunyuanImageJob",
        "X-TC-Version": "2023-09-01",
        "X-TC-Region": "ap-guangzhou",
        "X-TC-Timestamp": str(int(WALL)),
        "X-TC-Language": "en-US",
        "Accept-Encoding": "identity",
    }
    assert {name: seen.headers.get(name) for name in wanted} == wanted
    assert "X-TC-Token" not in seen.headers


async def test_temporary_keys_bring_their_token(make: Make, provider: Provider) -> None:
    provider.will(answer(JobId="job-1"))
    await make(keys=Credentials("id", "key", "temporary")).submit(FOX)
    assert provider.seen[0].headers["X-TC-Token"] == "temporary"


@pytest.mark.parametrize("prompt", PROMPTS)
async def test_the_signature_covers_the_very_bytes_that_arrive(
    images: Hunyuan, provider: Provider, prompt: str
) -> None:
    provider.will(answer(JobId="job-1"))
    await images.submit(Request(prompt))
    seen = provider.seen[0]
    names = re.search(r"SignedHeaders=([^,]+)", seen.headers["Authorization"])
    assert names is not None
    assert {"content-type", "host"} <= set(names[1].split(";"))
    received = {name.lower(): value.lower() for name, value in seen.headers.items()}
    lines = "".join(f"{name}:{received[name]}\n" for name in names[1].split(";"))
    canonical = f"POST\n/\n\n{lines}\n{names[1]}\n{hashlib.sha256(seen.body).hexdigest()}"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    date = NOW.strftime("%Y-%m-%d")
    to_sign = f"TC3-HMAC-SHA256\n{int(WALL)}\n{date}/hunyuan/tc3_request\n{digest}"
    assert seen.headers["Authorization"].endswith(Sign.sign_tc3(KEYS.secret_key, date, "hunyuan", to_sign))
    assert seen.said["Prompt"] == prompt


@pytest.mark.parametrize(
    ("endpoint", "host"),
    [
        ("https://h.example", "h.example"),
        ("https://h.example:8443/", "h.example:8443"),
        ("http://[::1]:80", "[::1]"),
        ("http://[::1]:81", "[::1]:81"),
    ],
)
def test_the_host_has_its_port_unless_it_is_the_usual_one(endpoint: str, host: str) -> None:
    from yarl import URL

    from bot.images.wire import host_of

    assert host_of(URL(endpoint)) == host


async def test_a_job_id_may_come_as_a_number(images: Hunyuan, provider: Provider) -> None:
    provider.will(answer(JobId=1234567890123456789))
    assert await images.submit(FOX) == "1234567890123456789"


@pytest.mark.parametrize(
    ("code", "kind", "cause"),
    [
        ("RequestLimitExceeded.JobNumExceed", SlotTaken, Cause.BUSY),
        ("RequestLimitExceeded", Throttled, Cause.BUSY),
        ("OperationDenied.TextIllegalDetected", Rejected, Cause.TEXT_REFUSED),
        ("InternalError", Unavailable, Cause.PROVIDER_STUMBLED),
        ("ResourceInsufficient.ChargeResourceExhaust", LaneDown, Cause.NO_CREDIT),
        ("ActionOffline", LaneDown, Cause.RETIRED),
        ("AuthFailure.TokenFailure", LaneDown, Cause.MISCONFIGURED),
        ("Never.Seen", Rejected, Cause.UNEXPECTED),
    ],
)
@pytest.mark.parametrize("status", [200, 400, 500])
async def test_an_error_object_proves_that_nothing_was_created_whatever_the_http_status(
    images: Hunyuan, provider: Provider, code: str, kind: type[Rejected], cause: Cause, status: int
) -> None:
    provider.will(answer(status, Error={"Code": code, "Message": "内部"}))
    with pytest.raises(kind) as caught:
        await images.submit(FOX)
    assert (caught.value.code, caught.value.cause, caught.value.reference) == (code, cause, "req-1")
    assert len(provider.seen) == 1


async def test_an_error_counts_more_than_a_job_id_beside_it(images: Hunyuan, provider: Provider) -> None:
    provider.will(error("OperationDenied.TextIllegalDetected", JobId="job-1"))
    with pytest.raises(Rejected):
        await images.submit(FOX)


async def test_an_error_is_seen_behind_a_content_type_with_charset(images: Hunyuan, provider: Provider) -> None:
    """The vendor's own client takes such an answer for an empty success."""
    body = json.dumps({"Response": {"Error": {"Code": "ActionOffline", "Message": ""}}}).encode()
    provider.will(raw(body, kind="application/json; charset=utf-8"))
    with pytest.raises(LaneDown):
        await images.submit(FOX)


async def test_the_vendor_speaks_utf8_whatever_its_charset_says(images: Hunyuan, provider: Provider) -> None:
    body = json.dumps({"Response": {"JobId": "任务-1"}}, ensure_ascii=False).encode()
    provider.will(raw(body, kind="text/plain; charset=gbk"))
    assert await images.submit(FOX) == "任务-1"


async def test_a_packed_answer_is_read_though_none_was_asked_for(images: Hunyuan, provider: Provider) -> None:
    body = gzip.compress(b'{"Response": {"JobId": "job-1"}}')
    provider.will(raw(body, headers={"Content-Encoding": "gzip"}))
    assert await images.submit(FOX) == "job-1"


ILLEGIBLE: dict[str, Reply] = {
    "reset-before-the-answer": cut,
    "reset-in-the-answer": cut_half_way,
    "html-500": raw(b"<html>bad gateway</html>", status=500, kind="text/html"),
    "html-200": raw(b"<html>hello</html>", kind="text/html"),
    "job-id-in-a-500": answer(500, JobId="job-1"),
    "accepted-202": answer(202, JobId="job-1"),
    "empty": raw(b""),
    "not-json": raw(b"{'Response':"),
    "not-utf8": raw(b'{"Response": {"JobId": "\xff"}}'),
    "deep": raw(b"[" * 200_000),
    "an-array": raw(b'[{"Response": {"JobId": "job-1"}}]'),
    "no-response": raw(b'{"JobId": "job-1"}'),
    "null-response": raw(b'{"Response": null}'),
    "twice": raw(b'{"Response": {"JobId": "job-1"}, "Response": {"JobId": "job-2"}}'),
    "ten-megabytes": raw(b'{"Response": {"JobId": "job-1", "Padding": "' + b"x" * 10_000_000 + b'"}}'),
    "no-job-id": answer(),
    "null-job-id": answer(JobId=None),
    "blank-job-id": answer(JobId=" "),
    "odd-job-id": answer(JobId={"a": 1}),
    "error-is-a-string": answer(Error="boom", JobId="job-1"),
    "badly-packed": raw(b"\x1f\x8b\x08\x00junk", headers={"Content-Encoding": "gzip"}),
    "packed-bomb": raw(gzip.compress(b" " * 10_000_000 + b'{"Response": {}}'), headers={"Content-Encoding": "gzip"}),
    "redirect-302": answer(302, headers={"Location": "/elsewhere"}, JobId="job-1"),
    "redirect-307": answer(307, headers={"Location": "/elsewhere"}, JobId="job-1"),
}


@pytest.mark.parametrize("name", ILLEGIBLE)
async def test_without_a_legible_answer_the_outcome_is_unknown_and_nothing_is_sent_again(
    images: Hunyuan, provider: Provider, name: str
) -> None:
    provider.will(ILLEGIBLE[name])
    with pytest.raises(OutcomeUnknown) as caught:
        await images.submit(FOX)
    assert caught.value.cause is Cause.OUTCOME_UNKNOWN
    assert len(provider.seen) == 1


@pytest.mark.parametrize("how", ["hang", "drip"])
async def test_silence_is_cut_by_the_total_time_and_leaves_the_outcome_unknown(
    make: Make, provider: Provider, how: str
) -> None:
    provider.will(getattr(provider, how))
    with pytest.raises(OutcomeUnknown) as caught:
        await make(limits=SHORT).submit(FOX)
    assert caught.value.code == "timeout"
    assert len(provider.seen) == 1


async def test_a_kept_connection_that_dies_under_a_submit_is_not_sent_again(
    images: Hunyuan, provider: Provider
) -> None:
    provider.will(answer(JobId="job-1"), cut, answer(JobId="job-2"))
    await images.submit(FOX)
    with pytest.raises(OutcomeUnknown):
        await images.submit(FOX)
    assert len(provider.seen) == 2


async def test_the_log_tells_the_size_of_an_illegible_answer_and_none_of_its_words(
    images: Hunyuan, provider: Provider
) -> None:
    provider.will(raw(b"<html>a fox in the rain</html>", status=502, kind="text/html"))
    with capture_logs() as lines, pytest.raises(OutcomeUnknown):
        await images.submit(FOX)
    assert lines == [{"event": "illegible", "log_level": "warning", "status": 502, "kind": "text/html", "bytes": 30}]


async def test_neither_log_nor_fault_repeats_the_prompt(images: Hunyuan, provider: Provider) -> None:
    provider.will(error("Never.Seen", f"cannot draw {FOX.prompt}"))
    with capture_logs() as lines, pytest.raises(Rejected) as caught:
        await images.submit(FOX)
    assert FOX.prompt not in f"{lines} {caught.value!r} {caught.value.detail}"
    assert lines[0]["reference"] == "req-1"


class Resolver(AbstractResolver):
    """Names that do not exist, or an answer that never comes."""

    def __init__(self, *, hangs: bool) -> None:
        self.hangs = hangs

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        if self.hangs:
            await asyncio.Event().wait()
        raise OSError("no such name")

    async def close(self) -> None:
        pass


async def not_sent(session: aiohttp.ClientSession, endpoint: str) -> Unavailable:
    access = Access(endpoint, KEYS)
    client = Hunyuan(session, access, now=lambda: NOW, wall=lambda: WALL, limits=Limits(connect=0.1, total=5))
    with pytest.raises(Unavailable) as caught:
        await client.submit(FOX)
    assert caught.value.patience is STEADY
    assert caught.value.cause is Cause.PROVIDER_STUMBLED
    return caught.value


async def test_a_refused_connection_proves_that_nothing_was_sent(session: aiohttp.ClientSession) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        fault = await not_sent(session, f"http://127.0.0.1:{taken.getsockname()[1]}")
    assert fault.code == "connect_failed"


async def test_a_failed_tls_handshake_proves_that_nothing_was_sent(
    session: aiohttp.ClientSession, provider: Provider
) -> None:
    fault = await not_sent(session, provider.url.replace("http://", "https://"))
    assert fault.code == "tls_failed"
    assert provider.seen == []


@pytest.mark.parametrize(("hangs", "code"), [(False, "dns_failed"), (True, "connect_timeout")])
async def test_a_name_that_is_not_found_proves_that_nothing_was_sent(hangs: bool, code: str) -> None:
    connector = aiohttp.TCPConnector(resolver=Resolver(hangs=hangs))
    async with aiohttp.ClientSession(connector=connector) as session:
        fault = await not_sent(session, "https://images.example")
    assert fault.code == code


async def test_a_closed_session_sent_nothing(session: aiohttp.ClientSession, provider: Provider) -> None:
    await session.close()
    assert (await not_sent(session, provider.url)).code == "session_closed"


async def test_a_session_that_trusts_the_environment_is_refused() -> None:
    async with aiohttp.ClientSession(trust_env=True) as session:
        with pytest.raises(ValueError, match="environment"):
            Hunyuan(session, Access("https://images.example", KEYS), now=lambda: NOW, wall=lambda: WALL)


async def test_a_proxy_in_the_environment_is_passed_by(images: Hunyuan, provider: Provider) -> None:
    provider.will(answer(JobId="job-1"))
    with environment(HTTP_PROXY="http://127.0.0.1:1", http_proxy="http://127.0.0.1:1", NO_PROXY=""):
        assert await images.submit(FOX) == "job-1"


def expired(at: float | None) -> Reply:
    date = formatdate(at, usegmt=True) if at is not None else "no date"
    return answer(headers={"Date": date}, Error={"Code": "AuthFailure.SignatureExpire", "Message": "clock"})


def timestamps(provider: Provider) -> list[int]:
    return [int(seen.headers["X-TC-Timestamp"]) for seen in provider.seen]


@pytest.mark.parametrize("off", [600, -600, 90_000])
async def test_a_wrong_clock_is_learned_from_the_answers_date_and_kept(
    images: Hunyuan, provider: Provider, off: int
) -> None:
    provider.will(expired(WALL + off), answer(JobId="job-1"))
    assert await images.submit(FOX) == "job-1"
    await images.submit(FOX)
    assert timestamps(provider) == [int(WALL), int(WALL) + off, int(WALL) + off]


async def test_a_submit_is_signed_anew_once_and_then_the_lane_stops(images: Hunyuan, provider: Provider) -> None:
    provider.will(expired(WALL + 600))
    with pytest.raises(LaneDown) as caught:
        await images.submit(FOX)
    assert caught.value.cause is Cause.MISCONFIGURED
    assert len(provider.seen) == 2


async def test_without_a_date_there_is_nothing_to_sign_anew_with(images: Hunyuan, provider: Provider) -> None:
    provider.will(expired(None))
    with pytest.raises(LaneDown):
        await images.submit(FOX)
    assert len(provider.seen) == 1


async def test_an_unknown_outcome_after_signing_anew_stays_unknown(images: Hunyuan, provider: Provider) -> None:
    provider.will(expired(WALL + 600), cut)
    with pytest.raises(OutcomeUnknown):
        await images.submit(FOX)


async def test_a_cancelled_submit_is_cancelled(images: Hunyuan, provider: Provider) -> None:
    provider.will(provider.hang)
    task: asyncio.Task[Any] = asyncio.create_task(images.submit(FOX))
    await provider.arrived.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
