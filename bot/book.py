"""Writes down what happened to jobs, whoever else writes to their rows, however long the database is away."""

from __future__ import annotations

from datetime import timedelta

import structlog

from bot.clock import Clock
from bot.course import Course
from bot.errors import Cause, Gone, Rejected, Stale, Unavailable
from bot.events import Faulted
from bot.job import Job
from bot.ports import Lease, Store
from bot.steps import EFFECTS

_log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=120)


class Book:
    """The rows, as one process (`owner`) writes them."""

    def __init__(self, store: Store, clock: Clock, *, owner: str) -> None:
        self._store = store
        self._clock = clock
        self._owner = owner

    def lease(self) -> Lease:
        """A lease that begins now."""
        return Lease(self._owner, self._clock.now() + LEASE)

    async def write(self, course: Course, *, hold: bool = True) -> Course:
        """Write what happened, in one commit. `hold`: keep the lease if the next step follows at once.

        Events that mean nothing to the row any more (its owner cancelled it) are dropped. Each event has its time, so
        that a commit whose answer was lost is known again.
        """
        pause, stale = 0.1, False
        while course.since:
            try:
                if stale:
                    course, stale = await self._again(course), False
                    continue
                return course.written(await self._save(course, hold=hold))
            except Stale:
                stale = True
            except Rejected as fault:
                course = self._unstorable(course, fault)
            except Unavailable as fault:
                _log.error("not_written", job=course.row.id, code=fault.code, outcome=_last(course))
                await self._clock.sleep(pause)
                pause = min(pause * 2, 5.0)
        return course

    async def _save(self, course: Course, *, hold: bool) -> Job:
        """Hold on to it only if the next step follows at once: what has failed is left for a later claim."""
        after, at = course.job, course.since[-1][1]
        if hold and after.state in EFFECTS and after.due_at <= at and not after.attempts:
            lease = self.lease()
            return await self._store.save(after, owner=lease.owner, lease_until=lease.until)
        return await self._store.save(after)

    async def look_up(self, course: Course) -> Course:
        """Whether somebody else wrote the row meanwhile (its owner cancelled it): before effort is spent in vain."""
        if not course.since:
            return course
        try:
            found = await self._store.get(course.row.id)
        except Unavailable:
            return course  # the commit will tell
        if found is not None and found.version == course.row.version:
            return course
        return self._over(course, found)

    async def _again(self, course: Course) -> Course:
        return self._over(course, await self._store.get(course.row.id))

    def _over(self, course: Course, found: Job | None) -> Course:
        if found is None:
            raise Gone("row_gone", f"job {course.row.id} was deleted from the database")
        again = course.over(found)
        if again.overtaken:
            _log.info("overtaken", job=found.id, state=str(found.state), outcome=_last(course))
        return again

    def _unstorable(self, course: Course, fault: Rejected) -> Course:
        """Two jobs with one provider id, say: this one must not show the other's pictures, and ends."""
        _log.error("refused_by_store", job=course.row.id, code=fault.code, outcome=_last(course))
        if len(course.since) == 1 and isinstance(course.since[0][0], Faulted):
            raise fault  # not even that can be stored: nothing is left to try
        return course.anew(course.row).then(Faulted(fault.code, Cause.UNEXPECTED), self._clock.now())


def _last(course: Course) -> str:
    return type(course.since[-1][0]).__name__
