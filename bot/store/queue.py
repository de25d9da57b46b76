"""What waits to be written, and who goes into the next transaction together."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection

from bot.errors import Fault

TRIES = 3

Item = TypeVar("Item")
Result = TypeVar("Result")

Action = Callable[[Connection, Sequence[Item]], Sequence[Result | Fault]]
"""Does several items in one transaction. A `Fault` in its answer is that item's outcome, and means: nothing written."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A whole batch in a server's own words, the values (`$1`...), and each item's outcome if it succeeds."""

    text: str
    values: Sequence[object]
    outcomes: Sequence[Any]


Wording = Callable[[Sequence[Item]], Statement]
"""An action in the server's own words. The library in between takes as long as the statement itself."""


@dataclass(frozen=True, slots=True)
class Limit:
    """Until when (in the loop's time) an ask must be committed, and how to take it back.

    `promise`: what an outcome promises to its caller; what was promised to somebody else too is not taken back.
    """

    at: float
    take_back: Action[Any, None]
    promise: Callable[[Any], Hashable]


@dataclass(eq=False, slots=True)
class Ask:
    """One write on its way. `dropped`: nobody may be told that it worked; `unsure`: a COMMIT of it was cut.

    `is_one_statement`: several of its action, and of no other, are one statement, by `wording` if that is given.
    """

    action: Action[Any, Any]
    item: Any
    answer: asyncio.Future[Any]
    limit: Limit | None = None
    is_one_statement: bool = False
    wording: Wording[Any] | None = None
    alone: bool = False
    dropped: bool = False
    unsure: bool = False
    tries: int = 0

    @property
    def is_dropped(self) -> bool:
        """Whether its caller went away, or is told "no" in this moment."""
        return self.dropped or self.answer.cancelled()

    def is_late(self, now: float) -> bool:
        """Whether it may not be committed any more."""
        return self.is_dropped or (self.limit is not None and now >= self.limit.at)


class Queue:
    """Asks in the order in which they came."""

    def __init__(self) -> None:
        self._asks: deque[Ask] = deque()

    def __len__(self) -> int:
        return len(self._asks)

    def push(self, ask: Ask) -> None:
        """Wait at the end."""
        self._asks.append(ask)

    def put_back(self, asks: Sequence[Ask]) -> None:
        """Wait at the head, in this order."""
        self._asks.extendleft(reversed(asks))

    def pop_late(self, now: float) -> list[Ask]:
        """Take out those whose time is up."""
        late = [ask for ask in self._asks if ask.is_late(now)]
        if late:
            self._asks = deque(ask for ask in self._asks if not ask.is_late(now))
        return late

    def pop_all(self) -> list[Ask]:
        """Take out everything."""
        asks, self._asks = list(self._asks), deque()
        return asks

    def take(self, most: int, now: float) -> tuple[list[Ask], list[Ask]]:
        """Who goes into the next transaction: all that waits, or one that must be alone; and whose time is up.

        One whose time is up and whose COMMIT was cut stays, and all behind it: it is to be taken back first of all.
        """
        taken: list[Ask] = []
        late: list[Ask] = []
        while self._asks and len(taken) < most and not (taken and self._asks[0].alone):
            ask = self._asks[0]
            is_late = ask.is_late(now)
            if is_late and ask.unsure:
                break
            self._asks.popleft()
            (late if is_late else taken).append(ask)
            if ask.alone and not is_late:
                break
        return taken, late


def are_one_statement(asks: Sequence[Ask]) -> bool:
    """Whether all of them can be committed by the statement that does them."""
    return all(ask.is_one_statement and ask.action is asks[0].action for ask in asks)


def sort_out(taken: Sequence[Ask], *, passing: bool) -> tuple[list[Ask], list[Ask]]:
    """Who is tried again after a failed transaction, and for whom it was the last time.

    `passing`: the same again may well work at once. After a COMMIT that failed, another try is how to find out whether
    it failed.
    """
    again: list[Ask] = []
    over: list[Ask] = []
    for ask in taken:
        ask.tries += 1
        hopeful = (passing or ask.unsure) and ask.tries < TRIES
        crowded = len(taken) > 1
        ask.alone = ask.alone or (crowded and not hopeful)
        (again if hopeful or crowded else over).append(ask)
    return again, over
