"""The shelf behind `shelf.Shelf`, beside the jobs in the same database, written by the same writer."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping

from bot.job import ChannelId, Job, JobId, TeamId, Ts, UserId
from bot.request import Shape
from bot.shelf import Draft, DraftId, Mark, Marked, Preferences, Reader, Scope
from bot.store import shelf_changes as changes
from bot.store import shelf_questions as questions
from bot.store.questions import Question
from bot.store.remembered import Remembered
from bot.store.rows import unreadable
from bot.store.writer import Writer
from bot.terms import MOST_TERMS

Ask = Callable[[Question], Awaitable[Sequence[Any]]]
"""Asks a question of the reading connections."""

Read = Callable[[RowMapping], Job | None]
"""The job in a row, or None for one that only a newer version can read (which is said in the log)."""

MOST_FAMILY = 100
_SHORTEST_NAME = 4
SOON = 5.0
"""Seconds until what another process changed is known here."""


class SqlShelf:
    """What people keep, as rows."""

    def __init__(self, writer: Writer, ask: Ask, read: Read, *, is_alone: bool) -> None:
        """`is_alone`: nobody but this process writes to the database."""
        self._writer = writer
        self._ask = ask
        self._read = read
        self._kept: Remembered[tuple[TeamId, Scope, str], Preferences] = Remembered(math.inf if is_alone else SOON)

    async def preferences(self, team_id: TeamId, scope: Scope, subject: str) -> Preferences:
        """Those of a person or a conversation; empty ones if there are none."""
        found = await self._ask(questions.kept(team_id, scope, subject))
        return preferences_from(found[0]["document"]) if found else Preferences()

    async def customs(
        self, team_id: TeamId, *, user_id: UserId, channel_id: ChannelId
    ) -> tuple[Preferences, Preferences]:
        """Those of a person and those of a conversation. What another process changed shows after `SOON`."""
        person, place = (team_id, Scope.PERSON, user_id), (team_id, Scope.CHANNEL, channel_id)
        own, house = self._kept.get(person), self._kept.get(place)
        if own is not None and house is not None:
            return own, house
        version = self._kept.version
        rows = await self._ask(questions.customs(team_id, user_id, channel_id))
        found = {row["scope"]: preferences_from(row["document"]) for row in rows}
        own, house = (found.get(scope.value, Preferences()) for scope in (Scope.PERSON, Scope.CHANNEL))
        self._kept.keep(person, own, version=version)
        self._kept.keep(place, house, version=version)
        return own, house

    async def prefer(self, team_id: TeamId, scope: Scope, subject: str, preferences: Preferences) -> None:
        """Keep them from now on."""
        change = changes.Kept(team_id, scope, subject, preferences)
        writing = asyncio.ensure_future(self._writer.write(changes.prefer, change))
        writing.add_done_callback(lambda _: self._kept.forget((team_id, scope, subject)))
        await asyncio.shield(writing)  # it is written, and forgotten then, also if the caller goes away

    async def put_draft(self, draft: Draft) -> None:
        """Keep a draft until it is forgotten."""
        await self._writer.write(changes.put_drafts, draft)

    async def draft(self, team_id: TeamId, draft_id: DraftId) -> Draft | None:
        """The draft, or None."""
        found = await self._ask(questions.draft(team_id, draft_id))
        return Draft(**{field.name: found[0][field.name] for field in fields(Draft)}) if found else None

    async def drop_draft(self, team_id: TeamId, draft_id: DraftId, user_id: UserId) -> bool:
        """Drop this person's draft; False if there is none such (any more)."""
        return await self._writer.write(changes.drop_drafts, (team_id, draft_id, user_id))

    async def forget_drafts(self, before: datetime) -> int:
        """Drop drafts older than this; how many."""
        return await self._writer.write(changes.forget_drafts, before)

    async def mark(self, job: Job, user_id: UserId, mark: Mark, *, at: datetime) -> bool:
        """Note it; False if this person had marked this job so before."""
        return await self._writer.write(changes.mark, changes.Marking(job, user_id, mark, at))

    async def unmark(self, job: Job, user_id: UserId, mark: Mark) -> None:
        """Take it back."""
        await self._writer.write(changes.unmark, changes.Marking(job, user_id, mark))

    async def marks(self, jobs: Sequence[JobId], mark: Mark) -> dict[JobId, int]:
        """How many people marked each; those that nobody marked are left out."""
        return {JobId(row["job_id"]): row["number"] for row in await self._ask(questions.counts(jobs, mark))}

    async def top(self, reader: Reader, *, since: datetime, limit: int, skip: int = 0) -> Sequence[Marked]:
        """The most starred pictures of the reader's conversation since then, the most stars first, from a place on."""
        found = await self._ask(questions.top(reader, since, limit, skip))
        return [Marked(job, row["stars"]) for row in found if (job := self._read(row)) is not None]

    async def favourites(self, reader: Reader, *, limit: int) -> Sequence[Job]:
        """What the reader starred last."""
        return await self._jobs(questions.favourites(reader, limit))

    async def history(self, reader: Reader, *, limit: int, after: JobId | None = None) -> Sequence[Job]:
        """The reader's own delivered jobs, the latest first."""
        return await self._jobs(questions.history(reader, limit, after))

    async def in_line(self, reader: Reader, *, limit: int) -> Sequence[Job]:
        """The reader's own unfinished jobs, the oldest first."""
        return await self._jobs(questions.unfinished(reader, limit))

    async def find(
        self, reader: Reader, wanted: Sequence[str], *, limit: int, after: JobId | None = None
    ) -> Sequence[Job]:
        """Delivered jobs that have every term, the latest first."""
        if not 0 < len(wanted) <= MOST_TERMS:  # nothing is stored with more
            return []
        return await self._jobs(questions.with_terms(reader, wanted, limit, after))

    async def named(self, reader: Reader, name: str) -> Job | None:
        """The job whose id begins so, if there is exactly one that the reader may see."""
        if len(name) < _SHORTEST_NAME or not name.isascii() or not name.isalnum():
            return None
        found = await self._jobs(questions.named(reader, name.lower()))
        return found[0] if len(found) == 1 else None

    async def family(self, team_id: TeamId, channel_id: ChannelId, thread_ts: Ts) -> Sequence[Job]:
        """The jobs of a thread, oldest first, 100 at most."""
        return await self._jobs(questions.family(team_id, channel_id, thread_ts, MOST_FAMILY))

    async def _jobs(self, question: Question) -> list[Job]:
        return [job for row in await self._ask(question) if (job := self._read(row)) is not None]


def preferences_from(document: dict[str, Any]) -> Preferences:
    """The preferences that a document holds. Raises `Misconfigured` for what this version does not know."""
    known = dict(document)
    shape = known.pop("shape", None)
    try:
        return Preferences(shape=None if shape is None else Shape(shape), **known)
    except (TypeError, ValueError) as error:
        raise unreadable("preferences.document") from error
