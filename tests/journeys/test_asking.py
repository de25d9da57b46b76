"""Asking: by form, for several at once, for oneself alone, as one likes it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from sandbox.slack import FaultKind, Message, payloads
from sandbox.slack.delivery import Envelope
from tests.journeys.town import QUICK, Town, town

PROMPT = "a fox in the rain under a paper lantern"


async def opened(place: Town, who: str, text: str = "", *, where: str | None = None) -> dict[str, Any]:
    """Somebody types the command without a prompt; the modal that they then have on top."""
    answer = await place.asks(who, text, where=where)
    assert answer.ok
    return await on_top(place, who)


async def on_top(place: Town, who: str) -> dict[str, Any]:
    """The modal that somebody has on top, as soon as there is one."""

    def modal() -> dict[str, Any] | None:
        try:
            return dict(place.slack.modal(who))
        except LookupError:
            return None

    found: dict[str, Any] = await place.until(modal)
    return found


def whispers(place: Town, who: str) -> list[dict[str, Any]]:
    """What only this person was shown."""
    return [dict(h.data) for h in place.feed.of("slack.ephemeral") if h.data["user"] == who]


def submitted(place: Town) -> list[dict[str, Any]]:
    """What reached the drawing service, oldest first."""
    return [dict(h.data) for h in place.feed.of("image.submit")]


def proposal(place: Town, who: str) -> str:
    """The ts of the last thing that this person was shown with a button on it."""
    room = place.slack.workspace.channels[place.pictures]
    shown = [m for m in room.ephemerals.values() if m.seen_by == who and "actions" in str(m.blocks)]
    return shown[-1].ts


async def test_without_a_prompt_a_form_opens_and_what_is_put_in_is_drawn_in_that_conversation(place: Town) -> None:
    await opened(place, place.ada)
    values = {
        "prompt": PROMPT,
        "negative": "text",
        "style": "shuimo",
        "shape": "1280:720",
        "count": "2",
        "clarity": "x2",
    }
    answer = await place.slack.submit(user=place.ada, values=values)
    assert answer.ok
    [share] = await place.shared()
    assert share.data["channel"] == place.pictures
    assert share.data["thread_ts"] == place.roots()[0].ts
    assert PROMPT in place.roots()[0].text
    [drawn] = submitted(place)
    assert (drawn["prompt"], drawn["negative"], drawn["resolution"]) == (PROMPT, "text", "1280:720")
    assert (drawn["num"], drawn["clarity"]) == (2, 2)


async def test_what_was_typed_survives_an_error_that_stands_beside_its_field(place: Town) -> None:
    await opened(place, place.ada)
    answer = await place.slack.submit(user=place.ada, values={"prompt": PROMPT, "seed": "banana"})
    assert set(answer.errors) == {"seed"}
    assert "banana" in answer.errors["seed"]
    assert not place.roots()
    answer = await place.slack.submit(user=place.ada, values={"seed": "42"})
    assert answer.ok
    await place.shared()
    [drawn] = submitted(place)
    assert (drawn["prompt"], drawn["seed"], drawn["revise"]) == (PROMPT, 42, False)


async def test_the_form_speaks_the_language_of_who_opens_it(place: Town) -> None:
    view = await opened(place, place.chen)
    assert view["title"]["text"] == "画一张图"


async def test_the_very_first_words_are_in_the_language_of_who_reads_them_whatever_they_wrote(place: Town) -> None:
    told = await place.asks(place.chen, "a fox --ar 7:1")
    assert "画不了" in (told.text or "")
    told = await place.asks(place.ada, "雨中竹林 --比例 7:1")
    assert "isn't a shape I can draw" in (told.text or "")


async def test_a_restart_forgets_nobodys_language(place: Town) -> None:
    await opened(place, place.chen)
    await place.stop_bot()
    await place.start_bot()
    wrong = {"prompt": {"prompt": {"type": "plain_text_input", "value": "a fox"}}}
    wrong["seed"] = {"seed": {"type": "plain_text_input", "value": "soon"}}
    answer = await place.slack.submit_view(user=place.chen, view_id=place.slack.modal(place.chen)["id"], values=wrong)
    assert "种子" in answer.errors["seed"]


async def test_who_cannot_be_looked_up_is_answered_in_the_language_that_they_wrote(place: Town) -> None:
    place.slack.settings.fail("users.info", FaultKind.ERROR, times=9, error="internal_error")
    told = await place.asks(place.chen, "雨中竹林 --比例 7:1")
    assert "画不了" in (told.text or "")


async def test_a_form_that_is_submitted_again_and_again_makes_one_picture(place: Town) -> None:
    view = await opened(place, place.ada)
    values = {"prompt": {"prompt": {"type": "plain_text_input", "value": PROMPT}}}
    answers = await asyncio.gather(
        *(place.slack.submit_view(user=place.ada, view_id=view["id"], values=values) for _ in range(3))
    )
    assert all(answer.ok for answer in answers)
    await place.shared()
    await place.asks(place.ada, "a second one")
    await place.shared(2)
    assert [drawn["prompt"] for drawn in submitted(place)] == [PROMPT, "a second one"]


async def test_a_form_for_a_conversation_without_the_bot_leads_to_the_usual_road(place: Town) -> None:
    elsewhere = place.channel("design")
    await opened(place, place.ada, where=elsewhere)
    assert (await place.slack.submit(user=place.ada, values={"prompt": PROMPT})).ok
    im = place.slack.workspace.im(place.ada)
    assert im is not None
    offer: Message = await place.until(lambda: next(iter(im.messages.values()), None))
    assert PROMPT in offer.text
    await place.slack.click(user=place.ada, channel=im.id, ts=offer.ts, action_id="road_message")
    [share] = await place.shared()
    assert share.data["channel"] == im.id


async def test_private_pictures_come_to_their_asker_alone(place: Town) -> None:
    answer = await place.asks(place.ada, f"{PROMPT} --private")
    assert "alone" in (answer.text or "")
    [share] = await place.shared()
    im = place.slack.workspace.im(place.ada)
    assert im is not None
    assert share.data["channel"] == im.id
    assert not place.roots()


async def test_private_without_a_prompt_opens_the_form_and_what_is_sent_stays_private(place: Town) -> None:
    assert (await place.asks(place.ada, "--private")).ok
    await on_top(place, place.ada)
    assert (await place.slack.submit(user=place.ada, values={"prompt": PROMPT})).ok
    [share] = await place.shared()
    im = place.slack.workspace.im(place.ada)
    assert im is not None
    assert share.data["channel"] == im.id
    assert not place.roots()


async def test_several_are_counted_and_priced_first_and_drawn_in_one_thread_when_confirmed(place: Town) -> None:
    answer = await place.asks(place.ada, "a {red, blue} fox --n 2")
    assert answer.ok
    assert "2 drawings with 4 pictures" in (answer.text or "")
    assert "don't know what that costs" in (answer.text or "")
    assert not place.roots()
    await place.slack.click(user=place.ada, channel=place.pictures, ts=proposal(place, place.ada), action_id="confirm")
    shares = await place.shared(2)
    [root] = place.roots()
    assert {share.data["thread_ts"] for share in shares} == {root.ts}
    assert sorted(drawn["prompt"] for drawn in submitted(place)) == ["a blue fox", "a red fox"]


async def test_the_price_is_told_where_the_operator_named_it(tmp_path: Path) -> None:
    async with town(tmp_path, price_per_picture="0.50 CNY", **QUICK) as place:
        await place.start_bot()
        answer = await place.asks(place.ada, f"{PROMPT} --repeat 3")
        assert "1.50 CNY" in (answer.text or "")


async def test_a_double_click_draws_the_several_once(place: Town) -> None:
    await place.asks(place.ada, f"{PROMPT} --repeat 3")
    ts = proposal(place, place.ada)
    clicks = (place.slack.click(user=place.ada, channel=place.pictures, ts=ts, action_id="confirm") for _ in range(2))
    await asyncio.gather(*clicks)
    await place.shared(3)
    await place.asks(place.ben, "a last one")
    await place.shared(4)
    assert len(submitted(place)) == 4
    assert len(place.roots()) == 2


async def test_several_that_nobody_confirms_are_not_drawn(place: Town) -> None:
    await place.asks(place.ada, f"{PROMPT} --repeat 3")
    ts = proposal(place, place.ada)
    await place.slack.click(user=place.ada, channel=place.pictures, ts=ts, action_id="discard")
    room = place.slack.workspace.channels[place.pictures]
    await place.asks(place.ben, "another")
    await place.shared()
    await place.until(lambda: ts not in room.ephemerals)
    assert [drawn["prompt"] for drawn in submitted(place)] == ["another"]


async def test_several_that_were_turned_down_are_not_drawn_by_a_press_that_comes_late(place: Town) -> None:
    await place.asks(place.ada, "a {red, blue} fox")
    ts = proposal(place, place.ada)
    room = place.slack.workspace.channels[place.pictures]
    shown = room.ephemerals[ts]
    await place.slack.click(user=place.ada, channel=place.pictures, ts=ts, action_id="discard")
    await place.until(lambda: ts not in room.ephemerals)
    room.ephemerals[ts] = shown
    await place.slack.click(user=place.ada, channel=place.pictures, ts=ts, action_id="confirm")
    await place.until(lambda: "answered already" in str(whispers(place, place.ada)) + room.ephemerals[ts].text)
    assert not place.roots()


async def test_alternatives_are_no_re_rolls_of_each_other(place: Town) -> None:
    await place.asks(place.ada, "a {red, blue} fox")
    await place.slack.click(user=place.ada, channel=place.pictures, ts=proposal(place, place.ada), action_id="confirm")
    [share, _] = await place.shared(2)
    thread = place.slack.workspace.channels[place.pictures].replies(str(share.data["thread_ts"]))
    said = "".join(message.text + str(message.blocks) for message in [*place.roots(), *thread])
    assert "Made from an earlier one" not in said
    assert len({each.data["thread_ts"] for each in place.shares()}) == 1


async def test_a_restart_keeps_several_in_one_thread(place: Town) -> None:
    await place.asks(place.ada, f"{PROMPT} --repeat 3 --private")
    await place.slack.click(user=place.ada, channel=place.pictures, ts=proposal(place, place.ada), action_id="confirm")
    await place.stop_bot()
    await place.start_bot()
    shares = await place.shared(3)
    assert len({share.data["thread_ts"] for share in shares}) == 1
    assert not place.roots()


async def test_edit_and_run_opens_the_form_filled_in_and_answers_in_the_thread(place: Town) -> None:
    await place.asks(place.ada, f"{PROMPT} --ar 16:9 --no text")
    [first] = await place.shared()
    await place.slack.click(user=place.ben, channel=place.pictures, ts=first.data["ts"], action_id="edit")
    view = await on_top(place, place.ben)
    assert PROMPT in str(view["blocks"])
    answer = await place.slack.submit(user=place.ben, values={"prompt": "a fox in the snow"})
    assert answer.ok
    _, second = await place.shared(2)
    assert second.data["thread_ts"] == first.data["thread_ts"]
    drawn = submitted(place)[1]
    assert (drawn["prompt"], drawn["negative"], drawn["resolution"]) == ("a fox in the snow", "text", "1280:720")
    assert len(place.roots()) == 1


async def test_words_that_are_no_command_after_all_are_a_prompt(place: Town) -> None:
    await place.asks(place.ada, "house on a hill")
    await place.shared()
    assert submitted(place)[0]["prompt"] == "house on a hill"


async def test_over_http_the_form_opens_and_is_drawn_too(tmp_path: Path) -> None:
    async with town(tmp_path, slack_app_token=None, **QUICK) as place:
        await place.start_bot()
        place.slack.settings.request_url = f"http://127.0.0.1:{place.port}/slack/events"
        assert await place.slack.verify_request_url()
        answer = await place.asks(place.ada, "")
        assert answer.ok
        assert not answer.text
        await on_top(place, place.ada)
        assert (await place.slack.submit(user=place.ada, values={"prompt": PROMPT})).ok
        await place.shared()


async def test_nobody_confirms_what_another_asked_for(place: Town) -> None:
    await place.asks(place.ada, f"{PROMPT} --repeat 3")
    room = place.slack.workspace.channels[place.pictures]
    shown = room.ephemerals[proposal(place, place.ada)]
    slack = place.slack.slack
    [row] = [block for block in shown.blocks or [] if block["type"] == "actions"]
    action = {**row["elements"][0], "block_id": "b"}
    trigger = slack.triggers.issue(place.ben, place.pictures)
    forged = payloads.block_actions(slack, shown, action, user=place.ben, trigger_id=trigger)
    assert (await slack.delivery.send(Envelope.INTERACTIVE, forged)).acked
    await place.until(lambda: any("only" in said["text"].lower() for said in whispers(place, place.ben)))
    await place.asks(place.ben, "his own")
    await place.shared()
    assert [drawn["prompt"] for drawn in submitted(place)] == ["his own"]


async def test_a_form_that_slack_does_not_open_is_told_and_costs_nothing(place: Town) -> None:
    place.slack.settings.fail("views.open", FaultKind.ERROR)
    await place.asks(place.ada, "")
    await place.until(lambda: any("didn't open" in said["text"] for said in whispers(place, place.ada)))
    assert not place.roots()
