"""The arguments of one Web API call, however the client sent them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from sandbox.slack.errors import SlackError

FORMS = {"application/x-www-form-urlencoded", "multipart/form-data"}


@dataclass(frozen=True, slots=True)
class Call:
    """A method's name and arguments, with typed ways to read them."""

    method: str
    args: Mapping[str, Any]

    def has(self, name: str) -> bool:
        """Whether the argument was given and is not empty."""
        return self.args.get(name) not in (None, "")

    def text(self, name: str, default: str = "") -> str:
        """The argument as text."""
        value = self.args.get(name)
        return default if value is None else str(value)

    def flag(self, name: str) -> bool:
        """The argument as a truth value: `true`, `1` or "t" in whatever clothes."""
        return str(self.args.get(name, "")).lower() in {"1", "true", "t", "yes"}

    def number(self, name: str) -> int:
        """The argument as a whole number, or `invalid_arguments`."""
        try:
            return int(self.text(name, "0"))
        except ValueError:
            raise invalid(f"must be an integer: {name}") from None

    def structure(self, name: str, error: str) -> Any:
        """The argument as a list or object, sent as such or as JSON text; `error` if it is not JSON."""
        value = self.args.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise SlackError(error) from None


def invalid(message: str) -> SlackError:
    """`invalid_arguments` with Slack's kind of explanation."""
    return SlackError.with_messages("invalid_arguments", [f"[ERROR] {message}"])


async def read_arguments(request: web.Request) -> dict[str, Any]:
    """Query, form and JSON arguments together; the body wins. Raises `SlackError` for a body that is no object."""
    args: dict[str, Any] = dict(request.query)
    if request.method != "POST":
        return args
    if request.content_type == "application/json":
        return args | _json_object(await request.text())
    if request.content_type in FORMS:
        return args | {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    return args


def _json_object(body: str) -> dict[str, Any]:
    try:
        value = json.loads(body or "{}")
    except ValueError:
        raise SlackError("invalid_json") from None
    if not isinstance(value, dict):
        raise SlackError("json_not_object")
    return value
