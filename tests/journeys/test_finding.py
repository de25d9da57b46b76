"""Finding: what was made before, by whoever may see it, as a list, on the Home tab."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.slack import Message
from tests.journeys.noting import WRITTEN, delivered, noting_town, written
from tests.journeys.town import Town

BAMBOO = "雨中竹林，水墨"


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Town]:
    """A town with the bot awake."""
    async with noting_town(tmp_path) as made:
        yield made


def whispers(place: Town, who: str, *, where: str | None = None) -> list[Message]:
    """What only this person was shown in #pictures, or in another conversation, oldest first."""
    found = place.slack.workspace.channels[where or place.pictures].ephemerals.values()
    return [message for message in found if message.seen_by == who]


async def listed(place: Town, who: str, text: str, *, where: str | None = None) -> Message:
    """What a command brings to its asker alone, after its silent acknowledgement."""
    before = len(whispers(place, who, where=where))
    assert (await place.asks(who, text, where=where)).ok
    await place.until(lambda: len(whispers(place, who, where=where)) > before)
    return whispers(place, who, where=where)[-1]


async def heard(place: Town, who: str, text: str, thread: str) -> Message:
    """What saying it to the bot in a thread brings to who said it."""
    before = len(whispers(place, who))
    await place.slack.mention(user=who, channel=place.pictures, text=text, thread_ts=thread)
    await place.until(lambda: len(whispers(place, who)) > before)
    return whispers(place, who)[-1]


def named(message: Message) -> str:
    """The first name in a list."""
    found = [each for each in elements(message.blocks) if each.get("style") == {"code": True}]
    return str(found[0]["text"])


def elements(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, list):
        return [found for each in value for found in elements(each)]
    if not isinstance(value, dict):
        return []
    return [value, *(found for each in value.values() for found in elements(each))]


def links(message: Message) -> list[str]:
    return [str(each["url"]) for each in elements(message.blocks) if each.get("type") == "link"]


async def test_history_lists_my_own_pictures_with_links_to_where_they_stand(place: Town) -> None:
    share = await delivered(place, place.ada, "a fox in the rain")
    await delivered(place, place.ben, "a hare in the snow")
    told = await listed(place, place.ada, "history")
    assert "a fox in the rain" in told.text
    assert "hare" not in told.text
    [address] = links(told)
    assert share.data["ts"].replace(".", "") in address


async def test_a_history_with_more_words_is_a_prompt(place: Town) -> None:
    await delivered(place, place.ada, "history of rome")
    assert place.feed.of("image.submit")[0].data["prompt"] == "history of rome"


async def test_who_has_made_nothing_is_told_so(place: Town) -> None:
    assert "no finished pictures yet" in (await listed(place, place.ada, "history")).text


async def test_words_find_pictures_of_the_conversation_in_english_and_chinese(place: Town) -> None:
    await delivered(place, place.ada, BAMBOO)
    await delivered(place, place.ada, "a fox under a paper lantern")
    assert BAMBOO in (await listed(place, place.ben, "find 竹林")).text
    told = await listed(place, place.ben, "find LANTERN fox")
    assert "paper lantern" in told.text
    assert BAMBOO not in told.text
    assert "nothing with all of these words" in (await listed(place, place.ben, "find lantern owl")).text


async def test_words_find_nothing_of_a_conversation_that_the_reader_is_not_in(place: Town) -> None:
    await delivered(place, place.ada, "a secret fox --private")
    design = place.channel("design")
    place.slack.workspace.channels[design].members.add(place.slack.bot_user_id)
    await delivered(place, place.ada, "a fox of the design team", where=design)
    assert place.chen not in place.slack.workspace.channels[design].members
    assert "没有同时含有这些词" in (await listed(place, place.chen, "find fox")).text
    assert "nothing with all of these words" in (await listed(place, place.ben, "find fox")).text
    there = (await listed(place, place.ben, "find fox", where=design)).text
    assert "a fox of the design team" in there
    assert "secret fox" not in there
    mine = (await listed(place, place.ada, "find fox")).text
    assert "a fox of the design team" in mine
    assert "secret fox" in mine


async def test_again_draws_another_by_the_name_that_history_gives(place: Town) -> None:
    await delivered(place, place.ada, "a fox in the rain --ar 16:9")
    name = named(await listed(place, place.ada, "history"))
    share = await delivered(place, place.ben, f"again {name}")
    assert share.data["thread_ts"] == place.roots()[0].ts
    first, second = (h.data for h in place.feed.of("image.submit"))
    assert (second["prompt"], second["resolution"]) == (first["prompt"], first["resolution"])


