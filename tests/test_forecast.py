"""What is learned of run times, and that looks are placed where they shorten the wait."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, count, islice, pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.forecast import LONGEST_GAP, Forecast, Key
from bot.lognormal import LogNormal, Mixture
from bot.ports import Run
from bot.request import Clarity

PLAIN = Key(1, None, raw=False)


def spread_evenly(number: int) -> Iterator[float]:
    """Parts between 0 and 1 in an order without a pattern, each new one in the largest hole: no luck needed."""
    return islice(((i * 0.6180339887498949) % 1 for i in count(1)), number)


def runs(median: float, number: int, *, spread: float = 0.35, key: Key = PLAIN) -> list[Run]:
    truth = LogNormal(math.log(median), spread)
    return [Run(truth.quantile(q), key.count, key.clarity, key.raw) for q in spread_evenly(number)]


def learned(*history: Sequence[Run], looks: float | None = None) -> Forecast:
    forecast = Forecast(looks=looks)
    forecast.learn(list(chain(*history)))
    return forecast


def followed(forecast: Forecast, *, key: Key = PLAIN, until: float = 100.0) -> list[float]:
    """Every look at a job that is never done, as the driver would ask for them."""
    looks = [forecast.next_look(key, since_submit=0.0)]
    while looks[-1] < until:
        looks.append(forecast.next_look(key, since_submit=looks[-1]))
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


@pytest.mark.parametrize("spread", [0.2, 0.35, 0.5])
def test_steady_run_times_are_not_taken_for_a_change(spread: float) -> None:
    """A sharp estimate needs all runs; one that is thrown away for no reason costs looks and waits."""
    forecast = learned(runs(10.0, 200, spread=spread))
    assert forecast.known(PLAIN) > 100


@pytest.mark.parametrize("factor", [3.0, 2.0, 0.5])
def test_what_was_before_a_change_is_forgotten_within_eight_jobs(factor: float) -> None:
    assert learned(runs(10.0, 100), runs(10.0 * factor, 8)).known(PLAIN) <= 8


def test_run_times_of_two_kinds_are_told_apart() -> None:
    """Half of the jobs take 5 s, half 20 s: nobody looks much between them."""
    both = chain(*zip(runs(5.0, 40, spread=0.1), runs(20.0, 40, spread=0.1), strict=True))
    forecast = learned(list(both), looks=16.0)
    looks = followed(forecast, until=30.0)
    between = sum(7.5 < look < 14.0 for look in looks)
    assert sum(4.0 < look < 7.0 for look in looks) > between
    assert sum(14.0 < look < 27.0 for look in looks) > between
    assert forecast.mean(PLAIN) == pytest.approx(12.5, rel=0.1)


def test_one_kind_is_not_split_in_two() -> None:
    spreads = (0.1, 0.35, 0.7)
    for times in (learned(runs(10.0, 200, spread=spread)).times(PLAIN) for spread in spreads):
        assert isinstance(times, LogNormal)


def test_learning_bit_by_bit_is_learning_at_once() -> None:
    at_once, bit_by_bit = learned(runs(20.0, 30)), Forecast()
    for run in runs(20.0, 30):
        bit_by_bit.learn([run])
        bit_by_bit.next_look(PLAIN, since_submit=0.0)
    assert followed(bit_by_bit) == followed(at_once)


def test_learning_anew_forgets_what_was_learned() -> None:
    forecast = learned(runs(40.0, 30))
    forecast.relearn(runs(20.0, 30))
    assert followed(forecast) == followed(learned(runs(20.0, 30)))


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
budgets = st.floats(1.2, 36.0)
elapsed_times = st.floats(0.0, 10_000.0)


@given(histories, keys, budgets, elapsed_times)
def test_the_next_look_is_always_later_and_never_far_and_none_before_one_in_two_hundred_is_done(
    history: list[Run], key: Key, budget: float, since: float
) -> None:
    forecast = learned(history, looks=budget)
    soonest = forecast.quantile(key, 0.005)
    following = forecast.next_look(key, since_submit=since)
    assert following >= soonest * (1 - 1e-9)
    least = min(0.1, forecast.mean(key) / 100)
    assert following - max(since, soonest) <= LONGEST_GAP + 1e-6
    if since >= soonest:
        assert following - since >= least * (1 - 1e-6)


@given(histories, keys, elapsed_times, st.floats(0.0, 100.0), st.floats(0.0, 100.0))
def test_the_urge_to_look_grows_from_nothing_with_the_time_since_the_last_look(
    history: list[Run], key: Key, looked_at: float, sooner: float, later: float
) -> None:
    forecast = learned(history)
    first = max(looked_at, forecast.quantile(key, 0.005))
    urges = [
        forecast.urge(key, looked_at=looked_at, now=first + wait) for wait in sorted((0.0, sooner, sooner + later))
    ]
    assert urges[0] == pytest.approx(0.0, abs=1e-6)
    assert urges == sorted(urges)


@given(histories, keys, elapsed_times)
def test_a_look_is_due_when_the_urge_is_one(history: list[Run], key: Key, since: float) -> None:
    """Unless the gap would be shorter or longer than any gap may be."""
    forecast = learned(history)
    begin, end = forecast.quantile(key, 0.005), forecast.quantile(key, 0.9995)
    following = forecast.next_look(key, since_submit=since)
    gap, least = following - since, min(0.1, forecast.mean(key) / 100)
    if begin <= since and following < end and least * 1.001 < gap < LONGEST_GAP * 0.999:
        assert forecast.urge(key, looked_at=since, now=following) == pytest.approx(1.0, rel=1e-3)


@given(histories, keys, elapsed_times)
def test_the_quick_reading_of_the_risk_is_the_risk(history: list[Run], key: Key, elapsed: float) -> None:
    forecast = learned(history)
    lived, hazard = forecast.risk(key, elapsed)
    assert lived >= 0
    assert hazard >= 0
    begin, end = forecast.quantile(key, 0.005), forecast.quantile(key, 0.9995)
    if begin * 1.05 < elapsed < end * 0.95:
        assert hazard == pytest.approx(forecast.hazard(key, elapsed), rel=0.25, abs=0.02)


@given(histories, keys, st.floats(0.0, 1e5))
def test_something_is_always_left_to_wait_for(history: list[Run], key: Key, elapsed: float) -> None:
    forecast = learned(history)
    assert 0 < forecast.remaining(key, elapsed) < math.inf
    assert 0 <= forecast.cdf(key, elapsed) <= 1
    assert forecast.hazard(key, elapsed) >= (0.02 if elapsed >= 1 else 0)


@pytest.mark.parametrize("budget", [5.0, 8.0, 16.0, 24.0])
@pytest.mark.parametrize("spread", [0.2, 0.35, 0.5])
def test_jobs_cost_the_looks_of_their_budget(budget: float, spread: float) -> None:
    forecast = learned(runs(11.0, 200, spread=spread), looks=budget)
    calls, _ = outcome(followed(forecast), LogNormal(math.log(11.0), spread))
    assert calls == pytest.approx(budget, rel=0.07)


@pytest.mark.parametrize("budget", [4.0, 6.0, 8.0, 16.0, 24.0])
def test_no_fixed_interval_waits_less_for_as_many_looks(budget: float) -> None:
    truth = LogNormal(math.log(10.0), 0.35)
    calls, lag = outcome(followed(Forecast(looks=budget)), truth)
    interval = interval_with(calls, truth)
    _, fixed_lag = outcome([interval * i for i in range(1, int(100 / interval))], truth)
    assert fixed_lag / lag > 1.5


@pytest.mark.parametrize("budget", [8.0, 16.0, 24.0])
def test_the_wait_is_what_theory_promises(budget: float) -> None:
    truth = LogNormal(math.log(10.0), 0.35)
    root = integral(lambda t: math.sqrt(truth.hazard(t)) * truth.survival(t), 0.01, 60.0)
    calls, lag = outcome(followed(learned(runs(10.0, 200), looks=budget)), truth)
    assert lag <= 1.03 * root**2 / (2 * (calls - 0.5))


def test_with_one_slot_jobs_are_seen_done_in_a_quarter_of_a_second_for_twenty_five_requests() -> None:
    calls, lag = outcome(followed(learned(runs(11.0, 200))), LogNormal(math.log(11.0), 0.35))
    assert calls + 1 <= 25.1
    assert lag <= 0.25


def test_a_job_far_overdue_is_looked_at_every_three_seconds() -> None:
    looks = followed(Forecast(looks=24.0), until=300.0)
    assert looks[-1] - looks[-2] == pytest.approx(LONGEST_GAP)
    assert len([look for look in looks if 30.0 < look < 90.0]) < 60


def test_where_jobs_take_moments_looks_are_moments_apart() -> None:
    """A fast provider, or a test that is speeded up, is no reason to wait a tenth of a second for a look."""
    looks = followed(Forecast(typical=0.5), until=2.0)
    assert min(late - soon for soon, late in pairwise(looks)) < 0.03


@pytest.mark.parametrize(("slots", "budget"), [(2, 36.0), (5, 36.0), (20, 16.4), (50, 6.55), (100, 3.28), (1000, 1.2)])
def test_a_budget_is_more_than_the_share_so_that_no_request_is_left_unused_and_bounded(
    slots: int, budget: float
) -> None:
    assert Forecast(slots=slots, rate=20.0).budget(11.7) == pytest.approx(budget, rel=0.01)


def test_one_slot_is_served_politely() -> None:
    """Twenty looks a second would be allowed; two are enough."""
    assert 20.0 < Forecast(slots=1, rate=20.0).budget(11.7) < 24.0


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


def test_every_kind_of_job_has_a_plan() -> None:
    forecast = Forecast()
    for number, clarity, raw in product(range(1, 5), (None, *Clarity), (False, True)):
        assert len(followed(Forecast(), key=Key(number, clarity, raw), until=30.0)) > 3
        assert forecast.mean(Key(number, clarity, raw)) > 10.0


def test_a_mixture_agrees_with_its_integrals() -> None:
    times = Mixture(((0.3, LogNormal(math.log(5.0), 0.15)), (0.7, LogNormal(math.log(20.0), 0.25))))
    for t in (4.0, 6.0, 12.0, 25.0):
        left = integral(times.survival, t, 200.0, steps=20_000)
        assert times.remaining(t) == pytest.approx(left / times.survival(t), rel=1e-3)
        assert times.quantile(1 - times.survival(t)) == pytest.approx(t, rel=1e-3)
        step = t * 1e-5
        slope = (times.survival(t - step) - times.survival(t + step)) / (2 * step)
        assert times.hazard(t) == pytest.approx(slope / times.survival(t), rel=1e-3)
    assert times.mean == pytest.approx(times.remaining(0.0), rel=1e-6)
    assert 0 < times.remaining(1e9) < math.inf
