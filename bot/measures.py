"""What the operator counts, as Prometheus has it. Labels hold names of ours, never a person's or a conversation's."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Meters:
    """Counters and histograms of one process, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._steps = Histogram(
            "imagine_step_seconds", "Time of one step", ("step", "outcome"), buckets=_SECONDS, registry=self.registry
        )
        self._asks = Counter("imagine_asks_total", "Asks by what became of them", ("outcome",), registry=self.registry)
        self._inbox = Gauge(
            "imagine_inbox_unread",
            "Acknowledged asks of this process that nobody looked into yet",
            registry=self.registry,
        )
        self._paused = Gauge("imagine_lane_paused", "1 while a lane may not submit", ("lane",), registry=self.registry)

    def step(self, name: str, *, outcome: str, seconds: float) -> None:
        """One step was done."""
        self._steps.labels(name, outcome).observe(seconds)

    def ask(self, outcome: str) -> None:
        """Somebody asked: stored, known already, not understood, or not accepted."""
        self._asks.labels(outcome).inc()

    def watch_inbox(self, unread: Callable[[], int]) -> None:
        """Have it asked whenever the numbers are read."""
        self._inbox.set_function(unread)

    def lane_paused(self, lane: str, *, paused: bool) -> None:
        """A lane stopped or came back."""
        self._paused.labels(lane).set(paused)