async def test_again_draws_nothing_of_a_stranger_and_says_so(place: Town) -> None:
    await delivered(place, place.ada, "a secret fox --private")
    name = named(await listed(place, place.ada, "history"))
    answer = await place.asks(place.ben, f"again {name}")
    assert "no picture with that ID" in (answer.text or "")
    assert len(place.feed.of("image.submit")) == 1


async def test_my_picture_of_elsewhere_is_drawn_again_where_i_am(place: Town) -> None:
    await place.slack.dm(user=place.ada, text="a fox in the rain")
    await place.until(lambda: written(place))
    name = named(await listed(place, place.ada, "history"))
    share = await delivered(place, place.ada, f"again {name}")
    assert share.data["channel"] == place.pictures


async def test_a_private_picture_that_is_drawn_again_stays_private(place: Town) -> None:
    first = await delivered(place, place.ada, "a fox in the rain --private")
    name = named(await listed(place, place.ada, "history"))
    share = await delivered(place, place.ada, f"again {name}")
    assert share.data["channel"] == first.data["channel"] != place.pictures


async def test_a_picture_is_drawn_again_for_me_alone_if_i_say_so_however_i_write_its_name(place: Town) -> None:
    await delivered(place, place.ada, "a fox in the rain")
    name = named(await listed(place, place.ada, "history"))
    share = await delivered(place, place.ada, f"again #{name.upper()}. --private")
    assert share.data["channel"] != place.pictures
    assert len(place.roots()) == 1


async def test_what_is_nearly_a_subcommand_is_told_and_not_drawn(place: Town) -> None:
    await delivered(place, place.ada, "a fox in the rain")
    name = named(await listed(place, place.ada, "history"))
    nearly = {
        f"again {name} --n 2": "“Edit and run”",
        f"again {name} but blue": "“Edit and run”",
        "again 12345678": "no picture with that ID",
        "tree 12345678": "no picture with that ID",
        "top year": "top month",
    }
    for text, says in nearly.items():
        assert says in ((await place.asks(place.ada, text)).text or ""), text
    for text in ("history 20", "历史　本周", "查找竹林", f"谱系{name}", "top 5"):
        await listed(place, place.ada, text)
    assert len(place.feed.of("image.submit")) == 1


async def test_words_that_only_begin_like_a_subcommand_are_drawn(place: Town) -> None:
    prompts = ("again face", "tree facade", "history of art", "top hat", "再画一只猫", "搜索队")
    for number, text in enumerate(prompts, 1):
        await place.asks(place.ada, text)
        await place.rooted(number)


async def test_in_a_thread_the_lists_are_told_in_the_thread(place: Town) -> None:
    share = await delivered(place, place.ada, "a fox in the rain")
    thread = str(share.data["thread_ts"])
    for text, says in (("history", "latest"), ("find fox", "words"), ("top", "starred"), ("tree", "family")):
        told = await heard(place, place.ben, text, thread)
        assert told.thread_ts == thread, text
        assert says in told.text or "no finished pictures" in told.text


async def test_the_tree_of_a_thread_without_pictures_is_said_to_be_empty_wherever_it_is_asked_for(place: Town) -> None:
    talk = await place.slack.say(user=place.ada, channel=place.pictures, text="good morning")
    await place.slack.mention(user=place.ada, channel=place.pictures, text="tree", thread_ts=talk)
    await place.until(lambda: "no picture of mine in this thread" in str(whispers(place, place.ada)))
    await place.slack.mention(user=place.ada, channel=place.pictures, text="tree")
    await place.until(lambda: "no picture in a thread here" in str(whispers(place, place.ada)))


async def test_again_said_in_a_thread_is_drawn_in_that_thread(place: Town) -> None:
    first = await delivered(place, place.ada, "a fox in the rain")
    name = named(await listed(place, place.ada, "history"))
    other = await delivered(place, place.ben, "a hare in the snow")
    await place.slack.mention(
        user=place.ada, channel=place.pictures, text=f"again {name}", thread_ts=other.data["thread_ts"]
    )
    share = (await place.shared(3))[-1]
    assert share.data["thread_ts"] == other.data["thread_ts"] != first.data["thread_ts"]


def prompts_of(message: Message) -> list[str]:
    return [str(each["text"]) for each in elements(message.blocks) if each.get("type") == "link"]


