"""Who waits for an acknowledgement goes first; whatever else there is to do goes piece by piece into the gaps between.

A loop has no priorities. Measured at 200 asks a second: eight announcements at once, each a few milliseconds of this
process's time, made an acknowledgement take ten times as long. They can wait: Slack
lets through one a second in a channel.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

LONGEST = 0.1
"""Seconds that a piece of work waits for a gap at most: it must go on even if somebody always asks."""
REST = 0.000_4
"""Seconds between two pieces, for each ask of the last second: the more people ask, the less else is done."""
GRACE = 0.01
"""Seconds from an ask that was stored to the first piece of what follows: its acknowledgement goes out first."""
_LATELY = 1.0
_MOST = 1000


class Precedence:
    """Knows who waits, and how many asked lately; work that may wait stops here before each piece."""

    def __init__(self) -> None:
        self._asking = 0
        self._asked: deque[float] = deque(maxlen=_MOST)
        self._nobody_asks = asyncio.Event()
        self._nobody_asks.set()
        self._turnstile = asyncio.Lock()
        self._last = 0.0
        self._pieces = asyncio.Lock()
        self._stored_at = 0.0

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Somebody waits as long as this lasts."""
        self._asked.append(asyncio.get_running_loop().time())
        self._asking += 1
        self._nobody_asks.clear()
        try:
            yield
        finally:
            self._asking -= 1
            self._stored_at = asyncio.get_running_loop().time()
            if not self._asking:
                self._nobody_asks.set()

    async def give_way(self, *, long: bool = False) -> None:
        """Return when nobody waits, or after LONGEST. `long`: one piece after another, each a while after the last."""
        if not long:
            await self._gap()
        elif self._turnstile.locked() or self.lately:
            async with self._turnstile:
                await _until(self._last + self.lately * REST)
                await self._gap()
                await _until(self._stored_at + GRACE)
                self._last = asyncio.get_running_loop().time()

    async def piece(self) -> None:
        """Return when nobody waits and a round of the loop has passed since the last piece, or after LONGEST.

        Calls that become due in the same moment, a millisecond each, would otherwise all go before whoever asks then.
        """
        try:
            async with asyncio.timeout(LONGEST), self._pieces:
                await asyncio.sleep(0)
                await self._nobody()
        except TimeoutError:
            return

    @property
    def lately(self) -> int:
        """How many asked within the last second."""
        now = asyncio.get_running_loop().time()
        while self._asked and self._asked[0] < now - _LATELY:
            self._asked.popleft()
        return len(self._asked)

    async def _gap(self) -> None:
        try:
            async with asyncio.timeout(LONGEST):
                await self._nobody()
        except TimeoutError:
            return

    async def _nobody(self) -> None:
        while self._asking:
            await self._nobody_asks.wait()
            await asyncio.sleep(0)


async def _until(moment: float) -> None:
    wait = moment - asyncio.get_running_loop().time()
    if wait > 0:
        await asyncio.sleep(wait)
