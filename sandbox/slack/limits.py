"""Slack's rate limits: a number of calls a minute for each method, and one message a second for each channel."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from enum import IntEnum

from sandbox.slack.errors import ThrottledError
from sandbox.slack.settings import SlackSettings

WINDOW = 60.0


class Tier(IntEnum):
    """Calls a minute for one method in one workspace; the published tiers, and Slack's two special cases."""

    TWO = 20
    THREE = 50
    FOUR = 100
    POSTING = 300  # "several hundred" a minute
    HUNDREDS = 600


class RateLimits:
    """Counts calls in a sliding minute and messages in a bucket for each channel; raises `ThrottledError`."""

    def __init__(self, settings: SlackSettings, clock: Callable[[], float]) -> None:
        self._settings = settings
        self._clock = clock
        self._calls: dict[str, deque[float]] = {}
        self._buckets: dict[str, tuple[float, float]] = {}

    def call(self, method: str, tier: Tier) -> None:
        """Count one call of `method`. A refused call is not counted."""
        now, calls = self._clock(), self._calls.setdefault(method, deque())
        while calls and calls[0] <= now - WINDOW:
            calls.popleft()
        if self._settings.tier_limits and len(calls) >= tier:
            raise ThrottledError(max(1.0, math.ceil(calls[0] + WINDOW - now)))
        calls.append(now)

    def post(self, channel: str) -> None:
        """Count one message to `channel`; refused when the burst is used up."""
        level = self._level(channel)
        if self._settings.tier_limits and level < 1.0:
            raise ThrottledError(max(1.0, math.ceil((1.0 - level) / self._settings.post_rate)))
        self._buckets[channel] = (level - 1.0, self._clock())

    def shared(self, channel: str) -> None:
        """A shared upload is a message too: it uses up the burst, but is not refused for it."""
        self._buckets[channel] = (max(0.0, self._level(channel) - 1.0), self._clock())

    def _level(self, channel: str) -> float:
        now = self._clock()
        level, since = self._buckets.get(channel, (float(self._settings.post_burst), now))
        return min(float(self._settings.post_burst), level + (now - since) * self._settings.post_rate)
