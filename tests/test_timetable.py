"""When a lane looks and offers, and what it concludes from what it hears."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import count

import pytest

from bot.forecast import Forecast, Key
from bot.job import JobId
from bot.refill import Refill
from bot.timetable import Limits, Line, Timetable, Unsure, Watch

PLAIN = Key(1, None, raw=False)
READY = Line(ready_at=-math.inf)
IDLE = Line(ready_at=None)


def a_lane(slots: int = 1, *, exact: bool | None = True) -> Timetable:
    return Timetable(Limits(slots, 20.0, exact), Forecast(slots=slots))


def a_watch(times: Timetable, name: str = "a", *, since: float = 0.0) -> Watch:
    return Watch(JobId(name), PLAIN, since, look_at=since + times.next_look(PLAIN, since_submit=0.0))


def fly(times: Timetable, name: str = "a", *, since: float = 0.0) -> Watch:
    """A job that the provider took when a slot was known to be free."""
    times.submit_sent(since)
    times.submit_answered(since + 0.1, sent_at=since)
    times.submit_over()
    times.taken(watch := a_watch(times, name, since=since), since, since + 0.1)
    return watch


def look(times: Timetable, watch: Watch, at: float, *, working: bool = True) -> None:
    times.look_sent(watch, at)
    times.look_answered(at + 0.1, sent_at=at)
    watch.looking = False
    if working:
        times.at_work(watch, at)
    else:
        times.off(watch, at + 0.1)


def offer(times: Timetable, at: float, *, taken: str = "") -> None:
    times.submit_sent(at, offer=True)
    times.submit_answered(at + 0.1, sent_at=at)
    if taken:
        times.submit_over(offer=True)
        times.taken(a_watch(times, taken, since=at), at, at + 0.1)
        return
    times.refused(at, at + 0.1, offer=True)
    times.submit_over(offer=True)


def lived(times: Timetable, until: float, *, line: Line = READY) -> Iterator[tuple[float, str]]:
    """What a lane does while nothing ends: looks that find all at work, offers that are refused."""
    now = 0.0
    while now < until:
        decision = times.decide(now, line)
        if decision.offer:
            yield now, "offer"
            offer(times, now)
        for job_id in decision.polls:
            yield now, "look"
            look(times, times.watches[job_id], now)
        now = max(decision.wake_at, now + 0.1) if math.isfinite(decision.wake_at) else now + 0.1


class TestOneSlot:
    def test_now_and_then_an_offer_takes_the_place_of_a_look(self) -> None:
        times = a_lane()
        fly(times)
        deeds = [what for _, what in lived(times, 25.0)]
        assert 0.1 < deeds.count("offer") / len(deeds) < 0.4
        without = a_lane(exact=False)
        fly(without)
        assert len(deeds) == pytest.approx(len(list(lived(without, 25.0))), abs=3)

    def test_an_offer_is_no_look_where_nobody_waits(self) -> None:
        times = a_lane()
        fly(times)
        assert {what for _, what in lived(times, 25.0, line=IDLE)} == {"look"}

    def test_while_an_offer_is_under_way_nothing_else_is(self) -> None:
        times = a_lane()
        watch = fly(times)
        at = next(now for now, what in lived(times, 25.0) if what == "offer")
        times.submit_sent(at, offer=True)
        assert times.decide(at + 1.0, READY).polls == ()
        assert not times.decide(at + 1.0, READY).offer
        assert watch.looking

    def test_an_offer_that_is_taken_tells_that_the_job_has_ended_and_it_is_looked_at_at_once(self) -> None:
        times = a_lane()
        watch = fly(times)
        look(times, watch, 8.0)
        offer(times, 8.5, taken="b")
        assert (times.over, times.free) == (1, -1)
        assert times.decide(8.6, READY).polls == ("a",)
        assert times.run_time(watch, 8.6) == pytest.approx(8.25)
        look(times, watch, 8.6, working=False)
        assert (times.over, times.free, times.refill.freed) == (0, 0, ())

    def test_a_job_is_offered_once_it_is_known_that_the_account_has_no_more_slots(self) -> None:
        times = a_lane(exact=None)
        fly(times)
        assert {what for _, what in lived(times, 25.0)} == {"look"}

    def test_a_job_that_was_given_up_is_not_in_the_way_of_looks_and_no_reason_for_offers(self) -> None:
        times = a_lane()
        watch = fly(times)
        watch.is_shadow, watch.look_at = True, 900.0
        decision = times.decide(800.0, READY)
        assert (decision.offer, decision.polls, decision.wake_at) == (False, (), 900.0)


class TestManySlots:
    def lane(self, *, exact: bool | None = None) -> Timetable:
        times = a_lane(20, exact=exact)
        for number in range(20):
            fly(times, f"j{number}", since=-number / 2)
        return times

    @pytest.mark.parametrize(("slots", "offers"), [(7, False), (8, True)])
    def test_an_account_of_many_slots_is_believed_to_have_no_more(self, slots: int, offers: bool) -> None:
        times = a_lane(slots, exact=None)
        for number in range(slots):
            fly(times, f"j{number}")
        assert ("offer" in {what for _, what in lived(times, 12.0)}) is offers

    def test_offers_come_as_often_as_jobs_are_expected_to_end(self) -> None:
        """Twenty slots free themselves about 1.7 times a second."""
        times = self.lane()
        offers = [now for now, what in lived(times, 8.0) if what == "offer" and now > 4.0]
        assert 2.0 < len(offers) / 4.0 < 10.0

    def test_soon_after_all_have_begun_nothing_is_offered(self) -> None:
        times = a_lane(20, exact=None)
        for number in range(20):
            fly(times, f"j{number}")
        assert [what for now, what in lived(times, 3.0) if what == "offer"] == []

    def test_a_refused_offer_waits_for_nothing(self) -> None:
        times = self.lane()
        offer(times, 5.0)
        assert times.refill.not_before == -math.inf

    def test_no_more_than_four_offers_are_under_way(self) -> None:
        times = self.lane()
        for _ in range(4):
            times.submit_sent(5.0, offer=True)
        assert times.offer_at(500.0) == math.inf

    def test_where_slots_are_freed_late_nothing_is_offered(self) -> None:
        times = self.lane(exact=True)
        times.refill = Refill(lags=(9.0, 12.0))
        assert times.offer_at(500.0) == math.inf

    def test_while_an_outcome_is_unknown_nothing_is_offered(self) -> None:
        times = self.lane(exact=True)
        times.hold(JobId("h"), Unsure(0.0, 0.0, 60.0))
        assert times.offer_at(500.0) == math.inf

    def test_with_a_free_slot_there_is_nothing_to_offer(self) -> None:
        times = self.lane(exact=True)
        times.off(times.watches[JobId("j0")], 5.0)
        assert (times.offer_at(500.0), times.may_send(5.0)) == (math.inf, True)
        assert times.decide(5.0, READY).submit

    def test_after_an_offer_was_taken_the_likeliest_is_looked_for_until_it_is_found(self) -> None:
        times = self.lane()
        for watch in times.watches.values():
            watch.look_at = 100.0
        offer(times, 5.0, taken="new")
        oldest = times.decide(5.1, IDLE).polls
        assert oldest == ("j19",)
        look(times, times.watches[JobId("j19")], 5.1)
        times.watches[JobId("j19")].look_at = 100.0
        assert times.decide(5.3, IDLE).polls == ("j18",)
        look(times, times.watches[JobId("j18")], 5.3, working=False)
        assert times.decide(5.5, IDLE).polls == ()

    def test_an_account_that_takes_more_than_its_slots_is_offered_nothing_any_more(self) -> None:
        """All twenty jobs are at work after a twenty-first was taken: there is one job too many, and never two."""
        times = self.lane()
        offer(times, 5.0, taken="new")
        for watch in tuple(times.watches.values()):
            look(times, watch, 5.5)
        assert not times.offers.allowed
        assert times.offer_at(500.0) == math.inf
        assert times.free == -1

    def test_a_look_that_left_before_the_offer_was_answered_proves_nothing(self) -> None:
        times = self.lane()
        offer(times, 5.0, taken="new")
        for watch in tuple(times.watches.values()):
            look(times, watch, 5.05)
        assert times.offers.allowed

    def test_given_up_jobs_are_no_reason_for_an_offer(self) -> None:
        times = a_lane(8, exact=True)
        for number in range(8):
            fly(times, f"j{number}").is_shadow = True
        assert times.offer_at(0.0) > 0.0
        assert times.decide(300.0, IDLE).polls != ()


class TestLooks:
    def test_the_most_urgent_look_comes_first_if_several_are_due(self) -> None:
        times = a_lane(2, exact=False)
        fly(times, "young", since=6.0)
        fly(times, "old")
        assert times.decide(14.0, IDLE).polls == ("old",)

    def test_a_run_time_lies_between_the_last_look_and_the_one_that_found_it_done(self) -> None:
        times = a_lane()
        watch = fly(times, since=100.0)
        look(times, watch, 108.0)
        assert times.run_time(watch, 109.0) == pytest.approx(8.5)

    def test_one_that_the_first_look_finds_done_took_nearly_as_long(self) -> None:
        times = a_lane()
        assert times.run_time(fly(times, since=100.0), 106.0) == pytest.approx(5.4)

    def test_one_that_was_found_in_the_rows_and_is_done_tells_nothing(self) -> None:
        times = a_lane()
        watch = fly(times, since=100.0)
        watch.is_found = True
        assert times.run_time(watch, 900.0) is None

    def test_the_end_of_a_job_frees_its_slot(self) -> None:
        times = a_lane()
        look(times, fly(times), 9.0, working=False)
        assert (times.free, times.refill.freed) == (1, (9.1,))

    def test_a_slot_that_is_still_taken_is_asked_for_again_soon(self) -> None:
        times = a_lane()
        look(times, fly(times), 9.0, working=False)
        times.submit_sent(9.2)
        times.submit_answered(9.3, sent_at=9.2)
        times.submit_over()
        times.refused(9.2, 9.3, offer=False)
        assert 9.3 < times.decide(9.3, READY).wake_at <= 9.8


class TestUnknown:
    """A submit that nobody heard of holds its slot, unless all slots were at work on older jobs afterwards."""

    def held(self, slots: int = 1, *, exact: bool | None = True, intended_at: float = 5.0) -> Timetable:
        times = a_lane(slots, exact=exact)
        for number in range(slots):
            fly(times, f"j{number}", since=float(number))
        times.hold(JobId("h"), Unsure(intended_at, since=8.0, resend_at=90.0))
        return times

    def all_at_work(self, times: Timetable, at: float) -> None:
        for watch, moment in zip(times.watches.values(), count(), strict=False):
            look(times, watch, at + moment / 10)

    @pytest.mark.parametrize("slots", [1, 3])
    def test_all_slots_at_work_on_older_jobs_disprove_it(self, slots: int) -> None:
        times = self.held(slots)
        assert times.disproved() == []
        self.all_at_work(times, 9.5)
        assert times.disproved() == ["h"]

    def test_a_job_that_came_later_may_be_that_very_one_s_successor(self) -> None:
        times = self.held(2, intended_at=0.5)
        self.all_at_work(times, 9.5)
        assert times.disproved() == []

    def test_a_look_before_the_call_can_have_arrived_proves_nothing(self) -> None:
        times = self.held()
        self.all_at_work(times, 8.5)
        assert times.disproved() == []

    def test_an_account_that_may_have_more_slots_proves_nothing(self) -> None:
        times = self.held(exact=None)
        self.all_at_work(times, 9.5)
        assert times.disproved() == []

    def test_a_free_slot_proves_nothing(self) -> None:
        times = self.held(2)
        times.off(times.watches[JobId("j0")], 9.0)
        self.all_at_work(times, 9.5)
        assert times.disproved() == []

    def test_a_job_that_was_given_up_proves_nothing(self) -> None:
        times = self.held(2)
        times.watches[JobId("j0")].is_shadow = True
        self.all_at_work(times, 9.5)
        assert times.disproved() == []

    def test_what_is_held_is_sent_again_when_its_time_has_come(self) -> None:
        times = self.held()
        assert times.decide(90.0, IDLE).resend == "h"


def test_what_is_forgotten_is_the_jobs_and_not_the_pace() -> None:
    times = a_lane(2)
    fly(times)
    times.submit_sent(5.0)
    times.look_sent(times.watches[JobId("a")], 5.0)
    times.hold(JobId("h"), Unsure(0.0, 0.0, 60.0))
    times.forget(6.0)
    assert (times.free, times.sending, dict(times.watches), dict(times.held)) == (2, 0, {}, {})
    assert (times.submits.open, times.queries.open) == (0, 0)
    assert times.queries.answered == (6.0,)
