"""The fields of a slash command, as Slack writes them. Pure.

https://docs.slack.dev/interactivity/implementing-slash-commands/#app_command_handling
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from urllib.parse import unquote_plus, urlencode

WANTED = frozenset(
    {"command", "text", "team_id", "enterprise_id", "channel_id", "user_id", "trigger_id", "response_url"}
)
"""Those that anybody here reads."""

_SHORT = 16
_decoded = lru_cache(maxsize=256)(unquote_plus)


class Command(Mapping[str, str]):
    """What is wanted of the fields. Each is decoded when it is read: that is most of the work."""

    def __init__(self, form: str) -> None:
        """From `application/x-www-form-urlencoded`."""
        pairs = (pair.partition("=") for pair in form.split("&"))
        self._written = {name: value for name, _, value in pairs if name in WANTED}

    @classmethod
    def of(cls, fields: Mapping[str, object]) -> Command:
        """From fields that somebody else has decoded."""
        return cls(urlencode({name: str(value) for name, value in fields.items() if value is not None}))

    @property
    def form(self) -> str:
        """What is wanted, written as it was."""
        return "&".join([f"{name}={value}" for name, value in self._written.items()])

    def __getitem__(self, name: str) -> str:
        value = self._written[name]
        if "%" in value or "+" in value:
            return unquote_plus(value) if len(value) > _SHORT else _decoded(value)
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self._written)

    def __len__(self) -> int:
        return len(self._written)
