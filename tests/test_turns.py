"""Places in a line in which people take turns, and when they come up."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.turns import COUNTED, Ahead, Crowd, Turn, eta, place, rounded

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CAPS = (1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 24, 32, 48, 64, 128, 256, 512, 1024)


def turn_of(number: int) -> Turn:
    """The turn of the person who stands there."""
    return NOW, NOW, number


@dataclass(frozen=True)
class Waiting:
    """Somebody in a line, which is a list of them in the order of their turns."""

    number: int
    pending: int


def line_of(pendings: Sequence[int]) -> list[Waiting]:
    return [Waiting(number, pending) for number, pending in enumerate(pendings)]


def served(line: Sequence[Waiting]) -> list[int]:
    """Who is served, turn by turn, until nobody waits: who had a turn goes to the end."""
    order = []
    left = list(line)
    while left:
        first = left.pop(0)
        order.append(first.number)
        if first.pending > 1:
            left.append(replace(first, pending=first.pending - 1))
    return order


def place_of(line: Sequence[Waiting], me: int, own: int) -> int:
    """The place by the rule: everybody before me has one turn more before my job than those behind me."""
    others = sum(min(each.pending, own + (each.number < me)) for each in line if each.number != me)
    return own + 1 + others


def summed_up(line: Sequence[Waiting], *, marks: int = 500) -> Crowd:
    step = len(line) // marks + 1
    most = max(each.pending for each in line)
    points = {cap: sum(min(each.pending, cap) for each in line) for cap in (*CAPS, most) if cap <= most}
    return Crowd(len(line), step, tuple(turn_of(each.number) for each in line[::step]), tuple(points.items()))


lines = st.lists(st.integers(1, 5), min_size=1, max_size=6).map(line_of)


@given(lines)
def test_the_rule_of_places_is_the_turn_at_which_the_fair_order_comes_to_a_job(line: list[Waiting]) -> None:
    seen: dict[int, int] = {}
    for turn, me in enumerate(served(line), start=1):
        own = seen.get(me, 0)
        assert place_of(line, me, own) == turn
        seen[me] = own + 1


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_a_place_is_one_more_than_all_that_was_counted(own: int, others: int) -> None:
    assert place(Ahead(own, others, turn_of(0))) == own + others + 1


def test_a_place_that_was_not_counted_needs_a_crowd() -> None:
    with pytest.raises(ValueError, match="crowd"):
        place(Ahead(0, None, turn_of(0)))


@pytest.mark.parametrize(("own", "others", "is_rough"), [(3, 9, False), (3, None, True), (COUNTED, 9, True)])
def test_a_place_is_rough_if_anything_in_it_was_not_counted(own: int, others: int | None, *, is_rough: bool) -> None:
    assert Ahead(own, others, turn_of(0)).is_rough == is_rough


luck = random.Random(7)
SHAPES = {
    "everybody has one": [1] * 5000,
    "a few each": [luck.randint(1, 20) for _ in range(5000)],
    "some have very many": [int(luck.paretovariate(0.9)) for _ in range(5000)],
    "one has nearly all": [1] * 2500 + [90_000] + [1] * 2500,
    "one has all": [100_000],
    "exactly a power of two": [64] * 2000,
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_reckoned_place_is_close_to_the_true_one(shape: str) -> None:
    line = line_of(SHAPES[shape])
    crowd = summed_up(line)
    for part in (0.0, 0.1, 0.33, 0.5, 0.9, 1.0):
        me = round(part * (len(line) - 1))
        for own in {0, 1, 2, 7, 50, 300, line[me].pending - 1}:
            true = place_of(line, me, own)
            if own < line[me].pending and true > COUNTED * 2:
                assert place(Ahead(own, None, turn_of(me)), crowd) == pytest.approx(true, rel=0.05)


def test_a_reckoned_place_stays_within_a_third_if_the_eager_all_stand_at_one_end() -> None:
    for pendings in ([1] * 3000 + [40] * 3000, [40] * 3000 + [1] * 3000):
        line = line_of(pendings)
        crowd = summed_up(line)
        for me in range(0, 6000, 500):
            for own in range(line[me].pending):
                true = max(place_of(line, me, own), COUNTED)
                assert place(Ahead(own, None, turn_of(me)), crowd) == pytest.approx(true, rel=1 / 3, abs=COUNTED)


def test_somebody_at_the_end_of_a_line_of_100_000_is_told_so() -> None:
    crowd = summed_up(line_of([1] * 100_000))
    assert place(Ahead(0, None, turn_of(100_000)), crowd) == pytest.approx(100_001, rel=0.002)
    assert place(Ahead(0, None, turn_of(25_000)), crowd) == pytest.approx(25_001, rel=0.01)


def test_what_was_counted_before_the_count_ended_is_never_denied() -> None:
    """The crowd may be half a minute old, and the line may have been short then."""
    assert place(Ahead(0, None, turn_of(0)), summed_up(line_of([1, 2]))) == COUNTED
    assert place(Ahead(7, None, turn_of(0)), Crowd(0, 1, (), ((0, 0),))) == COUNTED + 7


@given(st.integers(0, 3000), st.integers(0, 60))
def test_more_of_ones_own_never_makes_a_place_better(me: int, own: int) -> None:
    crowd = summed_up(line_of(SHAPES["a few each"]))
    before, after = (place(Ahead(each, None, turn_of(me)), crowd) for each in (own, own + 1))
    assert before <= after


@pytest.mark.parametrize(
    ("exact", "said"), [(7, 7), (42, 42), (251, 250), (1049, 1000), (12_345, 12_000), (99_999, 100_000)]
)
def test_a_reckoned_place_is_said_with_two_figures(exact: int, said: int) -> None:
    assert rounded(exact) == said


def simulated(at: int, remaining: Sequence[float], slots: int, mean: float) -> float:
    """When the job at this place is done: each slot takes the next job as soon as fewer than `slots` are running."""
    ends = sorted(remaining)
    for _ in range(at):
        begin = 0.0 if len(ends) < slots else ends[len(ends) - slots]
        ends = sorted([*ends, begin + mean])
        last = begin + mean
    return last


@given(
    st.integers(1, 60), st.lists(st.floats(0.0, 50.0), max_size=8), st.integers(1, 5), st.floats(1.0, 40.0, width=16)
)
def test_the_time_of_a_place_is_what_slots_working_through_the_line_give(
    at: int, remaining: list[float], slots: int, mean: float
) -> None:
    assert eta(at, remaining, slots, mean) == pytest.approx(simulated(at, remaining, slots, mean))


@given(st.integers(1, 10**6), st.lists(st.floats(0.0, 500.0), max_size=8), st.integers(1, 5), st.floats(1.0, 100.0))
def test_who_stands_further_back_is_never_done_sooner(at: int, remaining: list[float], slots: int, mean: float) -> None:
    assert 0 < eta(at, remaining, slots, mean) <= eta(at + 1, remaining, slots, mean) + 1e-6


def test_a_wait_of_months_is_still_a_time() -> None:
    assert timedelta(seconds=eta(100_000, [5.0], 1, 12.0)) > timedelta(days=13)
