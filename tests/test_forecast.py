"""What is learned of run times, and that looks are placed where they shorten the wait."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain, count, islice, pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.forecast import LEAST_GAP, LONGEST_GAP, Forecast, Key, eta, place
from bot.job import TeamId, UserId
from bot.lognormal import LogNormal
from bot.ports import Person, Run
from bot.prompt import Clarity

PLAIN = Key(1, None, raw=False)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def spread_evenly(number: int) -> Iterator[float]:
    """Parts between 0 and 1 in an order without a pattern, each new one in the largest hole: no luck needed."""
    return islice(((i * 0.6180339887498949) % 1 for i in count(1)), number)


def runs(median: float, number: int, *, spread: float = 0.35, key: Key = PLAIN) -> list[Run]:
    truth = LogNormal(math.log(median), spread)
    return [Run(truth.quantile(q), key.count, key.clarity, key.raw) for q in spread_evenly(number)]


def learned(*history: Sequence[Run]) -> Forecast:
    forecast = Forecast()
    forecast.learn(list(chain(*history)))
    return forecast


def followed(forecast: Forecast, budget: float, *, key: Key = PLAIN, until: float = 100.0) -> list[float]:
    """Every look at a job that is never done, as the driver would ask for them."""
    looks = [forecast.next_poll(key, since_submit=0.0, budget=budget)]
    while looks[-1] < until:
        looks.append(forecast.next_poll(key, since_submit=looks[-1], budget=budget))
    return looks


def outcome(looks: Sequence[float], truth: LogNormal) -> tuple[float, float]:
    """The expected number of looks at a job until it is seen done, and the expected wait from its end until then."""
    calls = 1 + sum(truth.survival(look) for look in looks)
    seen = sum(late * (truth.survival(soon) - truth.survival(late)) for soon, late in pairwise([0.0, *looks]))
    return calls, seen - truth.mean


def interval_with(calls: float, truth: LogNormal) -> float:
    """The fixed interval that costs so many looks."""
    low, high = 0.05, 50.0
    for _ in range(40):
        middle = (low + high) / 2
        more = outcome([middle * i for i in range(1, int(100 / middle))], truth)[0] > calls
        low, high = (middle, high) if more else (low, middle)
    return high


def integral(function: Callable[[float], float], start: float, end: float, *, steps: int = 4_000) -> float:
    step = (end - start) / steps
    return step * sum(function(start + step * (i + 0.5)) for i in range(steps))


@pytest.mark.parametrize(
    ("key", "median"),
    [
        (PLAIN, 10.0),
        (Key(1, None, raw=True), 10.0),
        (Key(4, None, raw=False), 19.0),
        (Key(1, Clarity.X2, raw=False), 15.0),
        (Key(2, Clarity.X4, raw=False), 26.0),
    ],
)
def test_before_anything_is_learned_more_and_larger_pictures_take_longer(key: Key, median: float) -> None:
    assert Forecast().quantile(key, 0.5) == pytest.approx(median)
    assert Forecast().mean(key) == pytest.approx(median * math.exp(0.35**2 / 2))


@pytest.mark.parametrize("median", [2.0, 10.0, 45.0])
@pytest.mark.parametrize("spread", [0.1, 0.35, 0.6])
def test_run_times_are_learned(median: float, spread: float) -> None:
    forecast = learned(runs(median, 60, spread=spread))
    assert forecast.quantile(PLAIN, 0.5) == pytest.approx(median, rel=0.1)
    assert forecast.quantile(PLAIN, 0.9) == pytest.approx(median * math.exp(1.2816 * spread), rel=0.2)


@pytest.mark.parametrize("factor", [2.0, 0.5])
@pytest.mark.parametrize("spread", [0.1, 0.35])
@pytest.mark.parametrize("before", [0, 5, 30, 200])
def test_a_change_is_relearned_within_fifteen_jobs(factor: float, spread: float, before: int) -> None:
    forecast = learned(runs(10.0, before, spread=spread), runs(10.0 * factor, 15, spread=spread))
    assert forecast.quantile(PLAIN, 0.5) == pytest.approx(10.0 * factor, rel=0.1)


@pytest.mark.parametrize("seconds", [0.0, 0.5, 300.0, 86_400.0])
def test_one_strange_run_changes_little(seconds: float) -> None:
    usual = learned(runs(10.0, 40))
    strange = learned(runs(10.0, 40), [Run(seconds, 1, None, raw=False)])
    assert strange.mean(PLAIN) == pytest.approx(usual.mean(PLAIN), rel=0.1)


def test_learning_bit_by_bit_is_learning_at_once() -> None:
    at_once, bit_by_bit = learned(runs(20.0, 30)), Forecast()
    for run in runs(20.0, 30):
        bit_by_bit.learn([run])
        bit_by_bit.next_poll(PLAIN, since_submit=0.0, budget=8.0)
    assert bit_by_bit.poll_offsets(PLAIN, budget=8.0) == at_once.poll_offsets(PLAIN, budget=8.0)


def test_a_kind_never_seen_is_judged_by_the_others() -> None:
    forecast = learned(runs(30.0, 60))
    assert forecast.quantile(Key(1, Clarity.X2, raw=False), 0.5) == pytest.approx(45.0, rel=0.1)


keys = st.builds(Key, st.integers(1, 4), st.none() | st.sampled_from(Clarity), st.booleans())
histories = st.lists(
    st.builds(
        lambda seconds, key: Run(seconds, key.count, key.clarity, key.raw),
        st.floats(0.0, 5000.0, allow_nan=False) | st.floats(3.0, 30.0),
        st.just(PLAIN) | keys,
    ),
    max_size=30,
)
budgets = st.floats(1.2, 24.0)


@given(histories, keys, budgets)
def test_looks_come_later_and_later_with_bounded_gaps_and_none_before_one_in_two_hundred_is_done(
    history: list[Run], key: Key, budget: float
) -> None:
    forecast = learned(history)
    offsets = forecast.poll_offsets(key, budget=budget)
    soonest = forecast.quantile(key, 0.005)
    assert all(offset > soonest * (1 - 1e-9) for offset in offsets)
    assert offsets[:1] <= (soonest + LONGEST_GAP + 1e-6,)
    for soon, late in pairwise(offsets):
        assert LEAST_GAP - 1e-6 <= late - soon <= LONGEST_GAP + 1e-6


@given(histories, keys, budgets, st.floats(0.0, 10_000.0))
def test_the_next_look_is_the_first_of_the_plan_that_is_later(
    history: list[Run], key: Key, budget: float, since: float
) -> None:
    forecast = learned(history)
    following = forecast.next_poll(key, since_submit=since, budget=budget)
    left = [offset for offset in forecast.poll_offsets(key, budget=budget) if offset > since + LEAST_GAP / 2]
    assert following > since
    if left:
        assert following == left[0]
    else:
        assert LEAST_GAP - 1e-6 <= following - since <= LONGEST_GAP + 1e-6


@given(histories, keys, st.floats(0.0, 1e5))
def test_something_is_always_left_to_wait_for(history: list[Run], key: Key, elapsed: float) -> None:
    forecast = learned(history)
    assert 0 < forecast.remaining(key, elapsed) < math.inf
    assert 0 <= forecast.cdf(key, elapsed) <= 1
    assert forecast.hazard(key, elapsed) >= (0.02 if elapsed >= 1 else 0)


@pytest.mark.parametrize("budget", [5.0, 8.0, 16.0, 24.0])
@pytest.mark.parametrize("spread", [0.2, 0.35, 0.5])
def test_jobs_cost_the_looks_of_their_budget(budget: float, spread: float) -> None:
    forecast = learned(runs(11.0, 200, spread=spread))
    calls, _ = outcome(followed(forecast, budget), LogNormal(math.log(11.0), spread))
    assert calls == pytest.approx(budget, rel=0.1)


@pytest.mark.parametrize("budget", [6.0, 8.0, 16.0, 24.0])
def test_no_fixed_interval_waits_less_for_as_many_looks(budget: float) -> None:
    truth = LogNormal(math.log(10.0), 0.35)
    calls, lag = outcome(followed(Forecast(), budget), truth)
    interval = interval_with(calls, truth)
    _, fixed_lag = outcome([interval * i for i in range(1, int(100 / interval))], truth)
    assert fixed_lag / lag > 1.5


def test_the_wait_is_what_theory_promises() -> None:
    truth = LogNormal(math.log(10.0), 0.35)
    root = integral(lambda t: math.sqrt(truth.hazard(t)) * truth.survival(t), 0.01, 60.0)
    for budget in (8.0, 16.0, 24.0):
        _, lag = outcome(followed(Forecast(), budget), truth)
        assert lag == pytest.approx(root**2 / (2 * (budget - 1)), rel=0.1)


def test_with_one_slot_jobs_are_seen_done_in_a_quarter_of_a_second_for_twenty_five_requests() -> None:
    forecast = Forecast()
    budget = forecast.budget(1, 20.0, mean=forecast.mean(PLAIN))
    calls, lag = outcome(followed(forecast, budget), LogNormal(math.log(10.0), 0.35))
    assert calls + 1 <= 25.1
    assert lag <= 0.25


def test_a_job_far_overdue_is_looked_at_every_three_seconds() -> None:
    looks = followed(Forecast(), 24.0, until=300.0)
    assert looks[-1] - looks[-2] == pytest.approx(LONGEST_GAP)
    assert len([look for look in looks if 30.0 < look < 90.0]) < 60


@pytest.mark.parametrize(
    ("slots", "budget"), [(1, 24.0), (2, 24.0), (5, 22.9), (20, 5.35), (50, 1.84), (100, 1.2), (1000, 1.2)]
)
def test_a_budget_is_half_of_the_share_between_bounds(slots: int, budget: float) -> None:
    assert Forecast().budget(slots, 20.0, mean=11.7) == pytest.approx(budget, abs=0.01)


def test_a_slot_is_held_for_the_longest_job_and_a_minute_at_least() -> None:
    assert Forecast().longest(PLAIN) == 60.0
    slow = learned(runs(60.0, 60))
    assert slow.longest(PLAIN, lag=12.0) == pytest.approx(slow.quantile(PLAIN, 0.99) + 12.0)


@pytest.mark.parametrize("times", [LogNormal(math.log(10.0), 0.35), LogNormal(0.0, 1.2), LogNormal(4.0, 0.05)])
def test_the_distribution_agrees_with_its_integrals(times: LogNormal) -> None:
    for z in (-3.0, -1.0, 0.0, 1.0, 2.0):
        t = times.at(z)
        left = integral(lambda score: times.survival(times.at(score)) * times.at(score) * times.sigma, z, 12.0)
        assert times.remaining(t) == pytest.approx(left / times.survival(t), rel=1e-3)
        assert times.quantile(1 - times.survival(t)) == pytest.approx(t, rel=1e-9)
        step = t * 1e-5
        slope = (times.survival(t - step) - times.survival(t + step)) / (2 * step)
        assert times.hazard(t) == pytest.approx(slope / times.survival(t), rel=1e-4)
    assert times.remaining(0.0) == pytest.approx(times.mean)


def test_the_asymptote_joins_on() -> None:
    times = LogNormal(2.0, 0.35)
    assert times.hazard(times.at(6.0001)) == pytest.approx(times.hazard(times.at(5.9999)), rel=0.01)
    assert times.remaining(times.at(6.0001)) == pytest.approx(times.remaining(times.at(5.9999)), rel=0.1)


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


moments = st.integers(0, 3).map(lambda hours: NOW + timedelta(hours=hours))
lines = st.lists(
    st.builds(
        lambda served, pending, since: Person(TeamId("T"), UserId(""), served, pending, since),
        st.none() | moments,
        st.integers(0, 5),
        moments,
    ),
    min_size=1,
    max_size=6,
).map(lambda people: [replace(person, user_id=UserId(f"U{i}")) for i, person in enumerate(people)])


def turns(people: Sequence[Person]) -> list[UserId]:
    """Who is served, turn by turn, until nobody waits."""
    line, order = list(people), list[UserId]()
    while any(person.pending for person in line):
        waiting = [person for person in line if person.pending]
        chosen = min(waiting, key=lambda one: (one.served_at is not None, one.served_at or NOW, one.waiting_since))
        order.append(chosen.user_id)
        served = NOW + timedelta(days=1 + len(order))
        line[line.index(chosen)] = replace(chosen, pending=chosen.pending - 1, served_at=served)
    return order


@given(lines)
def test_a_place_is_the_turn_at_which_the_fair_order_comes_to_it(people: list[Person]) -> None:
    seen: dict[UserId, int] = {}
    for turn, user in enumerate(turns(people), start=1):
        own_ahead = seen.get(user, 0)
        assert place(people, person=(TeamId("T"), user), own_ahead=own_ahead) == turn
        seen[user] = own_ahead + 1


def test_thirty_asks_of_one_person_do_not_hold_up_another() -> None:
    eager = Person(TeamId("T"), UserId("U1"), NOW, 30, NOW)
    other = Person(TeamId("T"), UserId("U2"), None, 1, NOW + timedelta(hours=1))
    assert place([eager, other], person=(TeamId("T"), UserId("U2")), own_ahead=0) == 1
    places = [place([eager, other], person=(TeamId("T"), UserId("U1")), own_ahead=ahead) for ahead in range(30)]
    assert places == list(range(2, 32))


def test_somebody_who_is_not_in_line_would_come_last_of_their_round() -> None:
    people = [Person(TeamId("T"), UserId(f"U{i}"), NOW, 3, NOW) for i in range(4)]
    assert [place(people, person=(TeamId("T"), UserId("U9")), own_ahead=ahead) for ahead in range(2)] == [5, 10]


def test_every_kind_of_job_has_a_plan() -> None:
    forecast = Forecast()
    for number, clarity, raw in product(range(1, 5), (None, *Clarity), (False, True)):
        assert forecast.poll_offsets(Key(number, clarity, raw), budget=8.0)
