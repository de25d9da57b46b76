"""The effects of a job's steps outside the lane: each does one thing and reports the event, or raises a `Fault`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

import structlog

from bot import references, together
from bot.errors import (
    SOON,
    STEADY,
    Cause,
    Closed,
    Fault,
    Gone,
    Misconfigured,
    NotInChannel,
    OutcomeUnknown,
    Patience,
    Rejected,
    Throttled,
    Unavailable,
)
from bot.events import (
    Announced,
    Apologised,
    Blocked,
    BytesGone,
    Cancelled,
    Displaced,
    Event,
    Faulted,
    Removed,
    Shared,
)
from bot.job import FileId, Job, Kind, State
from bot.lifecycle import advance
from bot.pictures import fetch, upload
from bot.ports import Landed
from bot.work import Work

_log = structlog.get_logger(__name__)

LOOKS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds before each look for a share: Slack shares after it answered `ok` (bolt-js#2115, node-slack-sdk#1865)."""
SHARE_PATIENCE = timedelta(seconds=120)
"""How long a share may stay unseen before the files are taken back and uploaded anew."""


Effect = Callable[[Job, Work, bool], Awaitable[Event]]


async def announce(job: Job, work: Work, _fresh: bool) -> Event:
    """Post the thread's root. What stands in the way is found out here, before money is spent: a conversation that
    the bot may not write in, a reference picture that cannot be used.
    """
    standing = await work.standing(job)
    if (lead := job.together or job.parent) is not None and job.thread_ts is None:
        first = await work.job(lead)
        if job.together is not None and first is not None and together.is_off(first):
            return Cancelled()
        job = together.placed(job, first)
    if job.request.reference:
        references.check_shape(job.request)
        await work.chat.reference(FileId(job.request.reference))
    try:
        posted = await work.chat.announce(job, standing)
    except NotInChannel as blocked:
        if job.execution is not None:  # a workflow cannot choose a road
            raise Rejected(blocked.code, cause=Cause.NO_ROAD) from None
        if not job.blocked:
            await _offer_road(job, work, blocked)
        return Blocked(direct=blocked.direct)
    return Announced(posted.channel_id, posted.ts, posted.locale, job.thread_ts, alone=posted.alone)


async def _offer_road(job: Job, work: Work, blocked: NotInChannel) -> None:
    try:
        await work.chat.offer_road(job, joinable=blocked.joinable, direct=blocked.direct)
    except (Rejected, Misconfigured, NotInChannel) as fault:
        _log.warning("road_not_offered", job=job.id, code=fault.code)


async def share(job: Job, work: Work, fresh: bool) -> Event:
    """Share the files into the thread once, see that they landed, and have the root say so."""
    event = await _share(job, work, fresh=fresh)
    if isinstance(event, Shared):
        await _finish(job, event, work)
    return event


async def _finish(job: Job, event: Event, work: Work) -> None:
    """The root's last word comes before the last write, so that no crash can leave a root that waits for ever."""
    after = advance(job, event, work.clock.now())
    if after.execution is not None and after.state in {State.DELIVERED, State.FAILED}:
        await work.chat.complete(after)
    await work.chat.finish(after)


async def _share(job: Job, work: Work, *, fresh: bool) -> Event:
    """Share the files into the thread once, then see that they landed.

    `fresh` means that this very run of the program stored the file ids a moment ago, so nothing can have been shared.
    Otherwise the question comes first: a crash may have come after the share.
    """
    try:
        if not fresh and (there := await _seen(job, work)) is not None:
            return Shared(there.ts, there.public)
    except Misconfigured:
        return await _share_blindly(job, work)
    try:
        await _complete(job, work)
    except (NotInChannel, Closed) as blocked:
        return await _displaced(job, work, blocked)
    try:
        there = await _look(job, work)
    except Misconfigured:
        return Shared(None)
    if there is not None:
        return Shared(there.ts, there.public)
    return await _unseen(job, work)


