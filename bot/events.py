"""What can happen to a job: facts that a step, a person or the provider reports. Pure data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.errors import Cause, Patience
from bot.job import ChannelId, FileId, Picture, ProviderJobId, Ts


@dataclass(frozen=True, slots=True)
class Announced:
    """The root (or, for a re-roll, the reply) stands in the conversation. `thread_ts`: its thread.

    `alone`: the thread that it was for is gone, so it stands by itself and begins another.
    """

    channel_id: ChannelId
    ts: Ts
    locale: str | None = None
    thread_ts: Ts | None = None
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Blocked:
    """The bot may not write there; nothing was spent. `direct`: nobody can invite it, only a direct message is left."""

    direct: bool


@dataclass(frozen=True, slots=True)
class Rerouted:
    """The owner chose a road: try the conversation again (joining it first), or come by direct message."""

    by_message: bool
    join: bool = False


@dataclass(frozen=True, slots=True)
class Intended:
    """A submit is about to be sent. If nothing is heard of it, its slot counts as taken until `hold_until`."""

    hold_until: datetime


@dataclass(frozen=True, slots=True)
class Submitted:
    """The provider took the job and named it. `sent_at`: when that submit left, if not with the intent."""

    provider_job_id: ProviderJobId
    poll_at: datetime
    deadline_at: datetime
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NotTaken:
    """The answer proves that nothing was created, and the ask is not to blame: back in line, no attempt lost."""

    again_at: datetime


@dataclass(frozen=True, slots=True)
class Finished:
    """Results exist. `running_at` is when the provider was first seen at work, if it was."""

    links: tuple[str, ...]
    links_die_at: datetime
    revised: tuple[str, ...] = ()
    running_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ProviderFailed:
    """The provider gave the job up. `redraw`: another try may help, and is worth one more price."""

    code: str
    cause: Cause
    redraw: bool = False
    reference: str = ""


@dataclass(frozen=True, slots=True)
class LinksDied:
    """The links answer no more; a query signs fresh ones."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """The bytes are ours. `channel_id`: the conversation that a copy turned out to be for."""

    pictures: tuple[Picture, ...]
    channel_id: ChannelId | None = None


@dataclass(frozen=True, slots=True)
class Uploaded:
    """Slack holds the bytes; nobody sees them yet."""

    file_ids: tuple[FileId, ...]


@dataclass(frozen=True, slots=True)
class Displaced:
    """The bot was put out of the conversation while it drew: the pictures go to the asker by direct message."""

    channel_id: ChannelId


@dataclass(frozen=True, slots=True)
class BytesGone:
    """What was stored outside is not there any more: one room back."""


@dataclass(frozen=True, slots=True)
class Shared:
    """The thread shows the pictures. `ts` is unknown where the scope `files:read` was not granted.

    `public`: the conversation is open to everybody in the workspace.
    """

    ts: Ts | None
    public: bool = False


@dataclass(frozen=True, slots=True)
class Faulted:
    """A step did not work. Without patience, or when it is used up, the owner is told."""

    code: str
    cause: Cause
    patience: Patience | None = None
    retry_after: float | None = None
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The owner does not want it any more."""


@dataclass(frozen=True, slots=True)
class Apologised:
    """The owner was told why not."""


@dataclass(frozen=True, slots=True)
class DeleteAsked:
    """The owner wants delivered pictures removed."""


@dataclass(frozen=True, slots=True)
class Removed:
    """The files and their message are gone from Slack."""


Event = (
    Announced
    | Blocked
    | Rerouted
    | Intended
    | Submitted
    | NotTaken
    | Finished
    | ProviderFailed
    | LinksDied
    | Fetched
    | Uploaded
    | Displaced
    | BytesGone
    | Shared
    | Faulted
    | Cancelled
    | Apologised
    | DeleteAsked
    | Removed
)
