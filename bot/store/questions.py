"""What is asked of the rows, as statements. Each is one index scan, however many jobs wait."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, select, tuple_, union_all

from bot.job import ChannelId, Job, JobId, LaneId, State, TeamId, Ts, UserId
from bot.store.line import front
from bot.store.tables import FLYING, QUEUED, WAITS, jobs, lanes, people

Question = Select[Any]


def one(job_id: JobId) -> Question:
    """The job of that id."""
    return select(jobs).where(jobs.c.id == job_id)


def shown_at(team_id: TeamId, channel_id: ChannelId, ts: Ts) -> Question:
    """The job whose root or shared message stands there."""
    place = and_(jobs.c.team_id == team_id, jobs.c.channel_id == channel_id)
    roots = select(jobs.c.seq).where(place, jobs.c.root_ts == ts)
    shares = select(jobs.c.seq).where(place, jobs.c.share_ts == ts)
    return select(jobs).where(jobs.c.seq.in_(union_all(roots, shares))).limit(1)


def next_due() -> Question:
    """When the earliest job that no lane decides about may be claimed."""
    return select(func.min(jobs.c.claim_at)).where(jobs.c.claim_at.is_not(None))


def next_in_line(lane: LaneId, now: datetime) -> Question:
    """The job to submit next."""
    return select(jobs).where(jobs.c.seq == front(lane, now))


def next_in_line_due(lane: LaneId) -> Question:
    """When the earliest queued job of the lane may be submitted."""
    return select(func.min(jobs.c.due_at)).where(jobs.c.lane == lane, QUEUED)


def line(lane: LaneId) -> Question:
    """Everybody with something queued, whose turn is next first."""
    order = (people.c.served_at, people.c.waiting_since, people.c.first_seq)
    return select(people).where(people.c.lane == lane, WAITS).order_by(*order)


def person(lane: LaneId, team_id: TeamId, user_id: UserId) -> Question:
    """Somebody's row in the lane."""
    return select(people).where(people.c.lane == lane, people.c.team_id == team_id, people.c.user_id == user_id)


def own_ahead(job: Job) -> Question:
    """How many queued jobs of the same person were asked before this one."""
    seq = select(jobs.c.seq).where(jobs.c.id == job.id).scalar_subquery()
    theirs = and_(jobs.c.lane == job.lane, jobs.c.team_id == job.team_id, jobs.c.user_id == job.user_id)
    before = tuple_(jobs.c.asked_at, jobs.c.seq) < tuple_(
        job.asked_at, seq, types=[jobs.c.asked_at.type, jobs.c.seq.type]
    )
    return select(func.count()).select_from(jobs).where(theirs, QUEUED, before)


def is_arriving(team_id: TeamId, channel_id: ChannelId) -> Question:
    """Whether an uploaded job of this conversation waits for the sight of its share; only unfinished rows are read."""
    here = and_(jobs.c.team_id == team_id, jobs.c.channel_id == channel_id)
    unfinished = and_(jobs.c.claim_at.is_not(None), jobs.c.state == State.UPLOADED)
    return select(func.count()).select_from(jobs).where(unfinished, here)


def waiting(lane: LaneId, limit: int) -> Question:
    """Queued jobs of the lane, longest wait first."""
    return select(jobs).where(jobs.c.lane == lane, QUEUED).order_by(jobs.c.asked_at, jobs.c.seq).limit(limit)


def in_flight(lane: LaneId) -> Question:
    """The jobs that hold a slot of the lane."""
    return select(jobs).where(jobs.c.lane == lane, FLYING)


def runs(lane: LaneId, limit: int) -> Question:
    """The last runs that came to an end, newest first."""
    columns = (jobs.c.request, jobs.c.sent_at, jobs.c.done_at)
    ended = and_(jobs.c.lane == lane, jobs.c.done_at.is_not(None), jobs.c.sent_at.is_not(None))
    return select(*columns).where(ended).order_by(jobs.c.done_at.desc()).limit(limit)


def lane(lane_id: LaneId) -> Question:
    """What is remembered of the lane."""
    return select(lanes).where(lanes.c.id == lane_id)


def anything() -> Question:
    """A question that a database with our tables can answer."""
    return select(lanes.c.id).limit(1)
