"""Sharing: stars, the gallery, votes, and the end of a round."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from sandbox.feed import Happening
from sandbox.slack import Message
from tests.journeys.noting import delivered, noting_town, written
from tests.journeys.test_finding import home_of, links, listed, whispers
from tests.journeys.test_results import chosen
from tests.journeys.town import Restless, Town


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Town]:
    """A town with the bot awake, and no gallery."""
    async with noting_town(tmp_path) as made:
        yield made


async def with_gallery(place: Town) -> str:
    """The bot is let into #random, which is the gallery from now on."""
    gallery = place.channel("random")
    await place.stop_bot()
    place.slack.workspace.channels[gallery].members.add(place.slack.bot_user_id)
    place.overrides["gallery_channel"] = gallery
    await place.start_bot()
    return gallery


async def react(place: Town, who: str, share: Happening, name: str = "star") -> None:
    await place.slack.react(user=who, channel=share.data["channel"], ts=share.data["ts"], name=name)
    await place.slack.settled()


async def unreact(place: Town, who: str, share: Happening, name: str = "star") -> None:
    await place.slack.unreact(user=who, channel=share.data["channel"], ts=share.data["ts"], name=name)
    await place.slack.settled()


def in_thread(place: Town, share: Happening, said: str) -> Callable[[], list[Message]]:
    """What the bot said with these words in the thread of a share."""
    room = place.slack.workspace.channels[place.pictures]

    def found() -> list[Message]:
        here = [message for message in room.messages.values() if message.thread_ts == share.data["thread_ts"]]
        return [message for message in here if said in message.text]

    return found


async def two_in_a_thread(place: Town) -> tuple[Happening, Happening]:
    """Ada's fox, and Ben's re-roll of it."""
    first = await delivered(place, place.ada, "a fox in the rain")
    await place.slack.click(user=place.ben, channel=place.pictures, ts=first.data["ts"], action_id="again")
    await place.until(lambda: len(written(place)) == 2)
    return first, place.shares()[1]


async def winner(place: Town, who: str, share: Happening) -> None:
    await place.slack.mention(user=who, channel=place.pictures, text="winner", thread_ts=share.data["thread_ts"])


async def test_a_star_keeps_a_picture_among_my_favourites_until_i_take_it_back(place: Town) -> None:
    share = await delivered(place, place.ada, "a fox in the rain")
    await react(place, place.ada, share)
    assert "a fox in the rain" in (await home_of(place, place.ada)).split("My favourites")[1]
    await unreact(place, place.ada, share)
    assert "a fox in the rain" not in (await home_of(place, place.ada)).split("My favourites")[1]


async def test_somebody_elses_words_do_not_stand_on_my_home_tab(place: Town) -> None:
    share = await delivered(place, place.ada, "a fox in the rain")
    await react(place, place.ben, share)
    favourites = (await home_of(place, place.ben)).split("My favourites")[1]
    assert "somebody else asked for" in favourites
    assert "a fox in the rain" not in favourites


async def test_top_lists_the_most_starred_first(place: Town) -> None:
    assert "Nobody has starred" in (await listed(place, place.ada, "top")).text
    fox = await delivered(place, place.ada, "a fox in the rain")
    hare = await delivered(place, place.ben, "a hare in the snow")
    await react(place, place.ada, fox)
    await react(place, place.ada, hare, "star2")
    await react(place, place.chen, hare)
    told = await listed(place, place.ada, "top month")
    assert told.text.index("a hare in the snow") < told.text.index("a fox in the rain")
    assert "a hare" in (await listed(place, place.ada, "top week")).text


async def after(place: Town, days: int) -> None:
    """The bot wakes up so many days later."""
    await place.stop_bot()
    place.clock = Restless(wall=lambda: time.time() + days * 86_400)
    await place.start_bot()


async def test_a_star_counts_for_a_week_and_for_a_month(place: Town) -> None:
    await react(place, place.ada, await delivered(place, place.ada, "a fox in the rain"))
    await after(place, days=6)
    assert "a fox in the rain" in (await listed(place, place.ada, "top")).text
    await after(place, days=8)
    assert "Nobody has starred" in (await listed(place, place.ada, "top week")).text
    assert "a fox in the rain" in (await listed(place, place.ada, "top month")).text
    await after(place, days=31)
    assert "Nobody has starred" in (await listed(place, place.ada, "top month")).text


async def test_top_hat_is_a_prompt(place: Town) -> None:
    await delivered(place, place.ada, "top hat")
    assert place.feed.of("image.submit")[0].data["prompt"] == "top hat"


