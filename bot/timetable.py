"""The times of one lane: when it looks, submits and offers, and what each answer changes about that. Pure.

It is told what left and what came back, and asked what is next; whether a driver or a simulation does so is all one to
it. Times are Unix seconds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from bot.forecast import Forecast, Key
from bot.job import JobId
from bot.lanes import Decision, Flight, Held, View, decide
from bot.offers import Offers
from bot.pace import Pace
from bot.refill import Refill

_SURE = 1.0  # seconds after which a call that was given up has arrived, if ever
_FIRST_SEEN = 0.9  # of the time until the first look, a job that it finds done has taken about so much
_WORTH_A_LOOK = 0.1  # of the urge at which a look is due, if some job is known to have ended


@dataclass(slots=True)
class Watch:
    """A job at the provider. `checked_at`: when it was last known to be at work; `ended_by`: when it was surely over.

    `is_shadow`: we gave it up, the provider perhaps did not; it counts, and is rarely looked at. `is_found`: it was
    there before us.
    """

    job_id: JobId
    key: Key
    since: float
    look_at: float
    checked_at: float = 0.0
    ended_by: float = math.inf
    looking: bool = False
    is_shadow: bool = False
    is_found: bool = False


@dataclass(frozen=True, slots=True)
class Unsure:
    """A submit of unknown outcome: intended then, its slot held since then, sent again then."""

    intended_at: float
    since: float
    resend_at: float


@dataclass(frozen=True, slots=True)
class Limits:
    """What the account allows. `exact`: whether it refuses what is beyond its slots; None: nobody said."""

    slots: int
    rate: float
    exact: bool | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """What waits to be sent: from when on (None: nothing), and whether the lane is paused, being tried, or probed."""

    ready_at: float | None
    paused: bool = False
    trying: bool = False
    probe_at: float = math.inf


class Timetable:
    """What a lane knows of its jobs at the provider, as far as times go."""

    def __init__(self, limits: Limits, forecast: Forecast) -> None:
        self.forecast = forecast
        self.watches: dict[JobId, Watch] = {}
        self.held: dict[JobId, Unsure] = {}
        self.sending = 0
        self.refill = Refill()
        self.submits = Pace(limits.rate)
        self.queries = Pace(limits.rate)
        self.offers = Offers(limits.slots, forecast, exact=limits.exact)
        self._limits = limits

    @property
    def over(self) -> int:
        """How many jobs must have ended unseen: the provider took more than there are slots."""
        return max(0, len(self.watches) + len(self.held) - self._limits.slots)

    @property
    def free(self) -> int:
        """How many slots are known to be free."""
        return self._limits.slots - len(self.watches) - len(self.held) - self.sending

    def may_send(self, now: float) -> bool:
        """Whether it is worth asking who is next."""
        return self.free > 0 or self.offer_at(now) <= now

    def decide(self, now: float, line: Line) -> Decision:
        """What is next."""
        view = View(
            slots=self._limits.slots,
            submits=self.submits,
            queries=self.queries,
            refill=self.refill,
            flying=len(self.watches),
            flights=self._flights(now),
            held=[Held(job_id, unsure.resend_at) for job_id, unsure in self.held.items()],
            sending=self.sending,
            ready_at=line.ready_at,
            offer_at=self.offer_at(now),
            paused=line.paused,
            trying=line.trying,
            probe_at=line.probe_at,
        )
        return decide(view, now)

    def offer_at(self, now: float) -> float:
        """From when on a job may be offered although no slot is known to be free."""
        if self.free > 0 or self.held or not self.refill.is_prompt:
            return math.inf
        return self.offers.next_at(now, self.watches.values(), sending=self.sending)

    def _flights(self, now: float) -> list[Flight]:
        """What may be looked at now, and the one that is looked at next.

        As long as some job must have ended, and nothing else is due, whatever may be the one is looked at.
        """
        idle = [watch for watch in self.watches.values() if not watch.looking]
        due = [Flight(watch.job_id, watch.look_at, self._urge(watch, now)) for watch in idle if watch.look_at <= now]
        if due or not self.over or self.queries.next_at(now) > now:
            later = (watch for watch in idle if watch.look_at > now)
            first = min(later, key=lambda watch: watch.look_at, default=None)
            return due if first is None else [*due, Flight(first.job_id, first.look_at)]
        flights = [(watch, 0.0 if watch.is_shadow else self._urge(watch, now)) for watch in idle]
        return [Flight(watch.job_id, now if urge > _WORTH_A_LOOK else watch.look_at, urge) for watch, urge in flights]

    def _urge(self, watch: Watch, now: float) -> float:
        return self.forecast.urge(watch.key, looked_at=watch.checked_at - watch.since, now=now - watch.since)

    def next_look(self, key: Key, *, since_submit: float) -> float:
        """The next look, in seconds after the submit, after one that long after it."""
        return self.forecast.next_look(key, since_submit=max(since_submit, 0.0))

    def look_sent(self, watch: Watch, now: float) -> None:
        """A query left."""
        self.queries = self.queries.taken(now)
        watch.looking = True

    def look_answered(self, now: float, *, sent_at: float) -> None:
        """A query was answered, or given up."""
        self.queries = self.queries.done(now, sent_at=sent_at)

    def at_work(self, watch: Watch, sent_at: float) -> None:
        """The query, or an offer refused, that left then found it at work."""
        watch.checked_at = max(watch.checked_at, sent_at)
        watch.look_at = watch.since + self.next_look(watch.key, since_submit=watch.checked_at - watch.since)
        self.offers.check(self.watches.values(), over=self.over)

    def off(self, watch: Watch, now: float) -> None:
        """A job is off the provider's hands."""
        del self.watches[watch.job_id]
        if self.free > 0:
            self.refill = self.refill.ended(now)

    def run_time(self, watch: Watch, sent_at: float) -> float | None:
        """How long it took, if the look that left then was the first to find it done: somewhere since the one before.

        None if nobody looked for so long that this tells nothing.
        """
        late = min(sent_at, watch.ended_by) - watch.since
        if watch.checked_at > watch.since:
            return max((watch.checked_at - watch.since + late) / 2, 0.0)
        return None if watch.is_found else late * _FIRST_SEEN

    def submit_sent(self, now: float, *, offer: bool = False) -> None:
        """A submit left."""
        self.submits = self.submits.taken(now)
        self.sending += 1
        if offer:
            self.offers.sent(now, self.watches.values())
            self._spare(looking=True)

    def submit_answered(self, now: float, *, sent_at: float) -> None:
        """It was answered, or given up; its slot counts as taken until what came of it is written down."""
        self.submits = self.submits.done(now, sent_at=sent_at)

    def submit_over(self, *, offer: bool = False) -> None:
        """What came of it is known to the rows, and said next."""
        self.sending -= 1
        if offer:
            self._spare(looking=False)

    def _spare(self, *, looking: bool) -> None:
        """With one slot an offer is as good as a look at the one job there is."""
        if self._limits.slots == 1:
            for watch in self.watches.values():
                watch.looking = looking

    def taken(self, watch: Watch, sent_at: float, now: float) -> None:
        """The provider took the submit that left then, as is known now."""
        self.refill = self.refill.accepted(sent_at)
        if self._limits.slots == 1:
            for other in self.watches.values():
                other.ended_by = min(other.ended_by, sent_at)
        self.watches[watch.job_id] = watch
        self.offers.taken(now, over=self.over)

    def refused(self, sent_at: float, now: float, *, offer: bool) -> None:
        """The provider had no slot for the submit that left then, and said so now."""
        if not offer:
            self.refill = self.refill.refused(now)
        elif self._limits.slots == 1 and len(self.watches) == 1:
            for watch in self.watches.values():
                self.at_work(watch, sent_at)

    def hold(self, job_id: JobId, unsure: Unsure) -> None:
        """The outcome of a submit is not known."""
        self.held[job_id] = unsure

    def forget(self, now: float) -> None:
        """Know of no job any more; what was learned, and what left in the last second, still counts."""
        self.watches.clear()
        self.held.clear()
        self.sending = 0
        self.submits, self.queries = self.submits.all_done(now), self.queries.all_done(now)
        self.offers.forget()

    def disproved(self) -> list[JobId]:
        """The held submits that the provider cannot have taken: all its slots were at work on older jobs afterwards.

        It takes an account that is known to refuse what is beyond its slots.
        """
        busy = [watch for watch in self.watches.values() if not watch.is_shadow]
        if not self.held or self._limits.exact is not True or len(busy) < self._limits.slots:
            return []
        since = max(watch.since for watch in busy)
        checked_at = min(watch.checked_at for watch in busy)
        return [
            job_id
            for job_id, unsure in self.held.items()
            if since < unsure.intended_at and checked_at > unsure.since + _SURE
        ]
