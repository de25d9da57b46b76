"""Who drives a lane, until when, and who may after that."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.errors import Cause
from bot.ports import LaneRow
from bot.store import SqlStore, open_store
from tests.store.conftest import clock
from tests.store.samples import LANE

LONG = 60.0
OVER = 0.0
"""A lease of no length is over at once, on any clock."""


@pytest.fixture
async def another(store: SqlStore, url: str) -> AsyncIterator[SqlStore]:
    """A second process on the same database, as far as rows can tell."""
    assert store
    opened = await open_store(url, clock=clock, lock=False)
    yield opened
    await opened.close()


async def test_one_drives_and_nobody_else_may(store: SqlStore, another: SqlStore) -> None:
    assert await store.hold_lane(LANE, "a", seconds=LONG)
    assert not await another.hold_lane(LANE, "b", seconds=LONG)
    assert (await store.driver_of(LANE), await another.driver_of(LANE)) == ("a", "a")


async def test_whoever_drives_may_go_on_driving(store: SqlStore, another: SqlStore) -> None:
    assert await store.hold_lane(LANE, "a", seconds=OVER)
    assert await store.hold_lane(LANE, "a", seconds=LONG)
    assert not await another.hold_lane(LANE, "b", seconds=LONG)


async def test_a_lease_that_is_over_goes_to_whoever_asks_and_the_one_before_hears_of_it(
    store: SqlStore, another: SqlStore
) -> None:
    assert await store.hold_lane(LANE, "a", seconds=OVER)
    assert await store.driver_of(LANE) is None
    assert await another.hold_lane(LANE, "b", seconds=LONG)
    assert not await store.hold_lane(LANE, "a", seconds=LONG)
    assert await store.driver_of(LANE) == "b"


async def test_who_leaves_lets_the_next_one_drive_at_once(store: SqlStore, another: SqlStore) -> None:
    await store.hold_lane(LANE, "a", seconds=LONG)
    await store.leave_lane(LANE, "a")
    assert await another.driver_of(LANE) is None
    assert await another.hold_lane(LANE, "b", seconds=LONG)


async def test_who_does_not_drive_cannot_end_the_lease_of_who_does(store: SqlStore) -> None:
    await store.hold_lane(LANE, "a", seconds=LONG)
    await store.leave_lane(LANE, "b")
    assert await store.driver_of(LANE) == "a"


async def test_of_many_that_ask_together_exactly_one_drives(store: SqlStore, another: SqlStore) -> None:
    for _ in range(5):
        asked = [each.hold_lane(LANE, f"{name}", seconds=LONG) for each in (store, another) for name in range(8)]
        names = [f"{name}" for _ in range(2) for name in range(8)]
        answers = await asyncio.gather(*asked)
        winners = {name for name, won in zip(names, answers, strict=True) if won}
        assert winners == {await store.driver_of(LANE)}
        await store.leave_lane(LANE, winners.pop())


async def test_a_lease_and_what_is_remembered_of_a_lane_leave_each_other_alone(store: SqlStore) -> None:
    await store.hold_lane(LANE, "a", seconds=LONG)
    assert await store.lane(LANE) == LaneRow(LANE)
    row = LaneRow(LANE, Cause.RETIRED, "gone", lags=(1.5,))
    await store.save_lane(row)
    assert await store.driver_of(LANE) == "a"
    await store.hold_lane(LANE, "a", seconds=LONG)
    assert await store.lane(LANE) == row


async def test_each_lane_has_a_driver_of_its_own(store: SqlStore) -> None:
    other = type(LANE)("other")
    assert await store.hold_lane(LANE, "a", seconds=LONG)
    assert await store.hold_lane(other, "b", seconds=LONG)
    assert (await store.driver_of(LANE), await store.driver_of(other)) == ("a", "b")
