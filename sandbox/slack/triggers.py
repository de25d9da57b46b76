"""Trigger ids: they open one modal, within three seconds."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.slack.errors import SlackError
from sandbox.slack.settings import SlackSettings


@dataclass(frozen=True, slots=True)
class Doer:
    """Who did something, and in which conversation (empty where it was in none)."""

    user: str
    channel: str


class Triggers:
    """Hands out trigger ids and takes each back once."""

    def __init__(self, settings: SlackSettings, clock: Callable[[], float]) -> None:
        self._settings = settings
        self._clock = clock
        self._issued: dict[str, tuple[Doer, float]] = {}
        self._used: set[str] = set()

    def issue(self, user: str, channel: str = "") -> str:
        """A trigger id for what this person just did, in this conversation if it was in one."""
        trigger = f"{int(self._clock() * 1000)}.{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"
        self._issued[trigger] = (Doer(user, channel), self._clock())
        return trigger

    def redeem(self, trigger: str) -> Doer:
        """Whom the trigger id belongs to. Raises `invalid_`, `exchanged_` or `expired_trigger_id`."""
        if trigger not in self._issued:
            raise SlackError("invalid_trigger_id")
        if trigger in self._used:
            raise SlackError("exchanged_trigger_id")
        doer, since = self._issued[trigger]
        if self._clock() - since > self._settings.trigger_life:
            raise SlackError("expired_trigger_id")
        self._used.add(trigger)
        return doer
