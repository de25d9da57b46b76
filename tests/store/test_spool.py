"""Bytes wait in a folder or a bucket, by one API."""

from __future__ import annotations

import asyncio
import hashlib
import resource
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.errors import Gone, Misconfigured, Unavailable
from bot.job import Picture
from bot.ports import Spool
from bot.store import ObjectSpool
from bot.store.spool import PART, PIECE


@pytest.fixture(params=["folder", "memory"])
def spool(request: pytest.FixtureRequest, tmp_path: Path) -> Spool:
    """A folder, and a store without one: what is true of both does not lean on files."""
    return ObjectSpool(f"file://{tmp_path}/spool" if request.param == "folder" else "memory:///")


def nothing(key: str) -> Picture:
    return Picture(key, "0" * 64, 1, 1, 1, "image/png")


async def put(spool: Spool, key: str, data: bytes = b"x") -> Picture:
    """Store the bytes; what a row would remember of them."""
    async with spool.draft() as draft:
        draft.write(data)
        await spool.put(key, draft)
    return Picture(key, hashlib.sha256(data).hexdigest(), len(data), 1, 1, "image/png")


async def got(spool: Spool, picture: Picture) -> bytes:
    return b"".join([piece async for piece in spool.read(picture)])


async def test_bytes_come_back_as_they_went_in(spool: Spool) -> None:
    data = bytes(range(256)) * 9999
    await put(spool, "job1/0.png", data)
    picture = await put(spool, "job1/0.png", data[1:])
    assert await got(spool, picture) == data[1:]
    assert await got(spool, picture) == data[1:]


async def test_from_a_folder_they_come_in_pieces(tmp_path: Path) -> None:
    spool = ObjectSpool(f"file://{tmp_path}/spool")
    picture = await put(spool, "job1/0.png", bytes(20_000_000))
    assert max([len(piece) async for piece in spool.read(picture)]) < 2 * PIECE


@pytest.mark.parametrize("other", [b"", b"y", b"xx", bytes(5 * PIECE)], ids=len)
async def test_bytes_that_are_not_what_they_were_are_gone_before_the_last_of_them(spool: Spool, other: bytes) -> None:
    good = bytes(4 * PIECE) + b"!" if len(other) > PIECE else b"x"
    picture = await put(spool, "job1/0.png", good)
    await put(spool, "job1/0.png", other)
    came = bytearray()

    async def take() -> None:
        async for piece in spool.read(picture):
            came.extend(piece)

    with pytest.raises(Gone, match="spool_altered"):
        await take()
    assert len(came) < len(good)


async def test_what_was_drafted_and_never_put_is_gone(spool: Spool, tmp_path: Path) -> None:
    async with spool.draft() as draft:
        draft.write(b"x")
    assert draft.closed
    assert [each for each in names_in(tmp_path) if each != "spool"] == []


