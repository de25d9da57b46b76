"""Pictures shown a second time: a copy for oneself, a private one shared."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.feed import Happening
from sandbox.slack import FaultKind
from sandbox.slack.workspace import FileState
from tests.journeys.noting import noting_town, written
from tests.journeys.test_asking import on_top
from tests.journeys.test_results import chosen, delivered, result, row, whispered
from tests.journeys.town import QUICK, Town, town


def shares_in(place: Town, channel: str) -> list[Happening]:
    return place.shares(channel=channel)


def direct(place: Town, who: str) -> str:
    """Somebody's conversation with the bot."""
    im = place.slack.workspace.im(who)
    assert im is not None
    return im.id


async def shared_in(place: Town, channel: str, count: int = 1) -> list[Happening]:
    found: list[Happening] = await place.until(
        lambda: len(shares_in(place, channel)) >= count and shares_in(place, channel)
    )
    return found


def bytes_in(place: Town, share: Happening) -> list[bytes]:
    return [place.slack.workspace.files[file["id"]].data for file in share.data["files"]]


async def test_anybody_gets_a_copy_by_direct_message_and_nothing_is_drawn_for_it(place: Town) -> None:
    share = await delivered(place, "a fox --n 2")
    await chosen(place, place.ben, share, "more", ":copy")
    [copy] = await shared_in(place, direct(place, place.ben))
    assert bytes_in(place, copy) == bytes_in(place, share)
    assert "here is your copy" in str(result(place, copy).blocks)
    assert len(place.images.submits) == 1
    assert len(place.roots()) == 1


async def test_a_double_click_brings_one_copy(place: Town) -> None:
    share = await delivered(place, "a fox")
    for _ in range(2):
        await chosen(place, place.ben, share, "more", ":copy")
    await shared_in(place, direct(place, place.ben))
    await place.slack.settled()
    assert len(shares_in(place, direct(place, place.ben))) == 1


async def test_a_private_picture_is_shared_by_its_owner_where_it_was_asked_for_with_credit(place: Town) -> None:
    await place.asks(place.ada, "a fox --private")
    [alone] = await shared_in(place, direct(place, place.ada))
    assert not place.roots()
    await chosen(place, place.ada, alone, "share")
    [shown] = await shared_in(place, place.pictures)
    assert bytes_in(place, shown) == bytes_in(place, alone)
    assert place.slack.pings(place.pictures, shown.data["ts"]) == {place.ada}
    assert "By " in str(result(place, shown).blocks)
    assert "share" not in row(result(place, shown))


async def test_what_was_asked_for_in_a_thread_is_shared_in_that_thread_and_once_however_often_one_presses(
    place: Town,
) -> None:
    talk = await place.slack.say(user=place.ben, channel=place.pictures, text="which fox?")
    await place.slack.mention(user=place.ada, channel=place.pictures, text="a fox --private", thread_ts=talk)
    [alone] = await shared_in(place, direct(place, place.ada))
    await chosen(place, place.ada, alone, "share")
    [shown] = await shared_in(place, place.pictures)
    assert shown.data["thread_ts"] == talk
    await chosen(place, place.ada, alone, "share")
    await place.asks(place.ben, "a hare")
    assert [each.data["thread_ts"] for each in await shared_in(place, place.pictures, 2)].count(talk) == 1


async def test_what_its_owner_took_back_can_be_shared_again(place: Town) -> None:
    await place.asks(place.ada, "a fox --private")
    [alone] = await shared_in(place, direct(place, place.ada))
    await chosen(place, place.ada, alone, "share")
    [shown] = await shared_in(place, place.pictures)
    room = place.slack.workspace.channels[place.pictures]
    await place.slack.click(user=place.ada, channel=place.pictures, ts=shown.data["ts"], action_id="delete")
    await place.until(lambda: shown.data["ts"] not in room.messages)
    await chosen(place, place.ada, alone, "share")
    await shared_in(place, place.pictures, 2)


async def test_a_copy_has_buttons_of_its_own_and_another_one_answers_it_in_a_thread(place: Town) -> None:
    share = await delivered(place, "a fox")
    await chosen(place, place.ben, share, "more", ":copy")
    [copy] = await shared_in(place, direct(place, place.ben))
    await place.until(lambda: "copy" in str(result(place, copy).blocks))
    await chosen(place, place.ben, copy, "again")
    _, another = await shared_in(place, direct(place, place.ben), 2)
    assert another.data["thread_ts"]


