"""What a job is: its states, its steps, its row. Pure data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from bot.errors import Cause
from bot.request import Request

JobId = NewType("JobId", str)
LaneId = NewType("LaneId", str)
TeamId = NewType("TeamId", str)
UserId = NewType("UserId", str)
ChannelId = NewType("ChannelId", str)
FileId = NewType("FileId", str)
Ts = NewType("Ts", str)
ProviderJobId = NewType("ProviderJobId", str)


class State(StrEnum):
    """What is durably true of a job."""

    ACCEPTED = "accepted"
    QUEUED = "queued"
    SUBMITTING = "submitting"
    GENERATING = "generating"
    READY = "ready"
    FETCHED = "fetched"
    UPLOADED = "uploaded"
    DELIVERED = "delivered"
    FAILING = "failing"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DELETING = "deleting"
    DELETED = "deleted"


class Step(StrEnum):
    """One outside effect."""

    ANNOUNCE = "announce"
    SUBMIT = "submit"
    POLL = "poll"
    FETCH = "fetch"
    UPLOAD = "upload"
    SHARE = "share"
    APOLOGISE = "apologise"
    REMOVE = "remove"


STEPS: Mapping[State, Step] = {
    State.ACCEPTED: Step.ANNOUNCE,
    State.QUEUED: Step.SUBMIT,
    State.SUBMITTING: Step.SUBMIT,
    State.GENERATING: Step.POLL,
    State.READY: Step.FETCH,
    State.FETCHED: Step.UPLOAD,
    State.UPLOADED: Step.SHARE,
    State.FAILING: Step.APOLOGISE,
    State.DELETING: Step.REMOVE,
}

FINAL = frozenset({State.DELIVERED, State.FAILED, State.CANCELLED, State.DELETED})
IN_FLIGHT = frozenset({State.SUBMITTING, State.GENERATING})


class Kind(StrEnum):
    """Where a job's pictures come from: the provider draws them, or they are at Slack and shown elsewhere."""

    DRAW = "draw"
    COPY = "copy"


class Charged(StrEnum):
    """Whether the provider bills a job, as far as anybody can know."""

    NO = "no"
    YES = "yes"
    MAYBE = "maybe"
    MAYBE_TWICE = "maybe_twice"


@dataclass(frozen=True, slots=True)
class Picture:
    """One fetched picture: where its bytes are in the spool, and what they are."""

    key: str
    sha256: str
    size: int
    width: int
    height: int
    mime: str


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a job ends without pictures: `code` for the operator, `cause` for the owner."""

    code: str
    cause: Cause
    charged: Charged
    reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One ask, from the commit that accepted it to its end. All times are aware UTC.

    `source`: the files that a copy shows; `private`: only the asker is to see the pictures; `execution`: the workflow
    step that waits for them; `origin_thread_ts`: the thread in which what goes elsewhere was asked for; `public`:
    whether everybody in the workspace can see the pictures, as far as Slack said when they landed; `together`: the
    first of the asks that were confirmed together with this one.
    """

    id: JobId
    team_id: TeamId
    channel_id: ChannelId
    user_id: UserId
    lane: LaneId
    request: Request
    asked_at: datetime
    state_at: datetime
    due_at: datetime
    state: State = State.ACCEPTED
    version: int = 0
    attempts: int = 0
    enterprise_id: str | None = None
    origin_channel_id: ChannelId | None = None
    parent: JobId | None = None
    root_ts: Ts | None = None
    thread_ts: Ts | None = None
    share_ts: Ts | None = None
    blocked: bool = False
    by_message: bool = False
    joining: bool = False
    reply_url: str | None = None
    locale: str | None = None
    sends: int = 0
    redraws: int = 0
    requeries: int = 0
    uploads: int = 0
    unsure: int = 0
    dropped: bool = False
    provider_job_id: ProviderJobId | None = None
    deadline_at: datetime | None = None
    links: tuple[str, ...] = ()
    links_die_at: datetime | None = None
    revised: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()
    file_ids: tuple[FileId, ...] = ()
    failure: Failure | None = None
    queued_at: datetime | None = None
    sent_at: datetime | None = None
    running_at: datetime | None = None
    done_at: datetime | None = None
    fetched_at: datetime | None = None
    uploaded_at: datetime | None = None
    delivered_at: datetime | None = None
    kind: Kind = Kind.DRAW
    source: tuple[FileId, ...] = ()
    private: bool = False
    execution: str | None = None
    origin_thread_ts: Ts | None = None
    public: bool = False
    together: JobId | None = None

    @property
    def is_final(self) -> bool:
        """Whether nothing more is owed."""
        return self.state in FINAL

    @property
    def step(self) -> Step | None:
        """The one effect that comes next."""
        return STEPS.get(self.state)

    @property
    def charged(self) -> Charged:
        """What the provider may bill for this job, said honestly: it never tells us."""
        if self.unsure or self.redraws:
            return Charged.MAYBE_TWICE if self.sends + self.redraws > 1 else Charged.MAYBE
        if self.provider_job_id is None:
            return Charged.NO
        return Charged.YES if self.done_at is not None else Charged.MAYBE
