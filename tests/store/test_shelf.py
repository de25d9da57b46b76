"""What the shelf promises, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from bot.job import ChannelId, FileId, Job, Kind, State, TeamId, Ts, UserId
from bot.request import Request, Shape
from bot.shelf import Draft, DraftId, Mark, Preferences, Reader, Scope, Shelf
from bot.store import SqlStore
from bot.terms import MOST_TERMS, wanted
from tests.store.samples import CHANNEL, NOON, TEAM, a_job, at, moved, stored

ADA, BOB = UserId("ada"), UserId("bob")
HERE = Reader(TEAM, ADA, CHANNEL)
ELSEWHERE = Reader(TEAM, ADA, ChannelId("C9"))
STRANGER = Reader(TEAM, UserId("eve"), ChannelId("C9"))


async def delivered(store: SqlStore, name: str, *, prompt: str = "a fox", **more: Any) -> Job:
    job = await stored(store, a_job(name, request=Request(prompt), **more))
    return await moved(store, job, State.DELIVERED, delivered_at=NOON)


async def names(found: Any) -> list[str]:
    return [job.id for job in await found]


def test_the_store_has_a_shelf(store: SqlStore) -> None:
    shelf: Shelf = store.shelf
    assert shelf is store.shelf


async def test_preferences_are_kept_for_each_person_and_conversation(store: SqlStore) -> None:
    mine = Preferences("house of ink", "text", "shuimo", Shape.WIDE_16_9, 2, raw=True, label=False)
    await store.shelf.prefer(TEAM, Scope.PERSON, ADA, mine)
    await store.shelf.prefer(TEAM, Scope.PERSON, ADA, replace(mine, count=3))
    await store.shelf.prefer(TEAM, Scope.CHANNEL, ADA, Preferences(prefix="other"))
    assert await store.shelf.preferences(TEAM, Scope.PERSON, ADA) == replace(mine, count=3)
    assert await store.shelf.preferences(TEAM, Scope.CHANNEL, ADA) == Preferences(prefix="other")
    assert await store.shelf.preferences(TeamId("T2"), Scope.PERSON, ADA) == Preferences()


async def test_a_draft_is_kept_until_it_is_forgotten(store: SqlStore) -> None:
    draft = Draft(
        id=DraftId("d1"), team_id=TEAM, user_id=ADA, channel_id=CHANNEL, text="{a, b} 竹林", made_at=NOON,
        thread_ts=Ts("1.2"), enterprise_id="E1",
    )  # fmt: skip
    await store.shelf.put_draft(draft)
    await store.shelf.put_draft(draft)
    assert await store.shelf.draft(TEAM, DraftId("d1")) == draft
    assert await store.shelf.draft(TeamId("T2"), DraftId("d1")) is None
    assert await store.shelf.forget_drafts(NOON) == 0
    assert await store.shelf.forget_drafts(at(1)) == 1
    assert await store.shelf.draft(TEAM, DraftId("d1")) is None


async def test_a_mark_counts_once_for_each_person_and_can_be_taken_back(store: SqlStore) -> None:
    fox, owl = await delivered(store, "fox"), await delivered(store, "owl")
    assert await store.shelf.mark(fox, ADA, Mark.STAR, at=NOON)
    assert await store.shelf.mark(fox, ADA, Mark.STAR, at=NOON)  # as after a COMMIT whose answer was lost
    assert not await store.shelf.mark(fox, ADA, Mark.STAR, at=at(9))
    assert await store.shelf.mark(fox, BOB, Mark.STAR, at=NOON)
    assert await store.shelf.mark(fox, BOB, Mark.VOTE, at=NOON)
    assert await store.shelf.marks([fox.id, owl.id], Mark.STAR) == {fox.id: 2}
    await store.shelf.unmark(fox, BOB, Mark.STAR)
    assert await store.shelf.marks([fox.id, owl.id], Mark.STAR) == {fox.id: 1}
    assert await store.shelf.marks([fox.id], Mark.VOTE) == {fox.id: 1}


async def test_the_top_are_the_most_starred_of_this_conversation_since_then(store: SqlStore) -> None:
    fox, owl, elk = [await delivered(store, name) for name in ("fox", "owl", "elk")]
    far = await delivered(store, "far", channel_id=ChannelId("C9"))
    for job, users, when in ((fox, 1, 5), (owl, 3, 5), (elk, 4, -5), (far, 5, 5)):
        for user in range(users):
            await store.shelf.mark(job, UserId(f"u{user}"), Mark.STAR, at=at(when))
    top = await store.shelf.top(HERE, since=NOON, limit=5)
    assert [(each.job.id, each.count) for each in top] == [("owl", 3), ("fox", 1)]
    await moved(store, owl, State.DELETED)
    assert [each.job.id for each in await store.shelf.top(HERE, since=NOON, limit=5)] == ["fox"]


async def test_favourites_and_history_are_the_readers_own_the_latest_first(store: SqlStore) -> None:
    fox, owl = await delivered(store, "fox"), await delivered(store, "owl", user="bob")
    elk = await delivered(store, "elk")
    await store.shelf.mark(fox, ADA, Mark.STAR, at=NOON)
    await store.shelf.mark(owl, ADA, Mark.STAR, at=at(1))
    await store.shelf.mark(elk, BOB, Mark.STAR, at=at(2))
    await stored(store, a_job("waiting"))
    assert await names(store.shelf.favourites(HERE, limit=5)) == ["owl", "fox"]
    assert await names(store.shelf.history(HERE, limit=5)) == ["elk", "fox"]
    assert await names(store.shelf.in_line(HERE, limit=5)) == ["waiting"]
    assert await names(store.shelf.history(HERE, limit=1)) == ["elk"]


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("竹林", ["bamboo"]),
        ("FOX rain", ["both", "rain"]),
        ("fox 竹", ["both"]),
        ("fox", ["both", "rain"]),
        ("rain rain fox", ["both", "rain"]),
        ("foxes", ["both", "rain"]),
        ("wolf", []),
        ("", []),
        ("' OR 1=1 --", []),
    ],
)
async def test_what_has_every_word_is_found_in_chinese_and_english(
    store: SqlStore, question: str, found: list[str]
) -> None:
    await delivered(store, "bamboo", prompt="雨中竹林")
    await delivered(store, "rain", prompt="a fox in the rain")
    await delivered(store, "both", prompt="rain, fox, 竹")
    assert await names(store.shelf.find(HERE, wanted(question), limit=9)) == found


async def test_a_list_goes_on_where_it_ended(store: SqlStore) -> None:
    jobs = [await delivered(store, f"fox{number}", prompt="a fox") for number in range(5)]
    await store.shelf.mark(jobs[0], ADA, Mark.STAR, at=NOON)
    for job in jobs:
        await store.shelf.mark(job, BOB, Mark.STAR, at=NOON)
    after = jobs[2].id
    assert await names(store.shelf.history(HERE, limit=9, after=after)) == ["fox1", "fox0"]
    assert await names(store.shelf.find(HERE, ["fox"], limit=1, after=after)) == ["fox1"]
    assert await names(store.shelf.find(HERE, ["fox"], limit=9, after=jobs[0].id)) == []
    top = await store.shelf.top(HERE, since=NOON, limit=2, skip=1)
    assert [each.job.id for each in top] == ["fox1", "fox2"]
    await moved(store, jobs[2], State.DELETED)
    assert await names(store.shelf.history(HERE, limit=1, after=after)) == ["fox1"]


async def test_a_list_does_not_begin_after_a_job_of_another_team(store: SqlStore) -> None:
    fox = await delivered(store, "fox")
    theirs = await delivered(store, "theirs", team_id=TeamId("T2"))
    await delivered(store, "owl")
    assert await names(store.shelf.history(HERE, limit=9, after=theirs.id)) == ["owl", fox.id]


async def test_nobody_finds_what_stands_where_they_are_not(store: SqlStore) -> None:
    await delivered(store, "fox1234")
    await delivered(store, "fox5678", user="bob")
    assert await names(store.shelf.find(HERE, ["fox"], limit=9)) == ["fox5678", "fox1234"]
    assert await names(store.shelf.find(ELSEWHERE, ["fox"], limit=9)) == ["fox1234"]
    assert await names(store.shelf.find(STRANGER, ["fox"], limit=9)) == []
    assert await store.shelf.named(STRANGER, "fox1") is None
    assert await names(store.shelf.find(Reader(TeamId("T2"), ADA, CHANNEL), ["fox"], limit=9)) == []


async def test_what_is_private_is_its_askers_alone(store: SqlStore) -> None:
    await delivered(store, "mine1234", private=True)
    other = await delivered(store, "bobs1234", user="bob", private=True)
    await store.shelf.mark(other, BOB, Mark.STAR, at=NOON)
    assert await names(store.shelf.find(HERE, ["fox", "fox"], limit=9)) == ["mine1234"]
    assert await store.shelf.named(HERE, "bobs1234") is None
    assert await store.shelf.top(HERE, since=NOON, limit=5) == []
    assert [each.job.id for each in await store.shelf.top(Reader(TEAM, BOB, CHANNEL), since=NOON, limit=5)] == [
        other.id
    ]


async def test_as_many_terms_as_a_text_can_have_are_looked_for_and_more_are_in_none(store: SqlStore) -> None:
    words = [f"w{number}" for number in range(MOST_TERMS)]
    await delivered(store, "long", prompt=" ".join(words))
    assert await names(store.shelf.find(HERE, words, limit=9)) == ["long"]
    assert await names(store.shelf.find(HERE, [*words[1:], "other"], limit=9)) == []
    assert await names(store.shelf.find(HERE, [*words, "other"], limit=9)) == []


async def test_a_word_without_an_end_and_every_kind_of_character_can_be_stored_and_found(store: SqlStore) -> None:
    signs = Random(7)  # in an order that can't be packed
    endless = "".join(chr(0x13000 + signs.randrange(1000)) for _ in range(5000))
    await delivered(store, "long", prompt=endless)
    await delivered(store, "odd", prompt="🦊 여우 🇨🇳 café")
    assert await names(store.shelf.find(HERE, wanted(endless), limit=9)) == ["long"]
    for question in ("🦊", "여우", "🇨🇳", "cafe", "fox"):
        assert await names(store.shelf.find(HERE, wanted(question), limit=9)) == ["odd"]


async def test_what_is_deleted_is_not_found(store: SqlStore) -> None:
    fox = await delivered(store, "fox")
    await moved(store, fox, State.DELETED)
    assert await names(store.shelf.find(HERE, ["fox"], limit=9)) == []


GALLERY = ChannelId("C9")


async def copied(store: SqlStore, of: Job, name: str, *, where: ChannelId = GALLERY, user: str = "ada") -> Job:
    """A copy of a job's pictures, delivered elsewhere."""
    copy = {"kind": Kind.COPY, "source": (FileId("F1"),), "parent": of.id, "channel_id": where}
    return await delivered(store, name, prompt=of.request.prompt, user=user, **copy)


