"""What a lane does next: submit, offer, poll, resend, probe, or wait, and until when. Pure.

A lane is one provider account: `slots` jobs at a time, `rate` requests a second for each API action. Times are Unix
seconds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from bot.job import JobId
from bot.pace import Pace
from bot.refill import Refill


@dataclass(frozen=True, slots=True)
class Flight:
    """A job at the provider that is not being looked at: when to look next, and how urgent that is."""

    job_id: JobId
    look_at: float
    urge: float = 0.0


@dataclass(frozen=True, slots=True)
class Held:
    """A job whose submit has an unknown outcome: it holds a slot, and is sent again at `resend_at`."""

    job_id: JobId
    resend_at: float


@dataclass(frozen=True, slots=True)
class View:
    """All that a decision needs to know of a lane.

    `flying` counts the jobs at the provider, `flights` are those that are due for a look and the next one. `offer_at`:
    from when on a job may be offered although no slot is known to be free; `ready_at`: from when on there is one to
    send.
    """

    slots: int
    submits: Pace
    queries: Pace
    refill: Refill
    flying: int = 0
    flights: Sequence[Flight] = ()
    held: Sequence[Held] = ()
    sending: int = 0
    ready_at: float | None = None
    offer_at: float = math.inf
    paused: bool = False
    trying: bool = False
    probe_at: float = math.inf


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do now, and when to decide again at the latest (`inf`: when something happens)."""

    submit: bool = False
    offer: bool = False
    resend: JobId | None = None
    polls: tuple[JobId, ...] = ()
    probe: bool = False
    wake_at: float = math.inf


def decide(view: View, now: float) -> Decision:
    """What the lane does at `now`. One submit, one resend, one probe and one poll at most: the pace allows no more."""
    resend, resend_wake = _resend(view, now)
    submit, submit_wake = (False, math.inf) if resend else _submit(view, now)
    offer, offer_wake = (False, math.inf) if resend or submit else _offer(view, now)
    polls, poll_wake = _polls(view, now, spared=offer and view.slots == 1)
    probe = view.paused and not view.trying and view.probe_at <= now
    probe_wake = view.probe_at if view.paused and not view.trying and not probe else math.inf
    wake_at = min(poll_wake, resend_wake, submit_wake, offer_wake, probe_wake)
    return Decision(submit=submit, offer=offer, resend=resend, polls=polls, probe=probe, wake_at=wake_at)


def free_slots(view: View) -> int:
    """How many more jobs the provider will take, as far as we know."""
    return view.slots - view.flying - len(view.held) - view.sending


def _is_shut(view: View) -> bool:
    """Whether nothing may be sent now: a paused lane takes one real submit at a time, and only after a good probe."""
    return view.paused and (not view.trying or view.sending > 0)


def _submit(view: View, now: float) -> tuple[bool, float]:
    if view.ready_at is None or free_slots(view) <= 0 or _is_shut(view):
        return False, math.inf
    at = max(view.submits.next_at(now), view.refill.not_before, view.ready_at)
    return (True, math.inf) if at <= now else (False, at)


def _offer(view: View, now: float) -> tuple[bool, float]:
    """Offer a job before a look has seen another one end: a refusal costs a request, an acceptance saves a wait."""
    if view.ready_at is None or free_slots(view) > 0 or view.paused:
        return False, math.inf
    at = max(view.submits.next_at(now), view.refill.not_before, view.ready_at, view.offer_at)
    return (True, math.inf) if at <= now else (False, at)


def _resend(view: View, now: float) -> tuple[JobId | None, float]:
    if not view.held or _is_shut(view):
        return None, math.inf
    first = min(view.held, key=lambda held: held.resend_at)
    at = max(first.resend_at, view.submits.next_at(now))
    return (first.job_id, math.inf) if at <= now else (None, at)


def _polls(view: View, now: float, *, spared: bool) -> tuple[tuple[JobId, ...], float]:
    """Look at the one where a look is most urgent; the rest wait for the pace.

    `spared`: the only job there is need not be looked at, because the offer beside it will tell as much.
    """
    if spared:
        return (), math.inf
    due = [flight for flight in view.flights if flight.look_at <= now]
    at = view.queries.next_at(now)
    if not due:
        return (), max(at, min((flight.look_at for flight in view.flights), default=math.inf))
    if at > now:
        return (), at
    first = max(due, key=lambda flight: (flight.urge, -flight.look_at))
    more = [flight.look_at for flight in view.flights if flight is not first]
    wake = max(view.queries.taken(now).next_at(now), min(more)) if more else math.inf
    return (first.job_id,), wake
