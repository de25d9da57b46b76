"""What a crowd asks is stored as it comes, and all of it is looked into: in order, and again if need be."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack
from typing import Any

import pytest

from bot import inbox
from bot.errors import NotAccepted, Unavailable
from bot.heard import Heard
from bot.inbox import Inbox
from bot.job import TeamId
from bot.precedence import Precedence
from bot.store import SqlStore
from tests.core.world import Time


class Still(Time):
    """Whoever sleeps is woken by hand."""

    def __init__(self) -> None:
        super().__init__()
        self._over = asyncio.Event()
        self._asleep = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._asleep.set()
        await self._over.wait()

    async def sleeps(self, seconds: float) -> None:
        """Return when somebody has gone to sleep for so long."""
        async with asyncio.timeout(20.0):
            while seconds not in self.slept:
                self._asleep.clear()
                await self._asleep.wait()

    async def wake(self, *, seconds: float) -> None:
        """Let time pass as soon as somebody sleeps."""
        async with asyncio.timeout(20.0):
            await self._asleep.wait()
        self._asleep.clear()
        self.pass_(seconds)
        over, self._over = self._over, asyncio.Event()
        over.set()


class Reader:
    """Looks into what was heard, and does what it is told to do with some."""

    def __init__(self) -> None:
        self.box: Inbox
        self.read: list[str] = []
        self.instead: dict[str, Callable[[], Awaitable[None]]] = {}
        self._news = asyncio.Event()

    async def take(self, heard: Heard) -> None:
        self.read.append(heard.key)
        self._news.set()
        if heard.key in self.instead:
            await self.instead.pop(heard.key)()
        await self.box.settle(heard)

    async def has(self, count: int) -> list[str]:
        async with asyncio.timeout(20.0):
            while len(self.read) < count:
                self._news.clear()
                await self._news.wait()
        return self.read


@pytest.fixture
def time() -> Still:
    return Still()


@pytest.fixture
def order() -> Precedence:
    return Precedence()


@pytest.fixture
async def box(store: SqlStore, time: Still, order: Precedence) -> AsyncIterator[Inbox]:
    made = Inbox(store.inbox, clock=time, precedence=order, owner="me", crowd=3)
    yield made
    await made.stop(limit=5.0)


@pytest.fixture
def reader(box: Inbox) -> Reader:
    made = Reader()
    made.box = box
    return made


async def put(box: Inbox, time: Time, *keys: str) -> None:
    for key in keys:
        await box.put(
            Heard(
                team_id=TeamId("T1"),
                enterprise_id=None,
                kind="command",
                key=key,
                at=time.now(),
                form="",
                mark=box.mark(),
            )
        )


def broken(error: BaseException) -> Callable[[], Awaitable[None]]:
    async def act() -> None:
        raise error

    return act


async def left(store: SqlStore, time: Time) -> list[str]:
    """What nobody settled, whoever has it."""
    time.pass_(3600)
    found = await store.inbox.claim(time.now(), owner="looking", lease=inbox.LEASE, limit=99)
    return [heard.key for heard in found]


def ask(order: Precedence, times: int) -> None:
    with ExitStack() as stack:
        for _ in range(times):
            stack.enter_context(order.asking())


async def test_a_few_who_ask_are_no_crowd(box: Inbox, order: Precedence) -> None:
    ask(order, 2)
    assert not box.is_wanted


async def test_many_who_ask_within_a_second_are_one(box: Inbox, order: Precedence) -> None:
    ask(order, 3)
    assert box.is_wanted


async def test_who_comes_while_others_wait_here_does_not_overtake_them(
    box: Inbox, time: Still, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Precedence, "lately", 0)
    await put(box, time, "fox")
    assert box.is_wanted
    assert box.unread == 1
    box.start(reader.take)
    await reader.has(1)
    assert box.unread == 0


async def test_what_was_heard_is_looked_into_in_order(box: Inbox, time: Still, reader: Reader) -> None:
    crowd = [f"{number:02}" for number in range(40)]
    await put(box, time, *crowd)
    box.start(reader.take)
    assert await reader.has(40) == crowd


async def test_what_comes_while_it_looks_is_looked_into_too(box: Inbox, time: Still, reader: Reader) -> None:
    box.start(reader.take)
    for number in range(5):
        await put(box, time, f"{number}")
        await reader.has(number + 1)
    assert reader.read == ["0", "1", "2", "3", "4"]


async def test_while_many_ask_a_batch_waits_a_moment_for_others(
    box: Inbox, time: Still, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Precedence, "lately", inbox.MANY)
    box.start(reader.take)
    await time.sleeps(inbox.LOOK_EVERY)
    await put(box, time, "fox")
    await time.sleeps(inbox.REST)
    assert reader.read == []
    await put(box, time, "hen")
    await time.wake(seconds=inbox.REST)
    assert await reader.has(2) == ["fox", "hen"]


async def test_only_so_many_are_looked_into_at_a_time(box: Inbox, time: Still, reader: Reader) -> None:
    going_on = asyncio.Event()

    async def slow() -> None:
        await going_on.wait()

    crowd = [f"{number:03}" for number in range(inbox.MOST + 9)]
    reader.instead = dict.fromkeys(crowd, slow)
    await put(box, time, *crowd)
    box.start(reader.take)
    await reader.has(inbox.MOST)
    for _ in range(99):
        await asyncio.sleep(0)
    assert len(reader.read) == inbox.MOST
    going_on.set()
    assert await reader.has(len(crowd)) == crowd


async def test_a_stop_before_the_start_is_none(store: SqlStore, time: Still, order: Precedence) -> None:
    box = Inbox(store.inbox, clock=time, precedence=order, owner="me", crowd=3)
    await put(box, time, "fox")
    await box.stop(limit=5.0)
    assert await left(store, time) == ["fox"]


async def test_a_fault_costs_one_ask_some_time_and_the_others_none(
    box: Inbox, store: SqlStore, time: Still, reader: Reader
) -> None:
    reader.instead["fox"] = broken(Unavailable("away"))
    await put(box, time, "fox", "hen")
    box.start(reader.take)
    assert await reader.has(2) == ["fox", "hen"]
    await time.wake(seconds=inbox.LEASE.total_seconds() + 1)
    assert await reader.has(3) == ["fox", "hen", "fox"]
    await box.stop(limit=5.0)
    assert await left(store, time) == []


async def test_a_defect_is_no_end_of_the_others(box: Inbox, time: Still, reader: Reader) -> None:
    reader.instead["fox"] = broken(ZeroDivisionError())
    await put(box, time, "fox")
    box.start(reader.take)
    await reader.has(1)
    await put(box, time, "hen")
    assert await reader.has(2) == ["fox", "hen"]


async def test_a_database_that_is_away_is_asked_again(
    box: Inbox, store: SqlStore, time: Still, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(box, time, "fox")
    real, turns = store.inbox.claim, iter([True])

    async def claim(*args: Any, **more: Any) -> Any:
        if next(turns, False):
            raise Unavailable("away")
        return await real(*args, **more)

    monkeypatch.setattr(store.inbox, "claim", claim)
    box.start(reader.take)
    await time.wake(seconds=inbox.LOOK_EVERY)
    assert await reader.has(1) == ["fox"]


async def test_what_another_process_heard_is_found_by_itself(
    box: Inbox, store: SqlStore, time: Still, order: Precedence, reader: Reader
) -> None:
    box.start(reader.take)
    other = Inbox(store.inbox, clock=time, precedence=order, owner="other", crowd=3)
    await put(other, time, "fox")
    await time.wake(seconds=inbox.LOOK_EVERY)
    assert await reader.has(1) == ["fox"]


async def test_a_stop_ends_what_is_looked_into_and_leaves_the_rest(
    box: Inbox, store: SqlStore, time: Still, reader: Reader
) -> None:
    going_on = asyncio.Event()

    async def slow() -> None:
        await going_on.wait()

    reader.instead["fox"] = slow
    await put(box, time, "fox")
    box.start(reader.take)
    await reader.has(1)
    stopping = asyncio.create_task(box.stop(limit=5.0))
    await asyncio.sleep(0)
    await put(box, time, "hen")
    going_on.set()
    await stopping
    assert reader.read == ["fox"]
    assert await left(store, time) == ["hen"]


async def test_a_stop_waits_no_longer_than_it_may(box: Inbox, store: SqlStore, time: Still, reader: Reader) -> None:
    async def endless() -> None:
        await asyncio.Event().wait()

    reader.instead["fox"] = endless
    await put(box, time, "fox")
    box.start(reader.take)
    await reader.has(1)
    await box.stop(limit=0.0)
    assert await left(store, time) == ["fox"]


async def test_what_could_not_be_stored_is_not_waited_for(box: Inbox, store: SqlStore, time: Still) -> None:
    await store.close()
    with pytest.raises(NotAccepted):
        await put(box, time, "fox")
    assert box.unread == 0


async def test_a_word_that_may_wait_waits_for_who_asks(box: Inbox, order: Precedence) -> None:
    with order.asking():
        saying = asyncio.create_task(box.gap())
        for _ in range(9):
            await asyncio.sleep(0)
        assert not saying.done()
    await saying
