"""The use cases: ask, re-roll, cancel, delete, choose a road. What they return is on disk: it is a receipt."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Awaitable, Callable, Collection
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

import structlog

from bot import policy
from bot.asker import Answer, Asker, Place, Receipt
from bot.clock import Clock
from bot.errors import Cause, Stale, Unavailable
from bot.events import Cancelled, DeleteAsked, Event, Rerouted
from bot.job import (
    IN_FLIGHT,
    ChannelId,
    Charged,
    Failure,
    Job,
    JobId,
    Kind,
    LaneId,
    State,
    TeamId,
    Ts,
    UserId,
)
from bot.lifecycle import IllegalTransition, advance
from bot.ports import Accepted, Chat, Lease, Standing, Store
from bot.request import Request
from bot.timeline import RUNS, Timeline, usual

__all__ = ["Answer", "Asker", "Intake", "Place", "Receipt", "Starter"]

_NEW = (0.2, 0.4, 0.6, 0.8)
"""Seconds between looks for a message of ours that is not known yet; well inside Slack's three for an event."""

MOST_COPIES = 20
"""Times that a copy which came to nothing is tried anew in one conversation."""
_COPY = "copy"

MOST_TYPED = 10_000
"""Characters that are kept of a text that nobody understood."""

_log = structlog.get_logger(__name__)


class Starter(Protocol):
    """What the intake needs of the runner."""

    async def admit(
        self, store: Callable[[Lease | None], Awaitable[Accepted]], *, is_waited_for: bool = True
    ) -> Accepted:
        """Have an ask stored, and carry it on at once if there is room: then it is stored with a lease on it."""

    def start(self, job: Job, *, fresh: bool = False) -> None:
        """Carry the job on now."""

    async def standing(self, job: Job) -> Standing:
        """Where the job stands in its lane."""


