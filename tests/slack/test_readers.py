"""People's languages are looked up once a day, and never stand in the way."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.job import TeamId, UserId
from bot.slack.client import SlackClient
from bot.slack.readers import KEPT, Readers
from sandbox.feed import Feed
from sandbox.slack import FaultKind, SlackSandbox
from tests.slack.conftest import ADA, BEN, CHEN, TEAM, Clock, calls


@pytest.fixture
def readers(client: SlackClient, clock: Clock) -> Readers:
    return Readers(client, now=clock.now, most=2)


async def test_a_language_is_asked_for_once_a_day(readers: Readers, feed: Feed, clock: Clock) -> None:
    assert await readers.locale(TEAM, CHEN) == "zh-CN"
    assert await readers.locale(TEAM, CHEN) == "zh-CN"
    assert len(calls(feed, "users.info")) == 1
    clock.at += KEPT
    assert readers.known(TEAM, CHEN) is None
    assert await readers.locale(TEAM, CHEN) == "zh-CN"
    assert len(calls(feed, "users.info")) == 2


async def test_a_language_that_was_looked_up_is_known_without_waiting(readers: Readers, clock: Clock) -> None:
    assert readers.known(TEAM, CHEN) is None
    await readers.locale(TEAM, CHEN)
    clock.at += KEPT - timedelta(seconds=1)
    assert readers.known(TEAM, CHEN) == "zh-CN"
    assert readers.known(TeamId("T-OTHER"), CHEN) is None


async def test_not_more_are_remembered_than_fit_and_the_longest_unused_goes(readers: Readers) -> None:
    for person in (ADA, CHEN):
        await readers.locale(TEAM, person)
    readers.known(TEAM, ADA)
    await readers.locale(TEAM, BEN)
    assert readers.known(TEAM, CHEN) is None
    assert readers.known(TEAM, ADA) == "en-US"


@pytest.mark.parametrize("kind", [FaultKind.CUT, FaultKind.STATUS, FaultKind.THROTTLE, FaultKind.ERROR])
async def test_not_knowing_a_language_is_never_an_error(
    readers: Readers, sandbox: SlackSandbox, kind: FaultKind
) -> None:
    sandbox.settings.fail("users.info", kind, times=5)
    assert await readers.locale(TEAM, CHEN, default="zh-TW") == "zh-TW"


async def test_a_stranger_reads_the_default(readers: Readers) -> None:
    assert await readers.locale(TEAM, UserId("U0NOBODY"), default=None) is None


@pytest.mark.parametrize("scopes", [("users:read",)])
async def test_without_the_right_to_ask_everybody_reads_the_default(readers: Readers) -> None:
    assert await readers.locale(TEAM, CHEN, default="en") == "en"


class Mumbling(SlackClient):
    """A Slack that leaves out what was asked for."""

    async def call(self, method: str, /, **arguments: object) -> dict[str, object]:
        return {"ok": True, "user": {"id": "U1"}}


async def test_a_person_without_a_language_reads_the_default(client: SlackClient, clock: Clock) -> None:
    mumbling = Mumbling(client.session, token="xoxb-t", api_url=client.api_url, now=clock.now)
    assert await Readers(mumbling, now=clock.now).locale(TEAM, CHEN, default="en-GB") == "en-GB"


async def test_many_who_wait_for_a_language_make_one_call(readers: Readers, feed: Feed) -> None:
    found = await asyncio.gather(*(readers.locale(TEAM, CHEN) for _ in range(5)))
    assert found == ["zh-CN"] * 5
    assert len(calls(feed, "users.info")) == 1


async def test_who_stops_waiting_leaves_the_answer_to_the_next(readers: Readers) -> None:
    impatient = asyncio.create_task(readers.locale(TEAM, CHEN))
    await asyncio.sleep(0)
    impatient.cancel()
    assert await readers.locale(TEAM, CHEN) == "zh-CN"
    await asyncio.gather(impatient, return_exceptions=True)


async def test_what_is_closed_waits_for_no_answer(readers: Readers) -> None:
    waiting = asyncio.create_task(readers.locale(TEAM, CHEN))
    await asyncio.sleep(0)
    await readers.close()
    with pytest.raises(asyncio.CancelledError):
        await waiting
