"""Asks that were confirmed together go into one thread: the first opens it, the others follow. Pure."""

from __future__ import annotations

from dataclasses import replace

from bot.errors import Cause, Throttled
from bot.job import Job, State

SOON = 0.3
"""Seconds until the first one's root is asked for again; posting it takes about as long."""
BLOCKED = 10.0
"""The same while the first waits for its owner to choose a road."""


def is_off(first: Job) -> bool:
    """Whether the others end with the first: it was called off, or found no road, before it had opened a thread."""
    lost = first.failure is not None and first.failure.cause is Cause.NO_ROAD
    return first.thread_ts is None and (first.state is State.CANCELLED or lost)


def placed(job: Job, first: Job | None) -> Job:
    """The job in the thread of the first; as it is if there will never be one. Raises `Throttled` until then."""
    if first is None or (first.thread_ts is None and (first.is_final or first.failure is not None)):
        return job
    if first.thread_ts is None:
        raise Throttled("thread_not_begun", retry_after=BLOCKED if first.blocked else SOON)
    return replace(job, channel_id=first.channel_id, thread_ts=first.thread_ts, by_message=first.by_message)
