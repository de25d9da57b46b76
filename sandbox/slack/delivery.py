"""How payloads reach the app: over its sockets, or to its request URL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from sandbox.slack.settings import SlackSettings


class Envelope(StrEnum):
    """The kinds of payload; the names are Socket Mode's."""

    EVENT = "events_api"
    COMMAND = "slash_commands"
    INTERACTIVE = "interactive"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one delivery. `final`: the app asked for no more retries. `body`: what it answered."""

    acked: bool
    failure: str | None = None
    final: bool = False
    body: Mapping[str, Any] | None = None

    @property
    def shown_error(self) -> str:
        """The error a person reads when a command or click was not acknowledged."""
        return "operation_timeout" if self.failure in {"timeout", "http_timeout"} else "dispatch_failed"


class Carrier(Protocol):
    """Something that can bring one payload to the app."""

    async def send(self, kind: Envelope, payload: Mapping[str, Any], *, attempt: int, reason: str) -> Outcome:
        """Deliver once and wait for the acknowledgement, at most for the ack window."""
        ...


@dataclass(slots=True)
class Delivery:
    """Sends over HTTP while a request URL is set, otherwise over the sockets: an app is in one mode, never in both."""

    settings: SlackSettings
    sockets: Carrier
    http: Carrier

    async def send(self, kind: Envelope, payload: Mapping[str, Any], *, attempt: int = 0, reason: str = "") -> Outcome:
        """Deliver one payload once."""
        carrier = self.http if self.settings.request_url else self.sockets
        return await carrier.send(kind, payload, attempt=attempt, reason=reason)
