"""Where jobs are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.errors import Cause
from bot.heard import Heard
from bot.job import ChannelId, Job, JobId, LaneId, TeamId, Ts
from bot.request import Clarity
from bot.turns import Ahead, Crowd


@dataclass(frozen=True, slots=True)
class DeliveryKey:
    """What makes one delivery of Slack's the same as another: `(team, kind, key)` is unique for good."""

    team_id: TeamId
    kind: str
    key: str


@dataclass(frozen=True, slots=True)
class Lease:
    """Who holds a row, and until when nobody else may claim it."""

    owner: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Accepted:
    """The stored job, and whether this very call stored it."""

    job: Job
    fresh: bool


@dataclass(frozen=True, slots=True)
class Run:
    """How long a finished provider job took, in seconds, and what it was."""

    seconds: float
    count: int
    clarity: Clarity | None
    raw: bool


@dataclass(frozen=True, slots=True)
class LaneRow:
    """What is remembered of a lane besides its jobs. `lags`: seconds from a job's end to its slot's release."""

    id: LaneId
    paused: Cause | None = None
    paused_code: str = ""
    paused_at: datetime | None = None
    told_at: datetime | None = None
    lags: tuple[float, ...] = ()


class Store(Protocol):
    """The rows. Every write is one transaction that is on disk when the call returns."""

    async def accept(
        self, job: Job, *, key: DeliveryKey, twin_after: datetime | None = None, lease: Lease | None = None,
        heard: Heard | None = None,
    ) -> Accepted:  # fmt: skip
        """Commit the job with its delivery key; a known key answers with the job that it made.

        With `lease`, a job that is stored by this call is held already: whoever asks carries it on at once. With
        `heard`, that is settled in the same transaction; nobody waits for it, and there is no limit of time.

        With `twin_after`, a job of the same person with the same `parent` and request, asked later than that, is taken
        for a double click and answered instead. Raises `NotAccepted` if it could not be committed in time (1.5 s); then
        it is not and will not be stored.
        """

    async def get(self, job_id: JobId) -> Job | None:
        """The job, or None."""

    async def find(self, team_id: TeamId, channel_id: ChannelId, ts: Ts) -> Job | None:
        """The job whose root or whose shared message this is."""

    async def is_arriving(self, team_id: TeamId, channel_id: ChannelId) -> bool:
        """Whether a share into this conversation may be visible whose ts is not stored yet."""

    async def save(self, job: Job, *, owner: str | None = None, lease_until: datetime | None = None) -> Job:
        """Write the row if its version is still `job.version`; returns it with the next one. Raises `Stale` otherwise.

        With `owner`, the lease is held on for the next step; without, anybody may claim the row when it is due. Keeps
        the line of waiting people true in the same transaction.
        """

    async def claim(self, now: datetime, *, owner: str, lease: timedelta, limit: int) -> Sequence[Job]:
        """Take a lease on due jobs that no lane decides about (not `queued`, `submitting`, `generating`)."""

    async def next_due(self) -> datetime | None:
        """When the earliest job that `claim` would give is due (leased ones: when their lease runs out)."""

    async def next_in_line(self, lane: LaneId, now: datetime) -> Job | None:
        """The oldest due job of the person who was served least lately; never served comes first."""

    async def next_in_line_due(self, lane: LaneId) -> datetime | None:
        """When the earliest queued job of the lane may be submitted."""

    async def ahead(self, lane: LaneId, jobs: Sequence[Job]) -> Sequence[Ahead]:
        """What stands before each of these jobs of the lane, or would if it came in line now; in their order.

        Counted as far as that is cheap: it takes as long however many wait. Raises `Gone` for a job that is not stored.
        """

    async def crowd(self, lane: LaneId) -> Crowd:
        """The whole line summed up. Takes as long as the line is, in the database: for now and then."""

    async def waiting(self, lane: LaneId, limit: int) -> Sequence[Job]:
        """Queued jobs of the lane, longest wait first."""

    async def in_flight(self, lane: LaneId) -> Sequence[Job]:
        """The jobs that hold a slot: `submitting` and `generating`."""

    async def runs(self, lane: LaneId, limit: int) -> Sequence[Run]:
        """The last finished runs, oldest first (from `sent_at` to `done_at`)."""

    async def lane(self, lane: LaneId) -> LaneRow:
        """What is remembered of the lane (an empty row if nothing is)."""

    async def save_lane(self, row: LaneRow) -> None:
        """Remember it."""

    async def hold_lane(self, lane: LaneId, driver: str, *, seconds: float) -> bool:
        """Have the lane's lease for that long from now on, or longer if it is had already; whether nobody else has it.

        It is over by the database's clock, so that replicas need not agree about the time.
        """

    async def driver_of(self, lane: LaneId) -> str | None:
        """Who has the lane's lease now."""

    async def leave_lane(self, lane: LaneId, driver: str) -> None:
        """Give the lane's lease back if that driver has it."""

    async def release(self, owner: str) -> None:
        """Give back every lease of `owner`."""

    async def forget(self, before: datetime) -> int:
        """Drop delivery keys older than this (Slack redelivers within minutes; 24 h is kept); how many were dropped."""

    async def ping(self) -> None:
        """Raise `Unavailable` if the database does not answer."""
