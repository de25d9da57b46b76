"""Who carries jobs on: so many tasks at once, a few more turns that wait for room, and no more than that in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from bot.course import Course
from bot.job import JobId


@dataclass(frozen=True, slots=True)
class Width:
    """How much is done at once, and how much more is held in memory until there is room; the rest waits in the rows.

    `deliveries`: so many tasks while the ones beyond `steps` carry pictures that were just finished, which must not
    wait behind announcements.
    """

    steps: int = 8
    deliveries: int = 32
    waiting: int = 16


@dataclass(frozen=True, slots=True)
class Turn:
    """A job to be carried on. `fresh`: this process itself has just written, or seen, where it is."""

    course: Course
    fresh: bool = False

    @property
    def job_id(self) -> JobId:
        """Whose turn it is."""
        return self.course.row.id

    @property
    def is_delivery(self) -> bool:
        """Whether only this process knows yet what happened to the job."""
        return bool(self.course.since)


class Crew:
    """Does `carry` for each turn in a task of its own, and `put_down` for a delivery that there is no room for.

    `ended` hears of each turn that is over, with the error that broke it off, if one did.
    """

    def __init__(
        self,
        width: Width,
        *,
        carry: Callable[[Turn], Awaitable[None]],
        put_down: Callable[[Turn], Awaitable[None]],
        ended: Callable[[Turn, BaseException | None], None],
    ) -> None:
        self._width = width
        self._carry = carry
        self._put_down = put_down
        self._ended = ended
        self._tasks: dict[JobId, asyncio.Task[None]] = {}
        self._next: list[Turn] = []
        self._stopping = False
        self.promised = 0
        """Places kept for asks that are being stored."""

    @property
    def busy(self) -> Sequence[JobId]:
        """The jobs that have a step under way."""
        return tuple(self._tasks)

    @property
    def room(self) -> int:
        """How many more jobs may be held."""
        held = len(self._tasks) + len(self._next) + self.promised
        return 0 if self._stopping else max(0, self._width.steps + self._width.waiting - held)

    @property
    def is_half_empty(self) -> bool:
        """Whether it is worth a transaction to look for more."""
        return self.room * 2 >= self._width.waiting

    def holds(self, job_id: JobId) -> bool:
        """Whether the job is carried, or waits for room."""
        return job_id in self._tasks or any(turn.job_id == job_id for turn in self._next)

    def take_on(self, turn: Turn) -> None:
        """Carry it on as soon as there is room. A delivery goes first; without room it is put down at once."""
        if self._stopping:
            return
        self._next.append(turn)
        self._fill()
        if turn.is_delivery and turn in self._next and self.room == 0 and turn.job_id not in self._tasks:
            self._next.remove(turn)
            self._begin(turn, self._put_down)

    def _fill(self) -> None:
        for turn in sorted(self._next, key=lambda turn: not turn.is_delivery):
            most = self._width.deliveries if turn.is_delivery else self._width.steps
            if len(self._tasks) < most and turn.job_id not in self._tasks:
                self._next.remove(turn)
                self._begin(turn, self._carry)

    def _begin(self, turn: Turn, work: Callable[[Turn], Awaitable[None]]) -> None:
        task = asyncio.create_task(_awaited(work(turn)), name=f"job {turn.job_id}")
        self._tasks[turn.job_id] = task
        task.add_done_callback(lambda task: self._over(turn, task))

    def _over(self, turn: Turn, task: asyncio.Task[None]) -> None:
        del self._tasks[turn.job_id]
        if not self._stopping:
            self._fill()
        self._ended(turn, None if task.cancelled() else task.exception())

    def dismiss(self) -> set[asyncio.Task[None]]:
        """Begin nothing any more; what is under way. What waits for room is left to the rows."""
        self._stopping = True
        self._next.clear()
        return set(self._tasks.values())


async def _awaited(work: Awaitable[None]) -> None:
    await work
