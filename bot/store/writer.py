"""One writer: asks that arrive together are committed together, and each gets its own outcome.

The rules, first:

1. Only the writer task writes. A transaction begins, and only then takes what waits: nothing that ran out of time
   while the database was locked is in it.
2. If a transaction fails, it is rolled back as a whole, and each ask in it is tried alone: a bad one harms nobody.
3. An ask with a limit is never in a COMMIT that starts after its limit. If its limit passes while the COMMIT runs,
   its caller hears "not accepted" in time, and the writer takes it back before it writes anything else.
4. A COMMIT whose connection was cut may have succeeded. Actions are written so that the second time finds what the
   first one did; an ask with a limit that can't find out is taken back when the database answers again.
5. A caller that goes away changes nothing for the others. Its write goes on, unless it had a limit (then nobody
   was promised anything, and it is dropped).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, TypeVar

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.errors import Fault, NotAccepted, Unavailable
from bot.store.faults import Late, fault_from, passes

log = structlog.get_logger(__name__)

BATCH = 500
TRIES = 3

Item = TypeVar("Item")
Result = TypeVar("Result")

Action = Callable[[AsyncConnection, Sequence[Item]], Awaitable[Sequence[Result | Fault]]]
"""Does several items in one transaction. A `Fault` in its answer is that item's outcome, and means: nothing written."""


@dataclass(frozen=True, slots=True)
class Limit:
    """Until when (in the loop's time) an ask must be committed, and how to take it back.

    `promise`: what an outcome promises to its caller; what was promised to somebody else too is not taken back.
    """

    at: float
    take_back: Action[Any, None]
    promise: Callable[[Any], Hashable]


@dataclass(eq=False, slots=True)
class _Ask:
    """One write on its way. `dropped`: nobody may be told that it worked; `unsure`: a COMMIT of it was cut."""

    action: Action[Any, Any]
    item: Any
    answer: asyncio.Future[Any]
    limit: Limit | None = None
    alone: bool = False
    dropped: bool = False
    unsure: bool = False
    tries: int = 0


