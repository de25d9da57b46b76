"""Small readings of what passes through the page: words as Slack's client sends them, bytes as pictures."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

MENTION = re.compile(r"(?<![\w@])@([a-z0-9][a-z0-9._-]*)", re.IGNORECASE)


def with_mentions(text: str, users: Mapping[str, str]) -> str:
    """`@ada, look` becomes `<@U…>, look`, as Slack's client sends it; `users` maps names to ids."""
    by_name = {name.casefold(): user for name, user in users.items()}

    def mention(match: re.Match[str]) -> str:
        user = by_name.get(match[1].casefold())
        return f"<@{user}>" if user else match[0]

    return MENTION.sub(mention, text)


def picture_kind(data: bytes) -> str | None:
    """The media type of a picture by its first bytes; None for what is no picture (never trust a name)."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    return "image/webp" if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else None


def readable(line: str) -> str:
    """One line of the bot's log for a person: JSON becomes `level event key=value`, a traceback its last line."""
    try:
        entry = json.loads(line)
    except json.JSONDecodeError:
        return line
    if not isinstance(entry, dict) or "event" not in entry:
        return line
    entry.pop("timestamp", None)
    entry.pop("logger", None)
    head = f"{entry.pop('level', 'info')} {entry.pop('event')}"
    broke = str(entry.pop("exception", "")).strip().splitlines()[-1:]
    return " ".join([head, *(f"{key}={value}" for key, value in entry.items() if value is not None), *broke])
