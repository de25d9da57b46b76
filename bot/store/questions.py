"""What is asked of the rows: statements, built once, and their values. Each is one index scan, however many jobs wait.

To build a statement of fifty columns, or to fill values into a built one, takes longer than to run it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, Executable, bindparam, func, select, union_all

from bot.job import ChannelId, JobId, LaneId, State, TeamId, Ts
from bot.store import picking, places
from bot.store.tables import FLYING, QUEUED, jobs, lanes


class Question(NamedTuple):
    """A statement, and the values for its parameters. `is_long`: it reads a whole line, not a few rows."""

    statement: Executable
    values: dict[str, Any]
    is_long: bool = False


_LANE: BindParameter[str] = bindparam("at_lane")
_MOST: BindParameter[int] = bindparam("at_most")
_TEAM = jobs.c.team_id == bindparam("at_team")
_CHANNEL = jobs.c.channel_id == bindparam("at_channel")
_AT: BindParameter[str] = bindparam("at_ts")

_ONE = select(jobs).where(jobs.c.id == bindparam("at_id"))
_ROOT = select(jobs.c.seq).where(_TEAM, _CHANNEL, jobs.c.root_ts == _AT)
_SHARE = select(jobs.c.seq).where(_TEAM, _CHANNEL, jobs.c.share_ts == _AT)
_SHOWN = select(jobs).where(jobs.c.seq.in_(union_all(_ROOT, _SHARE))).limit(1)
_NEXT_DUE = select(func.min(jobs.c.claim_at)).where(jobs.c.claim_at.is_not(None))
_IN_LINE_DUE = select(func.min(jobs.c.due_at)).where(jobs.c.lane == _LANE, QUEUED)
_ARRIVING = (
    select(func.count())
    .select_from(jobs)
    .where(jobs.c.claim_at.is_not(None), jobs.c.state == State.UPLOADED, _TEAM, _CHANNEL)
)
_WAITING = select(jobs).where(jobs.c.lane == _LANE, QUEUED).order_by(jobs.c.asked_at, jobs.c.seq).limit(_MOST)
_IN_FLIGHT = select(jobs).where(jobs.c.lane == _LANE, FLYING)
_RUNS = (
    select(jobs.c.request, jobs.c.sent_at, jobs.c.done_at)
    .where(jobs.c.lane == _LANE, jobs.c.done_at.is_not(None), jobs.c.sent_at.is_not(None))
    .order_by(jobs.c.done_at.desc())
    .limit(_MOST)
)
_LANES = select(lanes).where(lanes.c.id == _LANE)
_ANYTHING = select(lanes.c.id).limit(1)


def one(job_id: JobId) -> Question:
    """The job of that id."""
    return Question(_ONE, {"at_id": job_id})


def shown_at(team_id: TeamId, channel_id: ChannelId, ts: Ts) -> Question:
    """The job whose root or shared message stands there."""
    return Question(_SHOWN, {"at_team": team_id, "at_channel": channel_id, "at_ts": ts})


def next_due() -> Question:
    """When the earliest job that no lane decides about may be claimed."""
    return Question(_NEXT_DUE, {})


def next_in_line(lane: LaneId, now: datetime) -> Question:
    """The job to submit next."""
    return Question(picking.NEXT, {"at_lane": lane, "at_now": now})


def next_in_line_due(lane: LaneId) -> Question:
    """When the earliest queued job of the lane may be submitted."""
    return Question(_IN_LINE_DUE, {"at_lane": lane})


def ahead(lane: LaneId, ids: Sequence[JobId]) -> Question:
    """What stands before each of the jobs."""
    if len(ids) == 1:
        return Question(places.AHEAD_OF_ONE, {"lane": lane, "id": ids[0]})
    return Question(places.AHEAD_OF_MANY, {"lane": lane, "ids": list(ids)})


def sums(lane: LaneId) -> Question:
    """How many people of the lane wait for how much."""
    return Question(places.SUMS, {"lane": lane}, is_long=True)


def marks(lane: LaneId, step: int) -> Question:
    """The turns of the first in line and of each `step`-th after that."""
    return Question(places.EVERY, {"lane": lane, "step": step}, is_long=True)


def is_arriving(team_id: TeamId, channel_id: ChannelId) -> Question:
    """Whether an uploaded job of this conversation waits for the sight of its share; only unfinished rows are read."""
    return Question(_ARRIVING, {"at_team": team_id, "at_channel": channel_id})


def waiting(lane: LaneId, limit: int) -> Question:
    """Queued jobs of the lane, longest wait first."""
    return Question(_WAITING, {"at_lane": lane, "at_most": limit})


def in_flight(lane: LaneId) -> Question:
    """The jobs that hold a slot of the lane."""
    return Question(_IN_FLIGHT, {"at_lane": lane})


def runs(lane: LaneId, limit: int) -> Question:
    """The last runs that came to an end, newest first."""
    return Question(_RUNS, {"at_lane": lane, "at_most": limit})


def lane(lane_id: LaneId) -> Question:
    """What is remembered of the lane."""
    return Question(_LANES, {"at_lane": lane_id})


def anything() -> Question:
    """A question that a database with our tables can answer."""
    return Question(_ANYTHING, {})