class Writer:
    """The one task that writes. `commits` counts transactions."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.commits = 0
        self._engine = engine
        self._may_wait = engine.dialect.name != "sqlite"
        self._asks: deque[_Ask] = deque()
        self._regretted: list[_Ask] = []
        self._wake = asyncio.Event()
        self._closing = False
        self._loop = asyncio.get_running_loop()
        self._task = self._loop.create_task(self._serve(), name="store-writer")

    async def write(self, action: Action[Item, Result], item: Item) -> Result:
        """Have it committed; returns its outcome or raises its fault. Goes on if the caller is cancelled."""
        ask = self._push(action, item, None)
        result: Result = await asyncio.shield(ask.answer)
        return result

    async def write_within(
        self,
        action: Action[Item, Result],
        item: Item,
        *,
        seconds: float,
        take_back: Action[Item, None],
        promise: Callable[[Result], Hashable],
    ) -> Result:
        """As `write`, but raises `NotAccepted` if it is not committed in that time, and then it never will be."""
        limit = Limit(self._loop.time() + seconds, take_back, promise)
        try:
            ask = self._push(action, item, limit)
        except Unavailable as closed:
            raise NotAccepted(closed.code) from closed
        try:
            async with asyncio.timeout_at(limit.at):
                result: Result = await asyncio.shield(ask.answer)
        except TimeoutError:
            if ask.answer.done() and ask.answer.exception() is None:
                late_but_true: Result = ask.answer.result()
                return late_but_true
            raise NotAccepted("too_slow", f"not committed within {seconds:g} s") from None
        except Fault as fault:
            raise NotAccepted(fault.code, fault.detail) from fault
        finally:
            ask.dropped = True
        return result

    async def close(self) -> None:
        """Finish what was asked, then stop."""
        self._closing = True
        self._wake.set()
        await self._task

    def _push(self, action: Action[Any, Any], item: Any, limit: Limit | None) -> _Ask:
        if self._closing:
            raise Unavailable("store_closed")
        ask = _Ask(action, item, self._loop.create_future(), limit)
        ask.answer.add_done_callback(_retrieve)
        self._asks.append(ask)
        self._wake.set()
        return ask

    async def _serve(self) -> None:
        while self._asks or not self._closing:
            await self._wake.wait()
            self._wake.clear()
            while self._asks:
                self._drop_late()
                await self._take_back()
                await self._commit_next()
            await self._take_back()

    async def _commit_next(self) -> None:
        """One transaction; what it could not settle goes back to the head of the queue, or fails."""
        taken: list[_Ask] = []
        error = await self._transact(taken, self._take)
        if error is None:
            return
        if not taken:
            self._fail_all(error)
            return
        again, over = self._sort_out(taken, error)
        self._asks.extendleft(reversed(again))
        self._fail(over, error)

    def _sort_out(self, taken: Sequence[_Ask], error: Exception) -> tuple[list[_Ask], list[_Ask]]:
        """Who is tried again after a failed transaction, and for whom it was the last time.

        After a COMMIT that failed, another try is how to find out whether it failed. Who has a limit goes first.
        """
        again: list[_Ask] = []
        over: list[_Ask] = []
        for ask in taken:
            ask.tries += 1
            hopeful = (passes(error) or ask.unsure) and ask.tries < TRIES
            crowded = len(taken) > 1
            ask.alone = ask.alone or (crowded and not hopeful)
            (again if hopeful or crowded else over).append(ask)
        return sorted(again, key=lambda ask: ask.limit is None), over

    def _drop_late(self) -> None:
        """Answer those whose time is up; one whose COMMIT was cut may have to be taken back first of all."""
        for ask in [ask for ask in self._asks if self._is_late(ask)]:
            self._asks.remove(ask)
            self._refuse(ask, NotAccepted("too_slow"))

    def _take(self) -> list[_Ask]:
        """What goes into the next transaction: all that waits, or one that must be alone."""
        taken: list[_Ask] = []
        while self._asks and len(taken) < BATCH and not (taken and self._asks[0].alone):
            ask = self._asks[0]
            late = self._is_late(ask)
            if late and ask.unsure:
                break
            self._asks.popleft()
            if late:
                self._refuse(ask, NotAccepted("too_slow"))
                continue
            taken.append(ask)
            if ask.alone:
                break
        return taken

    async def _transact(self, taken: list[_Ask], take: Callable[[], list[_Ask]]) -> Exception | None:
        """Begin, fill `taken`, do them, commit, answer. Returns what went wrong; then nothing was answered."""
        committing = False
        try:
            async with self._engine.connect() as connection:
                await connection.begin()
                taken += take()
                if not taken:
                    return None
                outcomes = await self._perform(connection, taken)
                committing = True
                await _commit(connection)
        except Exception as error:  # noqa: BLE001 - whatever goes wrong, each caller is told and the writer lives on
            for ask in taken:
                ask.unsure = ask.unsure or committing
            return error
        self.commits += 1
        self._answer(taken, outcomes)
        return None

    async def _perform(self, connection: AsyncConnection, taken: Sequence[_Ask]) -> list[Any]:
        """Do the actions, asks of one kind together, inside the earliest limit among them.

        Only a server is interrupted: there a statement may wait for somebody. SQLite has its lock by now, and a
        statement given up half-way would keep that lock even after its connection was closed.
        """
        outcomes: list[Any] = []
        limit = min((ask.limit.at for ask in taken if ask.limit), default=None) if self._may_wait else None
        try:
            async with asyncio.timeout_at(limit):
                for action, asks in groupby(taken, key=lambda ask: ask.action):
                    outcomes += await action(connection, [ask.item for ask in asks])
        except TimeoutError as error:
            raise Late from error
        if any(self._is_late(ask) for ask in taken):
            raise Late
        return outcomes

    def _answer(self, taken: Sequence[_Ask], outcomes: Sequence[Any]) -> None:
        """Tell each caller; what was committed for one that was told "no" meanwhile is to be taken back."""
        told = list(zip(taken, outcomes, strict=True))
        kept = {ask.limit.promise(outcome) for ask, outcome in told if ask.limit and not ask.dropped}
        for ask, outcome in told:
            if isinstance(outcome, Fault):
                self._refuse(ask, outcome)
            elif not ask.dropped:
                ask.answer.set_result(outcome)
            elif ask.limit and ask.limit.promise(outcome) not in kept:
                self._regret(ask)

    def _is_late(self, ask: _Ask) -> bool:
        return ask.dropped or (ask.limit is not None and self._loop.time() >= ask.limit.at)

    def _fail_all(self, error: Exception) -> None:
        waiting = list(self._asks)
        self._asks.clear()
        self._fail(waiting, error)

    def _fail(self, asks: Sequence[_Ask], error: Exception) -> None:
        if not asks:
            return
        fault = fault_from(error)
        code = fault.code if isinstance(fault, Fault) else type(fault).__name__
        log.warning("store_write_failed", code=code, writes=len(asks), error=type(error).__name__)
        for ask in asks:
            own = fault_from(error)
            own.__cause__ = None if own is error else error
            self._refuse(ask, own)

    def _refuse(self, ask: _Ask, fault: Exception) -> None:
        if ask.unsure and ask.limit:
            self._regret(ask)
        if not ask.answer.done():
            ask.answer.set_exception(fault)

    def _regret(self, ask: _Ask) -> None:
        self._regretted.append(ask)
        self._wake.set()

    async def _take_back(self) -> None:
        """Undo what nobody was promised, before anything else is written; if that fails, so does all that waits."""
        if not self._regretted:
            return
        regrets = [
            _Ask(ask.limit.take_back, ask.item, self._loop.create_future()) for ask in self._regretted if ask.limit
        ]
        error = await self._transact([], lambda: regrets)
        if error is None:
            self._regretted.clear()
            return
        self._fail_all(error)


async def _commit(connection: AsyncConnection) -> None:
    """Commit; a connection on which that failed is thrown away, for its transaction may be open still."""
    try:
        await connection.commit()
    except BaseException:
        await connection.invalidate()
        raise


def _retrieve(answer: asyncio.Future[Any]) -> None:
    """Look at the outcome once, so that asyncio does not complain where a caller went away."""
    if not answer.cancelled():
        answer.exception()
