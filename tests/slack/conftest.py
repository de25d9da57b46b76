"""A local Slack, a clock to move, and a chat that speaks to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from bot.job import ChannelId, FileId, Job, JobId, LaneId, Picture, State, TeamId, Ts, UserId
from bot.request import Request
from bot.slack.client import SlackClient, open_session
from bot.slack.posting import SlackChat
from bot.slack.uploading import Uploader
from sandbox.feed import Feed
from sandbox.slack import SlackSandbox, SlackSettings
from tests.founding import granted

ADA, BEN, CHEN = UserId("U0ADA00AAA1"), UserId("U0BEN00BBB2"), UserId("U0CHEN0CCC3")
PICTURES, RANDOM, DESIGN = ChannelId("C0PICTURES1"), ChannelId("C0RANDOM001"), ChannelId("C0DESIGN001")
ADAS_IM = ChannelId("D0ADA00AAA1")
TEAM = TeamId("T0SANDBOX01")
START = datetime(2027, 1, 15, 8, 0, tzinfo=UTC)
FOX = Request("a fox in the rain")
BYTES = b"\x89PNG\r\n\x1a\n" + b"p" * 100


class Clock:
    """A clock that only moves when told."""

    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        return self.at

    def unix(self) -> float:
        return self.at.timestamp()

    def forward(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def a_job(**more: Any) -> Job:
    """A job of Ada's in #pictures, just accepted."""
    given: dict[str, Any] = {
        "id": JobId("3f2a9c0d1e4b5a69"),
        "team_id": TEAM,
        "channel_id": PICTURES,
        "user_id": ADA,
        "lane": LaneId("hunyuan"),
        "request": FOX,
        "asked_at": START,
        "state_at": START,
        "due_at": START,
    }
    return Job(**(given | more))


def bytes_of(number: int) -> bytes:
    """What the picture of that number is made of."""
    return BYTES + bytes([number])


def pictures(n: int) -> tuple[Picture, ...]:
    return tuple(Picture(f"j/{i}", "0" * 64, len(bytes_of(i)), 1280, 720, "image/png") for i in range(1, n + 1))


async def read(picture: Picture) -> AsyncIterator[bytes]:
    """The bytes of one of `pictures`, in two pieces."""
    data = bytes_of(int(picture.key.removeprefix("j/")))
    yield data[:50]
    yield data[50:]


def rooted(job: Job, ts: str, **more: Any) -> Job:
    """The job when its root stands."""
    return replace(job, state=State.QUEUED, root_ts=Ts(ts), thread_ts=job.thread_ts or Ts(ts), version=1, **more)


def calls(feed: Feed, method: str) -> list[dict[str, Any]]:
    """What was called, by the sandbox's own record."""
    return [happening.data for happening in feed.of("slack.api") if happening.data["method"] == method]


def file_ids(*ids: str) -> tuple[FileId, ...]:
    return tuple(map(FileId, ids))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def feed() -> Feed:
    return Feed()


@pytest.fixture
def scopes() -> tuple[str, ...]:
    """Those of the manifest, less these."""
    return ()


@pytest.fixture
async def sandbox(feed: Feed, clock: Clock, scopes: tuple[str, ...]) -> AsyncIterator[SlackSandbox]:
    made = granted()
    bot = made["oauth_config"]["scopes"]["bot"]
    fewer = made | {"oauth_config": {"scopes": {"bot": [each for each in bot if each not in scopes]}}}
    settings = SlackSettings(share_delay=0.0, post_burst=1000)
    running = SlackSandbox(feed=feed, manifest=fewer, settings=settings, clock=clock.unix)
    await running.start()
    yield running
    await running.stop()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with open_session() as opened:
        yield opened


@pytest.fixture
def client(sandbox: SlackSandbox, session: aiohttp.ClientSession, clock: Clock) -> SlackClient:
    return SlackClient(session, token=sandbox.bot_token, api_url=sandbox.api_url, now=clock.now)


@pytest.fixture
async def chat(client: SlackClient, clock: Clock) -> AsyncIterator[SlackChat]:
    speaking = SlackChat(client, now=clock.now, team_id=TEAM)
    yield speaking
    await speaking.close(limit=1.0)


@pytest.fixture
def uploader(client: SlackClient) -> Uploader:
    return Uploader(client)