async def test_a_picture_and_its_copies_are_found_once_and_where_the_reader_is(store: SqlStore) -> None:
    fox = await delivered(store, "fox")
    await copied(store, fox, "hung")
    await copied(store, fox, "mine", where=ChannelId("D1"))
    for where, found in ((CHANNEL, "fox"), (GALLERY, "hung"), (ChannelId("D1"), "mine"), (ChannelId("C5"), "fox")):
        assert await names(store.shelf.find(Reader(TEAM, ADA, where), ["fox"], limit=9)) == [found]
    assert await names(store.shelf.find(Reader(TEAM, BOB, GALLERY), ["fox"], limit=9)) == ["hung"]
    assert await names(store.shelf.find(Reader(TEAM, BOB, ChannelId("C5")), ["fox"], limit=9)) == []


async def test_two_copies_in_one_place_are_found_as_one(store: SqlStore) -> None:
    fox = await delivered(store, "fox")
    await copied(store, fox, "hung")
    await copied(store, fox, "again", user="bob")
    assert await names(store.shelf.find(Reader(TEAM, BOB, GALLERY), ["fox"], limit=9)) == ["hung"]


async def test_my_history_shows_a_picture_and_not_my_copies_of_it(store: SqlStore) -> None:
    fox, owl = await delivered(store, "fox"), await delivered(store, "owl", user="bob")
    await copied(store, fox, "hung")
    await copied(store, owl, "hers", where=ChannelId("D1"))
    assert await names(store.shelf.history(HERE, limit=9)) == ["hers", "fox"]
    await copied(store, fox, "more")
    await moved(store, fox, State.DELETED)
    assert await names(store.shelf.history(HERE, limit=9)) == ["hers", "hung"]


