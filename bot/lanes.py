"""What a lane does next: submit, poll, resend, probe, or wait, and until when. Pure.

A lane is one provider account: `slots` jobs at a time, `rate` requests a second for each API action. Times are Unix
seconds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.job import JobId

_MARGIN = 1.05  # a sliding second at the provider may be 50 ms shorter than ours
_KEPT_LAGS = 20
MOST_LAG = 60.0
"""Seconds; peers saw a slot freed half a minute late, and nobody knows of longer."""
_AT_ONCE = 2.0
_LONGEST_PAUSE = 60.0
_RETRY_BUSY = 0.5
_RETRY_BUSY_LONG = 5.0
_BUSY_FOR_LONG = 600.0


@dataclass(frozen=True, slots=True)
class Pace:
    """Spacing of the requests of one API action, so that no sliding second ever holds more than `rate` of them."""

    rate: float
    free_at: float = -math.inf

    def next_at(self, now: float) -> float:
        """When the next request may leave."""
        return max(now, self.free_at)

    def taken(self, at: float) -> Pace:
        """The pace after a request left at `at`."""
        return replace(self, free_at=max(at, self.free_at) + _MARGIN / self.rate)


@dataclass(frozen=True, slots=True)
class Refill:
    """What the lane learned of the time between a job's end and the release of its slot.

    The provider may refuse with "too many jobs" for as long as half a minute after a job is done (seen by peers on the
    same platform). `lags` are the last waits in seconds that ended with an accepted submit.
    """

    lags: tuple[float, ...] = ()
    freed_at: float | None = None
    refused_since: float | None = None
    failures: int = 0
    not_before: float = -math.inf

    def freed(self, now: float) -> Refill:
        """Note that a job ended: the next submit waits for the shortest lag that was seen lately."""
        wait = 0.9 * min(self.lags, default=0.0)
        return replace(self, freed_at=now, refused_since=None, not_before=now + wait)

    def refused(self, now: float) -> Refill:
        """Note that the slot is still taken: try again soon, and slowly only if somebody else must be holding it."""
        since = self.refused_since if self.refused_since is not None else now
        gap = _RETRY_BUSY if now - since < _BUSY_FOR_LONG else _RETRY_BUSY_LONG
        return replace(self, refused_since=since, not_before=now + gap)

    def accepted(self, now: float) -> Refill:
        """Note that a submit was taken: learn the lag; one that was not refused at all may be shorter than we think."""
        lag = self._lag(now)
        return Refill(lags=self.lags if lag is None else (*self.lags, lag)[-_KEPT_LAGS:])

    def _lag(self, now: float) -> float | None:
        """What this submit tells of the lag: nothing, if nobody tried when the slot should have been free."""
        if self.freed_at is None:
            return None
        if self.refused_since is None:
            return 0.8 * min(now - self.freed_at, min(self.lags, default=0.0))
        expected = self.freed_at + min(self.lags, default=0.0)
        return min(now - self.freed_at, MOST_LAG) if self.refused_since <= expected + _AT_ONCE else None

    def failed(self, now: float) -> Refill:
        """Note that the provider could not be reached or stumbled: the whole lane tries less and less often."""
        gap = min(_LONGEST_PAUSE, 2.0 ** min(self.failures, 10))
        return replace(self, failures=self.failures + 1, not_before=now + gap)


@dataclass(frozen=True, slots=True)
class Flight:
    """A job at the provider: when to look next, how likely it is done by now, whether a look is under way."""

    job_id: JobId
    look_at: float
    likely: float = 0.0
    looking: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """A job whose submit has an unknown outcome: it holds a slot, and is sent again at `resend_at`."""

    job_id: JobId
    resend_at: float


@dataclass(frozen=True, slots=True)
class View:
    """All that a decision needs to know of a lane."""

    slots: int
    submits: Pace
    queries: Pace
    refill: Refill
    flights: Sequence[Flight] = ()
    held: Sequence[Held] = ()
    sending: int = 0
    ready_at: float | None = None
    paused: bool = False
    trying: bool = False
    probe_at: float = math.inf


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do now, and when to decide again at the latest (`inf`: when something happens)."""

    submit: bool = False
    resend: JobId | None = None
    polls: tuple[JobId, ...] = ()
    probe: bool = False
    wake_at: float = math.inf


def decide(view: View, now: float) -> Decision:
    """What the lane does at `now`. One submit, one resend, one probe and one poll at most: the pace allows no more."""
    polls, poll_wake = _polls(view, now)
    resend, resend_wake = _resend(view, now)
    submit, submit_wake = (False, math.inf) if resend else _submit(view, now)
    probe = view.paused and not view.trying and view.probe_at <= now
    probe_wake = view.probe_at if view.paused and not view.trying and not probe else math.inf
    wake_at = min(poll_wake, resend_wake, submit_wake, probe_wake)
    return Decision(submit=submit, resend=resend, polls=polls, probe=probe, wake_at=wake_at)


def free_slots(view: View) -> int:
    """How many more jobs the provider will take, as far as we know."""
    return view.slots - len(view.flights) - len(view.held) - view.sending


def _is_shut(view: View) -> bool:
    """Whether nothing may be sent now: a paused lane takes one real submit at a time, and only after a good probe."""
    return view.paused and (not view.trying or view.sending > 0)


def _submit(view: View, now: float) -> tuple[bool, float]:
    if view.ready_at is None or free_slots(view) <= 0 or _is_shut(view):
        return False, math.inf
    at = max(view.submits.next_at(now), view.refill.not_before, view.ready_at)
    return (True, math.inf) if at <= now else (False, at)


def _resend(view: View, now: float) -> tuple[JobId | None, float]:
    if not view.held or _is_shut(view):
        return None, math.inf
    first = min(view.held, key=lambda held: held.resend_at)
    at = max(first.resend_at, view.submits.next_at(now))
    return (first.job_id, math.inf) if at <= now else (None, at)


def _polls(view: View, now: float) -> tuple[tuple[JobId, ...], float]:
    """Look at the one that is most likely done; the rest wait for the pace."""
    idle = [flight for flight in view.flights if not flight.looking]
    due = [flight for flight in idle if flight.look_at <= now]
    at = view.queries.next_at(now)
    if not due:
        return (), max(at, min((flight.look_at for flight in idle), default=math.inf))
    if at > now:
        return (), at
    first = max(due, key=lambda flight: (flight.likely, -flight.look_at))
    more = [flight.look_at for flight in idle if flight is not first]
    wake = max(view.queries.taken(now).free_at, min(more)) if more else math.inf
    return (first.job_id,), wake
