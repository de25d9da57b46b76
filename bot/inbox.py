"""What is asked while a crowd asks: stored as it comes, acknowledged, and looked into piece by piece.

To understand an ask, store its job and say what was understood takes three times as long as to store what was heard.
Alone, nobody minds, and the acknowledgement itself says what was understood. In a crowd everybody waits for all before
them; so then only the hearing is waited for, and the rest follows in the gaps (decision 10).

No ask lives here: what is looked into is leased from the rows, so a restart needs no code of its own.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import structlog

from bot.clock import Clock
from bot.errors import Fault
from bot.heard import Heard, HeardStore
from bot.precedence import Precedence

AT_ONCE = 16
"""Asks that are claimed together, and stored in one transaction if they can be."""
MOST = 128
"""Asks that are being looked into: what is to be said may wait for Slack."""
LEASE = timedelta(seconds=60)
MANY = 10
REST = 0.25
"""Seconds from one batch to the next while so many ask in a second, so that a batch is worth its transactions."""
LOOK_EVERY = 30.0
"""Seconds until rows are looked for that nobody told of: those of a process that died."""

Take = Callable[[Heard], Awaitable[None]]
"""Looks into what was heard, and settles it. A `Fault` means: later, once more."""

_log = structlog.get_logger(__name__)


class Inbox:
    """Keeps what was heard until it is looked into."""

    def __init__(self, store: HeardStore, *, clock: Clock, precedence: Precedence, owner: str, crowd: int) -> None:
        """`crowd`: asks within a second from which on they are one."""
        self._store = store
        self._clock = clock
        self._precedence = precedence
        self._owner = owner
        self._crowd = crowd
        self._wake = asyncio.Event()
        self._wake.set()
        self._marks = itertools.count()
        self._unread = 0
        self._loop: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = False

    @property
    def is_wanted(self) -> bool:
        """Whether a crowd asks, or waits here: who comes later is not to overtake it."""
        return self._unread > 0 or self._precedence.lately >= self._crowd

    @property
    def unread(self) -> int:
        """How many asks of this process wait to be looked into."""
        return self._unread

    def mark(self) -> str:
        """One that no other try has: in this process or another."""
        return f"{self._owner}-{next(self._marks)}"

    async def put(self, heard: Heard) -> None:
        """Store it; when this returns it may be acknowledged. Raises `NotAccepted`."""
        with self._precedence.asking():
            await self._store.hear(heard)
        self._unread += 1
        self._wake.set()

    def start(self, take: Take) -> None:
        """Look into what is there, and into what comes."""
        self._loop = asyncio.create_task(self._look(take), name="inbox")

    async def stop(self, *, limit: float) -> None:
        """Take up nothing new; what is being looked into gets `limit` seconds, or is left to the next start."""
        self._stopping = True
        self._wake.set()
        for under_way in ({self._loop} if self._loop else set(), self._tasks):
            if under_way:
                await asyncio.wait(under_way, timeout=limit)
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)

    async def gap(self) -> None:
        """Return when there is time for a word that may wait."""
        await self._precedence.give_way(long=True)

    async def settle(self, heard: Heard) -> None:
        """What it asked for was done, or its asker was told why not."""
        await self._store.settle(heard)

    async def _look(self, take: Take) -> None:
        while not self._stopping:
            while len(self._tasks) > MOST - AT_ONCE:
                await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
            batch = await self._claimed()
            for heard in batch:
                await self._precedence.give_way()
                self._begin(heard, take)
                await _a_round()
            if len(batch) < AT_ONCE:
                await self._rest()

    def _begin(self, heard: Heard, take: Take) -> None:
        task = asyncio.create_task(self._taken(heard, take), name=f"inbox {heard.number}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _claimed(self) -> Sequence[Heard]:
        await self._precedence.give_way()
        self._wake.clear()
        before, self._unread = self._unread, 0
        try:
            batch = await self._store.claim(self._clock.now(), owner=self._owner, lease=LEASE, limit=AT_ONCE)
        except Fault as fault:
            _log.warning("inbox_not_read", code=fault.code)
            self._unread += before
            return ()
        if len(batch) == AT_ONCE:
            self._unread = max(self._unread, before - AT_ONCE, 1)
        return batch

    async def _rest(self) -> None:
        """Until something comes, and a moment more: others come with it."""
        waking = asyncio.create_task(self._wake.wait(), name="inbox wakes")
        looking = asyncio.create_task(self._clock.sleep(LOOK_EVERY), name="inbox looks")
        try:
            await asyncio.wait({waking, looking}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waking.cancel()
            looking.cancel()
        if self._precedence.lately >= MANY and not self._stopping:
            await self._clock.sleep(REST)

    async def _taken(self, heard: Heard, take: Take) -> None:
        """Whatever goes wrong with one, the others are looked into. What was not settled is claimed again."""
        try:
            await take(heard)
        except Fault as fault:
            _log.warning("heard_not_settled", team=heard.team_id, code=fault.code)
        except Exception:  # noqa: BLE001 - a defect of ours must cost one ask some time, not the loop its life
            _log.exception("heard_broke", team=heard.team_id, kind=heard.kind)


async def _a_round() -> None:
    """Let one piece be done, and whoever came meanwhile be heard."""
    for _ in range(2):
        await asyncio.sleep(0)
