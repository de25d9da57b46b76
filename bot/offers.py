"""When to offer the next job before a look has seen another one end. Pure. Times are Unix seconds.

An offer that comes too early is refused, which costs a request and nothing else; one that is taken has saved the wait
for the look and a round trip. With one slot an offer tells as much as a look, and takes its place.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Protocol

from bot.forecast import Forecast, Key

_MANY = 8  # slots from which on the account is believed to have no more of them until it shows that it has
_AT_ONCE = 4  # offers under way at the same time
_CHANCE = 0.18
"""Expected ends since the last offer at which the next one is worth its request."""
_MANY_CHANCE = 0.4  # the same with many slots, where half of the ends are seen before an offer would find them
_OFTEN = 30  # times in a run time; the chance is reckoned anew at least so often
_CROWD = 80  # slots for each expected end: every job taken early is one more that the looks have to be shared with


class Flying(Protocol):
    """What counts of a job at the provider."""

    key: Key
    since: float
    look_at: float
    checked_at: float
    looking: bool
    is_shadow: bool


class Offers:
    """Remembers the offers of one lane. `exact`: whether the account refuses what is beyond its slots."""

    def __init__(self, slots: int, forecast: Forecast, *, exact: bool | None = None) -> None:
        self._slots = slots
        self._forecast = forecast
        self.allowed = exact if exact is not None else slots >= _MANY
        self._sent_at = -math.inf
        self._taken_at = -math.inf
        self._not_before = -math.inf

    def next_at(self, now: float, flights: Collection[Flying], *, sending: int) -> float:
        """From when on an offer is worth its request; `inf`: not before something happens."""
        if not self.allowed or sending >= (1 if self._slots == 1 else _AT_ONCE):
            return math.inf
        if self._slots == 1:
            return self._with_one(flights)
        if now >= self._not_before:
            self._not_before = self._with_many(now, flights)
        return self._not_before

    def _with_one(self, flights: Collection[Flying]) -> float:
        """In the place of a look, now and then."""
        if len(flights) != 1:
            return math.inf
        (flight,) = flights
        if flight.looking or flight.is_shadow:
            return math.inf
        lived, _ = self._forecast.risk(flight.key, self._sent_at - flight.since)
        risk, _ = self._forecast.risk(flight.key, flight.look_at - flight.since)
        return flight.look_at if risk - lived >= _CHANCE else math.inf

    def _with_many(self, now: float, flights: Collection[Flying]) -> float:
        chance = hazards = 0.0
        for flight in flights:
            if flight.is_shadow:
                continue
            base = max(self._sent_at, flight.checked_at, flight.since)
            _, hazard = self._forecast.risk(flight.key, now - flight.since)
            chance += hazard * (now - base)
            hazards += hazard
        wanted = max(_MANY_CHANCE, self._slots / _CROWD)
        soonest = max(wanted - chance, 0.0) / hazards if hazards else math.inf
        return now + min(soonest, self._recheck(flights))

    def _recheck(self, flights: Collection[Flying]) -> float:
        """Seconds after which the hazards are others."""
        return min((self._forecast.mean(key) for key in {flight.key for flight in flights}), default=1.0) / _OFTEN

    def sent(self, now: float, flights: Collection[Flying]) -> None:
        """An offer left."""
        self._sent_at = now
        self._not_before = self._with_many(now, flights) if self._slots > 1 else -math.inf

    def forget(self) -> None:
        """Know of no job any more."""
        self._not_before = -math.inf

    def taken(self, now: float, *, over: int) -> None:
        """A submit was taken, as is known now; `over`: how many jobs must have ended unseen for that."""
        if over:
            self._taken_at = now

    def check(self, flights: Collection[Flying], *, over: int) -> None:
        """Offer no more once the account has taken more jobs than its slots: it has more of them than we may use."""
        unseen = sum(flight.since < self._taken_at and flight.checked_at < self._taken_at for flight in flights)
        if over > unseen:
            self.allowed = False
