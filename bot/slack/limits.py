"""Which methods Slack has told us to leave alone for a while. It blocks a method for a workspace, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.errors import Cause, Throttled

_LONGEST = 60.0  # seconds that a block without a Retry-After grows to
_PER_CHANNEL = frozenset({"chat.postMessage", "chat.postEphemeral"})


class Limits:
    """Remembers blocks, one for each method (for posts: method and conversation). Never sleeps."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._blocked: dict[tuple[str, str], datetime] = {}
        self._streak: dict[tuple[str, str], int] = {}

    def check(self, method: str, channel: str) -> None:
        """Raise `Throttled` with the rest of the time if the method is blocked."""
        key = _key(method, channel)
        until = self._blocked.get(key)
        if until is None:
            return
        left = (until - self._now()).total_seconds()
        if left > 0:
            raise Throttled("ratelimited", method, retry_after=left, cause=Cause.SLACK_DOWN)
        del self._blocked[key]

    def hit(self, method: str, channel: str, *, retry_after: float | None) -> float:
        """Note a refusal; the seconds it lasts. Slack's own number, else 1 s, doubled each time in a row."""
        key = _key(method, channel)
        streak = self._streak[key] = self._streak.get(key, 0) + 1
        seconds = retry_after if retry_after is not None else min(_LONGEST, 2.0 ** min(streak - 1, 10))
        self._blocked[key] = self._now() + timedelta(seconds=seconds)
        return seconds

    def passed(self, method: str, channel: str) -> None:
        """Note a call that was let through."""
        key = _key(method, channel)
        self._streak.pop(key, None)
        self._blocked.pop(key, None)


def _key(method: str, channel: str) -> tuple[str, str]:
    return (method, channel if method in _PER_CHANNEL else "")
