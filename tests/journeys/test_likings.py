"""How a person and a conversation like their pictures, kept once and added to what they ask for."""

from __future__ import annotations

from tests.journeys.test_asking import PROMPT, on_top, opened, submitted
from tests.journeys.town import Town


async def test_what_somebody_likes_is_added_to_what_they_ask_for_and_said(place: Town) -> None:
    await opened(place, place.ada, "defaults")
    values = {"prefix": "watercolour,", "negative": "text", "shape": "1280:720", "count": "2", "raw": "yes"}
    assert (await place.slack.submit(user=place.ada, values=values)).ok
    answer = await place.asks(place.ada, f"{PROMPT} --n 1")
    assert "Added from your defaults" in (answer.text or "")
    assert "watercolour" in (answer.text or "")
    await place.shared()
    await place.asks(place.ben, "a hare")
    await place.shared(2)
    ours, others = submitted(place)
    assert (ours["prompt"], ours["negative"], ours["num"]) == (f"watercolour, {PROMPT}", "text", 1)
    assert (ours["resolution"], ours["revise"]) == ("1280:720", False)
    assert (others["prompt"], others["resolution"], others["revise"]) == ("a hare", "1024:1024", True)


async def test_defaults_are_shown_when_they_are_edited_again_and_can_be_taken_back(place: Town) -> None:
    await opened(place, place.ada, "defaults")
    await place.slack.submit(user=place.ada, values={"prefix": "watercolour,", "style": "shuimo"})
    view = await opened(place, place.ada, "defaults")
    assert "watercolour," in str(view["blocks"])
    answer = await place.slack.submit(user=place.ada, values={"prefix": "", "style": "-"})
    assert answer.ok
    answer = await place.asks(place.ada, PROMPT)
    assert "Added" not in (answer.text or "")


async def test_the_house_style_holds_for_everybody_in_its_conversation_and_nowhere_else(place: Town) -> None:
    await opened(place, place.ada, "house")
    values = {"style": "shuimo", "negative": "logos", "label": "no"}
    assert (await place.slack.submit(user=place.ada, values=values)).ok
    answer = await place.asks(place.ben, f"{PROMPT} --no text")
    assert "leave out its mark" in (answer.text or "")
    await place.shared()
    await place.asks(place.ben, PROMPT, where=place.slack.workspace.im(place.ben).id)  # type: ignore[union-attr]
    await place.shared(2)
    here, elsewhere = submitted(place)
    assert (here["style"], here["negative"]) == ("shuimo", "logos, text")
    assert (elsewhere["style"], elsewhere["negative"]) == ("", "")


async def test_a_reroll_and_an_edit_add_nothing_a_second_time(place: Town) -> None:
    await opened(place, place.ada, "defaults")
    await place.slack.submit(user=place.ada, values={"prefix": "watercolour,", "negative": "text"})
    await place.asks(place.ada, PROMPT)
    [first] = await place.shared()
    where = {"user": place.ada, "channel": place.pictures, "ts": first.data["ts"]}
    await place.slack.click(**where, action_id="again")
    await place.shared(2)
    await place.slack.click(**where, action_id="edit")
    await on_top(place, place.ada)
    await place.slack.submit(user=place.ada)
    await place.shared(3)
    assert {(drawn["prompt"], drawn["negative"]) for drawn in submitted(place)} == {(f"watercolour, {PROMPT}", "text")}


async def test_the_form_opens_as_its_asker_likes_it_and_what_they_change_there_is_meant(place: Town) -> None:
    await opened(place, place.ada, "defaults")
    await place.slack.submit(user=place.ada, values={"shape": "1280:720", "raw": "yes", "style": "shuimo"})
    await opened(place, place.ada)
    await place.slack.submit(user=place.ada, values={"prompt": PROMPT, "raw": [], "style": "-"})
    await place.shared()
    [drawn] = submitted(place)
    assert (drawn["resolution"], drawn["revise"], drawn["style"]) == ("1280:720", True, "")