async def test_the_first_star_hangs_a_picture_in_the_gallery_once_with_recipe_and_credit(place: Town) -> None:
    gallery = await with_gallery(place)
    share = await delivered(place, place.ada, "a fox in the rain --ar 16:9")
    await asyncio.gather(react(place, place.ben, share), react(place, place.chen, share))
    await place.until(lambda: place.shares(channel=gallery) and len(written(place)) == 2)
    await unreact(place, place.ben, share)
    await react(place, place.ben, share)
    await delivered(place, place.ada, "another")
    [hung] = place.shares(channel=gallery)
    shown = str(place.slack.workspace.channels[gallery].messages[hung.data["ts"]].blocks)
    assert place.ada in shown
    assert "/imagine a fox in the rain --ar 16:9" in shown
    assert len(place.feed.of("image.submit")) == 2


async def test_a_restart_does_not_hang_it_again(place: Town) -> None:
    gallery = await with_gallery(place)
    share = await delivered(place, place.ada, "a fox in the rain")
    await react(place, place.ben, share)
    await place.until(lambda: len(written(place)) == 2)
    await place.stop_bot()
    await place.start_bot()
    await react(place, place.chen, share)
    await delivered(place, place.ada, "another")
    assert len(place.shares(channel=gallery)) == 1


async def in_design(place: Town) -> str:
    """#design is private; the bot, Ada and Ben are in it."""
    design = place.channel("design")
    place.slack.workspace.channels[design].members.update({place.slack.bot_user_id, place.ada, place.ben})
    return design


def asked(place: Town, who: str) -> list[Message]:
    """The questions about the gallery in somebody's own conversation with the bot."""
    im = place.slack.slack.workspace.im(who)
    return [message for message in im.messages.values() if "Shall I show it" in message.text] if im else []


async def test_of_a_private_channel_nothing_hangs_in_the_gallery_unless_its_owner_says_so(place: Town) -> None:
    gallery = await with_gallery(place)
    share = await delivered(place, place.ada, "a fox in the rain", where=await in_design(place))
    await react(place, place.ben, share)
    await unreact(place, place.ben, share)
    await react(place, place.ben, share, "star2")
    [question] = await place.until(lambda: asked(place, place.ada))
    assert not asked(place, place.ben)
    assert not place.shares(channel=gallery)
    await place.slack.click(user=place.ada, channel=question.channel, ts=question.ts, action_id="hang")
    await place.until(lambda: place.shares(channel=gallery))
    await place.until(lambda: "on its way to the gallery" in str(place.feed.of("slack.message_changed")))


async def test_its_owners_own_star_is_a_yes(place: Town) -> None:
    gallery = await with_gallery(place)
    share = await delivered(place, place.ada, "a fox in the rain", where=await in_design(place))
    await react(place, place.ada, share)
    await place.until(lambda: place.shares(channel=gallery))
    assert not asked(place, place.ada)


async def test_the_winner_of_a_private_channel_asks_its_owner_too(place: Town) -> None:
    gallery = await with_gallery(place)
    first = await delivered(place, place.ben, "a fox in the rain", where=await in_design(place))
    await place.slack.click(user=place.ada, channel=first.data["channel"], ts=first.data["ts"], action_id="again")
    await place.until(lambda: len(written(place)) == 2)
    await react(place, place.ben, place.shares()[1], "+1")
    await place.slack.mention(
        user=place.ben, channel=first.data["channel"], text="winner", thread_ts=first.data["thread_ts"]
    )
    await place.until(lambda: asked(place, place.ada))
    assert not place.shares(channel=gallery)


async def test_who_deletes_a_picture_takes_it_out_of_the_gallery_too(place: Town) -> None:
    gallery = await with_gallery(place)
    share = await delivered(place, place.ada, "a fox in the rain")
    await react(place, place.ben, share)
    await place.until(lambda: len(written(place)) == 2)
    [hung] = place.shares(channel=gallery)
    await place.slack.click(user=place.ada, channel=place.pictures, ts=share.data["ts"], action_id="delete")
    await place.until(lambda: hung.data["ts"] not in place.slack.workspace.channels[gallery].messages)
    await place.until(lambda: share.data["ts"] not in place.slack.workspace.channels[place.pictures].messages)


async def test_a_gallery_that_the_bot_may_enter_is_entered_when_it_starts(place: Town) -> None:
    gallery = place.channel("random")
    await place.stop_bot()
    place.overrides["gallery_channel"] = gallery
    await place.start_bot()
    await place.until(lambda: place.slack.bot_user_id in place.slack.workspace.channels[gallery].members)


async def test_a_gallery_without_the_bot_is_told_to_who_looks_after_it_and_to_nobody_else(place: Town) -> None:
    gallery = place.channel("design")
    place.slack.workspace.channels[gallery].members.discard(place.slack.bot_user_id)
    await place.stop_bot()
    place.overrides["gallery_channel"] = gallery
    await place.start_bot()
    admin = place.slack.slack.workspace.im(place.ben)
    assert admin is not None
    await place.until(lambda: "can't get into the gallery" in str(list(admin.messages.values())))
    share = await delivered(place, place.ada, "a fox in the rain")
    await react(place, place.chen, share)
    await place.until(lambda: "couldn't be shown in the gallery" in str(list(admin.messages.values())))
    im = place.slack.slack.workspace.im(place.ada)
    assert not (im and im.messages)
    place.slack.workspace.channels[gallery].members.add(place.slack.bot_user_id)
    await unreact(place, place.chen, share)
    await react(place, place.chen, share)
    await place.until(lambda: place.shares(channel=gallery))


