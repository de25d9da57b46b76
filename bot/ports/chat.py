"""Whom the bot talks to: the people, and the operator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO, Protocol

from bot.errors import Cause
from bot.job import ChannelId, FileId, Job, LaneId, Ts
from bot.ports.pictures import Photo, Read
from bot.promise import Standing


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
