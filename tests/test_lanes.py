"""What a lane decides, for every mixture of jobs, paces and pauses."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.job import JobId
from bot.lanes import Decision, Flight, Held, Pace, Refill, View, decide, free_slots

times = st.floats(min_value=0, max_value=1000)
paces = st.builds(Pace, rate=st.floats(0.5, 50), free_at=st.one_of(st.just(-math.inf), times))


@st.composite
def views(draw: st.DrawFn) -> View:
    flights = [
        Flight(JobId(f"f{i}"), draw(times), draw(st.floats(0, 1)), draw(st.booleans()))
        for i in range(draw(st.integers(0, 4)))
    ]
    held = [Held(JobId(f"h{i}"), draw(times)) for i in range(draw(st.integers(0, 3)))]
    return View(
        slots=draw(st.integers(1, 6)),
        submits=draw(paces),
        queries=draw(paces),
        refill=Refill(not_before=draw(st.one_of(st.just(-math.inf), times))),
        flights=flights,
        held=held,
        sending=draw(st.integers(0, 3)),
        ready_at=draw(st.one_of(st.none(), times)),
        paused=draw(st.booleans()),
        trying=draw(st.booleans()),
        probe_at=draw(st.one_of(st.just(math.inf), times)),
    )


@given(views(), times)
def test_a_submit_never_exceeds_the_slots_the_pace_or_a_pause(view: View, now: float) -> None:
    decision = decide(view, now)
    if decision.submit:
        assert free_slots(view) > 0
        assert view.submits.next_at(now) <= now
        assert view.refill.not_before <= now
        assert not view.paused or (view.trying and not view.sending)
    assert not (decision.submit and decision.resend)


@given(views(), times)
def test_only_what_is_due_and_idle_is_looked_at(view: View, now: float) -> None:
    by_id = {flight.job_id: flight for flight in view.flights}
    for job_id in decide(view, now).polls:
        assert by_id[job_id].look_at <= now
        assert not by_id[job_id].looking
        assert view.queries.next_at(now) <= now


@given(views(), times)
def test_it_never_sleeps_past_something_it_could_do(view: View, now: float) -> None:
    """Whatever `decide` would do later, with nothing else happening, it asks to be called for by then."""
    decision = decide(view, now)
    if decision != Decision(wake_at=decision.wake_at):
        return
    for later in (now, *(t for t in _moments(view) if t > now)):
        if later < decision.wake_at:
            then = decide(view, later)
            assert then == Decision(wake_at=then.wake_at)


@given(views(), times)
def test_an_idle_decision_wakes_in_the_future_or_never(view: View, now: float) -> None:
    decision = decide(view, now)
    if decision == Decision(wake_at=decision.wake_at):
        assert decision.wake_at > now


def _moments(view: View) -> list[float]:
    points = [view.submits.free_at, view.queries.free_at, view.refill.not_before, view.probe_at]
    points += [flight.look_at for flight in view.flights] + [held.resend_at for held in view.held]
    points += [view.ready_at] if view.ready_at is not None else []
    return sorted(point for point in points if math.isfinite(point))


@given(st.floats(0.5, 50), st.lists(st.floats(0, 0.5), min_size=1, max_size=200))
def test_no_sliding_second_ever_holds_more_requests_than_the_rate(rate: float, gaps: list[float]) -> None:
    pace, now, sent = Pace(rate), 0.0, []
    for gap in gaps:
        now = pace.next_at(now + gap)
        pace = pace.taken(now)
        sent.append(now)
    for first in sent:
        assert sum(first <= moment <= first + 1.0 for moment in sent) <= max(1, math.ceil(rate))


def test_the_likeliest_to_be_done_is_looked_at_first() -> None:
    flights = [Flight(JobId("a"), 1.0, likely=0.2), Flight(JobId("b"), 2.0, likely=0.9)]
    view = View(slots=2, submits=Pace(20), queries=Pace(20), refill=Refill(), flights=flights)
    assert decide(view, 5.0).polls == ("b",)


def test_a_held_submit_is_sent_again_before_anything_new() -> None:
    view = View(
        slots=3, submits=Pace(20), queries=Pace(20), refill=Refill(), held=[Held(JobId("h"), 4.0)], ready_at=1.0
    )
    assert decide(view, 3.0).submit
    assert decide(view, 5.0) == Decision(resend=JobId("h"))


def test_a_paused_lane_probes_when_it_is_time_and_submits_nothing() -> None:
    view = View(slots=1, submits=Pace(20), queries=Pace(20), refill=Refill(), ready_at=0.0, paused=True, probe_at=10.0)
    assert decide(view, 5.0) == Decision(wake_at=10.0)
    assert decide(view, 10.0).probe


def test_a_paused_lane_that_answers_again_sends_a_held_submit_once_more() -> None:
    view = View(slots=1, submits=Pace(20), queries=Pace(20), refill=Refill(), held=[Held(JobId("h"), 4.0)], paused=True)
    assert decide(view, 5.0).resend is None
    assert decide(replace(view, trying=True), 5.0).resend == "h"
    assert decide(replace(view, trying=True, sending=1), 5.0).resend is None


class TestRefill:
    def test_a_submit_that_followed_no_job_teaches_nothing(self) -> None:
        assert Refill(lags=(3.0,)).refused(0.0).accepted(9.0) == Refill(lags=(3.0,))

    def test_a_refusal_is_tried_again_within_half_a_second_and_not_slower_while_it_lasts(self) -> None:
        refill = Refill().freed(0.0)
        for second in range(60):
            refill = refill.refused(float(second))
            assert refill.not_before == second + 0.5

    def test_a_slot_that_stays_taken_for_ten_minutes_is_tried_every_five_seconds(self) -> None:
        assert Refill().freed(0.0).refused(0.0).refused(601.0).not_before == 606.0

    def test_the_lag_is_learned_and_waited_for(self) -> None:
        refill = Refill()
        for start in range(0, 300, 60):
            refill = refill.freed(start).refused(start).refused(start + 29.0).accepted(start + 30.0)
        assert refill.freed(1000.0).not_before == pytest.approx(1000.0 + 27.0)

    def test_a_refusal_after_an_idle_while_teaches_nothing(self) -> None:
        refill = Refill().freed(0.0).refused(7200.0).accepted(7201.0)
        assert refill.lags == ()
        assert refill.freed(8000.0).not_before == 8000.0

    def test_no_lag_longer_than_a_minute_is_believed(self) -> None:
        assert Refill().freed(0.0).refused(0.5).accepted(500.0).lags == (60.0,)

    def test_a_provider_that_cannot_be_reached_is_tried_less_and_less_often(self) -> None:
        refill, gaps = Refill(), []
        for _ in range(9):
            refill = refill.failed(0.0)
            gaps.append(refill.not_before)
        assert gaps == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0, 60.0]
        assert refill.accepted(0.0).failures == 0

    def test_a_lag_that_went_away_is_forgotten(self) -> None:
        refill = Refill(lags=(30.0,) * 20)
        for _ in range(45):
            freed = refill.freed(0.0)
            refill = freed.accepted(max(0.0, freed.not_before))
        assert refill.freed(0.0).not_before < 1.0

    def test_without_any_refusal_nothing_is_waited_for(self) -> None:
        assert Refill().freed(0.0).accepted(0.1).freed(50.0).not_before == pytest.approx(50.0)