async def test_a_picture_and_its_copy_are_one_favourite(store: SqlStore) -> None:
    fox, owl = await delivered(store, "fox"), await delivered(store, "owl")
    for number, job in enumerate((fox, await copied(store, fox, "hung"), await copied(store, owl, "perch"))):
        await store.shelf.mark(job, BOB, Mark.STAR, at=at(number))
    await store.shelf.mark(owl, ADA, Mark.STAR, at=NOON)
    assert await names(store.shelf.favourites(Reader(TEAM, BOB), limit=9)) == ["perch", "fox"]


async def test_another_drawing_of_a_picture_is_no_copy_of_it(store: SqlStore) -> None:
    fox = await delivered(store, "fox")
    await delivered(store, "again", parent=fox.id)
    await delivered(store, "third", parent=fox.id, channel_id=GALLERY)
    assert await names(store.shelf.history(HERE, limit=9)) == ["third", "again", "fox"]
    assert await names(store.shelf.find(Reader(TEAM, ADA, GALLERY), ["fox"], limit=9)) == ["third", "again", "fox"]


async def test_a_job_is_named_by_the_beginning_of_its_id_if_that_is_enough(store: SqlStore) -> None:
    await delivered(store, "abcd1111")
    await delivered(store, "abcd2222")
    one = await store.shelf.named(HERE, "ABCD1")
    assert one is not None
    assert one.id == "abcd1111"
    for name in ("abcd", "abc", "abcd3", "", "abcd%", "____"):
        assert await store.shelf.named(HERE, name) is None


