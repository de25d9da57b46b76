"""Where the bot may not write: the asker is told privately, and offered every other road."""

from __future__ import annotations

import aiohttp
import pytest

from bot.errors import Fault, OutcomeUnknown, Rejected, Throttled, Unavailable
from bot.slack import actions
from bot.slack.client import SlackClient
from bot.slack.posting import SlackChat
from sandbox.feed import Feed
from sandbox.slack import FaultKind, SlackSandbox
from tests.slack.conftest import (
    ADA,
    ADAS_IM,
    PICTURES,
    RANDOM,
    Clock,
    a_job,
)
from tests.slack.scenes import a_reply_url, buttons, messages, whispers


async def test_a_road_is_offered_privately_where_the_command_was_given(chat: SlackChat, sandbox: SlackSandbox) -> None:
    url = a_reply_url(sandbox, RANDOM, ADA)
    await chat.offer_road(a_job(channel_id=RANDOM, reply_url=url), joinable=True, direct=False)
    [offer] = whispers(sandbox, RANDOM)
    assert offer.seen_by == ADA
    assert buttons(offer) == [actions.ROAD_JOIN, actions.ROAD_MESSAGE, actions.CANCEL]


async def test_an_old_response_url_is_not_used(chat: SlackChat, sandbox: SlackSandbox, clock: Clock) -> None:
    job = a_job(channel_id=RANDOM, reply_url=a_reply_url(sandbox, RANDOM, ADA))
    clock.forward(1790)
    await chat.offer_road(job, joinable=True, direct=False)
    assert not whispers(sandbox, RANDOM)
    assert len(messages(sandbox, ADAS_IM)) == 1


async def test_a_response_url_is_used_five_times_and_then_the_message_goes_directly(
    chat: SlackChat, sandbox: SlackSandbox
) -> None:
    job = a_job(channel_id=RANDOM, reply_url=a_reply_url(sandbox, RANDOM, ADA))
    for _ in range(6):
        await chat.offer_road(job, joinable=True, direct=False)
    assert len(whispers(sandbox, RANDOM)) == 5
    assert len(messages(sandbox, ADAS_IM)) == 1


async def test_a_response_url_that_slack_no_longer_takes_is_replaced_by_a_message(
    chat: SlackChat, sandbox: SlackSandbox
) -> None:
    sandbox.settings.response_url_uses = 0
    job = a_job(channel_id=RANDOM, reply_url=a_reply_url(sandbox, RANDOM, ADA))
    await chat.offer_road(job, joinable=True, direct=False)
    assert len(messages(sandbox, ADAS_IM)) == 1


async def test_where_bot_and_asker_are_members_the_offer_is_ephemeral(chat: SlackChat, sandbox: SlackSandbox) -> None:
    await chat.offer_road(a_job(), joinable=False, direct=False)
    [offer] = whispers(sandbox, PICTURES)
    assert buttons(offer) == [actions.ROAD_RETRY, actions.ROAD_MESSAGE, actions.CANCEL]


async def test_a_foreign_response_url_is_never_called(chat: SlackChat, sandbox: SlackSandbox, feed: Feed) -> None:
    job = a_job(channel_id=RANDOM, reply_url="http://127.0.0.1:9/response/x")
    await chat.offer_road(job, joinable=True, direct=False)
    assert len(messages(sandbox, ADAS_IM)) == 1


async def test_an_offer_that_may_have_been_seen_is_not_made_twice(chat: SlackChat, sandbox: SlackSandbox) -> None:
    sandbox.settings.fail("response_url", FaultKind.CUT, after=True)
    job = a_job(channel_id=RANDOM, reply_url=a_reply_url(sandbox, RANDOM, ADA))
    with pytest.raises(OutcomeUnknown):
        await chat.offer_road(job, joinable=True, direct=False)
    assert len(whispers(sandbox, RANDOM)) == 1
    assert not messages(sandbox, ADAS_IM)


@pytest.mark.parametrize(
    ("kind", "status", "fault"),
    [(FaultKind.STATUS, 503, OutcomeUnknown), (FaultKind.THROTTLE, 429, Throttled)],
)
async def test_a_response_url_that_stumbles_is_a_fault(
    chat: SlackChat, sandbox: SlackSandbox, kind: FaultKind, status: int, fault: type[Fault]
) -> None:
    sandbox.settings.fail("response_url", kind, status=status)
    job = a_job(channel_id=RANDOM, reply_url=a_reply_url(sandbox, RANDOM, ADA))
    with pytest.raises(fault):
        await chat.offer_road(job, joinable=True, direct=False)


async def test_a_press_is_answered_privately(chat: SlackChat, sandbox: SlackSandbox) -> None:
    await chat.whisper(a_reply_url(sandbox, RANDOM, ADA), {"text": "Only the person who asked can do that."})
    assert [each.seen_by for each in whispers(sandbox, RANDOM)] == [ADA]


async def test_a_press_is_answered_at_slacks_addresses_only(chat: SlackChat) -> None:
    with pytest.raises(Rejected, match="response_url_foreign"):
        await chat.whisper("https://evil.example/", {"text": "x"})


async def test_an_answer_that_slack_refuses_is_a_refusal(chat: SlackChat, sandbox: SlackSandbox) -> None:
    sandbox.settings.response_url_uses = 0
    with pytest.raises(Rejected):
        await chat.whisper(a_reply_url(sandbox, RANDOM, ADA), {"text": "x"})


async def test_an_answer_that_says_no_with_a_200_is_a_refusal(chat: SlackChat, sandbox: SlackSandbox) -> None:
    sandbox.settings.fail("response_url", FaultKind.ERROR, error="no_text")
    with pytest.raises(Rejected, match="no_text"):
        await chat.whisper(a_reply_url(sandbox, RANDOM, ADA), {"text": "x"})


async def test_an_answer_that_surely_was_not_sent_can_be_sent_later(
    session: aiohttp.ClientSession, clock: Clock
) -> None:
    nobody = SlackClient(session, token="xoxb-t", api_url="http://127.0.0.1:9/api/", now=clock.now)
    with pytest.raises(Unavailable):
        await SlackChat(nobody, now=clock.now).whisper("http://127.0.0.1:9/response/x", {"text": "x"})
