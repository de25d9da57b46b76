"""Which methods Slack has told us to leave alone for a while. It blocks a method for a workspace, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.errors import Cause, Throttled

_LONGEST = 60.0  # seconds that a block without a Retry-After grows to
_LONGEST_TURN = 300.0
_PER_CHANNEL = frozenset({"chat.postMessage", "chat.postEphemeral", "files.completeUploadExternal"})
_SPACING = dict.fromkeys(("chat.postMessage", "files.completeUploadExternal"), timedelta(seconds=1.05))
"""Slack lets through about one message a second in a conversation, shared files too: who is refused comes back one
after another, a little apart, since who comes too early loses a whole turn."""


class Limits:
    """Remembers blocks, one for each method (for posts and shares: method and conversation). Never sleeps."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._blocked: dict[tuple[str, str], datetime] = {}
        self._streak: dict[tuple[str, str], int] = {}
        self._turns: dict[tuple[str, str], datetime] = {}
        self._hits = 0

    def check(self, method: str, channel: str) -> int:
        """Raise `Throttled` with the time until one's turn if it is blocked; returns how many refusals there were."""
        key = _key(method, channel)
        until = self._blocked.get(key)
        if until is not None:
            if until > self._now():
                raise Throttled("ratelimited", method, retry_after=self._turn(key, until), cause=Cause.SLACK_DOWN)
            del self._blocked[key]
        return self._hits

    def _turn(self, key: tuple[str, str], until: datetime) -> float:
        """Seconds until the next free turn after the block, which is taken."""
        turn = until
        if (spacing := _SPACING.get(key[0])) is not None:
            turn = max(self._turns.get(key, until), until)
            self._turns[key] = turn + spacing
        return min((turn - self._now()).total_seconds(), _LONGEST_TURN)

    def hit(self, method: str, channel: str, *, retry_after: float | None) -> float:
        """Note a refusal; the seconds it lasts. Slack's own number, else 1 s, doubled each time in a row."""
        key = _key(method, channel)
        streak = self._streak[key] = self._streak.get(key, 0) + 1
        seconds = retry_after if retry_after is not None else min(_LONGEST, 2.0 ** min(streak - 1, 10))
        self._blocked[key] = self._now() + timedelta(seconds=seconds)
        self._hits += 1
        return self._turn(key, self._blocked[key])

    def passed(self, method: str, channel: str, *, since: int | None = None) -> None:
        """Note a call that was let through; a block that came up while it was under way (`since`) stays."""
        if since is not None and since != self._hits:
            return
        key = _key(method, channel)
        self._streak.pop(key, None)
        self._blocked.pop(key, None)
        if self._turns.get(key, self._now()) <= self._now():
            self._turns.pop(key, None)


def _key(method: str, channel: str) -> tuple[str, str]:
    return (method, channel if method in _PER_CHANNEL else "")
