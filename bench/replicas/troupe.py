"""Several replicas at work on one backlog: one is killed while it drives, another is stopped while it does."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path

import aiohttp

from bench.replicas import far, replica
from bench.replicas.far import Ends, Seen
from bench.replicas.replica import Orders
from bot.clock import SystemClock
from bot.engine import LANE
from bot.job import ChannelId, Job, JobId, State, TeamId, UserId
from bot.ports import DeliveryKey
from bot.request import Request
from bot.store import SqlStore, open_store
from bot.tenure import Lease

_AHEAD = 300.0
_PEOPLE = 10
_WAITING = 20
_PATIENCE = 60.0
"""Seconds after which something must have gone wrong: then nothing was measured."""
_processes = get_context("forkserver")
"""Replicas come up in the time of a fork: what they import was imported once."""
_processes.set_forkserver_preload([replica.__name__, far.__name__])


@dataclass(frozen=True, slots=True)
class Show:
    """How it goes: so many replicas, an unspoilt spell of so many seconds before, between and after the hand-overs.

    `is_short`: only the kill, and no stop of the one that drives next.
    """

    replicas: int
    spell: float
    lease: Lease
    is_short: bool = False


@dataclass(frozen=True, slots=True)
class Notices:
    """What came of it. `gaps`: seconds without a request after each hand-over."""

    show: Show
    most: int
    calls: int
    gaps: tuple[float, ...]
    twice: int
    unsure: int
    delivered: int
    lost: int
    repeated: int

    @property
    def is_good(self) -> bool:
        """Never more requests than allowed, each job paid once but for the unknown ones, all delivered once."""
        return self.most <= far.RATE and not (self.twice or self.lost or self.repeated)

    def __str__(self) -> str:
        gaps = " and ".join(f"{gap:.1f} s" for gap in self.gaps)
        return (
            f"{self.show.replicas} replicas: {self.calls} requests, none for {gaps} at the hand-overs (leases of "
            f"{self.show.lease.lasts:g} s); {self.delivered} jobs delivered, {self.lost} lost, {self.repeated} shown "
            f"twice; paid twice: {self.twice} besides those of the {self.unsure} submits under way at the kill"
        )


class Troupe:
    """The replicas."""

    def __init__(self, orders: Orders, store: SqlStore) -> None:
        self._orders = orders
        self._store = store
        self._all: dict[int, BaseProcess] = {}

    def begin(self, count: int = 1, *, ahead: float = 0.0) -> None:
        """Start so many more."""
        for _ in range(count):
            process = _processes.Process(target=replica.work, args=(replace(self._orders, ahead=ahead),), daemon=True)
            process.start()
            assert process.pid is not None
            self._all[process.pid] = process

    async def driver(self, *, but: int = -1) -> int:
        """The one that drives, as soon as some other one than that does."""
        while True:
            owner = await self._store.driver_of(LANE)
            if owner is not None and (pid := int(owner.partition("-")[0])) != but:
                return pid
            await asyncio.sleep(0.02)

    def kill(self, pid: int) -> None:
        """As if its machine was gone."""
        process = self._all.pop(pid)
        process.kill()
        process.join()

    async def end(self, pids: Collection[int]) -> None:
        """Let them end as after SIGTERM."""
        leaving = [self._all.pop(pid) for pid in pids]
        for process in leaving:
            process.terminate()
        for process in leaving:
            await asyncio.to_thread(process.join, 20.0)

    async def end_all(self) -> None:
        """All of them."""
        await self.end(list(self._all))


@asynccontextmanager
async def far_ends() -> AsyncIterator[Ends]:
    """The image account and the threads, in a process of their own."""
    ours, theirs = _processes.Pipe()
    process = _processes.Process(target=far.serve, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    try:
        yield await asyncio.to_thread(ours.recv)
    finally:
        process.terminate()
        await asyncio.to_thread(process.join, 10.0)


async def seen_at(ends: Ends) -> Seen:
    """What they saw so far."""
    async with aiohttp.ClientSession() as session, session.get(f"{ends.threads}/seen") as answer:
        return Seen.of(await answer.json())


async def play(show: Show, database: str, folder: Path) -> Notices:
    """Let it happen, on a database that is migrated and empty."""
    async with AsyncExitStack() as stack:
        ends = await stack.enter_async_context(far_ends())
        store = await open_store(database, clock=SystemClock().now)
        stack.push_async_callback(store.close)
        backlog = Backlog(store)
        troupe = Troupe(Orders(database, ends, folder.as_uri(), show.lease), store)
        stack.push_async_callback(troupe.end_all)
        async with asyncio.timeout(_PATIENCE):
            unsure, moments = await _acts(show, troupe, store, backlog)
        return await _notices(show, store, await seen_at(ends), backlog.asks, unsure, moments)


class Backlog:
    """Asks of several people, never fewer than the lane can take in a second or two."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store
        self._numbers = itertools.count()
        self.asks: dict[JobId, str] = {}
        """The prompt of each job that was accepted."""

    async def keep(self) -> None:
        """Add to it whenever it gets short."""
        while True:
            if len(await self._store.waiting(LANE, _WAITING)) < _WAITING:
                await asyncio.gather(*(self._ask() for _ in range(_WAITING // 2)))
            await asyncio.sleep(0.2)

    async def _ask(self) -> None:
        now, number = SystemClock().now(), next(self._numbers)
        job = Job(
            id=JobId(f"{number:08x}"), team_id=TeamId("T1"), channel_id=ChannelId("C1"), lane=LANE,
            user_id=UserId(f"U{number % _PEOPLE}"), request=Request(f"fox {number}"),
            asked_at=now, state_at=now, due_at=now,
        )  # fmt: skip
        await self._store.accept(job, key=DeliveryKey(job.team_id, "bench", job.id))
        self.asks[job.id] = job.request.prompt


async def _acts(show: Show, troupe: Troupe, store: SqlStore, backlog: Backlog) -> tuple[set[JobId], list[float]]:
    """The jobs whose submit was under way at the kill, and the moments of the kill and of the stop, if one was."""
    keeping = asyncio.create_task(backlog.keep())
    troupe.begin(show.replicas)
    await _first_of_all(store)
    first = await _drive_a_while(show, troupe)
    moments = [time.time()]
    troupe.kill(first)
    unsure = {job.id for job in await store.in_flight(LANE) if job.state is State.SUBMITTING}
    troupe.begin()
    second = await _drive_a_while(show, troupe, but=first)
    if not show.is_short:
        moments.append(time.time())
        await troupe.end([second])
        troupe.begin()
        await _drive_a_while(show, troupe, but=second)
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)
    await troupe.end_all()
    troupe.begin(ahead=_AHEAD)
    await _end_of_all(store)
    return unsure, moments


async def _drive_a_while(show: Show, troupe: Troupe, *, but: int = -1) -> int:
    pid = await troupe.driver(but=but)
    await asyncio.sleep(1.0 + show.spell)
    return pid


async def _first_of_all(store: SqlStore) -> None:
    while True:
        if await store.in_flight(LANE):
            return
        await asyncio.sleep(0.05)


async def _end_of_all(store: SqlStore) -> None:
    while True:
        if not (await store.next_in_line_due(LANE) or await store.in_flight(LANE) or await store.next_due()):
            return
        await asyncio.sleep(0.1)


async def _notices(
    show: Show, store: SqlStore, seen: Seen, asks: dict[JobId, str], unsure: set[JobId], moments: Sequence[float]
) -> Notices:
    if seen.most < far.RATE / 2:
        raise RuntimeError(f"the limit kept nobody from anything ({seen.most} requests a second): nothing was measured")
    jobs = [await store.get(job_id) for job_id in asks]
    delivered = sum(job is not None and job.state is State.DELIVERED for job in jobs)
    known = {prompt for job_id, prompt in asks.items() if job_id not in unsure}
    return Notices(
        show,
        most=seen.most,
        calls=sum(len(times) for times in seen.calls.values()),
        gaps=tuple(seen.pause(moment) for moment in moments),
        twice=len(seen.twice & known),
        unsure=len(unsure),
        delivered=delivered,
        lost=len(jobs) - delivered,
        repeated=sum(count > 1 for count in seen.shares.values()),
    )
