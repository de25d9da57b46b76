"""What happened to a job since its row was written, and where that leads. Pure.

The rules, first:

1. `Finished` and `Fetched` need no commit of their own: a query signs fresh links for free, and a download is free as
   long as the job can be queried. Whoever loses them loses a moment, never a picture, never money.
2. Everything else is written before the next effect, and takes along what was not written yet.
3. If somebody else wrote the row meanwhile, the same events are applied to what it became. From the first one on that
   means nothing to it any more they are dropped, and whoever wrote it goes on with it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from bot.events import Event, Fetched, Finished
from bot.job import Job, State
from bot.lifecycle import IllegalTransition, advance

REGAINED = (Finished, Fetched)
"""What can be had again for nothing."""
_ON_THE_WAY = frozenset({State.READY, State.FETCHED})


@dataclass(frozen=True, slots=True)
class Course:
    """A row, what happened to its job since it was written, and the job as that makes it.

    `overtaken`: an event meant nothing any more. `spooled`: bytes of its pictures are, or were, in the spool.
    """

    row: Job
    job: Job
    since: tuple[tuple[Event, datetime], ...] = ()
    overtaken: bool = False
    spooled: bool = False

    @classmethod
    def of(cls, row: Job) -> Course:
        """The course of a job whose row says all."""
        return cls(row, row, spooled=bool(row.pictures))

    @property
    def may_wait(self) -> bool:
        """Whether what happened need not be written before the next effect."""
        return self.job.state in _ON_THE_WAY and all(isinstance(event, REGAINED) for event, _ in self.since)

    def then(self, event: Event, at: datetime) -> Course:
        """And then that happened; or, if it means nothing to the job, the end of this course."""
        spooled = self.spooled or isinstance(event, Fetched)
        if self.overtaken:
            return replace(self, spooled=spooled)
        try:
            job = advance(self.job, event, at)
        except IllegalTransition:
            return replace(self, overtaken=True, spooled=spooled)
        return replace(self, job=job, since=(*self.since, (event, at)), spooled=spooled)

    def anew(self, row: Job) -> Course:
        """From that row on, as if nothing had happened since."""
        return replace(Course.of(row), spooled=self.spooled or bool(row.pictures))

    def over(self, row: Job) -> Course:
        """The same events, over what the row became. Each keeps its time."""
        course = self.anew(row)
        for event, at in self.since:
            course = course.then(event, at)
        return course

    def written(self, row: Job) -> Course:
        """All of it is in the row now."""
        return replace(self, row=row, job=row, since=())
