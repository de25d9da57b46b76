"""Trigger ids: they open one modal, within three seconds."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from sandbox.slack.errors import SlackError
from sandbox.slack.settings import SlackSettings


class Triggers:
    """Hands out trigger ids and takes each back once."""

    def __init__(self, settings: SlackSettings, clock: Callable[[], float]) -> None:
        self._settings = settings
        self._clock = clock
        self._issued: dict[str, tuple[str, float]] = {}
        self._used: set[str] = set()

    def issue(self, user: str) -> str:
        """A trigger id for what this person just did."""
        trigger = f"{int(self._clock() * 1000)}.{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"
        self._issued[trigger] = (user, self._clock())
        return trigger

    def redeem(self, trigger: str) -> str:
        """The person the trigger id belongs to. Raises `invalid_`, `exchanged_` or `expired_trigger_id`."""
        if trigger not in self._issued:
            raise SlackError("invalid_trigger_id")
        if trigger in self._used:
            raise SlackError("exchanged_trigger_id")
        user, since = self._issued[trigger]
        if self._clock() - since > self._settings.trigger_life:
            raise SlackError("expired_trigger_id")
        self._used.add(trigger)
        return user
