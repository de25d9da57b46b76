"""What a message says to the bot: its words without our name, and the picture that lies with it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from bot import graphemes, plain
from bot.request import MAX_TEXT

_WRITTEN = frozenset({"", "file_share", "thread_broadcast"})
"""Subtypes of messages that a person has just written; all others are edits, arrivals, the words of machines."""
_COMMAND = re.compile(r"^/imagine\s+", re.IGNORECASE)
_NAMELESS = re.compile(r"<@[UW][A-Z0-9]+>")
"""Somebody, by an id alone: nothing that could be drawn."""
_LEADING = " \t\r\n,，:：、"


def is_a_persons(event: Mapping[str, Any]) -> bool:
    """Whether somebody has just written this message."""
    is_new = str(event.get("subtype") or "") in _WRITTEN and not event.get("hidden") and not event.get("edited")
    return is_new and bool(event.get("user")) and not event.get("bot_id")


def words_of(event: Mapping[str, Any], *, bot: str) -> str:
    """What is said to the bot, as Slack writes it; our own name is taken out wherever it stands."""
    name = re.compile(rf"<@{re.escape(bot)}(?:\|[^<>]*)?>") if bot else re.compile(r"(?!)")
    return " ".join(name.sub(" ", str(event.get("text") or "")).split(" ")).strip(_LEADING)


def picture_of(message: Mapping[str, Any]) -> str:
    """The id of the first picture that came with the message; empty if there is none."""
    files = [file for file in message.get("files") or () if isinstance(file, Mapping)]
    pictures = (file for file in files if str(file.get("mimetype") or "").startswith("image/"))
    return str(next((file.get("id") for file in pictures), "") or "")


def prompt_of(message: Mapping[str, Any]) -> str:
    """The message's words as a prompt: plain, in one line, no command before them, no longer than may be asked for."""
    text = _NAMELESS.sub("", str(message.get("text") or ""))
    return graphemes.clipped(_COMMAND.sub("", plain.from_slack(text)), MAX_TEXT)


def thread_of(message: Mapping[str, Any]) -> str:
    """The thread that the message stands in, or that an answer to it would open."""
    named = message.get("thread_ts") or _thread_in(str(message.get("permalink") or ""))
    return str(named or message.get("ts") or "")


def _thread_in(permalink: str) -> str:
    """A reply's address names its thread, where the message itself does not."""
    try:
        return parse_qs(urlsplit(permalink).query).get("thread_ts", [""])[0]
    except ValueError:
        return ""
