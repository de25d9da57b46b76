"""Asking without a command: by name in a channel or a thread, in the bot's own conversation, of somebody's message."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from sandbox.slack import FaultKind
from tests.journeys.noting import delivered, noting_town
from tests.journeys.test_asking import on_top, proposal, submitted, whispers
from tests.journeys.town import Town

PROMPT = "a fox in the rain"


async def told(place: Town, who: str, words: str) -> dict[str, Any]:
    """Wait until somebody was privately told this."""

    def said() -> dict[str, Any] | None:
        return next((it for it in whispers(place, who) if words in it["text"]), None)

    found: dict[str, Any] = await place.until(said)
    return found


async def test_a_mention_in_a_channel_is_drawn_there_without_the_name_in_it(place: Town) -> None:
    await place.slack.mention(user=place.ada, channel=place.pictures, text=f"{PROMPT} --ar 16:9")
    [share] = await place.shared()
    assert share.data["thread_ts"] == place.roots()[0].ts
    [drawn] = submitted(place)
    assert (drawn["prompt"], drawn["resolution"]) == (PROMPT, "1280:720")
    assert not whispers(place, place.ada)


async def test_a_mention_in_a_thread_is_drawn_in_that_thread(place: Town) -> None:
    talk = await place.slack.say(user=place.ben, channel=place.pictures, text="what would it look like?")
    await place.slack.mention(user=place.ada, channel=place.pictures, text=PROMPT, thread_ts=talk)
    [share] = await place.shared()
    assert share.data["thread_ts"] == talk
    assert not place.roots()


async def test_an_empty_mention_is_answered_privately_with_a_button_that_opens_the_form_for_that_thread(
    place: Town,
) -> None:
    talk = await place.slack.say(user=place.ben, channel=place.pictures, text="what would it look like?")
    await place.slack.mention(user=place.ada, channel=place.pictures, text="", thread_ts=talk)
    await told(place, place.ada, "Tell me what to draw")
    assert not whispers(place, place.ben)
    ts = proposal(place, place.ada)
    await place.slack.click(user=place.ada, channel=place.pictures, ts=ts, action_id="form")
    await on_top(place, place.ada)
    assert (await place.slack.submit(user=place.ada, values={"prompt": PROMPT})).ok
    [share] = await place.shared()
    assert share.data["thread_ts"] == talk


async def test_what_was_not_understood_in_a_mention_is_said_privately(place: Town) -> None:
    await place.slack.mention(user=place.ada, channel=place.pictures, text=f"{PROMPT} --ar 7:1")
    await told(place, place.ada, "isn't a shape I can draw")
    assert not place.roots()
    assert not submitted(place)


async def test_several_asked_for_in_a_thread_are_confirmed_privately_and_drawn_in_that_thread(place: Town) -> None:
    talk = await place.slack.say(user=place.ben, channel=place.pictures, text="which colour?")
    await place.slack.mention(user=place.ada, channel=place.pictures, text="a {red, blue} fox", thread_ts=talk)
    await place.until(lambda: whispers(place, place.ada))
    ts = proposal(place, place.ada)
    await place.slack.click(user=place.ada, channel=place.pictures, ts=ts, action_id="confirm")
    shares = await place.shared(2)
    assert {share.data["thread_ts"] for share in shares} == {talk}


async def test_a_message_to_the_bot_alone_needs_no_command(place: Town) -> None:
    await place.slack.dm(user=place.chen, text="雨中竹林 --比例 16:9")
    [share] = await place.shared()
    im = place.slack.slack.workspace.im(place.chen)
    assert im is not None
    assert share.data["channel"] == im.id
    assert submitted(place)[0]["prompt"] == "雨中竹林"


async def test_one_message_is_one_job_however_often_slack_brings_it(place: Town) -> None:
    await place.slack.dm(user=place.ada, text=PROMPT)
    await place.slack.redeliver(times=3, concurrently=True)
    await place.shared()
    await place.slack.mention(user=place.ben, channel=place.pictures, text="another fox")
    await place.slack.redeliver(times=3, concurrently=True)
    await place.shared(2)
    assert [drawn["prompt"] for drawn in submitted(place)] == [PROMPT, "another fox"]


@pytest.mark.parametrize("text", ["history", "find fox", "top", "tree", "winner"])
async def test_a_list_is_told_once_however_often_slack_brings_the_question(place: Town, text: str) -> None:
    talk = await place.slack.say(user=place.ben, channel=place.pictures, text="what have we got?")
    await place.slack.mention(user=place.ada, channel=place.pictures, text=text, thread_ts=talk)
    await place.slack.redeliver(times=3, concurrently=True)
    await place.until(lambda: whispers(place, place.ada))
    await place.slack.settled()
    assert len(whispers(place, place.ada)) == 1


@pytest.mark.parametrize("kind", [FaultKind.THROTTLE, FaultKind.STATUS, FaultKind.CUT])
async def test_what_is_wrong_with_a_mention_is_said_though_slack_stumbles(place: Town, kind: FaultKind) -> None:
    place.slack.settings.fail("chat.postEphemeral", kind, times=1, seconds=0.2)
    await place.slack.mention(user=place.ada, channel=place.pictures, text=f"{PROMPT} --ar 9:1")
    await told(place, place.ada, "isn't a shape I can draw")


async def test_a_private_word_about_a_mention_is_said_once_however_often_slack_brings_it(place: Town) -> None:
    await place.slack.mention(user=place.ada, channel=place.pictures, text="")
    await place.slack.redeliver(times=3, concurrently=True)
    await told(place, place.ada, "Tell me what to draw")
    await place.slack.settled()
    assert len(whispers(place, place.ada)) == 1


async def test_help_and_other_words_of_the_command_work_by_name_too(place: Town) -> None:
    await place.slack.mention(user=place.ada, channel=place.pictures, text="help")
    await told(place, place.ada, "--style")
    await place.slack.mention(user=place.chen, channel=place.pictures, text="defaults")
    await told(place, place.chen, "请改用 /imagine 命令输入")
    assert not place.roots()


async def test_the_bots_own_words_in_its_conversation_are_no_asks(place: Town) -> None:
    await place.slack.dm(user=place.ada, text=PROMPT)
    await place.shared()
    await place.slack.settled()
    assert len(submitted(place)) == 1


async def test_two_people_at_once_in_one_thread_lose_nothing_and_get_nothing_twice(place: Town) -> None:
    talk = await place.slack.say(user=place.ben, channel=place.pictures, text="what would it look like?")
    slack = place.slack
    await asyncio.gather(
        slack.mention(user=place.ada, channel=place.pictures, text="one fox", thread_ts=talk),
        slack.mention(user=place.ben, channel=place.pictures, text="two foxes", thread_ts=talk),
    )
    first, second = (share.data["ts"] for share in await place.shared(2))
    await asyncio.gather(
        slack.click(user=place.ada, channel=place.pictures, ts=first, action_id="again"),
        slack.click(user=place.ben, channel=place.pictures, ts=first, action_id="again"),
        slack.react(user=place.ben, channel=place.pictures, ts=second, name="repeat"),
        slack.react(user=place.ada, channel=place.pictures, ts=second, name="repeat"),
        slack.mention(user=place.ada, channel=place.pictures, text="three foxes", thread_ts=talk),
        slack.mention(user=place.ben, channel=place.pictures, text="four foxes", thread_ts=talk),
    )
    await slack.redeliver(times=2, concurrently=True)
    shares = await place.shared(8)
    await slack.settled()
    assert {share.data["thread_ts"] for share in shares} == {talk}
    prompts = ["one fox"] * 3 + ["two foxes"] * 3 + ["three foxes", "four foxes"]
    assert Counter(drawn["prompt"] for drawn in submitted(place)) == Counter(prompts)
    assert not place.roots()


async def test_the_message_menu_brings_the_text_into_a_form_that_its_asker_edits_first(place: Town) -> None:
    said = await place.slack.say(user=place.ben, channel=place.pictures, text="the *old* mill & its  wheel <3")
    assert (await place.slack.shortcut(user=place.ada, callback_id="illustrate", channel=place.pictures, ts=said)).ok
    form = await on_top(place, place.ada)
    assert "the *old* mill & its wheel <3" in str(form["blocks"])
    assert not submitted(place)
    assert (await place.slack.submit(user=place.ada, values={"prompt": "the old mill at night"})).ok
    [share] = await place.shared()
    assert share.data["thread_ts"] == said
    assert submitted(place)[0]["prompt"] == "the old mill at night"


async def test_a_result_of_ours_is_illustrated_by_its_prompt_and_its_picture_not_by_its_caption(tmp_path: Path) -> None:
    async with noting_town(tmp_path) as place:
        share = await delivered(place, place.ada, "a fox in the rain")
        for ts, is_after in ((share.data["ts"], True), (place.roots()[0].ts, False)):
            await place.slack.shortcut(user=place.ben, callback_id="illustrate", channel=place.pictures, ts=ts)
            view = await on_top(place, place.ben)
            typed = next(block for block in view["blocks"] if block.get("block_id") == "prompt")
            assert typed["element"]["initial_value"] == "a fox in the rain"
            assert any(block.get("block_id") == "without" for block in view["blocks"]) is is_after
            assert (await place.slack.submit(user=place.ben, values={})).ok
        await place.shared(3)


async def test_somebody_named_in_a_message_is_no_part_of_the_picture(place: Town) -> None:
    said = await place.slack.say(user=place.ben, channel=place.pictures, text=f"the old mill <@{place.ada}> told of")
    await place.slack.shortcut(user=place.ada, callback_id="illustrate", channel=place.pictures, ts=said)
    assert "the old mill told of" in str((await on_top(place, place.ada))["blocks"])


async def test_a_message_longer_than_a_prompt_may_be_is_cut_and_says_so(place: Town) -> None:
    said = await place.slack.say(user=place.ben, channel=place.pictures, text="雨" * 3000)
    await place.slack.shortcut(user=place.chen, callback_id="illustrate", channel=place.pictures, ts=said)
    form = await on_top(place, place.chen)
    assert "雨" * 1023 + "…" in str(form["blocks"])
    assert (await place.slack.submit(user=place.chen, values={})).ok
    await place.shared()


async def test_the_message_menu_works_where_the_bot_is_not_and_the_picture_comes_by_direct_message(place: Town) -> None:
    elsewhere = place.channel("random")
    said = await place.slack.say(user=place.ben, channel=elsewhere, text="the old mill")
    await place.slack.shortcut(user=place.ada, callback_id="illustrate", channel=elsewhere, ts=said)
    await on_top(place, place.ada)
    assert (await place.slack.submit(user=place.ada, values={})).ok
    im = place.slack.slack.workspace.im(place.ada)
    assert im is not None

    def offered() -> str | None:
        return next((ts for ts, it in im.messages.items() if "road_message" in str(it.blocks)), None)

    ts = await place.until(offered)
    await place.slack.click(user=place.ada, channel=im.id, ts=ts, action_id="road_message")
    [share] = await place.shared()
    assert share.data["channel"] == im.id


async def test_an_emoji_offers_whoever_put_it_there_a_form_with_the_words_and_nobody_else_sees_it(place: Town) -> None:
    said = await place.slack.say(user=place.ben, channel=place.pictures, text="the old mill")
    await place.slack.react(user=place.ada, channel=place.pictures, ts=said, name="frame_with_picture")
    await told(place, place.ada, "Draw this message?")
    await place.slack.redeliver(times=3, concurrently=True)
    ts = proposal(place, place.ada)
    await place.slack.click(user=place.ada, channel=place.pictures, ts=ts, action_id="illustrate")
    form = await on_top(place, place.ada)
    assert "the old mill" in str(form["blocks"])
    await place.slack.submit(user=place.ada, values={})
    [share] = await place.shared()
    assert share.data["thread_ts"] == said
    await place.slack.settled()
    assert len(whispers(place, place.ada)) == 1
    assert not whispers(place, place.ben)


async def test_an_emoji_on_a_reply_has_it_drawn_in_its_own_thread(place: Town) -> None:
    talk = await place.slack.say(user=place.ben, channel=place.pictures, text="tell me about the mill")
    said = await place.slack.say(user=place.ada, channel=place.pictures, text="it is old", thread_ts=talk)
    await place.slack.react(user=place.ben, channel=place.pictures, ts=said, name="art")
    await told(place, place.ben, "Draw this message?")
    ts = proposal(place, place.ben)
    await place.slack.click(user=place.ben, channel=place.pictures, ts=ts, action_id="illustrate")
    await on_top(place, place.ben)
    await place.slack.submit(user=place.ben, values={"prompt": "an old mill"})
    [share] = await place.shared()
    assert share.data["thread_ts"] == talk


async def test_where_the_words_cannot_be_read_the_offer_says_so_and_the_form_opens_empty(place: Town) -> None:
    said = await place.slack.say(user=place.ben, channel=place.pictures, text="the old mill")
    place.slack.settings.fail("reactions.get", FaultKind.ERROR, error="missing_scope")
    await place.slack.react(user=place.ada, channel=place.pictures, ts=said, name="art")
    await told(place, place.ada, "I can't read its words")
    ts = proposal(place, place.ada)
    await place.slack.click(user=place.ada, channel=place.pictures, ts=ts, action_id="illustrate")
    form = await on_top(place, place.ada)
    assert "the old mill" not in str(form["blocks"])
    await place.slack.submit(user=place.ada, values={"prompt": "an old mill"})
    [share] = await place.shared()
    assert share.data["thread_ts"] == said
