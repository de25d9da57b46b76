"""People's languages are looked up once a day, and never stand in the way."""

from __future__ import annotations

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