async def test_deleting_a_copy_leaves_the_picture(place: Town) -> None:
    share = await delivered(place, "a fox")
    await chosen(place, place.ben, share, "more", ":copy")
    [copy] = await shared_in(place, direct(place, place.ben))
    await chosen(place, place.ben, copy, "delete")
    await place.until(lambda: place.calls("files.delete"))
    await place.until(lambda: place.slack.workspace.files[copy.data["files"][0]["id"]].state == "deleted")
    assert place.slack.workspace.files[share.data["files"][0]["id"]].state != "deleted"


async def test_a_copy_whose_files_are_gone_is_told_privately_to_who_wanted_it(place: Town) -> None:
    share = await delivered(place, "a fox")
    await place.stop_bot()
    place.slack.workspace.files[share.data["files"][0]["id"]].state = FileState.DELETED
    await place.start_bot()
    await chosen(place, place.ben, share, "more", ":copy")
    im = direct(place, place.ben)
    told = await place.until(
        lambda: [m for m in place.slack.workspace.channels[im].messages.values() if "deleted from Slack" in m.text]
    )
    assert len(told) == 1


@pytest.mark.parametrize("after", [False, True], ids=["before it took effect", "after it took effect"])
@pytest.mark.parametrize("method", ["files.completeUploadExternal", "files.getUploadURLExternal", "upload"])
async def test_a_connection_cut_while_a_copy_is_delivered_delivers_it_once(
    place: Town, method: str, after: bool
) -> None:
    share = await delivered(place, "a fox")
    place.slack.settings.fail(method, FaultKind.CUT, after=after)
    await chosen(place, place.ben, share, "more", ":copy")
    await shared_in(place, direct(place, place.ben))
    await place.slack.settled()
    assert len(shares_in(place, direct(place, place.ben))) == 1


async def test_a_copy_that_was_asked_for_before_a_restart_comes_after_it(tmp_path: Path) -> None:
    async with town(tmp_path, **QUICK) as place:
        await place.start_bot()
        share = await delivered(place, "a fox")
        place.slack.settings.fail("conversations.open", FaultKind.THROTTLE, seconds=0.3)
        await chosen(place, place.ben, share, "more", ":copy")
        await place.stop_bot()
        await place.start_bot()
        await shared_in(place, direct(place, place.ben))
        assert len(shares_in(place, direct(place, place.ben))) == 1


async def test_a_picture_that_cannot_be_shared_there_any_more_is_told_to_its_owner_alone(place: Town) -> None:
    await place.asks(place.ada, "a fox --private")
    [alone] = await shared_in(place, direct(place, place.ada))
    place.slack.remove_bot(place.pictures)
    await chosen(place, place.ada, alone, "share")
    im = place.slack.workspace.channels[direct(place, place.ada)]
    await place.until(lambda: any("/invite" in message.text for message in im.messages.values()))
    assert not shares_in(place, place.pictures)


async def test_a_private_picture_s_buttons_do_nothing_for_anybody_else(place: Town) -> None:
    await place.asks(place.ada, "a fox --private")
    [alone] = await shared_in(place, direct(place, place.ada))
    with pytest.raises(LookupError):
        await chosen(place, place.ben, alone, "more", ":recipe")
    answer = await place.asks(place.ben, f"tree {row(result(place, alone))['again']['value'][:8]}")
    assert "no picture with that ID" in (answer.text or "")
    assert len(place.roots()) == 0


async def test_who_wanted_a_copy_hears_that_it_is_on_its_way(place: Town) -> None:
    share = await delivered(place, "a fox")
    await chosen(place, place.ben, share, "more", ":copy")
    assert "on its way" in await whispered(place, place.ben, "copy")


async def test_a_copy_that_is_edited_and_run_is_answered_in_its_thread(tmp_path: Path) -> None:
    async with noting_town(tmp_path) as place:
        share = await delivered(place, "a fox")
        await chosen(place, place.ben, share, "more", ":copy")
        im = direct(place, place.ben)
        [copy] = await shared_in(place, im)
        await place.until(lambda: len(written(place)) == 2)
        await chosen(place, place.ben, copy, "edit")
        await on_top(place, place.ben)
        await place.slack.submit(user=place.ben, values={"prompt": "a hare"})
        _, edited = await shared_in(place, im, 2)
        assert edited.data["thread_ts"] == copy.data["ts"]
