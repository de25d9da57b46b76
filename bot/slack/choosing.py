"""Which edit is sent next, and when: arithmetic over what is wanted and what was sent. Pure.

Slack allows 50 `chat.update` a minute for a whole workspace, and advises at most one for a message in 3 s. So edits are
courtesies that share a budget: the last word on a job comes first, a changed state next, a place in line last.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from bot.job import JobId, TeamId

GAP = 3.0
WINDOW = 60.0
BUDGET = 40
RESERVE = 10
"""Of the budget, kept for what is more than progress."""
MOST_WANTED = 2000


class Rank(IntEnum):
    """What goes first."""

    FINAL = 0
    CHANGE = 1
    PROGRESS = 2


@dataclass(frozen=True, slots=True)
class Wanted:
    """One job's latest view, waiting since then (seconds), not before `hold`."""

    job: JobId
    team: TeamId
    rank: Rank
    since: float
    hold: float = -math.inf


@dataclass(frozen=True, slots=True)
class Spent:
    """What was sent: when each job's message was edited last, and each workspace's edits of the last minute."""

    edited: Mapping[JobId, float] = field(default_factory=dict)
    by_team: Mapping[TeamId, Sequence[float]] = field(default_factory=dict)
    blocked: Mapping[TeamId, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Choice:
    """The job whose view is sent now, or None; and when to choose again at the latest."""

    job: JobId | None
    wake_at: float


def choose(wanted: Collection[Wanted], spent: Spent, now: float) -> Choice:
    """The first that may go now: by rank, then by how long it has waited."""
    ready_at = {each.job: _ready_at(each, spent, now) for each in wanted}
    ready = [each for each in wanted if ready_at[each.job] <= now]
    if ready:
        return Choice(min(ready, key=lambda each: (each.rank, each.since, each.job)).job, now)
    return Choice(None, min(ready_at.values(), default=math.inf))


def _ready_at(wanted: Wanted, spent: Spent, now: float) -> float:
    own = spent.edited.get(wanted.job, -math.inf) + GAP
    allowed = BUDGET - (RESERVE if wanted.rank is Rank.PROGRESS else 0)
    recent = sorted(at for at in spent.by_team.get(wanted.team, ()) if at > now - WINDOW)
    # The budget has room again when the oldest of those that fill it leaves the window.
    room = recent[-allowed] + WINDOW if len(recent) >= allowed else -math.inf
    return max(own, room, wanted.hold, spent.blocked.get(wanted.team, -math.inf))


def surplus(wanted: Collection[Wanted], most: int = MOST_WANTED) -> set[JobId]:
    """What is given up when too much is wanted: the stalest progress, then the stalest change; never a last word."""
    too_many = len(wanted) - most
    if too_many <= 0:
        return set()
    droppable = [each for each in wanted if each.rank is not Rank.FINAL]
    droppable.sort(key=lambda each: (-each.rank, each.since, each.job))
    return {each.job for each in droppable[:too_many]}
