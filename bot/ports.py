"""What the core needs from the world. Adapters (`store`, `images`, `slack`) do one thing, or raise a `Fault`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from bot.errors import Cause
from bot.job import ChannelId, FileId, Job, JobId, LaneId, Picture, ProviderJobId, TeamId, Ts, UserId
from bot.prompt import Clarity, Request


@dataclass(frozen=True, slots=True)
class DeliveryKey:
    """What makes one delivery of Slack's the same as another: `(team, kind, key)` is unique for good."""

    team_id: TeamId
    kind: str
    key: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """The stored job, and whether this very call stored it."""

    job: Job
    fresh: bool


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who waits in a lane: when they were served last (`None`: never), how much they wait for, since when."""

    team_id: TeamId
    user_id: UserId
    served_at: datetime | None
    pending: int
    waiting_since: datetime


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

    async def accept(self, job: Job, *, key: DeliveryKey, twin_after: datetime | None = None) -> Accepted:
        """Commit the job with its delivery key; a known key answers with the job that it made.

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

    async def people(self, lane: LaneId) -> Sequence[Person]:
        """Everybody with something in line."""

    async def person(self, lane: LaneId, team_id: TeamId, user_id: UserId) -> Person | None:
        """Somebody's turn in the lane, waiting or not; None if they never asked."""

    async def own_ahead(self, job: Job) -> int:
        """How many queued jobs of the same person stand before this one."""

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

    async def release(self, owner: str) -> None:
        """Give back every lease of `owner`."""

    async def forget(self, before: datetime) -> int:
        """Drop delivery keys older than this (Slack redelivers within minutes; 24 h is kept); how many were dropped."""

    async def ping(self) -> None:
        """Raise `Unavailable` if the database does not answer."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """The provider has the job and has not begun."""


@dataclass(frozen=True, slots=True)
class Running:
    """The provider draws."""


@dataclass(frozen=True, slots=True)
class Done:
    """The pictures exist. `links` may be fewer than asked for; they die at `die_at`."""

    links: tuple[str, ...]
    die_at: datetime
    revised: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Broken:
    """The provider gave up; `redraw` says whether one more try is worth its price."""

    code: str
    cause: Cause
    redraw: bool
    reference: str = ""


Progress = Waiting | Running | Done | Broken


@dataclass(frozen=True, slots=True)
class Photo:
    """A fetched and checked picture, its bytes as the provider made them."""

    data: bytes = field(repr=False)
    mime: str
    width: int
    height: int


class Images(Protocol):
    """An asynchronous image API."""

    async def submit(self, request: Request) -> ProviderJobId:
        """Send it once. Raises `SlotTaken`, `Throttled`, `Unavailable` (proven not created), `OutcomeUnknown`,
        `Rejected` or `LaneDown`.
        """

    async def query(self, job: ProviderJobId) -> Progress:
        """Look. Raises `Unavailable`, `Throttled`, `Rejected` (the job is lost) or `LaneDown`."""

    async def fetch(self, link: str) -> Photo:
        """Download one picture and check it. Raises `LinksExpired`, `Unavailable`, or `Rejected` (not a picture)."""

    async def probe(self) -> None:
        """Find out for free whether the account works: a query of a job that does not exist. Raises `LaneDown` or
        `Unavailable`.
        """


class Spool(Protocol):
    """Where bytes wait between the provider and Slack."""

    async def put(self, key: str, data: bytes) -> None:
        """Store it durably under the key."""

    async def get(self, key: str) -> bytes:
        """The bytes. Raises `Gone`."""

    async def drop(self, prefix: str) -> None:
        """Forget everything under the prefix."""

    async def sweep(self, before: datetime) -> int:
        """Forget what was stored before then and nobody dropped; how many objects that were."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a job stands: place in line (1 is next), the time it will be about ready, or why the lane is paused."""

    place: int | None = None
    about: datetime | None = None
    paused: Cause | None = None


@dataclass(frozen=True, slots=True)
class Posted:
    """Where a message stands, and the language of the person it was written for."""

    channel_id: ChannelId
    ts: Ts
    locale: str | None = None


class Chat(Protocol):
    """The conversation that a job lives in."""

    async def announce(self, job: Job, standing: Standing) -> Posted:
        """Post the job's root, or its reply in the parent's thread; by direct message if `job.by_message`.

        Raises `NotInChannel`, `Throttled`, `Unavailable`, `Rejected`.
        """

    async def offer_road(self, job: Job, *, joinable: bool, direct: bool) -> None:
        """Tell the asker privately that the bot is not in the conversation, with a button for each way out."""

    def show(self, job: Job, standing: Standing) -> None:
        """Have the root say where the job stands, when the budget allows: never waits, never raises."""

    async def finish(self, job: Job) -> None:
        """Have the root say how the job ended, before that is written down; a crash says it again. Never raises."""

    async def upload(self, job: Job, pictures: Sequence[tuple[Picture, bytes]]) -> tuple[FileId, ...]:
        """Give Slack the bytes, unshared, in order. Raises `Throttled`, `Unavailable`, `Rejected`."""

    async def share(self, job: Job) -> None:
        """Complete the uploads into the thread: one message. Raises `Gone` if Slack knows these uploads no more."""

    async def direct(self, job: Job) -> ChannelId:
        """The conversation between the bot and the asker alone."""

    async def landed(self, job: Job) -> Ts | None:
        """The ts of the message that shows the files, None if it is not there (yet).

        Raises `Misconfigured` where the scope to look was not granted, `Gone` if the files do not exist.
        """

    async def apologise(self, job: Job) -> None:
        """Tell the owner what happened, whose fault, whether it was charged, what to do."""

    async def remove(self, job: Job) -> None:
        """Delete the files and their message; what is gone already counts as deleted."""

    async def alert(self, lane: LaneId, *, cause: Cause | None, code: str) -> None:
        """Tell the admins that the lane stopped, and why, or (`cause` None) that it is back."""


class Measures(Protocol):
    """What the operator counts."""

    def step(self, name: str, *, outcome: str, seconds: float) -> None:
        """One step was done."""

    def ask(self, outcome: str) -> None:
        """Somebody asked."""

    def lane_paused(self, lane: str, *, paused: bool) -> None:
        """A lane stopped or came back."""
