"""The conversation a job lives in, against the local Slack."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import Cause, Misconfigured, NotInChannel, OutcomeUnknown, Rejected, Throttled, Unavailable
from bot.job import JobId, State, Ts
from bot.ports import Chat, Posted, Standing
from bot.request import Request
from bot.slack import actions
from bot.slack.client import SlackClient
from bot.slack.posting import SlackChat
from sandbox.feed import Feed
from sandbox.slack import FaultKind, SlackSandbox, pinged
from tests.slack.conftest import (
    ADA,
    ADAS_IM,
    CHEN,
    DESIGN,
    PICTURES,
    RANDOM,
    START,
    Clock,
    a_job,
    calls,
    pictures,
    read,
    rooted,
)
from tests.slack.scenes import FIRST, announced, buttons, delivered, messages


def test_it_is_a_chat(chat: SlackChat) -> None:
    fits: Chat = chat
    assert fits is chat


async def test_a_root_stands_in_the_conversation_and_says_whose_job_it_is(
    chat: SlackChat, sandbox: SlackSandbox
) -> None:
    posted = await chat.announce(a_job(), FIRST)
    [root] = messages(sandbox)
    assert posted == Posted(PICTURES, Ts(root.ts), "en-US")
    assert root.metadata == {"event_type": "imagine_job", "event_payload": {"job": a_job().id}}
    assert root.thread_ts is None
    assert buttons(root) == [actions.CANCEL, actions.WHY]
    assert pinged(root) == {ADA}


async def test_a_prompt_full_of_mentions_pings_nobody_else(chat: SlackChat, sandbox: SlackSandbox) -> None:
    await announced(chat, request=Request("<!channel> <@U0BEN00BBB2> @here #pictures <https://x|y>"))
    [root] = messages(sandbox)
    assert pinged(root) == {ADA}
    assert "<!channel>" not in root.text


async def test_a_chinese_reader_is_spoken_to_in_chinese(chat: SlackChat, sandbox: SlackSandbox) -> None:
    job = await announced(chat, user_id=CHEN)
    assert job.locale == "zh-CN"
    assert "下一个就轮到它" in messages(sandbox)[0].text


async def test_a_language_that_cannot_be_had_costs_nothing(chat: SlackChat, sandbox: SlackSandbox) -> None:
    sandbox.settings.fail("users.info", FaultKind.STATUS, times=3)
    assert (await announced(chat)).root_ts is not None


async def test_a_reroll_is_announced_in_its_parents_thread(chat: SlackChat, sandbox: SlackSandbox) -> None:
    first = await announced(chat)
    again = await announced(chat, id=JobId("b"), parent=first.id, thread_ts=first.thread_ts)
    root, reply = messages(sandbox)
    assert reply.thread_ts == root.ts
    assert again.root_ts == reply.ts
    assert again.thread_ts == root.ts


async def test_a_reroll_whose_thread_was_deleted_gets_a_root_of_its_own(
    chat: SlackChat, client: SlackClient, sandbox: SlackSandbox
) -> None:
    first = await announced(chat)
    await client.call("chat.delete", channel=PICTURES, ts=first.root_ts)
    await announced(chat, id=JobId("b"), parent=first.id, thread_ts=first.thread_ts)
    assert [each.thread_ts for each in messages(sandbox)] == [None]


async def test_by_message_it_goes_to_the_persons_own_conversation(chat: SlackChat, sandbox: SlackSandbox) -> None:
    job = await announced(chat, channel_id=DESIGN, by_message=True)
    assert job.channel_id == ADAS_IM
    assert len(messages(sandbox, ADAS_IM)) == 1


async def test_a_reroll_by_message_stays_in_its_thread(chat: SlackChat, sandbox: SlackSandbox, feed: Feed) -> None:
    job = await announced(chat, channel_id=DESIGN, by_message=True)
    again = await announced(
        chat, id=JobId("b"), channel_id=job.channel_id, thread_ts=job.thread_ts, by_message=True, parent=job.id
    )
    assert messages(sandbox, ADAS_IM)[1].thread_ts == job.root_ts
    assert again.channel_id == ADAS_IM
    assert len(calls(feed, "conversations.open")) == 1


@pytest.mark.parametrize(("channel", "joinable"), [(RANDOM, True), (DESIGN, False)])
async def test_where_it_is_not_a_member_nothing_is_posted(
    chat: SlackChat, sandbox: SlackSandbox, channel: str, joinable: bool
) -> None:
    with pytest.raises(NotInChannel) as outside:
        await announced(chat, channel_id=channel)
    assert outside.value.joinable is joinable
    assert not messages(sandbox, channel)


async def test_a_root_whose_answer_was_lost_is_not_posted_again_by_the_adapter(
    chat: SlackChat, sandbox: SlackSandbox
) -> None:
    sandbox.settings.fail("chat.postMessage", FaultKind.CUT, after=True)
    with pytest.raises(OutcomeUnknown):
        await announced(chat)
    assert len(messages(sandbox)) == 1


@pytest.mark.parametrize("error", ["invalid_blocks", "msg_too_long", "msg_blocks_too_long"])
async def test_a_root_that_slack_finds_ill_formed_is_said_in_plain_words(
    chat: SlackChat, sandbox: SlackSandbox, error: str
) -> None:
    sandbox.settings.fail("chat.postMessage", FaultKind.ERROR, error=error)
    await announced(chat)
    [root] = messages(sandbox)
    assert root.blocks is None
    assert "a fox in the rain" in root.text


async def test_a_restricted_channel_is_a_refusal(chat: SlackChat, sandbox: SlackSandbox) -> None:
    sandbox.settings.restricted_channels.add(PICTURES)
    with pytest.raises(Rejected) as refused:
        await announced(chat)
    assert refused.value.cause is Cause.SLACK_REFUSED


@pytest.mark.parametrize("seconds", [1, 30, 300])
async def test_a_throttled_root_says_how_long(chat: SlackChat, sandbox: SlackSandbox, seconds: int) -> None:
    sandbox.settings.fail("chat.postMessage", FaultKind.THROTTLE, seconds=seconds)
    with pytest.raises(Throttled) as throttled:
        await announced(chat)
    assert throttled.value.retry_after == pytest.approx(seconds)


async def test_the_bot_joins_when_it_is_asked_to(chat: SlackChat, sandbox: SlackSandbox) -> None:
    await chat.join(RANDOM)
    assert sandbox.bot_user_id in sandbox.workspace.channels[RANDOM].members
    assert (await announced(chat, channel_id=RANDOM)).root_ts is not None


async def test_delivered_pictures_and_the_last_word_on_the_root(chat: SlackChat, sandbox: SlackSandbox) -> None:
    job = replace(await announced(chat), pictures=pictures(2))
    uploaded = replace(job, file_ids=await chat.upload(job, read))
    await chat.share(uploaded)
    there = await chat.landed(uploaded)
    assert there is not None
    chat.show(replace(uploaded, state=State.DELIVERED, version=9, share_ts=there.ts), Standing())
    await chat.close(limit=5.0)
    root, result = messages(sandbox)
    assert result.thread_ts == root.ts
    assert "2 pictures are in this thread" in root.text
    assert buttons(root) == []
    assert buttons(result) == [
        actions.AGAIN,
        actions.EDIT,
        actions.EXACT,
        actions.VARY,
        actions.MORE,
        actions.DELETE,
    ]
    assert pinged(result) == {ADA}


async def test_showing_before_the_root_stands_does_nothing(chat: SlackChat) -> None:
    chat.show(a_job(), FIRST)


async def test_showing_what_the_announcement_said_is_no_edit(chat: SlackChat, feed: Feed) -> None:
    job = await announced(chat)
    chat.start()
    chat.show(job, FIRST)
    for _ in range(5):
        await asyncio.sleep(0)
    await chat.close(limit=1.0)
    assert calls(feed, "chat.update") == []


SOON = START + timedelta(seconds=20)


@pytest.mark.parametrize(
    ("told", "dropped", "held"),
    [
        (Standing(place=1, about=SOON), False, True),
        (Standing(place=2, about=SOON), False, False),
        (Standing(place=1), False, False),
        (Standing(place=1, about=SOON, paused=Cause.NO_CREDIT), False, False),
        (Standing(place=1, about=SOON), True, False),
    ],
    ids=["next", "not next", "no time told", "paused", "cancelled"],
)
async def test_only_a_root_that_said_next_and_a_time_is_left_alone_while_it_is_drawn(
    chat: SlackChat, told: Standing, *, dropped: bool, held: bool
) -> None:
    posted = await chat.announce(a_job(), told)
    drawn = replace(rooted(a_job(), posted.ts), state=State.GENERATING, version=3, dropped=dropped)
    chat.show(drawn, Standing(about=SOON))
    assert (chat._editor._views[drawn.id].wanted.hold > SOON.timestamp()) is held


@pytest.mark.parametrize("method", ["chat.postMessage", "files.completeUploadExternal", "files.getUploadURLExternal"])
async def test_a_lost_installation_is_for_the_operator(chat: SlackChat, sandbox: SlackSandbox, method: str) -> None:
    sandbox.settings.fail(method, FaultKind.ERROR, error="account_inactive")
    with pytest.raises(Misconfigured):
        await delivered(chat)


async def test_a_press_on_join_joins_and_then_announces(chat: SlackChat, sandbox: SlackSandbox) -> None:
    job = await announced(chat, channel_id=RANDOM, joining=True)
    assert job.root_ts is not None
    assert sandbox.bot_user_id in sandbox.workspace.channels[RANDOM].members


@pytest.mark.parametrize("scopes", [("channels:join",)])
async def test_where_joining_is_no_right_of_ours_somebody_must_let_us_in(chat: SlackChat) -> None:
    with pytest.raises(NotInChannel) as outside:
        await announced(chat, channel_id=RANDOM, joining=True)
    assert not outside.value.joinable


async def test_a_private_channel_is_never_joined(chat: SlackChat) -> None:
    with pytest.raises(NotInChannel) as outside:
        await announced(chat, channel_id=DESIGN, joining=True)
    assert not outside.value.joinable


async def test_joining_with_a_lost_installation_is_for_the_operator(chat: SlackChat, sandbox: SlackSandbox) -> None:
    sandbox.settings.fail("conversations.join", FaultKind.ERROR, error="invalid_auth")
    with pytest.raises(Misconfigured):
        await chat.join(RANDOM)


class Mumbling(SlackClient):
    """A Slack that says ok and nothing else."""

    async def call(self, method: str, /, **arguments: object) -> dict[str, object]:
        return {"ok": True}


async def test_a_root_without_a_ts_is_no_root_we_know(client: SlackClient, clock: Clock) -> None:
    mumbling = Mumbling(client.session, token="xoxb-t", api_url=client.api_url, now=clock.now)
    chat = SlackChat(mumbling, now=clock.now)
    with pytest.raises(OutcomeUnknown, match="ts_missing"):
        await announced(chat)
    with pytest.raises(Unavailable, match="conversation_missing"):
        await announced(chat, by_message=True)