async def _displaced(job: Job, work: Work, blocked: NotInChannel | Closed) -> Event:
    """Pictures that were drawn for a place where they can't be shown any more go to their asker."""
    _log.warning("displaced", job=job.id, code=blocked.code)
    if job.kind is Kind.COPY or job.execution is not None:
        raise Rejected(blocked.code, cause=blocked.cause) from None
    direct = await work.chat.direct(job)
    if direct != job.channel_id:
        await work.chat.displaced(job)
    return Displaced(direct)


async def _complete(job: Job, work: Work) -> None:
    """Complete the uploads. That Slack knows them no more means nothing yet: they may be completed already."""
    try:
        await work.chat.share(job)
    except Gone:
        _log.info("share_known_already", job=job.id)


async def _seen(job: Job, work: Work) -> Landed | None:
    """Where the share stands. "No such file" is no news: Slack says so of uploads before it has looked at them."""
    try:
        return await work.chat.landed(job)
    except Gone:
        return None


async def _share_blindly(job: Job, work: Work) -> Event:
    """Without `files:read` nobody can look; but uploads complete only once, so a second try cannot share twice."""
    try:
        await _complete(job, work)
    except (NotInChannel, Closed) as blocked:
        return await _displaced(job, work, blocked)
    return Shared(None)


async def _look(job: Job, work: Work) -> Landed | None:
    for pause in LOOKS:
        await work.clock.sleep(pause)
        if (there := await _seen(job, work)) is not None:
            return there
    return None


async def _unseen(job: Job, work: Work) -> Event:
    """A share that never shows: only when the files are deleted may others take their place, or both could appear."""
    if work.clock.now() - (job.uploaded_at or job.state_at) < SHARE_PATIENCE:
        raise Unavailable("share_not_seen", cause=Cause.SLACK_REFUSED)
    _log.warning("share_dropped_by_slack", job=job.id, files=len(job.file_ids))
    await work.chat.remove(job)
    return BytesGone()


async def apologise(job: Job, work: Work, _fresh: bool) -> Event:
    """Tell the owner why not. Where a workflow asked and no thread was begun, its step is told and nobody else."""
    event = Apologised()
    if job.execution is None:
        await work.chat.apologise(job)
        await _finish(job, event, work)
        return event
    await _finish(job, event, work)  # first: what is said twice is the lesser harm
    if job.thread_ts is not None:
        await work.chat.apologise(job)
    return event


async def remove(job: Job, work: Work, _fresh: bool) -> Event:
    """Delete what the owner wants deleted."""
    await work.chat.remove(job)
    event = Removed()
    await _finish(job, event, work)
    return event


EFFECTS: Mapping[State, Effect] = {
    State.ACCEPTED: announce,
    State.READY: fetch,
    State.FETCHED: upload,
    State.UPLOADED: share,
    State.FAILING: apologise,
    State.DELETING: remove,
}


AN_HOUR = Patience(first=1.0, cap=60.0, lasting=3600.0)
"""As long as result links live: the pictures are paid for, whatever our own disk says meanwhile."""
FEW = Patience(first=30.0, cap=120.0, tries=3)
"""For posts whose answer was lost: Slack may show each of them."""

_WITH_SLACK = frozenset({State.ACCEPTED, State.FETCHED, State.UPLOADED, State.FAILING, State.DELETING})
_POSTS = frozenset({State.ACCEPTED, State.FAILING})


def faulted(fault: Fault, state: State) -> Faulted:
    """The event that a fault is to the job that met it in `state`."""
    retry_after = fault.retry_after if isinstance(fault, Throttled) else None
    return Faulted(fault.code, fault.cause, _patience(fault, state), retry_after, reference=fault.reference)


def _patience(fault: Fault, state: State) -> Patience | None:
    """What is owed to Slack is tried for a day: the pictures are ours by then, and a lost share is looked for first."""
    if isinstance(fault, Rejected):
        return fault.patience
    if isinstance(fault, OutcomeUnknown) and state in _POSTS:
        return FEW
    if state in _WITH_SLACK:
        return STEADY
    return AN_HOUR if state is State.READY and fault.patience is SOON else fault.patience