class Intake:
    """Takes what people ask for and makes it rows."""

    def __init__(
        self, *, store: Store, chat: Chat, clock: Clock, starter: Starter, lane: LaneId, nudge: Callable[[], None],
        gallery: str = "",
    ) -> None:  # fmt: skip
        self._store = store
        self._chat = chat
        self._clock = clock
        self._starter = starter
        self._lane = lane
        self._nudge = nudge
        self._gallery = gallery

    async def ask(
        self, asker: Asker, request: Request, *, place: Place | None = None, parent: Job | None = None,
        together: Job | None = None, execution: str | None = None, twin_after: datetime | None = None,
    ) -> Receipt:  # fmt: skip
        """Store a new ask; without a place, for where the asker speaks. Raises `NotAccepted`.

        `parent`: the job that it is made from; `together`: the first of those that were confirmed with it;
        `execution`: the workflow step that waits for it.
        """
        where = place or Place(asker.channel_id)
        job = self._new(
            asker,
            request,
            where,
            parent=None if parent is None else parent.id,
            together=None if together is None else together.id,
            origin_channel_id=None if parent is None else parent.origin_channel_id,
            origin_thread_ts=where.asked_in if parent is None else parent.origin_thread_ts,
            execution=execution,
        )
        accepted = await self._accept(job, asker, twin_after=twin_after)
        return Receipt(accepted.job, fresh=accepted.fresh)

    async def refuse(self, asker: Asker, text: str, *, execution: str) -> Receipt:
        """Store a workflow's ask that was not understood, so that its step is told why, whatever happens meanwhile.

        Its prompt is the text as it was typed, of which as much is kept as can be worth reading. Raises `NotAccepted`.
        """
        failure = Failure("not_understood", Cause.NOT_UNDERSTOOD, Charged.NO)
        job = self._new(
            asker, Request(text[:MOST_TYPED]), Place(asker.channel_id), state=State.FAILING, failure=failure,
            execution=execution,
        )  # fmt: skip
        accepted = await self._accept(job, asker)
        return Receipt(accepted.job, fresh=accepted.fresh)

    async def reroll(self, asker: Asker, *, of: Job, exact: bool = False) -> Receipt:
        """Store the same wish again, as a reply in the same thread."""
        return await self.remake(asker, policy.again(of.request, exact=exact), of=of)

    async def remake(self, asker: Asker, request: Request, *, of: Job) -> Receipt:
        """Store a wish that comes from a job, as a reply in its thread; what stands alone becomes a thread."""
        place = Place(of.channel_id, of.thread_ts or of.share_ts, by_message=of.by_message, private=of.private)
        twin_after = self._clock.now() - policy.TWIN
        return await self.ask(asker, request, place=place, parent=of, twin_after=twin_after)

    async def copy(self, asker: Asker, *, of: Job, place: Place, once: Collection[State] | None = None) -> Receipt:
        """Have a job's pictures shown elsewhere too, as the asker's own: nothing is drawn, waits or is charged.

        Whoever the asker is gets the credit and may delete the copy. `once`: that conversation sees one of it; these
        are the ends of an earlier one after which there may be another.
        """
        job = self._new(
            asker, of.request, place, kind=Kind.COPY, state=State.READY, source=of.file_ids, parent=of.id,
            revised=of.revised,
        )  # fmt: skip
        if once is None:
            accepted = await self._accept(job, asker, twin_after=self._clock.now() - policy.TWIN)
        else:
            earlier = await self._copies(of, place.channel_id)
            if earlier and (earlier[-1].state not in once or len(earlier) >= MOST_COPIES):
                return Receipt(earlier[-1], fresh=False)
            job = replace(job, id=_only_copy(of, place.channel_id, len(earlier)))
            accepted = await self._accept(job, replace(asker, kind=_COPY, key=job.id))
        return Receipt(accepted.job, fresh=accepted.fresh)

    async def _copies(self, of: Job, channel_id: ChannelId) -> list[Job]:
        """Those that were to be shown there once, oldest first: all but the last came to nothing."""
        found: list[Job] = []
        while (copy := await self._store.get(_only_copy(of, channel_id, len(found)))) is not None:
            found.append(copy)
        return found

    async def _accept(self, job: Job, asker: Asker, *, twin_after: datetime | None = None) -> Accepted:
        accepted = await self._starter.admit(
            lambda lease: self._store.accept(
                job, key=asker.delivery, twin_after=twin_after, lease=lease, heard=asker.heard
            ),
            is_waited_for=asker.heard is None,
        )
        _log.info(
            "accepted", job=accepted.job.id, team=asker.team_id, kind=asker.kind, fresh=accepted.fresh,
            parent=job.parent, count=job.request.count,
        )  # fmt: skip
        return accepted

    def _new(self, asker: Asker, request: Request, place: Place, **more: Any) -> Job:
        now = self._clock.now()
        return Job(
            id=JobId(secrets.token_hex(16)),
            team_id=asker.team_id,
            enterprise_id=asker.enterprise_id,
            channel_id=place.channel_id,
            thread_ts=place.thread_ts,
            by_message=place.by_message,
            private=place.private,
            user_id=asker.user_id,
            lane=self._lane,
            request=request,
            asked_at=now if asker.heard is None else asker.heard.at,
            state_at=now,
            due_at=now,
            reply_url=asker.reply_url,
            locale=asker.locale,
            **more,
        )

    async def timeline(self, job: Job) -> Timeline:
        """What happened to the job so far, where it stands, and how long such jobs usually take."""
        runs = await self._store.runs(self._lane, RUNS)
        standing = Standing() if job.is_final else await self._starter.standing(job)
        return Timeline(job, standing, usual(runs, job))

    def now(self) -> datetime:
        """By the one clock."""
        return self._clock.now()

    async def pause(self, seconds: float) -> None:
        """Wait, by the one clock."""
        await self._clock.sleep(seconds)

    async def job(self, job_id: str, *, team_id: TeamId) -> Job | None:
        """The job behind a button, if it belongs to this workspace."""
        found = await self._store.get(JobId(job_id))
        return found if found is not None and found.team_id == team_id else None

    async def job_at(self, team_id: TeamId, channel_id: ChannelId, ts: Ts, *, ours: bool = False) -> Job | None:
        """The job behind a message. One of `ours` may be so new that its ts is not stored yet: it is waited for.

        Raises `Unavailable` if it may become known later still: an event that is not acknowledged comes again.
        """
        job = await self._store.find(team_id, channel_id, ts)
        for pause in _NEW if ours else ():
            if job is not None:
                break
            await self._clock.sleep(pause)
            job = await self._store.find(team_id, channel_id, ts)
        if job is None and ours:
            is_arriving = await self._store.is_arriving(team_id, channel_id)
            job = await self._store.find(team_id, channel_id, ts)
            if job is None and is_arriving:
                raise Unavailable("not_known_yet")
        return job

    async def cancel_or_delete(self, job: Job, *, team_id: TeamId, user_id: UserId) -> Answer:
        """Stop it if it can be stopped, delete its pictures if they are there; only its owner may."""
        if job.state in {State.UPLOADED, State.DELIVERED}:
            return await self.delete(job, team_id=team_id, user_id=user_id)
        return await self.cancel(job, team_id=team_id, user_id=user_id)

    async def cancel(self, job: Job, *, team_id: TeamId, user_id: UserId) -> Answer:
        """Take it out of the line, or drop the result of what the provider draws already (it will be billed)."""
        if not policy.owns(job, team_id=team_id, user_id=user_id):
            return Answer.NOT_YOURS
        if job.execution is not None and not job.is_final:
            return Answer.WORKFLOW
        after = await self._write(job, Cancelled())
        if after is None:
            return Answer.TOO_LATE
        self._show(after)
        return Answer.STOPPING if after.state in IN_FLIGHT else Answer.DONE

    async def delete(self, job: Job, *, team_id: TeamId, user_id: UserId) -> Answer:
        """Have delivered pictures removed from Slack."""
        if not policy.owns(job, team_id=team_id, user_id=user_id):
            return Answer.NOT_YOURS
        if job.kind is Kind.DRAW:
            await self._take_down(job)
        if job.state in {State.DELETING, State.DELETED}:
            return Answer.DELETING
        after = await self._write(await self._once(job, _is_shared), DeleteAsked())
        if after is None:
            return Answer.TOO_LATE
        self._starter.start(after)
        return Answer.DELETING

    async def _take_down(self, job: Job) -> None:
        """What its owner had shown of it to others goes with it. First: who finds a copy can still delete the rest."""
        for channel_id in {self._gallery, job.origin_channel_id} - {None, "", job.channel_id}:
            copies = await self._copies(job, ChannelId(str(channel_id)))
            if copies and copies[-1].state not in policy.SHOWN_NO_MORE:
                await self.cancel_or_delete(copies[-1], team_id=job.team_id, user_id=job.user_id)

    async def choose_road(self, job: Job, *, user_id: UserId, by_message: bool, join: bool = False) -> Answer:
        """Try the conversation again (invited by now, or by joining it), or send the result by direct message."""
        if not policy.owns(job, team_id=job.team_id, user_id=user_id):
            return Answer.NOT_YOURS
        after = await self._write(await self._once(job, _is_blocked), Rerouted(by_message=by_message, join=join))
        if after is None:
            return Answer.TOO_LATE
        self._starter.start(after)
        return Answer.DONE

    async def _once(self, job: Job, holds: Callable[[Job], bool]) -> Job:
        """The job once that holds, or after two seconds: a press may be quicker than our note of what was posted."""
        for pause in _NEW:
            if holds(job):
                break
            await self._clock.sleep(pause)
            job = await self._store.get(job.id) or job
        return job

    async def _write(self, job: Job, event: Event) -> Job | None:
        """Apply the event to the row, or to what it became meanwhile; None if it means nothing any more."""
        current: Job | None = job
        while current is not None:
            try:
                return await self._store.save(advance(current, event, self._clock.now()))
            except IllegalTransition:
                return None
            except Stale:
                current = await self._store.get(job.id)
        return None

    def _show(self, job: Job) -> None:
        if job.root_ts is not None:
            self._chat.show(job, Standing())
        self._nudge()


def _only_copy(of: Job, channel_id: ChannelId, number: int) -> JobId:
    """The same for the same: a key of a delivery is forgotten after days, a row is not."""
    said = f"{of.id} {channel_id} {number}" if number else f"{of.id} {channel_id}"
    return JobId(hashlib.sha256(said.encode()).hexdigest()[:32])


def _is_blocked(job: Job) -> bool:
    return job.blocked or job.state is not State.ACCEPTED


def _is_shared(job: Job) -> bool:
    return job.state is not State.UPLOADED
