"""The conversation a job lives in, against the local Slack."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from bot.errors import Cause, Fault, Misconfigured, NotInChannel, OutcomeUnknown, Rejected, Throttled
from bot.job import Charged, Failure, Job, JobId, LaneId, State, Ts, UserId
from bot.ports import Chat, Posted, Standing
from bot.prompt import Request
from bot.slack import actions
from bot.slack.client import SlackClient
from bot.slack.posting import SlackChat
from sandbox.feed import Feed
from sandbox.slack import FaultKind, Message, SlackSandbox, pinged
from tests.slack.conftest import (
    ADA,
    ADAS_IM,
    BEN,
    CHEN,
    DESIGN,
    PICTURES,
    RANDOM,
    TEAM,
    Clock,
    a_job,
    calls,
    pictures,
    rooted,
)

FIRST = Standing(place=1)
LANE = LaneId("hunyuan")


def messages(sandbox: SlackSandbox, channel: str = PICTURES) -> list[Message]:
    return list(sandbox.workspace.channels[channel].messages.values())


def whispers(sandbox: SlackSandbox, channel: str) -> list[Message]:
    return list(sandbox.workspace.channels[channel].ephemerals.values())


def shown(message: Message) -> str:
    return json.dumps(message.blocks, ensure_ascii=False)


def buttons(message: Message) -> list[str]:
    rows = [block["elements"] for block in message.blocks or [] if block["type"] == "actions"]
    return [each["action_id"] for row in rows for each in row]


async def announced(chat: SlackChat, **more: Any) -> Job:
    job = a_job(**more)
    posted = await chat.announce(job, FIRST)
    return rooted(replace(job, channel_id=posted.channel_id, locale=posted.locale), posted.ts)


def failing(job: Job, cause: Cause = Cause.TEXT_REFUSED, **more: Any) -> Job:
    return replace(job, state=State.FAILING, version=5, failure=Failure("X.Y", cause, Charged.NO), **more)


def a_reply_url(sandbox: SlackSandbox, channel: str, user: str) -> str:
    return sandbox.slack.response_urls.issue(channel, user)


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
    assert buttons(root) == [actions.CANCEL]
    assert pinged(root) == {ADA}


async def test_a_prompt_full_of_mentions_pings_nobody_else(chat: SlackChat, sandbox: SlackSandbox) -> None:
    await announced(chat, request=Request("<!channel> <@U0BEN00BBB2> @here #pictures <https://x|y>"))
    [root] = messages(sandbox)
    assert pinged(root) == {ADA}
    assert "<!channel>" not in root.text


async def test_a_chinese_reader_is_spoken_to_in_chinese(chat: SlackChat, sandbox: SlackSandbox) -> None:
    job = await announced(chat, user_id=CHEN)
    assert job.locale == "zh-CN"
    assert "下一个就是你" in messages(sandbox)[0].text


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


async def test_delivered_pictures_and_the_last_word_on_the_root(chat: SlackChat, sandbox: SlackSandbox) -> None:
    job = await announced(chat)
    them = pictures(2)
    uploaded = replace(job, file_ids=await chat.upload(job, them), pictures=tuple(each for each, _ in them))
    await chat.share(uploaded)
    ts = await chat.landed(uploaded)
    assert ts is not None
    chat.show(replace(uploaded, state=State.DELIVERED, version=9, share_ts=ts), Standing())
    await chat.close(limit=5.0)
    root, result = messages(sandbox)
    assert result.thread_ts == root.ts
    assert "2 pictures are in this thread" in root.text
    assert buttons(root) == []
    assert buttons(result) == [actions.AGAIN, actions.EXACT, actions.DELETE]
    assert pinged(result) == set()


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


async def test_an_apology_stands_in_the_thread_and_names_its_asker_only(chat: SlackChat, sandbox: SlackSandbox) -> None:
    job = await announced(chat, request=Request("<!channel>"))
    await chat.apologise(failing(job))
    root, apology = messages(sandbox)
    assert apology.thread_ts == root.ts
    assert pinged(apology) == {ADA}
    assert "won't work with this description" in apology.text
    assert "wasn't charged" in apology.text


async def test_an_apology_whose_root_was_deleted_stands_alone(
    chat: SlackChat, client: SlackClient, sandbox: SlackSandbox
) -> None:
    job = await announced(chat)
    await client.call("chat.delete", channel=PICTURES, ts=job.root_ts)
    await chat.apologise(failing(job))
    assert [each.thread_ts for each in messages(sandbox)] == [None]


async def test_an_apology_that_the_channel_does_not_take_comes_directly(chat: SlackChat, sandbox: SlackSandbox) -> None:
    job = await announced(chat)
    sandbox.remove_bot(PICTURES)
    await chat.apologise(failing(job, Cause.NO_ROAD))
    assert len(messages(sandbox, ADAS_IM)) == 1
    assert len(messages(sandbox)) == 1


async def test_an_apology_for_a_job_that_never_had_a_root_comes_directly(
    chat: SlackChat, sandbox: SlackSandbox
) -> None:
    await chat.apologise(failing(a_job(channel_id=DESIGN), Cause.NO_ROAD))
    [apology] = messages(sandbox, ADAS_IM)
    assert "I'm not in that conversation" in apology.text


@pytest.mark.parametrize("scopes", [("im:write",)])
async def test_where_not_even_a_direct_message_works_the_command_is_answered(
    chat: SlackChat, sandbox: SlackSandbox
) -> None:
    url = a_reply_url(sandbox, DESIGN, ADA)
    await chat.apologise(failing(a_job(channel_id=DESIGN, reply_url=url), Cause.NO_ROAD))
    assert len(whispers(sandbox, DESIGN)) == 1


@pytest.mark.parametrize("scopes", [("im:write",)])
async def test_an_apology_with_no_road_at_all_is_a_fault(chat: SlackChat) -> None:
    with pytest.raises(Misconfigured):
        await chat.apologise(failing(a_job(channel_id=DESIGN), Cause.NO_ROAD))


async def test_an_apology_whose_answer_was_lost_does_not_take_another_road(
    chat: SlackChat, sandbox: SlackSandbox
) -> None:
    job = await announced(chat)
    sandbox.settings.fail("chat.postMessage", FaultKind.CUT, after=True)
    with pytest.raises(OutcomeUnknown):
        await chat.apologise(failing(job))
    assert len(messages(sandbox)) == 2
    assert not messages(sandbox, ADAS_IM)


async def delivered(chat: SlackChat) -> Job:
    job = await announced(chat)
    them = pictures(2)
    job = replace(job, file_ids=await chat.upload(job, them), pictures=tuple(each for each, _ in them))
    await chat.share(job)
    return replace(job, share_ts=await chat.landed(job))


async def test_removing_takes_the_files_and_their_message(chat: SlackChat, sandbox: SlackSandbox) -> None:
    job = await delivered(chat)
    await chat.remove(job)
    assert [each.ts for each in messages(sandbox)] == [job.root_ts]
    assert not any(sandbox.workspace.files[each].data for each in job.file_ids)
    await chat.remove(job)


async def test_removing_finds_a_message_whose_ts_was_never_learnt(chat: SlackChat, sandbox: SlackSandbox) -> None:
    job = await delivered(chat)
    await chat.remove(replace(job, share_ts=None))
    assert len(messages(sandbox)) == 1


async def test_removing_what_was_never_shared_takes_the_files(chat: SlackChat, sandbox: SlackSandbox) -> None:
    job = await announced(chat)
    job = replace(job, file_ids=await chat.upload(job, pictures(1)))
    await chat.remove(job)
    assert not sandbox.workspace.files[job.file_ids[0]].data


async def test_removing_works_after_the_bot_was_thrown_out(chat: SlackChat, sandbox: SlackSandbox) -> None:
    job = await delivered(chat)
    sandbox.remove_bot(PICTURES)
    await chat.remove(job)
    assert not any(sandbox.workspace.files[each].data for each in job.file_ids)


async def test_every_admin_is_told_in_their_language(client: SlackClient, sandbox: SlackSandbox, clock: Clock) -> None:
    chat = SlackChat(client, now=clock.now, admins=(BEN, CHEN), team_id=TEAM)
    await chat.alert(LANE, cause=Cause.NO_CREDIT, code="ResourceUnavailable.LowBalance")
    told = [messages(sandbox, f"D0{person[2:]}")[0].text for person in (BEN, CHEN)]
    assert "image credit has run out" in told[0]
    assert "额度用完了" in told[1]
    assert all("ResourceUnavailable.LowBalance" in text for text in told)
    await chat.alert(LANE, cause=None, code="")
    assert "works again" in messages(sandbox, f"D0{BEN[2:]}")[1].text


@pytest.mark.parametrize(("admins", "claims"), [((BEN,), True), ((), False)])
async def test_people_hear_of_a_told_admin_only_if_there_was_one(
    client: SlackClient, sandbox: SlackSandbox, clock: Clock, admins: tuple[UserId, ...], claims: bool
) -> None:
    chat = SlackChat(client, now=clock.now, admins=admins, team_id=TEAM)
    await chat.alert(LANE, cause=Cause.NO_CREDIT, code="x")
    await chat.announce(a_job(), Standing(place=1, paused=Cause.NO_CREDIT))
    assert ("An admin has been told." in messages(sandbox)[0].text) is claims


async def test_one_admin_who_cannot_be_reached_does_not_keep_the_others_from_it(
    client: SlackClient, sandbox: SlackSandbox, clock: Clock
) -> None:
    chat = SlackChat(client, now=clock.now, admins=(UserId("U0NOBODY"), BEN), team_id=TEAM)
    await chat.alert(LANE, cause=Cause.NO_CREDIT, code="x")
    assert len(messages(sandbox, f"D0{BEN[2:]}")) == 1


async def test_when_no_admin_can_be_reached_it_is_a_fault_and_nobody_claims_otherwise(
    client: SlackClient, sandbox: SlackSandbox, clock: Clock
) -> None:
    chat = SlackChat(client, now=clock.now, admins=(UserId("U0NOBODY"),), team_id=TEAM)
    with pytest.raises(Fault):
        await chat.alert(LANE, cause=Cause.NO_CREDIT, code="x")
    await chat.announce(a_job(), Standing(place=1, paused=Cause.NO_CREDIT))
    assert "An admin has been told." not in messages(sandbox)[0].text


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


async def test_an_apology_in_an_unreachable_slack_waits(chat: SlackChat, sandbox: SlackSandbox) -> None:
    job = await announced(chat)
    sandbox.settings.fail("chat.postMessage", FaultKind.STATUS, status=503, times=9)
    with pytest.raises(OutcomeUnknown):
        await chat.apologise(failing(job))
    assert not messages(sandbox, ADAS_IM)


async def test_a_message_that_slack_will_not_delete_is_a_refusal(chat: SlackChat, sandbox: SlackSandbox) -> None:
    job = await delivered(chat)
    sandbox.settings.fail("chat.delete", FaultKind.ERROR, error="cant_delete_message")
    with pytest.raises(Rejected, match="cant_delete_message"):
        await chat.remove(job)
