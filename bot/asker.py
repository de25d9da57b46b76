"""Who asks, where the pictures go, and what came of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.heard import Heard
from bot.job import ChannelId, Job, TeamId, Ts, UserId
from bot.parsed import Note
from bot.ports import DeliveryKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who speaks, where, and which of Slack's deliveries this is. `key` is the same when Slack delivers it again."""

    team_id: TeamId
    user_id: UserId
    channel_id: ChannelId
    kind: str
    key: str
    enterprise_id: str | None = None
    reply_url: str | None = None
    locale: str | None = None
    heard: Heard | None = None
    """What was stored and acknowledged already, if it is looked into only now."""

    @property
    def delivery(self) -> DeliveryKey:
        """The key under which the delivery is remembered."""
        return DeliveryKey(self.team_id, self.kind, self.key)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the pictures go. `by_message`: to the asker by direct message; `private`: nobody else is to find them."""

    channel_id: ChannelId
    thread_ts: Ts | None = None
    by_message: bool = False
    private: bool = False
    asked_in: Ts | None = None
    """The thread in which it was asked for, if the pictures go elsewhere."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """A job that is on disk, and what should be said about how it was understood."""

    job: Job
    notes: tuple[Note, ...] = ()
    fresh: bool = True


class Answer(StrEnum):
    """What came of a wish about an existing job."""

    DONE = "done"
    STOPPING = "stopping"
    DELETING = "deleting"
    TOO_LATE = "too_late"
    NOT_YOURS = "not_yours"
    WORKFLOW = "workflow"
    UNKNOWN = "unknown"
