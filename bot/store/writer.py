"""One writer: asks that arrive together are committed together, and each gets its own outcome.

The rules, first:

1. Only the writer task writes. A transaction begins, and only then takes what waits: nothing that ran out of time
   while the database was locked is in it.
2. If a transaction fails, it is rolled back as a whole, and each ask in it is tried alone: a bad one harms nobody.
3. An ask with a limit is never in a COMMIT that starts after its limit. If its limit passes while the COMMIT runs,
   its caller hears "not accepted" in time, and the writer takes it back before it writes anything else.
4. A COMMIT whose connection was cut may have succeeded, and so may a statement that a server commits by itself.
   Actions are written so that the second time finds what the first one did; an ask with a limit that can't find out
   is taken back when the database answers again.
5. A caller that goes away changes nothing for the others. Its write goes on, unless it had a limit (then nobody
   was promised anything, and it is dropped).
6. Somebody waits for an ask with a limit. So it never shares a transaction with other changes, and while such asks
   come, only a few changes are written between two transactions of them.
7. What many are to do with one transaction of its own kind (`write_together`) is written a few at a time all the same.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Hashable, Sequence
from itertools import groupby
from typing import Any

import structlog

from bot.errors import Fault, NotAccepted, Unavailable
from bot.store.database import Pen
from bot.store.faults import Late, fault_from, is_refusal, passes
from bot.store.queue import Action, Ask, Item, Limit, Queue, Result, Wording, are_one_statement, sort_out

log = structlog.get_logger(__name__)

BATCH = 500
FEW = 2
"""Changes in one transaction while people ask, and transactions of asks that go before one of changes."""
SHORT = 16
"""Changes in one transaction of an embedded database: they are done on the loop, a millisecond each."""
TOGETHER = 4
"""Jobs of asks that are on disk already, in one transaction of an embedded database. A server is given all there are:
there a transaction takes five round trips, however many it makes."""
LATELY = 1.0  # seconds
_ROUNDS = 4
"""Rounds of the loop from a commit to the acknowledgement on the wire."""


class Writer:
    """The one task that writes. `commits` counts transactions."""

    def __init__(self, pen: Pen, *, is_embedded: bool) -> None:
        self.commits = 0
        self._pen = pen
        self._is_embedded = is_embedded
        self._asked = Queue()
        self._together = Queue()
        self._changes = Queue()
        self._asked_at = -math.inf
        self._regretted: list[Ask] = []
        self._wake = asyncio.Event()
        self._closing = False
        self._loop = asyncio.get_running_loop()
        self._task = self._loop.create_task(self._serve(), name="store-writer")

    async def write(self, action: Action[Item, Result], item: Item) -> Result:
        """Have it committed; returns its outcome or raises its fault. Goes on if the caller is cancelled."""
        ask = self._push(action, item, self._changes)
        result: Result = await asyncio.shield(ask.answer)
        return result

    async def write_together(
        self, action: Action[Item, Result], item: Item, *, is_one_statement: bool = False
    ) -> Result:
        """As `write`, in one transaction with others of this kind.

        It is to follow from what is on the disk: after a power cut it may have to be done again.
        """
        ask = self._push(action, item, self._together, is_one_statement=is_one_statement)
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
        wording: Wording[Item] | None = None,
    ) -> Result:
        """As `write`, but raises `NotAccepted` if it is not committed in that time, and then it never will be."""
        limit = Limit(self._loop.time() + seconds, take_back, promise)
        try:
            ask = self._push(action, item, self._asked, limit, is_one_statement=wording is not None, wording=wording)
            self._asked_at = self._loop.time()
        except Unavailable as closed:
            raise NotAccepted(closed.code) from closed
        try:
            async with asyncio.timeout_at(limit.at):
                result: Result = await ask.answer
        except TimeoutError:
            if not ask.answer.cancelled() and ask.answer.exception() is None:
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

    def _push(
        self,
        action: Action[Any, Any],
        item: Any,
        queue: Queue,
        limit: Limit | None = None,
        *,
        is_one_statement: bool = False,
        wording: Wording[Any] | None = None,
    ) -> Ask:
        if self._closing:
            raise Unavailable("store_closed")
        ask = Ask(action, item, self._loop.create_future(), limit, is_one_statement, wording)
        ask.answer.add_done_callback(_retrieve)
        queue.push(ask)
        self._wake.set()
        return ask

    async def _serve(self) -> None:
        while self._is_asked or not self._closing:
            await self._wake.wait()
            self._wake.clear()
            while self._is_asked:
                await self._commit_asked()
                await self._commit_next(self._together, TOGETHER if self._is_embedded else BATCH, is_owed=False)
                await self._commit_next(self._changes, self._many())
            await self._take_back()

    @property
    def _is_asked(self) -> bool:
        return bool(self._asked or self._together or self._changes)

    async def _commit_asked(self) -> None:
        """Asks first, and those that come meanwhile; each time their callers get a moment to answer and to ask."""
        for _ in range(FEW):
            await self._commit_next(self._asked, BATCH)
            for _ in range(_ROUNDS):
                await asyncio.sleep(0)
            if not self._asked:
                return

    def _many(self) -> int:
        if self._loop.time() < self._asked_at + LATELY:
            return FEW
        return SHORT if self._is_embedded else BATCH

    async def _commit_next(self, queue: Queue, most: int, *, is_owed: bool = True) -> None:
        """One transaction; what it could not settle goes back to the head of the queue, or fails."""
        for late in self._asked.pop_late(self._loop.time()):
            self._refuse(late, NotAccepted("too_slow"))
        await self._take_back()
        if not queue:
            return
        taken: list[Ask] = []
        error = await self._transact(taken, lambda: self._take(queue, most), is_owed=is_owed)
        if error is None:
            return
        if not taken:
            self._fail_all(error)
            return
        again, over = sort_out(taken, passing=passes(error))
        queue.put_back(again)
        self._fail(over, error)

    def _take(self, queue: Queue, most: int) -> list[Ask]:
        taken, late = queue.take(most, self._loop.time())
        for ask in late:
            self._refuse(ask, NotAccepted("too_slow"))
        return taken

    async def _transact(
        self, taken: list[Ask], take: Callable[[], list[Ask]], *, is_owed: bool = True
    ) -> Exception | None:
        """Begin, fill `taken`, do them, commit, answer. Returns what went wrong; then nothing was answered."""
        committing = False
        try:
            await self._pen.begin(is_owed=is_owed)
            taken += take()
            if not taken:
                await self._pen.undo()
                return None
            outcomes = await self._perform(taken)
            committing = True
            await self._pen.commit()
        except Exception as error:  # noqa: BLE001 - whatever goes wrong, each caller is told and the writer lives on
            may_be_committed = committing or (self._commits_itself(taken) and not is_refusal(error))
            for ask in taken:
                ask.unsure = ask.unsure or may_be_committed
            await self._pen.undo()
            return error
        self.commits += 1
        self._answer(taken, outcomes)
        return None

    async def _perform(self, taken: Sequence[Ask]) -> list[Any]:
        """Do the actions, asks of one kind together, inside the earliest limit among them.

        Only a server is interrupted: there a statement may wait for somebody. SQLite has its lock by now, and a
        statement given up half-way would keep that lock even after its connection was closed.
        """
        outcomes: list[Any] = []
        limits = [] if self._is_embedded else [ask.limit.at for ask in taken if ask.limit]
        try:
            async with asyncio.timeout_at(min(limits, default=None)):
                if self._commits_itself(taken):
                    outcomes += await self._pen.do_all(taken[0].action, [ask.item for ask in taken], taken[0].wording)
                else:
                    for action, asks in groupby(taken, key=lambda ask: ask.action):
                        outcomes += await self._pen.do(action, [ask.item for ask in asks])
        except TimeoutError as error:
            raise Late from error
        if any(ask.is_late(self._loop.time()) for ask in taken):
            raise Late
        return outcomes

    def _commits_itself(self, taken: Sequence[Ask]) -> bool:
        return not self._is_embedded and are_one_statement(taken)

    def _answer(self, taken: Sequence[Ask], outcomes: Sequence[Any]) -> None:
        """Tell each caller; what was committed for one that was told "no" meanwhile is to be taken back."""
        told = list(zip(taken, outcomes, strict=True))
        kept = {ask.limit.promise(outcome) for ask, outcome in told if ask.limit and not ask.is_dropped}
        for ask, outcome in told:
            if isinstance(outcome, Fault):
                self._refuse(ask, outcome)
            elif not ask.is_dropped:
                ask.answer.set_result(outcome)
            elif ask.limit and ask.limit.promise(outcome) not in kept:
                self._regret(ask)

    def _fail_all(self, error: Exception) -> None:
        self._fail(self._asked.pop_all() + self._together.pop_all() + self._changes.pop_all(), error)

    def _fail(self, asks: Sequence[Ask], error: Exception) -> None:
        if not asks:
            return
        fault = fault_from(error)
        code = fault.code if isinstance(fault, Fault) else type(fault).__name__
        log.warning("store_write_failed", code=code, writes=len(asks), error=type(error).__name__)
        for ask in asks:
            own = fault_from(error)
            own.__cause__ = None if own is error else error
            self._refuse(ask, own)

    def _refuse(self, ask: Ask, fault: Exception) -> None:
        if ask.unsure and ask.limit:
            self._regret(ask)
        if not ask.answer.done():
            ask.answer.set_exception(fault)

    def _regret(self, ask: Ask) -> None:
        self._regretted.append(ask)
        self._wake.set()

    async def _take_back(self) -> None:
        """Undo what nobody was promised, before anything else is written; if that fails, so does all that waits."""
        if not self._regretted:
            return
        regrets = [
            Ask(ask.limit.take_back, ask.item, self._loop.create_future()) for ask in self._regretted if ask.limit
        ]
        error = await self._transact([], lambda: regrets)
        if error is None:
            self._regretted.clear()
            return
        self._fail_all(error)


def _retrieve(answer: asyncio.Future[Any]) -> None:
    """Look at the outcome once, so that asyncio does not complain where a caller went away."""
    if not answer.cancelled():
        answer.exception()
