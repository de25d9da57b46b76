"""The one way a Web API method says no."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


class SlackError(Exception):
    """Becomes `{"ok": false, "error": code, ...more}` in an HTTP 200, as Slack answers."""

    def __init__(self, code: str, **more: Any) -> None:
        super().__init__(code)
        self.code = code
        self.more = more

    @classmethod
    def with_messages(cls, code: str, messages: Iterable[str]) -> SlackError:
        """An error that explains itself in `response_metadata.messages`."""
        return cls(code, response_metadata={"messages": list(messages)})


class ThrottledError(SlackError):
    """Becomes an HTTP 429 with `Retry-After: seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__("ratelimited")
        self.seconds = seconds
