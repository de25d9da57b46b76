"""Pictures pass through in pieces: however many and however long, there is never a copy of them all in memory."""

from __future__ import annotations

import tracemalloc
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from random import Random

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from PIL import Image

from bot import stamp
from bot.clock import SystemClock
from bot.events import Finished
from bot.images.hunyuan import Hunyuan
from bot.images.tc3 import Credentials
from bot.images.wire import Access
from bot.job import ChannelId, Job, JobId, LaneId, ProviderJobId, State, TeamId, Ts, UserId
from bot.lifecycle import advance
from bot.ports import Standing
from bot.prompt import recipe
from bot.request import Request
from bot.slack.client import SlackClient, open_session
from bot.slack.posting import SlackChat
from bot.steps import EFFECTS
from bot.store import ObjectSpool
from bot.work import Work

MB = 1_000_000
GRAIN = 16 * 1024
NOW = datetime(2027, 1, 15, 8, 0, tzinfo=UTC)


def noise(size: int) -> bytes:
    """A picture of about that many bytes."""
    side = int((size / 3) ** 0.5)
    stream = BytesIO()
    Image.frombytes("RGB", (side, side), Random(7).randbytes(side * side * 3)).save(stream, "PNG", compress_level=0)
    return stream.getvalue()


class FarEnds:
    """A storage and a Slack that keep nothing themselves, so that what is measured is ours."""

    def __init__(self, picture: bytes) -> None:
        self.picture = picture
        self.taken: list[int] = []
        self.url = ""

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/{number}.png", self.give)
        app.router.add_post("/api/files.getUploadURLExternal", self.promise)
        app.router.add_post("/upload", self.take)
        return app

    async def give(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": str(len(self.picture))})
        await response.prepare(request)
        for at in range(0, len(self.picture), GRAIN):
            await response.write(memoryview(self.picture)[at : at + GRAIN])
        return response

    async def promise(self, _request: web.Request) -> web.StreamResponse:
        return web.json_response({"ok": True, "upload_url": f"{self.url}/upload", "file_id": "F1"})

    async def take(self, request: web.Request) -> web.StreamResponse:
        taken = 0
        async for piece in request.content.iter_any():
            taken += len(piece)
        self.taken.append(taken)
        return web.Response(text=f"OK - {taken}")


class Delivery:
    """The two steps that move bytes, over the real adapters."""

    def __init__(self, work: Work, ends: FarEnds) -> None:
        self.work = work
        self.ends = ends

    async def peak(self, count: int) -> int:
        """The most memory that fetching and uploading so many pictures took."""
        links = tuple(f"{self.ends.url}/{number}.png" for number in range(count))
        job = advance(a_job(count), Finished(links, NOW), NOW)
        tracemalloc.start()
        try:
            for state in (State.READY, State.FETCHED):
                assert job.state is state
                job = advance(job, await EFFECTS[state](job, self.work, True), NOW)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert job.state is State.UPLOADED
        whole = len(self.ends.picture) + stamp.room("image/png", recipe(job.request))
        assert self.ends.taken == [whole] * count
        return peak


def a_job(count: int) -> Job:
    return Job(
        id=JobId("3f2a9c0d1e4b5a69"), team_id=TeamId("T1"), channel_id=ChannelId("C1"), user_id=UserId("U1"),
        lane=LaneId("hunyuan"), request=Request("a fox", count=count), asked_at=NOW, state_at=NOW, due_at=NOW,
        state=State.GENERATING, root_ts=Ts("1.1"), thread_ts=Ts("1.1"), provider_job_id=ProviderJobId("p1"),
    )  # fmt: skip


@pytest.fixture
def size() -> int:
    return 1_500_000


@pytest.fixture
async def delivery(size: int, tmp_path: Path) -> AsyncIterator[Delivery]:
    ends, clock = FarEnds(noise(size)), SystemClock()
    async with AsyncExitStack() as stack:
        server = TestServer(ends.app(), host="127.0.0.1")
        await server.start_server()
        stack.push_async_callback(server.close)
        ends.url = str(server.make_url("")).rstrip("/")
        session = await stack.enter_async_context(aiohttp.ClientSession())
        slack_session = await stack.enter_async_context(open_session())
        slack = SlackClient(slack_session, token="xoxb-test", api_url=f"{ends.url}/api/", now=clock.now)
        chat = SlackChat(slack, now=clock.now)
        stack.push_async_callback(chat.close, limit=0.1)
        images = Hunyuan(session, Access(ends.url, Credentials("id", "key")), now=clock.now, wall=clock.wall)
        spool = ObjectSpool(f"file://{tmp_path}/spool")
        yield Delivery(Work(chat, images, spool, clock, nowhere, nobody, at_once), ends)


async def nobody(_job_id: JobId) -> None:
    """No job has a parent here."""


async def at_once() -> None:
    """Nobody asks here."""


async def nowhere(_job: Job) -> Standing:
    return Standing()


async def test_four_pictures_take_less_memory_than_one_copy_of_them(delivery: Delivery, size: int) -> None:
    assert await delivery.peak(4) < 0.8 * 4 * size


@pytest.mark.parametrize("size", [20 * MB])
async def test_a_long_picture_takes_no_more_than_a_short_one(delivery: Delivery, size: int) -> None:
    assert await delivery.peak(1) < 0.1 * size
