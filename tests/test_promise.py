"""What was told of a place and a time moves back only with a reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.errors import Cause
from bot.promise import Moved, Standing, kept, remembered

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def shown(standing: Standing) -> datetime | None:
    """To the minute, as people read it; nothing of it while the lane is paused."""
    if standing.paused is not None or standing.about is None:
        return None
    return standing.about.replace(second=0, microsecond=0)


standings = st.builds(
    Standing,
    place=st.none() | st.integers(1, 30),
    about=st.none() | st.integers(-300, 4000).map(at),
    paused=st.sampled_from([None, None, None, Cause.NO_CREDIT]),
)
stories = st.lists(st.tuples(standings, st.integers(0, 240)), min_size=2, max_size=12)


@given(stories)
def test_no_place_and_no_time_moves_back_without_a_reason(story: list[tuple[Standing, int]]) -> None:
    told: Standing | None = None
    last: Standing | None = None
    now = NOON
    for found, pause in story:
        now += timedelta(seconds=pause)
        standing = kept(told, found, now)
        if last is not None and standing.paused is None and standing.moved is None:
            assert not (last.place and standing.place and standing.place > last.place)
            assert not ((before := shown(last)) and (after := shown(standing)) and after > before)
        told = remembered(told, standing)
        last = standing if standing.paused is None else last


@given(stories)
def test_what_is_told_is_never_better_than_what_was_found(story: list[tuple[Standing, int]]) -> None:
    told: Standing | None = None
    for found, _ in story:
        standing = kept(told, found, NOON)
        assert (standing.place, standing.paused) == (found.place, found.paused)
        if found.about is not None and standing.about is not None:
            assert timedelta(0) <= found.about - standing.about <= timedelta(minutes=1)
        told = remembered(told, standing)


def test_a_little_later_changes_nothing_of_what_was_told() -> None:
    told = Standing(place=2, about=at(600))
    assert kept(told, Standing(place=2, about=at(640)), NOON) == told


def test_little_by_little_later_is_noticed_all_the_same() -> None:
    told = Standing(place=2, about=at(600))
    for seconds in (630, 650, 662):
        told = kept(told, Standing(place=2, about=at(seconds)), NOON)
    assert told == Standing(place=2, about=at(662), moved=Moved.SLOWER)


def test_others_who_come_first_are_the_reason_for_a_place_that_moves_back() -> None:
    told = Standing(place=1, about=at(60))
    assert kept(told, Standing(place=3, about=at(240)), NOON).moved is Moved.OTHERS


def test_a_pause_is_the_reason_for_a_time_that_moved_back_over_it() -> None:
    told = Standing(place=2, about=at(120))
    paused = kept(told, Standing(place=2, about=at(900), paused=Cause.NO_CREDIT), NOON)
    assert paused.moved is None
    told = remembered(told, paused)
    after = kept(told, Standing(place=2, about=at(900)), at(600))
    assert after.moved is Moved.PAUSED
    assert kept(remembered(told, after), Standing(place=2, about=at(1000)), at(610)).moved is Moved.SLOWER


def test_a_time_that_has_passed_is_not_told_any_more() -> None:
    told = Standing(about=at(55))
    assert kept(told, Standing(about=at(70)), at(61)) == Standing(about=at(70), moved=Moved.SLOWER)


def test_a_reason_stays_until_it_is_better_than_was_told_or_drawing_begins() -> None:
    told = Standing(place=3, about=at(600), moved=Moved.OTHERS)
    assert kept(told, Standing(place=2, about=at(590)), NOON).moved is Moved.OTHERS
    assert kept(told, Standing(place=2, about=at(500)), NOON).moved is None
    assert kept(told, Standing(about=at(600)), NOON).moved is None


def test_a_time_too_far_to_be_told_is_later_than_one_that_was() -> None:
    assert kept(Standing(place=5, about=at(600)), Standing(place=5), NOON).moved is Moved.SLOWER
    assert kept(Standing(place=5), Standing(place=5, about=at(600)), NOON).moved is None


def test_of_a_pause_nothing_but_the_pause_is_remembered() -> None:
    paused = Standing(place=4, about=at(900), paused=Cause.BUSY)
    assert remembered(None, paused) == Standing(paused=Cause.BUSY)
    assert remembered(Standing(place=2), paused) == replace(Standing(place=2), paused=Cause.BUSY)
