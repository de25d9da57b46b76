"""What a person does with a picture that they got, or did not get."""

from __future__ import annotations

import base64
import hashlib
import io
from typing import Any

from PIL import Image

from sandbox.feed import Happening
from sandbox.hunyuan import Fault, Trouble
from sandbox.slack import Message
from tests.journeys.test_asking import on_top
from tests.journeys.test_main_job import without_recipe
from tests.journeys.town import Town


def result(place: Town, share: Happening) -> Message:
    """The message that holds the pictures."""
    return place.slack.workspace.channels[share.data["channel"]].messages[share.data["ts"]]


def row(message: Message) -> dict[str, dict[str, Any]]:
    """What can be used under a message, by its name."""
    rows = [block for block in message.blocks or [] if block["type"] == "actions"]
    return {element["action_id"]: element for each in rows for element in each["elements"]}


def elements(value: Any) -> list[dict[str, Any]]:
    """Every object in the blocks."""
    if isinstance(value, list):
        return [found for each in value for found in elements(each)]
    if not isinstance(value, dict):
        return []
    return [value, *(found for each in value.values() for found in elements(each))]


def whispers(place: Town, who: str) -> list[str]:
    return [h.data["text"] for h in place.feed.of("slack.ephemeral") if h.data["user"] == who]


async def chosen(place: Town, who: str, share: Happening, action_id: str, what: str = "") -> None:
    """Use a button, or choose from a menu the option whose value ends so."""
    element = row(result(place, share))[action_id]
    value = next((each["value"] for each in element.get("options", ()) if each["value"].endswith(what)), None)
    where = {"channel": share.data["channel"], "ts": share.data["ts"]}
    await place.slack.click(user=who, action_id=action_id, value=value, **where)


async def delivered(place: Town, text: str) -> Happening:
    """Ada asks, and her picture is there and written down."""
    await place.asks(place.ada, text)
    [share] = await place.shared()
    await place.until(lambda: "in this thread" in place.roots()[0].text)
    return share


async def whispered(place: Town, who: str, words: str) -> str:
    said: str = await place.until(lambda: next((each for each in whispers(place, who) if words in each), None))
    return said


async def test_the_message_with_the_pictures_calls_the_one_who_asked_and_nobody_else(place: Town) -> None:
    share = await delivered(place, "a fox <@U0BEN00BBB2> <!here> --n 2")
    assert place.slack.pings(place.pictures, share.data["ts"]) == {place.ada}


async def test_a_file_carries_its_recipe_and_is_otherwise_what_the_provider_made(place: Town) -> None:
    share = await delivered(place, "雨中竹林 --ar 16:9 --seed 7")
    [done] = place.feed.of("image.done")
    file = place.slack.workspace.files[share.data["files"][0]["id"]]
    assert Image.open(io.BytesIO(file.data)).info["Description"] == "/imagine 雨中竹林 --ar 16:9 --seed 7 --raw"
    assert hashlib.sha256(without_recipe(file.data)).hexdigest() == done.data["pictures"][0]
    assert "雨中竹林" in file.alt_txt


async def test_one_of_two_pictures_is_varied_in_the_same_thread_from_that_very_file(place: Town) -> None:
    share = await delivered(place, "a fox --n 2 --ar 16:9")
    await chosen(place, place.ben, share, "vary", ":2")
    replies = place.slack.workspace.channels[place.pictures].replies
    thread = share.data["thread_ts"]
    child = await place.until(
        lambda: next((m for m in replies(thread) if "asked for a variation" in str(m.blocks)), None)
    )
    assert "after a reference picture" in child.text
    assert "shape 4:3" in child.text
    await place.shared(2)
    varied = place.images.submits[1].order
    assert varied.num == 1
    assert varied.reference is not None
    drawn = place.slack.workspace.files[share.data["files"][1]["id"]].data
    assert base64.b64decode(varied.reference.base64) == drawn


async def test_hd_is_offered_only_where_it_can_be_the_same_picture_and_draws_that_one_larger(place: Town) -> None:
    share = await delivered(place, "a fox --seed 42")
    await chosen(place, place.ada, share, "hd")
    _, larger = await place.shared(2)
    first, second = place.images.submits
    assert (first.order.seed, second.order.seed) == (42, 42)
    assert "hd" not in row(result(place, larger))
    assert larger.data["thread_ts"] == share.data["thread_ts"]


async def test_without_a_seed_there_is_no_hd(place: Town) -> None:
    assert "hd" not in row(result(place, await delivered(place, "a fox")))


async def test_the_recipe_is_handed_over_privately_to_be_pasted(place: Town) -> None:
    share = await delivered(place, "a fox --ar 16:9")
    await chosen(place, place.ben, share, "more", ":recipe")
    assert "/imagine a fox --ar 16:9" in await whispered(place, place.ben, "paste")


async def test_a_button_works_after_the_bot_was_restarted(place: Town) -> None:
    share = await delivered(place, "a fox")
    await place.stop_bot()
    await place.start_bot()
    await chosen(place, place.ben, share, "again")
    assert len(await place.shared(2)) == 2


async def test_another_one_links_what_it_came_from_and_says_what_changed(place: Town) -> None:
    share = await delivered(place, "a fox")
    await chosen(place, place.ben, share, "exact")
    await place.shared(2)
    replies = place.slack.workspace.channels[place.pictures].replies(share.data["thread_ts"])
    child = next(message for message in replies if "asked for another" in str(message.blocks))
    links = [each for each in elements(child.blocks) if each.get("type") == "link"]
    parent = [share.data["ts"], share.data["thread_ts"]]
    assert any(f"/p{ts.replace('.', '')}" in links[0]["url"] for ts in parent)
    assert "in exactly these words" in child.text
    await place.until(lambda: "in this thread" in child.text)
    assert "in exactly these words" in child.text


