"""Who carries jobs on: one task a job, deliveries first, and never more than there is room for."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from bot.course import Course
from bot.crew import Crew, Turn, Width
from bot.events import Finished
from bot.job import Job, JobId, State
from tests.core.test_course import LATER, generating
from tests.core.world import NOON


def job(name: str) -> Job:
    return replace(generating(), id=JobId(name))


def delivery(name: str) -> Turn:
    return Turn(Course.of(job(name)).then(Finished((), LATER), NOON))


def ask(name: str) -> Turn:
    return Turn(Course.of(replace(job(name), state=State.ACCEPTED)))


class Yard:
    """A crew whose turns end when they are told to."""

    def __init__(self, width: Width) -> None:
        self.began: list[str] = []
        self.put_down: list[str] = []
        self.ended: list[str] = []
        self._gates: list[asyncio.Event] = []
        self.crew = Crew(width, carry=self._carry, put_down=self._put_down, ended=self._ended)

    async def _carry(self, turn: Turn) -> None:
        self.began.append(turn.job_id)
        self._gates.append(asyncio.Event())
        await self._gates[-1].wait()

    async def _put_down(self, turn: Turn) -> None:
        self.put_down.append(turn.job_id)

    def _ended(self, turn: Turn, error: BaseException | None) -> None:
        assert error is None
        self.ended.append(turn.job_id)

    async def take_on(self, *turns: Turn) -> None:
        for turn in turns:
            self.crew.take_on(turn)
        await self.rest()

    async def end(self, number: int) -> None:
        self._gates[number].set()
        await self.rest()

    async def home(self) -> None:
        """Let everything end."""
        while self.crew.busy:
            for gate in self._gates:
                gate.set()
            await self.rest()

    async def rest(self) -> None:
        for _ in range(10):
            await asyncio.sleep(0)


async def test_one_job_is_never_carried_by_two_tasks_at_once() -> None:
    yard = Yard(Width(steps=4, deliveries=4, waiting=4))
    await yard.take_on(delivery("a"), delivery("a"))
    assert (yard.began, yard.crew.busy) == (["a"], ("a",))
    await yard.end(0)
    assert (yard.began, yard.ended) == (["a", "a"], ["a"])
    await yard.home()


async def test_deliveries_have_places_of_their_own_and_go_first() -> None:
    yard = Yard(Width(steps=1, deliveries=2, waiting=4))
    await yard.take_on(ask("a"), ask("b"), delivery("c"), delivery("d"))
    assert yard.began == ["a", "c"]
    await yard.end(0)
    await yard.end(1)
    assert yard.began == ["a", "c", "d"]
    await yard.end(2)
    assert yard.began == ["a", "c", "d", "b"]
    await yard.home()


async def test_a_delivery_beyond_all_room_is_put_down_and_an_ask_is_never() -> None:
    yard = Yard(Width(steps=1, deliveries=1, waiting=1))
    await yard.take_on(ask("a"), ask("b"), delivery("c"))
    assert (yard.began, yard.put_down, yard.ended) == (["a"], ["c"], ["c"])
    assert yard.crew.holds(JobId("b"))
    await yard.home()
    assert yard.began == ["a", "b"]


async def test_once_dismissed_it_begins_nothing_and_has_no_room() -> None:
    yard = Yard(Width(steps=1, deliveries=1, waiting=1))
    await yard.take_on(ask("a"), ask("b"))
    [under_way] = yard.crew.dismiss()
    await yard.take_on(ask("c"))
    await yard.end(0)
    assert (yard.began, yard.crew.room, under_way.done()) == (["a"], 0, True)