async def test_what_was_for_one_person_alone_never_hangs_in_the_gallery(place: Town) -> None:
    gallery = await with_gallery(place)
    share = await delivered(place, place.ada, "a secret fox --private")
    await react(place, place.ada, share)
    await delivered(place, place.ada, "another")
    assert not place.shares(channel=gallery)


async def test_what_hangs_in_the_gallery_is_found_there_and_stands_once_in_its_owners_lists(place: Town) -> None:
    gallery = await with_gallery(place)
    share = await delivered(place, place.ada, "a fox in the rain")
    await react(place, place.ben, share)
    await place.until(lambda: len(written(place)) == 2)
    [hung] = place.shares(channel=gallery)
    assert (await listed(place, place.ada, "history")).text.count("a fox in the rain") == 1
    assert (await home_of(place, place.ada)).count("a fox in the rain") == 1
    [there] = links(await listed(place, place.ben, "find fox", where=gallery))
    [here] = links(await listed(place, place.ben, "find fox"))
    assert hung.data["ts"].replace(".", "") in there
    assert share.data["ts"].replace(".", "") in here


async def test_votes_pick_the_winner_of_a_thread_when_its_owner_says_so(place: Town) -> None:
    gallery = await with_gallery(place)
    first, second = await two_in_a_thread(place)
    await react(place, place.ada, second, "+1")
    await react(place, place.chen, second, "thumbsup")
    await react(place, place.ben, first, "+1::skin-tone-3")
    await winner(place, place.ada, first)
    [said] = await place.until(in_thread(place, first, "wins with 2 votes"))
    assert second.data["ts"].replace(".", "") in str(said.blocks)
    assert place.ben in str(said.blocks)
    await place.until(lambda: place.shares(channel=gallery))


async def test_a_vote_that_is_taken_back_does_not_count_and_a_tie_is_called_one(place: Town) -> None:
    first, second = await two_in_a_thread(place)
    await react(place, place.ada, second, "+1")
    await react(place, place.chen, second, "+1")
    await react(place, place.ben, first, "+1")
    await unreact(place, place.chen, second, "+1")
    await winner(place, place.ada, first)
    assert await place.until(in_thread(place, first, "a tie, with one vote each"))


async def test_the_menu_of_a_result_closes_the_round_once_and_only_for_its_owner(place: Town) -> None:
    first, second = await two_in_a_thread(place)

    async def pick(who: str) -> None:
        await chosen(place, who, second, "more", ":winner")

    await pick(place.ada)
    await place.until(lambda: any("Nobody has voted" in said.text for said in whispers(place, place.ada)))
    await react(place, place.chen, second, "+1")
    await pick(place.ben)
    await place.until(lambda: any("Only the person" in said.text for said in whispers(place, place.ben)))
    await asyncio.gather(pick(place.ada), pick(place.ada))
    await delivered(place, place.ada, "another")
    assert len(in_thread(place, first, "wins with one vote")()) == 1


async def test_nobody_closes_the_round_of_another(place: Town) -> None:
    first, _second = await two_in_a_thread(place)
    await react(place, place.chen, first, "+1")
    await winner(place, place.ben, first)
    await place.until(lambda: any("Only the person" in said.text for said in whispers(place, place.ben)))
    assert not in_thread(place, first, "wins")()


async def test_who_clicks_reacts_and_mentions_at_once_loses_nothing_and_doubles_nothing(place: Town) -> None:
    first, second = await two_in_a_thread(place)
    thread, here = first.data["thread_ts"], place.pictures
    await asyncio.gather(
        place.slack.click(user=place.ada, channel=here, ts=first.data["ts"], action_id="again"),
        place.slack.click(user=place.ben, channel=here, ts=second.data["ts"], action_id="again"),
        react(place, place.ada, second, "+1"),
        react(place, place.chen, second, "repeat"),
        place.slack.mention(user=place.ada, channel=here, text="a fox in a hat", thread_ts=thread),
        place.slack.mention(user=place.ben, channel=here, text="a fox on skis", thread_ts=thread),
    )
    await place.until(lambda: len(written(place)) == 7)
    await delivered(place, place.chen, "the last one")
    in_it = [share for share in place.shares() if share.data["thread_ts"] == thread]
    assert len(place.feed.of("image.submit")) == len(place.shares()) == len(in_it) + 1 == 8
