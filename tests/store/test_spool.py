"""Bytes wait in a folder or a bucket, by one API."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.errors import Gone, Misconfigured, Unavailable
from bot.ports import Spool
from bot.store import ObjectSpool


@pytest.fixture(params=["folder", "memory"])
def spool(request: pytest.FixtureRequest, tmp_path: Path) -> Spool:
    """A folder, and a store without one: what is true of both does not lean on files."""
    return ObjectSpool(f"file://{tmp_path}/spool" if request.param == "folder" else "memory:///")


async def test_bytes_come_back_as_they_went_in(spool: Spool) -> None:
    data = bytes(range(256)) * 999
    await spool.put("job1/0.png", data)
    await spool.put("job1/0.png", data[1:])
    assert await spool.get("job1/0.png") == data[1:]


async def test_what_is_not_there_is_gone(spool: Spool) -> None:
    with pytest.raises(Gone):
        await spool.get("job1/0.png")


async def test_dropping_a_job_drops_its_pictures_and_no_others(spool: Spool) -> None:
    for key in ("job1/0.png", "job1/1.png", "job10/0.png"):
        await spool.put(key, b"x")
    await spool.drop("job1")
    for key in ("job1/0.png", "job1/1.png"):
        with pytest.raises(Gone):
            await spool.get(key)
    assert await spool.get("job10/0.png") == b"x"


async def test_dropping_what_is_not_there_is_fine(spool: Spool) -> None:
    await spool.drop("job1")


async def test_one_picture_can_be_dropped(spool: Spool) -> None:
    for key in ("job1/0.png", "job1/1.png"):
        await spool.put(key, b"x")
    await spool.drop("job1/0.png")
    assert await spool.get("job1/1.png") == b"x"
    with pytest.raises(Gone):
        await spool.get("job1/0.png")


async def test_a_sweep_takes_what_is_older_and_nothing_else(spool: Spool) -> None:
    await spool.put("job1/0.png", b"x")
    now = datetime.now(UTC)
    assert await spool.sweep(now - timedelta(hours=1)) == 0
    assert await spool.get("job1/0.png") == b"x"
    assert await spool.sweep(now + timedelta(hours=1)) == 1
    with pytest.raises(Gone):
        await spool.get("job1/0.png")


@pytest.mark.parametrize("key", ["../x", "/x", "a//b", "a/../b", "", ".hidden", "a b", "a\x00", "a/"])
async def test_a_key_that_is_not_ours_is_a_bug(spool: Spool, key: str) -> None:
    for call in (spool.get(key), spool.put(key, b""), spool.drop(key)):
        with pytest.raises(ValueError, match="not a key"):
            await call


async def test_many_at_once(spool: Spool) -> None:
    await asyncio.gather(*(spool.put(f"job{number}/0.png", b"%d" % number) for number in range(50)))
    assert await spool.get("job49/0.png") == b"49"


async def test_a_dropped_job_leaves_no_empty_folder(tmp_path: Path) -> None:
    spool = ObjectSpool(f"file://{tmp_path}/my%20spool")
    await spool.put("job1/0.png", b"x")
    assert names_in(tmp_path) == ["my spool", "job1", "0.png"]
    await spool.drop("job1")
    assert names_in(tmp_path) == ["my spool"]


def names_in(folder: Path) -> list[str]:
    return [each.name for each in folder.rglob("*")]


async def test_a_folder_that_cannot_be_written_is_unavailable(tmp_path: Path) -> None:
    spool = ObjectSpool(f"file://{tmp_path}/spool")
    (tmp_path / "spool" / "job1").write_bytes(b"a file where a folder should be")
    with pytest.raises(Unavailable) as failed:
        await spool.put("job1/0.png", b"x")
    assert failed.value.code == "spool_failed"


CALLS: dict[str, Callable[[Spool], Awaitable[object]]] = {
    "put": lambda spool: spool.put("job1/0.png", b"x"),
    "get": lambda spool: spool.get("job1/0.png"),
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