def lists(place: Town, who: str) -> list[Message]:
    """The lists of pictures that somebody was shown."""
    return [message for message in whispers(place, who) if "another" in str(message.blocks)]


async def turned(place: Town, who: str, told: Message, button: str) -> list[str]:
    """What stands in place of a list after a button under it was pressed."""
    before = str(told.blocks)
    await place.slack.click(user=who, channel=told.channel, ts=told.ts, action_id=button)
    await place.until(lambda: str(told.blocks) != before)
    return prompts_of(told)


async def foxes(place: Town, who: str, *, count: int = 10) -> list[str]:
    """So many pictures, the latest first."""
    for number in range(count):
        await delivered(place, who, f"fox number {number}")
    return [f"fox number {number}" for number in reversed(range(count))]


async def test_a_long_history_goes_on_in_its_place_and_back_to_its_beginning(place: Town) -> None:
    drawn = await foxes(place, place.ada)
    told = await listed(place, place.ada, "history")
    assert prompts_of(told) == drawn[:8]
    assert await turned(place, place.ada, told, "list_more") == drawn[8:]
    assert lists(place, place.ada) == [told]
    assert "list_more" not in str(told.blocks)
    assert await turned(place, place.ada, told, "list_first") == drawn[:8]
    assert "list_first" not in str(told.blocks)


async def test_what_words_find_in_a_thread_goes_on_in_the_thread(place: Town) -> None:
    drawn = await foxes(place, place.ada)
    thread = str(place.shares()[0].data["thread_ts"])
    told = await heard(place, place.ben, "find fox", thread)
    assert await turned(place, place.ben, told, "list_more") == drawn[8:]
    assert lists(place, place.ben) == [told]
    assert told.thread_ts == thread


async def test_my_history_goes_on_in_my_own_conversation_with_the_bot(place: Town) -> None:
    drawn = await foxes(place, place.ada, count=9)
    await place.slack.dm(user=place.ada, text="history")
    im = place.slack.workspace.im(place.ada)
    assert im is not None
    [told] = await place.until(lambda: list(im.ephemerals.values()))
    assert await turned(place, place.ada, told, "list_more") == drawn[8:]


async def test_the_most_starred_go_on_and_a_list_that_ends_offers_nothing_more(place: Town) -> None:
    await foxes(place, place.ada, count=8)
    for share in place.shares():
        await place.slack.react(user=place.ben, channel=share.data["channel"], ts=share.data["ts"], name="star")
        await place.slack.settled()
    assert "list_more" not in str((await listed(place, place.ada, "top")).blocks)
    ninth = await delivered(place, place.ada, "the ninth")
    await place.slack.react(user=place.ben, channel=place.pictures, ts=ninth.data["ts"], name="star")
    await place.slack.settled()
    told = await listed(place, place.ada, "top")
    assert len(first := prompts_of(told)) == 8
    [last] = await turned(place, place.ada, told, "list_more")
    assert last not in first


async def test_a_page_whose_pictures_are_gone_says_so(place: Town) -> None:
    drawn = await foxes(place, place.ada, count=9)
    told = await listed(place, place.ada, "history")
    ts, room = place.shares()[0].data["ts"], place.slack.workspace.channels[place.pictures]
    await place.slack.click(user=place.ada, channel=place.pictures, ts=ts, action_id="delete")
    await place.until(lambda: ts not in room.messages)
    assert await turned(place, place.ada, told, "list_more") == []
    assert "nothing older" in told.text
    assert await turned(place, place.ada, told, "list_first") == drawn[:8]


async def test_a_forged_page_shows_its_presser_what_they_may_see_and_nothing_else(place: Town) -> None:
    await foxes(place, place.ben, count=9)
    await delivered(place, place.ada, "a secret fox --private")
    told = await listed(place, place.ben, "find fox")
    forge(told, f"words {place.feed.of(WRITTEN)[-1].data['job']} fox")
    assert "secret" not in str(await turned(place, place.ben, told, "list_more"))
    forge(told, "words - fox")
    assert "a secret fox" not in await turned(place, place.ben, told, "list_first")


def forge(told: Message, value: str) -> None:
    """Have every button of a list carry something else."""
    for each in elements(told.blocks):
        if str(each.get("action_id")).startswith("list_"):
            each["value"] = value