async def test_a_draft_that_found_no_room_goes_without_another_word(spool: Spool, tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        async with spool.draft() as draft:
            draft.write(bytes(2000))  # still in the buffer
            with pytest.raises(OSError, match="too large"):
                draft.flush()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert draft.closed
    assert [each for each in names_in(tmp_path) if each != "spool"] == []


async def test_a_draft_is_found_by_nobody_before_it_is_put(spool: Spool) -> None:
    picture = await put(spool, "job1/0.png", b"old")
    async with spool.draft() as draft:
        draft.write(b"new")
        assert await got(spool, picture) == b"old"


async def test_a_draft_that_a_crash_left_behind_is_swept(tmp_path: Path) -> None:
    spool = ObjectSpool(f"file://{tmp_path}/spool")
    (tmp_path / "spool" / f"0a1b{PART}").write_bytes(b"x")
    assert await spool.sweep(datetime.now(UTC) + timedelta(hours=1)) == 1
    assert names_in(tmp_path) == ["spool"]


async def test_what_is_not_there_is_gone(spool: Spool) -> None:
    with pytest.raises(Gone):
        await got(spool, nothing("job1/0.png"))


async def test_dropping_a_job_drops_its_pictures_and_no_others(spool: Spool) -> None:
    for key in ("job1/0.png", "job1/1.png", "job10/0.png"):
        kept = await put(spool, key)
    await spool.drop("job1")
    for key in ("job1/0.png", "job1/1.png"):
        with pytest.raises(Gone):
            await got(spool, nothing(key))
    assert await got(spool, kept) == b"x"


async def test_dropping_what_is_not_there_is_fine(spool: Spool) -> None:
    await spool.drop("job1")


async def test_one_picture_can_be_dropped(spool: Spool) -> None:
    for key in ("job1/0.png", "job1/1.png"):
        kept = await put(spool, key)
    await spool.drop("job1/0.png")
    assert await got(spool, kept) == b"x"
    with pytest.raises(Gone):
        await got(spool, nothing("job1/0.png"))


async def test_a_sweep_takes_what_is_older_and_nothing_else(spool: Spool) -> None:
    picture = await put(spool, "job1/0.png")
    now = datetime.now(UTC)
    assert await spool.sweep(now - timedelta(hours=1)) == 0
    assert await got(spool, picture) == b"x"
    assert await spool.sweep(now + timedelta(hours=1)) == 1
    with pytest.raises(Gone):
        await got(spool, nothing("job1/0.png"))


@pytest.mark.parametrize("key", ["../x", "/x", "a//b", "a/../b", "", ".hidden", "a b", "a\x00", "a/"])
async def test_a_key_that_is_not_ours_is_a_bug(spool: Spool, key: str) -> None:
    for call in (got(spool, nothing(key)), put(spool, key), spool.drop(key)):
        with pytest.raises(ValueError, match="not a key"):
            await call


async def test_a_folder_that_somebody_took_away_is_made_again(tmp_path: Path) -> None:
    spool = ObjectSpool(f"file://{tmp_path}/spool")
    (tmp_path / "spool").rmdir()
    assert await got(spool, await put(spool, "job1/0.png")) == b"x"


async def test_many_at_once(spool: Spool) -> None:
    them = await asyncio.gather(*(put(spool, f"job{number}/0.png", b"%d" % number) for number in range(50)))
    assert await got(spool, them[49]) == b"49"


async def test_a_dropped_job_leaves_no_empty_folder(tmp_path: Path) -> None:
    spool = ObjectSpool(f"file://{tmp_path}/my%20spool")
    await put(spool, "job1/0.png")
    assert names_in(tmp_path) == ["my spool", "job1", "0.png"]
    await spool.drop("job1")
    assert names_in(tmp_path) == ["my spool"]


def names_in(folder: Path) -> list[str]:
    return [each.name for each in folder.rglob("*")]


async def test_a_folder_that_cannot_be_written_is_unavailable(tmp_path: Path) -> None:
    spool = ObjectSpool(f"file://{tmp_path}/spool")
    (tmp_path / "spool" / "job1").write_bytes(b"a file where a folder should be")
    with pytest.raises(Unavailable) as failed:
        await put(spool, "job1/0.png")
    assert failed.value.code == "spool_failed"


CALLS: dict[str, Callable[[Spool], Awaitable[object]]] = {
    "put": lambda spool: put(spool, "job1/0.png"),
    "read": lambda spool: got(spool, nothing("job1/0.png")),
    "drop": lambda spool: spool.drop("job1"),
    "sweep": lambda spool: spool.sweep(datetime.now(UTC)),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
async def test_a_bucket_that_does_not_answer_is_unavailable(call: Callable[[Spool], Awaitable[object]]) -> None:
    options = {"endpoint": "http://127.0.0.1:1", "region": "x", "access_key_id": "x", "secret_access_key": "x"}
    client = {"client_options": {"allow_http": True}, "retry_config": {"max_retries": 0}}
    with pytest.raises(Unavailable):
        await call(ObjectSpool("s3://bucket/folder", options=options | client))


@pytest.mark.parametrize("url", ["nonsense", "ftp://x/y"])
def test_an_address_that_cannot_work_is_refused(url: str) -> None:
    with pytest.raises(Misconfigured):
        ObjectSpool(url)


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Misconfigured):
        ObjectSpool(f"file://{tmp_path}/file/spool")
