"""The pieces that messages are made of. User text goes into rich text or plain text only, where it is inert. Pure.

Lengths: https://docs.slack.dev/reference/block-kit. Slack does not say how it counts an emoji; the longer way (UTF-16)
is on the safe side.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, assert_never

from bot import graphemes
from bot.plain import tidy
from bot.slack.wording import Words

Json = dict[str, Any]

MOST_TEXT = 3800
"""`chat.update` refuses more than 4000 characters of `text` (`msg_too_long`)."""
MOST_BLOCKS = 12_500
"""Characters of a message's blocks as JSON. Slack publishes no number for `msg_blocks_too_long`; this is our guess."""
MOST_QUOTED = 3000
MOST_RECIPE = 5000
"""Longer ones would not be whole, and could not be pasted; they are left out."""
MOST_ALT = 1000
MOST_TITLE = 150
MOST_BUTTON = 75


_BROKEN = re.compile(r"&[a-z]{0,3}…$")


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent: blocks for the eye, and the whole of it as escaped text for notifications and screen readers."""

    text: str
    blocks: list[Json]


@dataclass(frozen=True, slots=True)
class Mention:
    """Names a person, and notifies them: only ever the one the message is for."""

    user_id: str


@dataclass(frozen=True, slots=True)
class Room:
    """Names a conversation, as a link for those who may see it."""

    channel_id: str


Param = str | int | datetime | Mention | Room


def units(text: str) -> int:
    """Length in UTF-16 units: an emoji counts two."""
    return len(text) if text.isascii() else len(text) + sum(char > "\uffff" for char in text)


def clamp(text: str, most: int) -> str:
    """The text, cut to `most` units with an ellipsis; no character is broken."""
    if units(text) <= most:
        return text
    return _fitting(text, most - 1, (units(char) for char in text)) + "…"


def escape(text: str) -> str:
    """What Slack asks for in `text`: these three, in this order, once, and nothing else."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def escaped(text: str, most: int) -> str:
    """Escaped, and cut so that no entity is broken and at most `most` units are left."""
    whole = escape(text)
    if units(whole) <= most:
        return whole
    return escape(_fitting(text, most - 1, (units(escape(char)) for char in text))) + "…"


def shortened(whole: str, most: int) -> str:
    """What is escaped already, cut to `most` units; an entity that would be broken goes with the rest."""
    return whole if units(whole) <= most else _BROKEN.sub("…", clamp(whole, most))


def _fitting(text: str, room: int, sizes: Iterable[int]) -> str:
    for at, size in enumerate(sizes):
        room -= size
        if room < 0:
            return graphemes.cut(text, at)
    return text


def minute(moment: datetime) -> datetime:
    """The full minute that is not before it: a time that moves by seconds is no news, and no edit."""
    whole = moment.astimezone(UTC).replace(second=0, microsecond=0)
    return whole if whole >= moment else whole + timedelta(minutes=1)


def text(content: str, **style: bool) -> Json:
    """A text element: shown as it is, linking nothing and notifying nobody."""
    element: Json = {"type": "text", "text": content}
    return element | {"style": style} if style else element


def link(url: str, label: str) -> Json:
    """A link to a place that we know; never to one that somebody typed."""
    return {"type": "link", "url": url, "text": label}


def _element(param: Param) -> Json:
    match param:
        case Mention(user_id=user_id):
            return {"type": "user", "user_id": user_id}
        case Room(channel_id=channel_id):
            return {"type": "channel", "channel_id": channel_id}
        case datetime():
            clock = minute(param)
            fallback = f"{clock:%H:%M} UTC"
            return {"type": "date", "timestamp": int(clock.timestamp()), "format": "{time}", "fallback": fallback}
        case str() | int():
            return text(str(param))
        case _:
            assert_never(param)


def _written(param: Param) -> str:
    """The same for `text`. A date is Slack's own markup and reads in the reader's zone; nobody is mentioned."""
    match param:
        case Mention():
            return ""
        case Room(channel_id=channel_id):
            return f"<#{channel_id}>"
        case datetime():
            clock = minute(param)
            return f"<!date^{int(clock.timestamp())}^{{time}}|{clock:%H:%M} UTC>"
        case str() | int():
            return escaped(str(param), MOST_QUOTED)
        case _:
            assert_never(param)


def sentence(words: Words, key: str, **params: Param) -> list[Json]:
    """A sentence of the catalogue as rich text elements."""
    pieces = [_element(piece) for piece in words.cut(key, params)]
    return [piece for piece in pieces if piece.get("text") != ""]


def written(words: Words, key: str, **params: Param) -> str:
    """A sentence of the catalogue for `text`: escaped."""
    return "".join(_written(piece) for piece in words.cut(key, params)).strip()


def section(*elements: Json) -> Json:
    """A paragraph."""
    return {"type": "rich_text_section", "elements": list(elements)}


def quote(content: str) -> Json:
    """Somebody's words, set off."""
    return {"type": "rich_text_quote", "elements": [text(clamp(tidy(content) or "…", MOST_QUOTED))]}


def preformatted(content: str) -> Json:
    """Text to be copied."""
    return {"type": "rich_text_preformatted", "elements": [text(content)]}


def rich_text(*parts: Json) -> Json:
    """The block that holds paragraphs, quotes and preformatted text."""
    return {"type": "rich_text", "elements": list(parts)}


def plain_text(content: str, most: int) -> Json:
    """A `plain_text` object. No `emoji` field: a colon in user text must stay a colon."""
    return {"type": "plain_text", "text": clamp(content, most), "emoji": False}


def typed(value: str, most: int, *, multiline: bool = False) -> Json:
    """A field for `most` code points, however Slack counts them; what is longer is told beside it."""
    element: Json = {"type": "plain_text_input", "max_length": 2 * most}
    if multiline:
        element["multiline"] = True
    return element | {"initial_value": value} if value else element


def button(words: Words, key: str, *, action_id: str, value: str, style: str | None = None) -> Json:
    """A button that carries a job's id and nothing else."""
    it = {"type": "button", "text": plain_text(words.say(key), MOST_BUTTON), "action_id": action_id, "value": value}
    return it | {"style": style} if style else it


def confirm(words: Words, key: str) -> Json:
    """A dialog that asks once more, from the sentences `KEY.title`, `.text`, `.yes` and `.no`."""
    return {
        "title": plain_text(words.say(f"{key}.title"), 100),
        "text": plain_text(words.say(f"{key}.text"), 300),
        "confirm": plain_text(words.say(f"{key}.yes"), 30),
        "deny": plain_text(words.say(f"{key}.no"), 30),
        "style": "danger",
    }


def row(*buttons: Json) -> Json:
    """A row of buttons."""
    return {"type": "actions", "elements": list(buttons)}


def within(make: Callable[[int], list[Json]], *rooms: int) -> list[Json]:
    """The blocks that are made with the first of these rooms for a text that lets Slack take them, else the last."""
    made: list[Json] = []
    for room in rooms:
        made = make(room)
        if len(json.dumps(made, ensure_ascii=False)) <= MOST_BLOCKS:
            break
    return made


def lines(*written_lines: str) -> str:
    """The lines that say something, as one `text` within its limit.

    The last line is cut first; an entity or a date that would be broken goes with it.
    """
    kept: list[str] = []
    room = MOST_TEXT
    for line in filter(None, written_lines):
        room -= units(line) + 1
        if room < 0:
            break
        kept.append(line)
    return "\n".join(kept)