async def test_the_button_of_a_list_draws_another_and_leaves_the_list(place: Town) -> None:
    await delivered(place, place.ada, "a fox in the rain")
    told = await listed(place, place.ben, "find fox")
    await place.slack.click(user=place.ben, channel=place.pictures, ts=told.ts, action_id="another")
    shares = await place.shared(2)
    assert len({share.data["thread_ts"] for share in shares}) == 1
    await place.until(lambda: any("on its way" in said.text for said in whispers(place, place.ben)))
    assert told in whispers(place, place.ben)


async def home_of(place: Town, who: str) -> str:
    """What stands on somebody's Home tab after they opened it now."""
    published = len(place.calls("views.publish"))
    await place.slack.open_home(user=who)
    await place.until(lambda: len(place.calls("views.publish")) > published and place.slack.home(who))
    return str(place.slack.home(who))


async def test_the_home_tab_shows_my_line_my_pictures_my_defaults_and_my_quota(place: Town) -> None:
    await delivered(place, place.ada, "a fox in the rain")
    await delivered(place, place.ben, "a hare in the snow")
    shown = await home_of(place, place.ada)
    for said in ("a fox in the rain", "Nothing of yours is waiting", "No limit is set", "My defaults", "None set"):
        assert said in shown
    assert "hare" not in shown


async def test_the_home_tab_shows_what_of_mine_waits_and_nothing_of_others(tmp_path: Path) -> None:
    async with noting_town(tmp_path, hunyuan_typical=60.0) as place:
        place.images.settings.speed = 1.0
        await place.asks(place.ada, "a slow fox")
        await place.asks(place.ben, "a slow hare")
        await place.rooted(2)
        ada, ben = await home_of(place, place.ada), await home_of(place, place.ben)
        assert "a slow fox" in ada
        assert "a slow hare" not in ada
        assert "a slow hare" in ben
        assert "a slow fox" not in ben


async def test_the_home_tab_speaks_its_readers_language(place: Town) -> None:
    assert "我的收藏" in await home_of(place, place.chen)


async def another_from_home(place: Town, who: str) -> None:
    await home_of(place, who)
    view = place.slack.home(who) or {}
    await place.slack.act(user=who, view_id=str(view["id"]), action_id="another")


async def test_from_home_a_picture_of_a_private_channel_is_drawn_again_for_me_in_my_own_conversation(
    place: Town,
) -> None:
    design = place.channel("design")
    members = place.slack.workspace.channels[design].members
    members.update({place.slack.bot_user_id, place.ben})
    await delivered(place, place.ben, "a fox in the rain", where=design)
    members.discard(place.ben)
    await another_from_home(place, place.ben)
    share = (await place.shared(2))[-1]
    im = place.slack.workspace.im(place.ben)
    assert im is not None
    assert share.data["channel"] == im.id
    assert len(place.roots(design)) == 1


async def test_from_home_a_picture_of_a_public_channel_is_drawn_again_in_its_thread(place: Town) -> None:
    first = await delivered(place, place.ada, "a fox in the rain")
    await another_from_home(place, place.ada)
    share = (await place.shared(2))[-1]
    assert share.data["thread_ts"] == first.data["thread_ts"]


async def test_my_defaults_open_from_the_home_tab(place: Town) -> None:
    await home_of(place, place.ada)
    await place.slack.act(
        user=place.ada, view_id=str((place.slack.home(place.ada) or {})["id"]), action_id="home_defaults"
    )
    await place.until(lambda: place.calls("views.open"))
    await place.slack.submit(user=place.ada, values={"prefix": "watercolour of"})
    assert "watercolour of" in await home_of(place, place.ada)


async def test_by_name_and_by_direct_message_my_history_comes_to_me_alone(place: Town) -> None:
    await delivered(place, place.ada, "a fox in the rain")
    await place.slack.mention(user=place.ada, channel=place.pictures, text="history")
    await place.until(
        lambda: any("a fox in the rain" in said.text and links(said) for said in whispers(place, place.ada))
    )
    await place.slack.dm(user=place.ada, text="history")
    im = place.slack.workspace.im(place.ada)
    assert im is not None
    await place.until(lambda: any("a fox in the rain" in said.text for said in im.ephemerals.values()))
    assert not [h for h in place.feed.of("slack.api") if h.data["error"] == "no_text"]
    assert len(place.feed.of("image.submit")) == 1


async def test_a_word_of_the_command_may_be_followed_by_any_blank(place: Town) -> None:
    await delivered(place, place.chen, BAMBOO)
    assert "雨中竹林" in str((await listed(place, place.chen, "查找\u3000竹林")).blocks)
    assert len(place.feed.of("image.submit")) == 1