async def test_a_thread_knows_its_family(store: SqlStore) -> None:
    await delivered(store, "root", root_ts=Ts("1.0"))
    await delivered(store, "child", root_ts=Ts("1.5"), thread_ts=Ts("1.0"))
    await delivered(store, "other", root_ts=Ts("2.0"))
    await delivered(store, "far", thread_ts=Ts("1.0"), channel_id=ChannelId("C9"))
    assert await names(store.shelf.family(TEAM, CHANNEL, Ts("1.0"))) == ["root", "child"]


async def test_a_copy_keeps_what_it_is(store: SqlStore) -> None:
    job = a_job("copy", kind=Kind.COPY, source=(FileId("F1"), FileId("F2")), private=True, execution="Fx1")
    await stored(store, job)
    assert await store.get(job.id) == job


async def test_preferences_of_a_newer_version_are_refused_and_not_guessed(store: SqlStore) -> None:
    from bot.errors import Misconfigured
    from bot.store.shelf import preferences_from

    with pytest.raises(Misconfigured):
        preferences_from({"shape": "16:10"})
    with pytest.raises(Misconfigured):
        preferences_from({"mood": "blue"})


async def test_old_drafts_leave_the_young_ones(store: SqlStore) -> None:
    for number in range(3):
        made = NOON + timedelta(hours=number)
        draft = Draft(
            id=DraftId(f"d{number}"), team_id=TEAM, user_id=ADA, channel_id=CHANNEL, text="x", made_at=made
        )  # fmt: skip
        await store.shelf.put_draft(draft)
    assert await store.shelf.forget_drafts(NOON + timedelta(hours=1)) == 1
    assert await store.shelf.draft(TEAM, DraftId("d1")) is not None
