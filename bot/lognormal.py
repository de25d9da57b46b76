"""How likely something that takes about so long is over by now: the log-normal distribution. Pure.

Times are seconds. `z` is the standard score of a time's logarithm.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

_ROOT2 = math.sqrt(2.0)
_FAR = 6.0  # standard scores from here on are served by the asymptote: the exact quotient loses its digits
_SOON = 1e-9


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
        density = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
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


def _inverse(q: float) -> float:
    """The standard score below which a part `q` of a normal distribution lies, by bisection."""
    low, high = -40.0, 40.0
    while high - low > 1e-12:
        middle = (low + high) / 2
        low, high = (middle, high) if 0.5 * math.erfc(-middle / _ROOT2) < q else (low, middle)
    return (low + high) / 2
