"""How likely something that takes about so long is over by now: log-normal times, and mixtures of them. Pure.

Times are seconds. `z` is the standard score of a time's logarithm.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

_ROOT2 = math.sqrt(2.0)
_ROOT2PI = math.sqrt(2.0 * math.pi)
_FAR = 6.0  # standard scores from here on are served by the asymptote: the exact quotient loses its digits
_SOON = 1e-9


class Times(Protocol):
    """A random time."""

    @property
    def mean(self) -> float:
        """The expected time."""

    def survival(self, t: float) -> float:
        """The probability that it takes longer than `t`."""

    def hazard(self, t: float) -> float:
        """The probability per second that it ends now, given that it has not before."""

    def remaining(self, elapsed: float) -> float:
        """The expected seconds still to go, given that it has not ended in `elapsed` seconds."""

    def quantile(self, q: float) -> float:
        """The time within which it ends with probability `q`, between 0 and 1 exclusively."""


@dataclass(frozen=True, slots=True)
class LogNormal:
    """A time whose logarithm is normal: `mu` is the logarithm of the median, `sigma` the spread."""

    mu: float
    sigma: float

    @property
    def mean(self) -> float:
        """The expected time."""
        return math.exp(self.mu + self.sigma * self.sigma / 2)

    def at(self, z: float) -> float:
        """The time at a standard score."""
        return math.exp(self.mu + self.sigma * z)

    def score(self, t: float) -> float:
        """The standard score of a time."""
        return (math.log(max(t, _SOON)) - self.mu) / self.sigma

    def survival(self, t: float) -> float:
        """The probability that it takes longer than `t`."""
        return 0.5 * math.erfc(self.score(t) / _ROOT2)

    def hazard(self, t: float) -> float:
        """The probability per second that it ends now, given that it has not before."""
        z = self.score(t)
        if z > _FAR:
            return (z + 1 / z) / (self.sigma * t)
        density = math.exp(-z * z / 2) / _ROOT2PI
        return density / (self.sigma * max(t, _SOON) * 0.5 * math.erfc(z / _ROOT2))

    def remaining(self, elapsed: float) -> float:
        """The expected seconds still to go, given that it has not ended in `elapsed` seconds."""
        z = self.score(elapsed)
        if z > _FAR:
            return 1 / self.hazard(elapsed)
        return self.mean * math.erfc((z - self.sigma) / _ROOT2) / math.erfc(z / _ROOT2) - max(elapsed, 0.0)

    def quantile(self, q: float) -> float:
        """The time within which it ends with probability `q`, between 0 and 1 exclusively."""
        return self.at(_inverse(q))


@dataclass(frozen=True, slots=True)
class Mixture:
    """A time that is one of several, each with its share; the shares sum to 1."""

    parts: Sequence[tuple[float, LogNormal]]

    @property
    def mean(self) -> float:
        """The expected time."""
        return sum(share * part.mean for share, part in self.parts)

    def survival(self, t: float) -> float:
        """The probability that it takes longer than `t`."""
        return sum(share * part.survival(t) for share, part in self.parts)

    def hazard(self, t: float) -> float:
        """The probability per second that it ends now, given that it has not before."""
        return sum(weight * part.hazard(t) for weight, part in self._left(t))

    def remaining(self, elapsed: float) -> float:
        """The expected seconds still to go, given that it has not ended in `elapsed` seconds."""
        return sum(weight * part.remaining(elapsed) for weight, part in self._left(elapsed))

    def quantile(self, q: float) -> float:
        """The time within which it ends with probability `q`, between 0 and 1 exclusively."""
        bounds = [part.quantile(q) for _, part in self.parts]
        low, high = min(bounds), max(bounds)
        while high - low > 1e-9 * high:
            middle = (low + high) / 2
            low, high = (middle, high) if 1.0 - self.survival(middle) < q else (low, middle)
        return (low + high) / 2

    def _left(self, t: float) -> list[tuple[float, LogNormal]]:
        """The parts, weighed by how likely each is the one that is still going on; at the far end only the slowest."""
        alive = [(share * part.survival(t), part) for share, part in self.parts]
        total = sum(weight for weight, _ in alive)
        if total < 1e-300:
            return [(1.0, min((part for _, part in self.parts), key=lambda part: part.score(t)))]
        return [(weight / total, part) for weight, part in alive]


def _inverse(q: float) -> float:
    """The standard score below which a part `q` of a normal distribution lies, by bisection."""
    low, high = -40.0, 40.0
    while high - low > 1e-12:
        middle = (low + high) / 2
        low, high = (middle, high) if 0.5 * math.erfc(-middle / _ROOT2) < q else (low, middle)
    return (low + high) / 2
