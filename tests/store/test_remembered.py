"""What is remembered, for how long, and what is never remembered wrongly."""

from __future__ import annotations

import math
from dataclasses import replace

from bot.job import ChannelId, UserId
from bot.shelf import Preferences, Scope
from bot.store import SqlStore
from bot.store.remembered import MOST, Remembered
from bot.store.shelf_questions import customs
from tests.store.samples import TEAM

ADA, HERE = UserId("ada"), ChannelId("C1")
INK = Preferences(prefix="ink")


def test_an_answer_is_known_for_its_life() -> None:
    now = 0.0
    known: Remembered[str, str] = Remembered(5.0, clock=lambda: now)
    known.keep("a", "answer", version=known.version)
    now = 4.9
    assert known.get("a") == "answer"
    now = 5.0
    assert known.get("a") is None


def test_an_answer_that_was_read_before_a_change_is_not_kept() -> None:
    known: Remembered[str, str] = Remembered(math.inf)
    before = known.version
    known.forget("a")
    known.keep("a", "old", version=before)
    assert known.get("a") is None


def test_more_than_fit_are_forgotten_together() -> None:
    known: Remembered[int, int] = Remembered(math.inf)
    for number in range(MOST + 1):
        known.keep(number, number, version=0)
    assert (known.get(0), known.get(MOST)) == (None, MOST)


async def test_customs_are_what_was_kept_last_however_often_they_are_asked_for(store: SqlStore) -> None:
    shelf = store.shelf
    for own, house in ((Preferences(), INK), (INK, INK), (replace(INK, count=2), Preferences())):
        await shelf.prefer(TEAM, Scope.PERSON, ADA, own)
        await shelf.prefer(TEAM, Scope.CHANNEL, HERE, house)
        for _ in range(2):
            assert await shelf.customs(TEAM, user_id=ADA, channel_id=HERE) == (own, house)


async def test_a_person_and_a_conversation_of_the_same_name_are_two(store: SqlStore) -> None:
    await store.shelf.prefer(TEAM, Scope.PERSON, "same", INK)
    found = await store.shelf.customs(TEAM, user_id=UserId("same"), channel_id=ChannelId("same"))
    assert found == (INK, Preferences())


async def test_customs_are_asked_for_once(store: SqlStore) -> None:
    asked = 0
    real = store.shelf._ask

    async def counted(question: object) -> object:
        nonlocal asked
        asked += 1
        return await real(question)  # type: ignore[arg-type]

    store.shelf._ask = counted  # type: ignore[assignment]
    for _ in range(3):
        await store.shelf.customs(TEAM, user_id=ADA, channel_id=HERE)
    assert asked == 1
    assert customs(TEAM, ADA, HERE).is_long is False
