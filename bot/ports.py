"""What the core needs from the world. Adapters (`store`, `images`, `slack`) do one thing, or raise a `Fault`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import BinaryIO, Protocol

from bot.errors import Cause
from bot.heard import Heard
from bot.job import ChannelId, FileId, Job, JobId, LaneId, Picture, ProviderJobId, TeamId, Ts
from bot.promise import Standing as Standing  # noqa: PLC0414 - the chat is told of it
from bot.request import Clarity, Request
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
    """What a fetched and checked picture is; its bytes lie where they were fetched to, as the provider made them."""

    mime: str
    width: int
    height: int
    size: int
    sha256: str


Sized = Callable[[int, str], None]
"""Hears how long a picture will be and of which type, as soon as its first bytes are here."""


class Images(Protocol):
    """An asynchronous image API."""

    async def submit(self, request: Request) -> ProviderJobId:
        """Send it once. Raises `SlotTaken`, `Throttled`, `Unavailable` (proven not created), `OutcomeUnknown`,
        `Rejected` or `LaneDown`.
        """

    async def query(self, job: ProviderJobId) -> Progress:
        """Look. Raises `Unavailable`, `Throttled`, `Rejected` (the job is lost) or `LaneDown`."""

    async def fetch(self, link: str, into: BinaryIO, *, sized: Sized) -> Photo:
        """Download one picture into a file and check it. `sized` is called at most once a try, if the length is known.

        Raises `LinksExpired`, `Unavailable`, or `Rejected` (not a picture).
        """

    async def probe(self) -> None:
        """Find out for free whether the account works: a query of a job that does not exist. Raises `LaneDown` or
        `Unavailable`.
        """


class Spool(Protocol):
    """Where bytes wait between the provider and Slack."""

    def draft(self) -> AbstractAsyncContextManager[BinaryIO]:
        """A file for bytes on their way here; what is not put is forgotten."""

    async def put(self, key: str, draft: BinaryIO) -> None:
        """Have the draft's bytes found under the key from now on: all of them, or those that were there before.

        A crash of the program cannot lose them; a power cut can, and is told by `read`.
        """

    def read(self, picture: Picture) -> AsyncIterator[bytes]:
        """The picture's bytes, in pieces. Raises `Gone` before the last piece if they are not what they were."""

    async def drop(self, prefix: str) -> None:
        """Forget everything under the prefix."""

    async def sweep(self, before: datetime) -> int:
        """Forget what was stored before then and nobody dropped; how many objects that were."""


Read = Callable[[Picture], AsyncIterator[bytes]]
"""Opens the bytes of a picture, in pieces; again for each try."""


@dataclass(frozen=True, slots=True)
class Landed:
    """The message that shows a job's files; `public`: in a conversation that everybody in the workspace can see."""

    ts: Ts
    public: bool = False


@dataclass(frozen=True, slots=True)
class Posted:
    """Where a message stands, and the language of the person it was written for.

    `alone`: not in the thread that it was for, which is gone.
    """

    channel_id: ChannelId
    ts: Ts
    locale: str | None = None
    alone: bool = False


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

    async def reference(self, file_id: FileId) -> bytes:
        """The bytes of a picture that is to be drawn after, checked.

        Raises `Rejected` with a cause `REFERENCE_…`, `Throttled`, `Unavailable`.
        """

    async def collect(self, file_id: FileId, into: BinaryIO) -> Photo:
        """The bytes of a picture that lies at Slack already, into a file, as they are there.

        Raises `Gone`, `Rejected`, `Throttled`, `Unavailable`.
        """

    def expect(self, job: Job, *, number: int, of: int, length: int, mime: str) -> None:
        """A picture is on its way: get ready for its upload meanwhile. A head start; never waits, never raises."""

    async def upload(self, job: Job, read: Read) -> tuple[FileId, ...]:
        """Give Slack the bytes of the job's pictures, unshared, in order.

        Raises `Throttled`, `Unavailable`, `Rejected`, and what `read` raises.
        """

    async def share(self, job: Job) -> None:
        """Complete the uploads into the thread: one message. Raises `Gone` if Slack knows these uploads no more."""

    async def displaced(self, job: Job) -> None:
        """Have the root say that the pictures come by direct message: it is never edited again. A courtesy."""

    async def direct(self, job: Job) -> ChannelId:
        """The conversation between the bot and the asker alone."""

    async def landed(self, job: Job) -> Landed | None:
        """The message that shows the files, None if it is not there (yet).

        Raises `Misconfigured` where the scope to look was not granted, `Gone` if the files do not exist.
        """

    async def apologise(self, job: Job) -> None:
        """Tell the owner what happened, whose fault, whether it was charged, what to do."""

    async def complete(self, job: Job) -> None:
        """Tell the workflow step that waits for the job how it ended; telling it again does no harm.

        Raises `Throttled`, `Unavailable`, `OutcomeUnknown`.
        """

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
