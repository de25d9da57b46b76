"""However the network delays them, no second at the provider holds more requests than the rate."""

from __future__ import annotations

import heapq
import math
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.pace import Pace


def arrivals(rate: float, ways: list[tuple[float, float, float]]) -> list[float]:
    """When requests arrive at the provider, each sent as soon as the pace allows (or later, by the first of its three),
    on its way for the second, its answer for the third.
    """
    pace, now, arrived = Pace(rate), 0.0, []
    answers: list[tuple[float, int, float]] = []
    order = count()
    for idle, there, back in ways:
        now += idle
        while pace.next_at(now) > now:
            due = pace.next_at(now)
            if answers and answers[0][0] <= due:
                at, _, sent_at = heapq.heappop(answers)
                now, pace = max(now, at), pace.done(at, sent_at=sent_at)
            else:
                now = due
        while answers and answers[0][0] <= now:
            at, _, sent_at = heapq.heappop(answers)
            pace = pace.done(at, sent_at=sent_at)
        pace = pace.taken(now)
        arrived.append(now + there)
        heapq.heappush(answers, (now + there + back, next(order), now))
    return sorted(arrived)


def most_in_a_second(moments: list[float], second: float) -> int:
    return max(sum(first <= moment < first + second for moment in moments) for first in moments)


jitter = st.one_of(st.just(0.0), st.floats(0.0, 0.05), st.floats(0.0, 4.0))
idle = st.one_of(st.just(0.0), st.floats(0.0, 2.0))


@given(st.floats(0.5, 12.0), st.floats(0.0, 0.2), st.lists(st.tuples(idle, jitter, jitter), min_size=1, max_size=60))
def test_no_second_at_the_provider_holds_more_than_the_rate_whatever_the_network_does(
    rate: float, way: float, delays: list[tuple[float, float, float]]
) -> None:
    """Delays of up to four seconds on top of the way itself, there and back, in any order, after some quiet ones."""
    quiet = [(0.0, way, way)] * 20
    arrived = arrivals(rate, [*quiet, *((idle, way + there, way + back) for idle, there, back in delays)])
    assert most_in_a_second(arrived, max(1.0, 1 / rate)) <= max(1, math.floor(rate))


@given(st.floats(0.5, 12.0), st.lists(st.tuples(idle, jitter, jitter), min_size=1, max_size=20))
def test_before_the_way_is_known_nothing_is_taken_for_granted(
    rate: float, delays: list[tuple[float, float, float]]
) -> None:
    assert most_in_a_second(arrivals(rate, delays), max(1.0, 1 / rate)) <= max(1, math.floor(rate))


@pytest.mark.parametrize("trip", [0.002, 0.1, 0.3])
def test_a_steady_line_uses_nearly_all_of_the_rate(trip: float) -> None:
    arrived = arrivals(20.0, [(0.0, trip / 2, trip / 2)] * 400)
    assert 399 / (arrived[-1] - arrived[0]) > 18.8


def test_requests_are_spread_over_the_second() -> None:
    arrived = arrivals(20.0, [(0.0, 0.05, 0.05)] * 100)
    assert max(sum(first <= moment < first + 0.25 for moment in arrived) for first in arrived) <= 7


def test_a_request_that_is_never_answered_counts_until_it_is_given_up() -> None:
    pace = Pace(1.0).taken(0.0)
    assert pace.next_at(100.0) == math.inf
    assert pace.done(100.0, sent_at=0.0).next_at(100.0) < 101.1


def test_what_was_given_up_all_at_once_may_have_arrived_just_then() -> None:
    pace = Pace(2.0).taken(0.0).taken(0.5).all_done(10.0)
    assert pace.next_at(10.0) >= 11.0