async def test_the_family_of_a_thread_is_drawn_for_whoever_asks_and_only_for_them(place: Town) -> None:
    share = await delivered(place, "a fox")
    await chosen(place, place.ada, share, "exact")
    await place.shared(2)
    await chosen(place, place.ben, share, "more", ":tree")
    said = await whispered(place, place.ben, "family")
    assert "a fox" in said
    assert "in exactly these words" in said
    await place.asks(place.ada, "tree")
    assert "in exactly these words" in await whispered(place, place.ada, "family")


async def test_tree_house_is_a_picture_and_not_a_family(place: Town) -> None:
    await place.asks(place.ada, "tree cafe")
    await place.shared()
    assert [job.order.prompt for job in place.images.submits] == ["tree cafe"]


async def test_who_was_refused_gets_other_words_to_edit_and_draws_those(place: Town) -> None:
    await place.asks(place.ada, "a bloody knife #refuse")
    replies = place.slack.workspace.channels[place.pictures].replies
    [told] = await place.until(lambda: place.roots() and replies(place.roots()[0].ts))
    assert "charged" in told.text
    await place.slack.click(user=place.ada, channel=place.pictures, ts=told.ts, action_id="reword")
    await place.until(lambda: place.calls("views.open"))
    view = place.slack.modal(place.ada)
    assert "a red paint brush" in str(view["blocks"])
    await place.slack.submit(user=place.ada, values={"prompt": "a red paint brush"})
    [share] = await place.shared()
    assert share.data["thread_ts"] == place.roots()[0].ts


async def test_why_is_this_slow_shows_what_happened_so_far(place: Town) -> None:
    place.images.settings.faults.on_jobs(Fault(Trouble.STUCK_RUNNING))
    await place.asks(place.ben, "first in line")
    await place.until(lambda: place.feed.of("image.submit"))
    await place.asks(place.ada, "second in line")
    second: Message = await place.until(lambda: len(place.roots()) == 2 and place.roots()[1])
    await place.slack.click(user=place.ada, channel=place.pictures, ts=second.ts, action_id="why")
    said = await whispered(place, place.ada, "Asked for at")
    assert "ready at about" in said
    place.images.release()
    await place.shared(2)


async def test_cancelling_what_is_drawn_already_says_that_it_will_be_charged(place: Town) -> None:
    place.images.settings.faults.on_jobs(Fault(Trouble.STUCK_RUNNING))
    await place.asks(place.ada, "a fox")
    await place.until(lambda: place.feed.of("image.submit"))
    root: Message = await place.until(lambda: place.roots() and place.roots()[0])
    await place.slack.click(user=place.ada, channel=place.pictures, ts=root.ts, action_id="cancel")
    assert "may still be charged" in await whispered(place, place.ada, "Cancelled")
    place.images.release()
    await place.until(lambda: place.feed.of("image.done"))
    await place.slack.settled()
    assert not place.shares()


async def test_a_deleted_picture_takes_its_words_with_it(place: Town) -> None:
    share = await delivered(place, "a secret fox")
    await chosen(place, place.ben, share, "edit")
    view = await on_top(place, place.ben)
    await chosen(place, place.ada, share, "delete")
    await place.until(lambda: "was deleted" in str(place.roots()[0].blocks))
    assert place.roots()[0].text == "Deleted."
    assert "secret" not in str(place.roots()[0].blocks) + place.roots()[0].text
    typed = {"prompt": {"prompt": {"type": "plain_text_input", "value": "a secret hare"}}}
    await place.slack.submit_view(user=place.ben, view_id=view["id"], values=typed)
    await place.shared(2)
    replies = place.slack.workspace.channels[place.pictures].replies(str(share.data["thread_ts"]))
    assert "fox" not in "".join(message.text + str(message.blocks) for message in replies)


async def test_a_picture_that_was_drawn_after_another_says_so_with_its_recipe(place: Town) -> None:
    share = await delivered(place, "a fox")
    await chosen(place, place.ada, share, "vary", ":1")
    _, varied = await place.shared(2)
    assert "which “Edit and run” keeps" in str(result(place, varied).blocks)
    assert "reference" not in str(result(place, share).blocks)


async def test_where_the_thread_is_gone_another_begins_and_holds_together(place: Town) -> None:
    share = await delivered(place, "a fox")
    root = place.roots()[0]
    del place.slack.workspace.channels[place.pictures].messages[root.ts]
    await chosen(place, place.ada, share, "again")
    _, again = await place.shared(2)
    [other] = place.roots()
    assert again.data["thread_ts"] == other.ts


async def test_a_reference_picture_can_be_left_out_again(place: Town) -> None:
    share = await delivered(place, "a fox")
    await chosen(place, place.ada, share, "vary", ":1")
    _, varied = await place.shared(2)
    await chosen(place, place.ada, varied, "edit")
    await on_top(place, place.ada)
    assert (await place.slack.submit(user=place.ada, values={"without": ["without"]})).ok
    await place.shared(3)
    assert [job.order.reference is not None for job in place.images.submits] == [False, True, False]


async def test_a_refusal_without_softer_words_suggests_none(place: Town) -> None:
    for number, (text, label) in enumerate(
        (("a teapot #refuse", "Edit and try again"), ("a naked blade #refuse", "Edit a suggestion")), 1
    ):
        await place.asks(place.ada, text)
        await place.rooted(number)
        thread = place.roots()[-1].ts
        replies = place.slack.workspace.channels[place.pictures].replies
        await place.until(lambda: [m for m in replies(thread) if label in str(m.blocks)])  # noqa: B023
