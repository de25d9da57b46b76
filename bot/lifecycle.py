"""The life of a job: TRANSITIONS and advance(). Pure: no clock, no library, no `async`.

The rules, first:

1. A state says what is durably true; a step is one outside effect. One step for each unfinished state.
2. What is not in TRANSITIONS is illegal.
3. Nothing leaves a final state, except that the owner may have delivered pictures removed.
4. `advance` decides everything that follows from an event: the next state, what is remembered, when it is due.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import singledispatch

from bot.errors import Cause
from bot.events import (
    Announced,
    Apologised,
    Blocked,
    BytesGone,
    Cancelled,
    DeleteAsked,
    Displaced,
    Event,
    Faulted,
    Fetched,
    Finished,
    Intended,
    LinksDied,
    NotTaken,
    ProviderFailed,
    Removed,
    Rerouted,
    Shared,
    Submitted,
    Uploaded,
)
from bot.job import IN_FLIGHT, Failure, Job, Kind, State

ROAD_WAIT = timedelta(minutes=30)  # as long as Slack's response_url lives
MAX_SENDS = 2
MAX_REDRAWS = 1
MAX_REQUERIES = 3
MAX_UPLOADS = 3

TRANSITIONS: Mapping[State, Mapping[type[Event], frozenset[State]]] = {
    State.ACCEPTED: {
        Announced: frozenset({State.QUEUED}),
        Blocked: frozenset({State.ACCEPTED, State.FAILING}),
        Rerouted: frozenset({State.ACCEPTED}),
        Faulted: frozenset({State.ACCEPTED, State.FAILING}),
        Cancelled: frozenset({State.CANCELLED}),
    },
    State.QUEUED: {
        Intended: frozenset({State.SUBMITTING}),
        Faulted: frozenset({State.QUEUED, State.FAILING}),
        Cancelled: frozenset({State.CANCELLED}),
    },
    State.SUBMITTING: {
        Intended: frozenset({State.SUBMITTING}),
        Submitted: frozenset({State.GENERATING}),
        NotTaken: frozenset({State.QUEUED, State.CANCELLED}),
        Faulted: frozenset({State.QUEUED, State.FAILING, State.CANCELLED}),
        Cancelled: frozenset({State.SUBMITTING}),
    },
    State.GENERATING: {
        Finished: frozenset({State.READY, State.CANCELLED}),
        ProviderFailed: frozenset({State.QUEUED, State.FAILING, State.CANCELLED}),
        Faulted: frozenset({State.GENERATING, State.FAILING, State.CANCELLED}),
        Cancelled: frozenset({State.GENERATING}),
    },
    State.READY: {
        Fetched: frozenset({State.FETCHED}),
        LinksDied: frozenset({State.GENERATING, State.FAILING}),
        Faulted: frozenset({State.READY, State.FAILING}),
        Cancelled: frozenset({State.CANCELLED}),
    },
    State.FETCHED: {
        Uploaded: frozenset({State.UPLOADED}),
        BytesGone: frozenset({State.GENERATING, State.READY, State.FAILING}),  # a copy is fetched again
        Faulted: frozenset({State.FETCHED, State.FAILING}),
        Cancelled: frozenset({State.CANCELLED}),
    },
    State.UPLOADED: {
        Shared: frozenset({State.DELIVERED}),
        Displaced: frozenset({State.UPLOADED, State.FAILING}),
        BytesGone: frozenset({State.FETCHED, State.FAILING}),
        Faulted: frozenset({State.UPLOADED, State.FAILING}),
    },
    State.FAILING: {
        Apologised: frozenset({State.FAILED}),
        Faulted: frozenset({State.FAILING, State.FAILED}),
    },
    State.DELIVERED: {DeleteAsked: frozenset({State.DELETING})},
    State.DELETING: {
        Removed: frozenset({State.DELETED}),
        Faulted: frozenset({State.DELETING, State.DELIVERED}),
    },
    State.FAILED: {},
    State.CANCELLED: {Announced: frozenset({State.CANCELLED})},  # cancelled while its root was being posted
    State.DELETED: {},
}


class IllegalTransition(Exception):  # noqa: N818 - the name of the thing, as in the house plan
    """This event means nothing in this state."""

    def __init__(self, job: Job, event: Event) -> None:
        super().__init__(f"{type(event).__name__} is not legal in {job.state}")
        self.state = job.state
        self.event = event


def advance(job: Job, event: Event, now: datetime) -> Job:
    """The job after `event` at `now`. Raises `IllegalTransition` for what TRANSITIONS does not hold."""
    legal = TRANSITIONS[job.state].get(type(event))
    if legal is None:
        raise IllegalTransition(job, event)
    after = _decide(event, job, now)
    if after.state not in legal:
        raise IllegalTransition(job, event)
    return after


@singledispatch
def _decide(event: Event, job: Job, _now: datetime) -> Job:
    """What follows from each kind of event, one function a kind."""
    raise IllegalTransition(job, event)


def _enter(job: Job, state: State, now: datetime) -> Job:
    """In a new room: attempts start again, and what comes next is due at once."""
    return replace(job, state=state, state_at=now, due_at=now, attempts=0)


def _fail(job: Job, event: Faulted | ProviderFailed, now: datetime) -> Job:
    if job.dropped:
        return _enter(job, State.CANCELLED, now)
    failure = Failure(event.code, event.cause, job.charged, event.reference)
    return replace(_enter(job, State.FAILING, now), failure=failure)


@_decide.register
def _announced(event: Announced, job: Job, now: datetime) -> Job:
    posted = replace(
        job,
        channel_id=event.channel_id,
        origin_channel_id=job.origin_channel_id or job.channel_id,
        root_ts=event.ts,
        thread_ts=event.ts if event.alone else job.thread_ts or event.thread_ts or event.ts,
        locale=event.locale or job.locale,
    )
    if job.state is State.CANCELLED:
        return posted
    return replace(_enter(posted, State.QUEUED, now), queued_at=now)


@_decide.register
def _blocked(event: Blocked, job: Job, now: datetime) -> Job:
    if job.blocked:
        return _fail(job, Faulted("not_in_channel", Cause.NO_ROAD), now)
    wait = timedelta(0) if event.direct else ROAD_WAIT
    thread = None if event.direct else job.thread_ts
    return replace(job, blocked=True, by_message=event.direct, thread_ts=thread, due_at=now + wait)


@_decide.register
def _rerouted(event: Rerouted, job: Job, now: datetime) -> Job:
    thread = None if event.by_message else job.thread_ts  # the thread is where the bot may not write
    rerouted = replace(job, blocked=False, by_message=event.by_message, joining=event.join, thread_ts=thread)
    return replace(rerouted, due_at=now, attempts=0)


@_decide.register
def _intended(event: Intended, job: Job, now: datetime) -> Job:
    again = job.state is State.SUBMITTING
    intended = replace(_enter(job, State.SUBMITTING, now), due_at=event.hold_until, attempts=job.attempts)
    return replace(intended, sends=job.sends + 1, unsure=job.unsure + again, sent_at=now)


@_decide.register
def _submitted(event: Submitted, job: Job, now: datetime) -> Job:
    generating = replace(_enter(job, State.GENERATING, now), due_at=event.poll_at)
    sent_at = event.sent_at or job.sent_at
    return replace(generating, provider_job_id=event.provider_job_id, deadline_at=event.deadline_at, sent_at=sent_at)


@_decide.register
def _not_taken(event: NotTaken, job: Job, now: datetime) -> Job:
    if job.dropped:
        return _enter(job, State.CANCELLED, now)
    queued = replace(_enter(job, State.QUEUED, now), attempts=job.attempts, due_at=event.again_at)
    return replace(queued, sends=job.sends - 1, sent_at=None)


@_decide.register
def _finished(event: Finished, job: Job, now: datetime) -> Job:
    seen = replace(
        job,
        links=event.links,
        links_die_at=event.links_die_at,
        revised=event.revised,
        running_at=event.running_at or job.running_at,
        done_at=job.done_at or now,
    )
    return _enter(seen, State.CANCELLED if job.dropped else State.READY, now)


@_decide.register
def _provider_failed(event: ProviderFailed, job: Job, now: datetime) -> Job:
    if not event.redraw or job.redraws >= MAX_REDRAWS or job.dropped:
        return _fail(job, event, now)
    again = _enter(job, State.QUEUED, now)
    fresh = replace(again, provider_job_id=None, sent_at=None, deadline_at=None, sends=0)
    return replace(fresh, redraws=job.redraws + 1)


@_decide.register
def _links_died(_event: LinksDied, job: Job, now: datetime) -> Job:
    if job.requeries >= MAX_REQUERIES:
        return _fail(job, Faulted("links_expired", Cause.JOB_LOST), now)
    return replace(_enter(job, State.GENERATING, now), requeries=job.requeries + 1, links=())


@_decide.register
def _fetched(event: Fetched, job: Job, now: datetime) -> Job:
    fetched = replace(_enter(job, State.FETCHED, now), pictures=event.pictures, fetched_at=now)
    if event.channel_id is None:
        return fetched
    origin = job.origin_channel_id or job.channel_id
    return replace(fetched, channel_id=event.channel_id, origin_channel_id=origin)


@_decide.register
def _uploaded(event: Uploaded, job: Job, now: datetime) -> Job:
    return replace(_enter(job, State.UPLOADED, now), file_ids=event.file_ids, uploaded_at=now)


@_decide.register
def _bytes_gone(_event: BytesGone, job: Job, now: datetime) -> Job:
    if job.kind is Kind.COPY and job.state is State.FETCHED:
        if job.requeries >= MAX_REQUERIES:
            return _fail(job, Faulted("bytes_gone", Cause.UNEXPECTED), now)
        return replace(_enter(job, State.READY, now), requeries=job.requeries + 1, pictures=())
    if job.state is State.FETCHED:
        return _links_died(LinksDied(), replace(job, pictures=()), now)
    if job.uploads + 1 >= MAX_UPLOADS:
        return _fail(job, Faulted("share_never_seen", Cause.SLACK_REFUSED), now)
    return replace(_enter(job, State.FETCHED, now), file_ids=(), uploads=job.uploads + 1)


@_decide.register
def _displaced(event: Displaced, job: Job, now: datetime) -> Job:
    if event.channel_id == job.channel_id:
        return _fail(job, Faulted("not_in_channel", Cause.NO_ROAD), now)
    return replace(job, channel_id=event.channel_id, root_ts=None, thread_ts=None, due_at=now)


@_decide.register
def _shared(event: Shared, job: Job, now: datetime) -> Job:
    there = replace(_enter(job, State.DELIVERED, now), share_ts=event.ts, public=event.public, delivered_at=now)
    return replace(there, links=(), reply_url=None)


@_decide.register
def _faulted(event: Faulted, job: Job, now: datetime) -> Job:
    attempts = job.attempts + 1
    # A refused submit goes back in line: its patience began when it came in line, not with the last try.
    since = (job.queued_at or job.state_at) if job.state is State.SUBMITTING else job.state_at
    waited = (now - since).total_seconds()
    if event.patience is None or event.patience.is_over(attempts, waited=waited):
        return _give_up(job, event, now)
    delay = event.retry_after
    if delay is None:
        delay = event.patience.delay(attempts, luck=_luck(job, attempts))
    stay = State.QUEUED if job.state is State.SUBMITTING else job.state
    if stay is State.QUEUED and job.dropped:
        return _enter(job, State.CANCELLED, now)
    sends = job.sends - (job.state is State.SUBMITTING)
    return replace(job, state=stay, attempts=attempts, due_at=now + timedelta(seconds=delay), sends=sends)


def _give_up(job: Job, event: Faulted, now: datetime) -> Job:
    if job.state is State.FAILING:
        return _enter(job, State.FAILED, now)
    if job.state is State.DELETING:
        return _enter(job, State.DELIVERED, now)
    return _fail(job, event, now)


def _luck(job: Job, attempt: int) -> float:
    """0..1, the same each time for the same try of the same job, so that many jobs do not come back together."""
    return zlib.crc32(f"{job.id}{attempt}".encode()) / 0xFFFFFFFF


@_decide.register
def _cancelled(_event: Cancelled, job: Job, now: datetime) -> Job:
    if job.state in IN_FLIGHT:
        return replace(job, dropped=True)
    return _enter(job, State.CANCELLED, now)


@_decide.register
def _apologised(_event: Apologised, job: Job, now: datetime) -> Job:
    return replace(_enter(job, State.FAILED, now), reply_url=None)


@_decide.register
def _delete_asked(_event: DeleteAsked, job: Job, now: datetime) -> Job:
    return _enter(job, State.DELETING, now)


@_decide.register
def _removed(_event: Removed, job: Job, now: datetime) -> Job:
    return _enter(job, State.DELETED, now)
