"""How fast the requests of one API action may follow each other. Pure. Times are Unix seconds.

The provider counts what arrives in any second; when a request arrives there, nobody here knows. But it arrives after it
was sent and before it was answered. So a request counts from its sending until a full second after its answer, and a
new one leaves only while fewer than `rate` of them count. Whatever the network does in between (jitter, a lost packet
sent again three seconds later), no second at the provider ever holds more: of any set of requests that arrive within a
second, all that were sent before the last one were still counting when it left.

That second is shortened by what no request escapes: an answer takes some time to come back, and the next request some
time to get there, together nearly the quickest round trip of all so far.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

_CATCH_UP = 2.0  # requests that may follow at once when a tick came late
_ROUNDING = 0.001
_ENOUGH = 20  # round trips, of which one at least met no delay
_SURE_OF_WAY = 0.8  # of the quickest one; a way that is suddenly shorter by more than the rest is not believed in
_LONGEST_WAY = 0.5


@dataclass(frozen=True, slots=True)
class Pace:
    """The requests that count: `open` ones are not answered yet, `answered` is when the last answers came.

    `due`: when the next may follow the last one; `trips`: how many were answered, the `quickest` in so many seconds.
    """

    rate: float
    open: int = 0
    answered: tuple[float, ...] = ()
    due: float = -math.inf
    trips: int = 0
    quickest: float = _LONGEST_WAY

    @property
    def _most(self) -> int:
        return max(1, math.floor(self.rate))

    @property
    def _window(self) -> float:
        sure = _SURE_OF_WAY * self.quickest if self.trips >= _ENOUGH else 0.0
        return max(1.0, 1.0 / self.rate) + _ROUNDING - sure

    def next_at(self, now: float) -> float:
        """When the next request may leave; `inf`: not before another one is answered."""
        room = self._most - self.open
        if room <= 0:
            return math.inf
        if len(self.answered) < room:
            return max(now, self.due)
        return max(now, self.answered[-room] + self._window, self.due)

    def taken(self, at: float) -> Pace:
        """The pace after a request left at `at`: they are spread evenly, and a late one may catch up a little."""
        due = max(self.due, at - _CATCH_UP / self.rate) + 1.0 / self.rate
        return replace(self, open=self.open + 1, due=due)

    def done(self, at: float, *, sent_at: float) -> Pace:
        """The pace after a request that left at `sent_at` was answered, or given up, at `at`."""
        answered = (*self.answered, at)[-self._most :]
        quickest = min(self.quickest, max(at - sent_at, 0.0))
        return Pace(self.rate, max(self.open - 1, 0), answered, self.due, self.trips + 1, quickest)

    def all_done(self, at: float) -> Pace:
        """The pace after every request that was open was given up at `at`, if any was."""
        return replace(self, open=0, answered=(*self.answered, *[at] * self.open)[-self._most :])
