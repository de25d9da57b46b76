"""Counts what the panel shows: calls a second at the image API, jobs running there, and the log of both APIs."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

from sandbox.feed import Happening

WINDOW = 60
"""Seconds of history in the request-rate chart."""


@dataclass(slots=True)
class Meters:
    """A fold over the feed, like the timelines: it holds no clock and forgets what is older than the chart."""

    log: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=150))
    calls: Counter[tuple[int, str]] = field(default_factory=Counter)
    running: set[str] = field(default_factory=set)
    peak_running: int = 0
    submitted: int = 0
    refused: int = 0
    connections: int = 0

    def see(self, happening: Happening) -> None:
        """Take one happening in."""
        kind, data = happening.kind, happening.data
        if kind == "slack.api":
            self._line(happening, "slack", data.get("method"), data.get("error"))
        elif kind == "image.call":
            self._line(happening, "images", data.get("action"), data.get("code"))
            self._count(happening.at, str(data.get("action")))
        elif kind == "slack.socket":
            self.connections = int(data.get("connections") or 0)
        elif kind.startswith("image."):
            self._job(kind, data)

    def _line(self, happening: Happening, side: str, name: Any, error: Any) -> None:
        last = self.log[-1] if self.log else None
        if (
            last
            and (last["side"], last["name"], last["error"]) == (side, name, error)
            and happening.at - last["at"] < 5
        ):
            last["times"] += 1
            last["at"] = happening.at
            return
        line = {
            "n": happening.number,
            "at": happening.at,
            "side": side,
            "name": name,
            "error": error or None,
            "times": 1,
        }
        self.log.append(line)

    def _count(self, at: float, action: str) -> None:
        second = int(at)
        self.calls[second, "submit" if action.startswith("Submit") else "query"] += 1
        if len(self.calls) > 4 * WINDOW:
            self.calls = Counter({key: n for key, n in self.calls.items() if key[0] >= second - WINDOW})

    def _job(self, kind: str, data: dict[str, Any]) -> None:
        job = str(data.get("job") or "")
        if kind == "image.submit":
            self.submitted += 1
            self.running.add(job)
            self.peak_running = max(self.peak_running, len(self.running))
        elif kind in {"image.done", "image.failed"}:
            self.running.discard(job)
        elif kind == "image.refused":
            self.refused += 1

    def rates(self, now: float) -> dict[str, list[int]]:
        """Calls in each of the last `WINDOW` whole seconds, oldest first, for `submit` and `query`."""
        seconds = range(int(now) - WINDOW + 1, int(now) + 1)
        return {action: [self.calls[second, action] for second in seconds] for action in ("submit", "query")}
