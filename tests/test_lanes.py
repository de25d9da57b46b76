"""What a lane decides, for every mixture of jobs, paces and pauses."""

from __future__ import annotations

import math
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.job import JobId
from bot.lanes import Decision, Flight, Held, View, decide, free_slots
from bot.pace import Pace
from bot.refill import Refill

times = st.floats(min_value=0, max_value=1000)


@st.composite
def paces(draw: st.DrawFn) -> Pace:
    rate = draw(st.floats(0.5, 5))
    most = max(1, math.floor(rate))
    answered = tuple(sorted(draw(st.lists(times, max_size=most))))
    return Pace(rate, draw(st.integers(0, most)), answered, draw(st.one_of(st.just(-math.inf), times)))


@st.composite
def views(draw: st.DrawFn) -> View:
    flights = [Flight(JobId(f"f{i}"), draw(times), urge=draw(st.floats(0, 9))) for i in range(draw(st.integers(0, 4)))]
    held = [Held(JobId(f"h{i}"), draw(times)) for i in range(draw(st.integers(0, 3)))]
    return View(
        slots=draw(st.integers(1, 6)),
        submits=draw(paces()),
        queries=draw(paces()),
        refill=Refill(closed_until=draw(st.one_of(st.just(-math.inf), times))),
        flying=len(flights) + draw(st.integers(0, 2)),
        flights=flights,
        held=held,
        sending=draw(st.integers(0, 3)),
        ready_at=draw(st.one_of(st.none(), times)),
        offer_at=draw(st.one_of(st.just(math.inf), times)),
        paused=draw(st.booleans()),
        trying=draw(st.booleans()),
        probe_at=draw(st.one_of(st.just(math.inf), times)),
    )


def a_view(*, slots: int = 1, **more: object) -> View:
    plain = View(slots=slots, submits=Pace(20), queries=Pace(20), refill=Refill())
    return replace(plain, **more)  # type: ignore[arg-type]


@given(views(), times)
def test_a_submit_never_exceeds_the_slots_the_pace_or_a_pause(view: View, now: float) -> None:
    decision = decide(view, now)
    if decision.submit:
        assert free_slots(view) > 0
        assert view.submits.next_at(now) <= now
        assert view.refill.not_before <= now
        assert not view.paused or (view.trying and not view.sending)
    assert decision.submit + decision.offer + (decision.resend is not None) <= 1


@given(views(), times)
def test_a_job_is_offered_only_when_its_time_has_come_and_no_slot_is_known_to_be_free(view: View, now: float) -> None:
    if decide(view, now).offer:
        assert view.offer_at <= now
        assert view.submits.next_at(now) <= now
        assert free_slots(view) <= 0
        assert not view.paused


@given(views(), times)
def test_only_what_is_due_is_looked_at(view: View, now: float) -> None:
    by_id = {flight.job_id: flight for flight in view.flights}
    for job_id in decide(view, now).polls:
        assert by_id[job_id].look_at <= now
        assert view.queries.next_at(now) <= now


@given(views(), times)
def test_it_never_sleeps_past_something_it_could_do(view: View, now: float) -> None:
    """Whatever `decide` would do later, with nothing else happening, it asks to be called for by then."""
    decision = decide(view, now)
    if decision != Decision(wake_at=decision.wake_at):
        return
    for later in (now, *(t for t in _moments(view, now) if t > now)):
        if later < decision.wake_at:
            then = decide(view, later)
            assert then == Decision(wake_at=then.wake_at)


@given(views(), times)
def test_an_idle_decision_wakes_in_the_future_or_never(view: View, now: float) -> None:
    decision = decide(view, now)
    if decision == Decision(wake_at=decision.wake_at):
        assert decision.wake_at > now


def _moments(view: View, now: float) -> list[float]:
    points = [view.submits.next_at(now), view.queries.next_at(now), view.refill.not_before, view.probe_at]
    points += [view.offer_at] + [flight.look_at for flight in view.flights] + [held.resend_at for held in view.held]
    points += [view.ready_at] if view.ready_at is not None else []
    return sorted(point for point in points if math.isfinite(point))


def test_the_most_urgent_look_comes_first() -> None:
    flights = [Flight(JobId("a"), 1.0, urge=1.2), Flight(JobId("b"), 2.0, urge=1.9)]
    assert decide(a_view(slots=2, flying=2, flights=flights), 5.0).polls == ("b",)


def test_a_held_submit_is_sent_again_before_anything_new() -> None:
    view = a_view(slots=3, held=[Held(JobId("h"), 4.0)], ready_at=1.0)
    assert decide(view, 3.0).submit
    assert decide(view, 5.0) == Decision(resend=JobId("h"))


def test_with_one_slot_an_offer_takes_the_place_of_the_look() -> None:
    flights = [Flight(JobId("a"), 2.0, urge=1.0)]
    view = a_view(flying=1, flights=flights, ready_at=0.0, offer_at=2.0)
    assert decide(view, 3.0) == Decision(offer=True)
    assert decide(replace(view, ready_at=None), 3.0).polls == ("a",)


def test_with_several_slots_an_offer_comes_beside_the_looks() -> None:
    flights = [Flight(JobId("a"), 2.0, urge=1.0)]
    decision = decide(a_view(slots=2, flying=2, flights=flights, ready_at=0.0, offer_at=2.0), 3.0)
    assert (decision.offer, decision.polls) == (True, ("a",))


def test_a_paused_lane_probes_when_it_is_time_and_submits_nothing() -> None:
    view = a_view(ready_at=0.0, paused=True, probe_at=10.0)
    assert decide(view, 5.0) == Decision(wake_at=10.0)
    assert decide(view, 10.0).probe


def test_a_paused_lane_that_answers_again_sends_a_held_submit_once_more() -> None:
    view = a_view(held=[Held(JobId("h"), 4.0)], paused=True)
    assert decide(view, 5.0).resend is None
    assert decide(replace(view, trying=True), 5.0).resend == "h"
    assert decide(replace(view, trying=True, sending=1), 5.0).resend is None
