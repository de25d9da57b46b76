"""What people keep beside their jobs: how they like their pictures, asks not confirmed yet, stars and votes. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import NewType, Protocol

from bot.flags import Flag
from bot.job import ChannelId, Job, JobId, TeamId, Ts, UserId
from bot.request import MAX_TEXT, Request, Shape

DraftId = NewType("DraftId", str)


class Scope(StrEnum):
    """Whose preferences they are: a person's own, or the house style of a conversation."""

    PERSON = "person"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True)
class Preferences:
    """What holds where an ask says nothing. `prefix` comes before every prompt; `None` means "no wish"."""

    prefix: str = ""
    negative: str = ""
    style: str | None = None
    shape: Shape | None = None
    count: int | None = None
    raw: bool | None = None
    label: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An ask that waits for its asker to say yes, or to edit it. `text` is what a command would say."""

    id: DraftId
    team_id: TeamId
    user_id: UserId
    channel_id: ChannelId
    text: str
    made_at: datetime
    enterprise_id: str | None = None
    thread_ts: Ts | None = None


class Mark(StrEnum):
    """What a person can put on a job's pictures."""

    STAR = "star"
    VOTE = "vote"


@dataclass(frozen=True, slots=True)
class Marked:
    """A delivered job, and how many people marked it."""

    job: Job
    count: int


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks, and where: what is found was theirs, or stands in that conversation, which they evidently are in."""

    team_id: TeamId
    user_id: UserId
    channel_id: ChannelId | None = None


def with_preferences(request: Request, given: Collection[Flag], *, own: Preferences, house: Preferences) -> Request:
    """The request with the wishes of its asker and of the conversation, where nothing was typed.

    A person's wish comes before the house's, except for the label, which is the house's to decide. What the house
    wants avoided is avoided besides what the asker says. A prefix that does not fit any more is left out.
    """
    prefix = " ".join(filter(None, (house.prefix, own.prefix)))
    prompt = f"{prefix} {request.prompt}" if prefix else request.prompt
    avoided = [house.negative, request.negative if Flag.NEGATIVE in given else own.negative or request.negative]
    negative = ", ".join(filter(None, avoided))
    return replace(
        request,
        prompt=prompt if len(prompt) <= MAX_TEXT else request.prompt,
        negative=negative if len(negative) <= MAX_TEXT else request.negative,
        style=request.style if Flag.STYLE in given else own.style or house.style or request.style,
        shape=request.shape if Flag.SHAPE in given else own.shape or house.shape or request.shape,
        count=request.count if Flag.COUNT in given else own.count or house.count or request.count,
        raw=request.raw or (own.raw if own.raw is not None else bool(house.raw)),
        label=house.label if house.label is not None else request.label,
    )


class Shelf(Protocol):
    """Where it is kept. Every write is on disk when the call returns."""

    async def preferences(self, team_id: TeamId, scope: Scope, subject: str) -> Preferences:
        """Those of a person or a conversation (its id is the `subject`); empty ones if there are none."""

    async def customs(
        self, team_id: TeamId, *, user_id: UserId, channel_id: ChannelId
    ) -> tuple[Preferences, Preferences]:
        """Those of a person and those of a conversation. What another process changed may show a few seconds later."""

    async def prefer(self, team_id: TeamId, scope: Scope, subject: str, preferences: Preferences) -> None:
        """Keep them from now on."""

    async def put_draft(self, draft: Draft) -> None:
        """Keep a draft until it is forgotten."""

    async def draft(self, team_id: TeamId, draft_id: DraftId) -> Draft | None:
        """The draft, or None."""

    async def drop_draft(self, team_id: TeamId, draft_id: DraftId, user_id: UserId) -> bool:
        """Drop this person's draft; False if there is none such (any more)."""

    async def forget_drafts(self, before: datetime) -> int:
        """Drop drafts older than this; how many."""

    async def mark(self, job: Job, user_id: UserId, mark: Mark, *, at: datetime) -> bool:
        """Note it; False if this person had marked this job so before."""

    async def unmark(self, job: Job, user_id: UserId, mark: Mark) -> None:
        """Take it back."""

    async def marks(self, jobs: Sequence[JobId], mark: Mark) -> dict[JobId, int]:
        """How many people marked each; those that nobody marked are left out."""

    async def top(self, reader: Reader, *, since: datetime, limit: int, skip: int = 0) -> Sequence[Marked]:
        """The most starred pictures of the reader's conversation since then, the most stars first, from a place on."""

    async def favourites(self, reader: Reader, *, limit: int) -> Sequence[Job]:
        """What the reader starred last; of a picture and its copies, one."""

    async def history(self, reader: Reader, *, limit: int, after: JobId | None = None) -> Sequence[Job]:
        """The reader's own delivered jobs, the latest first; not their copies of their own pictures.

        `after`: only what was asked for before that job.
        """

    async def in_line(self, reader: Reader, *, limit: int) -> Sequence[Job]:
        """The reader's own unfinished jobs, the oldest first."""

    async def find(
        self, reader: Reader, wanted: Sequence[str], *, limit: int, after: JobId | None = None
    ) -> Sequence[Job]:
        """Delivered jobs that have every term (`terms.wanted`), the latest first: of a picture and its copies, one.

        That is the one that stands in the reader's conversation, if there is one. `after`: only what was
        asked for before that job.
        """

    async def named(self, reader: Reader, name: str) -> Job | None:
        """The job whose id begins so, if there is exactly one that the reader may see."""

    async def family(self, team_id: TeamId, channel_id: ChannelId, thread_ts: Ts) -> Sequence[Job]:
        """The jobs of a thread, oldest first, 100 at most."""
