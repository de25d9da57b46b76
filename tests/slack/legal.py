"""What Slack takes, as a table of our own: which parts there are, how long, how many, and nothing that bites.

Lengths count in UTF-16 units: Slack does not say how it counts an emoji, and that is the longer way. The numbers are
those of Slack's Block Kit reference; the sandbox has its own, and slack_sdk too. All three must agree.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from bot.slack.elements import Json, Message, units
from sandbox.slack import Message as Posted
from sandbox.slack import pinged
from sandbox.slack.blocks import MESSAGE, complaints, view_complaints

MOST_UPDATED = 4000
"""Of `text`: `chat.update` refuses more."""
MOST_BLOCKS = {"message": 50, "modal": 100, "home": 100}
MOST_MESSAGE = 13_000
"""Characters of a message's blocks (`msg_blocks_too_long`); Slack publishes no number."""
MOST_VIEW = 250_000
ANSWER = 2000
"""Of the words that stand beside a field that is wrong."""

_ID = {"action_id": 255, "block_id": 255}
LENGTHS: Mapping[str, Mapping[str, int]] = {
    "actions": _ID,
    "context": _ID,
    "header": _ID | {"text": 150},
    "input": _ID | {"label": 2000, "hint": 2000},
    "rich_text": _ID,
    "section": _ID | {"text": 3000},
    "button": _ID | {"text": 75, "value": 2000, "url": 3000},
    "checkboxes": _ID,
    "conversations_select": _ID | {"placeholder": 150},
    "file_input": _ID,
    "overflow": _ID,
    "plain_text_input": _ID | {"placeholder": 150, "initial_value": 3000},
    "static_select": _ID | {"placeholder": 150},
    "plain_text": {"text": 3000},
    "rich_text_list": {},
    "rich_text_preformatted": {},
    "rich_text_quote": {},
    "rich_text_section": {},
    "channel": {"channel_id": 255},
    "date": {"format": 255, "fallback": 255},
    "emoji": {"name": 255},
    "link": {"url": 3000, "text": 3000},
    "text": {"text": 12_000},
    "user": {"user_id": 255},
    "modal": {"title": 24, "submit": 24, "close": 24, "private_metadata": 3000, "callback_id": 255},
    "home": {"private_metadata": 3000, "callback_id": 255},
}
"""Every type that we use, and how long its parts may be. None is markup: there is nothing to be escaped wrongly."""
COUNTS: Mapping[str, tuple[str, int, int]] = {
    "actions": ("elements", 1, 25),
    "context": ("elements", 1, 10),
    "static_select": ("options", 1, 100),
    "overflow": ("options", 2, 5),
    "checkboxes": ("options", 1, 10),
    "rich_text_list": ("elements", 1, 1000),
}
OPTION = {"text": 75, "value": 150, "description": 75}
CONFIRM = {"title": 100, "text": 300, "confirm": 30, "deny": 30}
_OURS = re.compile(r"<!date\^\d+\^\{time\}\|\d\d:\d\d UTC>|<#C[A-Z0-9]+>")


def message_faults(message: Message, *, may_ping: set[str]) -> list[str]:
    """Everything that Slack would refuse, cut off or do to people who never asked for it."""
    for block in Block.parse_all(message.blocks):
        block.validate_json()
    theirs = list(complaints(message.blocks, MESSAGE))
    return [*theirs, *_faults(message.blocks), *_counted(message.blocks, "message"), *_said(message, may_ping)]


def view_faults(view: Json) -> list[str]:
    """The same for a modal or a Home tab."""
    View(**view).validate_json()
    found = [*view_complaints(view), *_faults(view), *_counted(view["blocks"], view["type"])]
    if len(json.dumps(view, ensure_ascii=False).encode()) > MOST_VIEW:
        found.append("view_too_large")
    needs_submit = any(block["type"] == "input" for block in view["blocks"])
    return [*found, *(["an input without submit"] if needs_submit and "submit" not in view else [])]


def parts(value: Any) -> Iterator[Json]:
    """Every object in it, however deep."""
    if isinstance(value, list):
        for each in value:
            yield from parts(each)
    elif isinstance(value, dict):
        yield value
        for each in value.values():
            yield from parts(each)


def strings(value: Any) -> Iterator[str]:
    """Every text that somebody reads in it."""
    for part in parts(value):
        yield from (part[name] for name in ("text", "initial_value") if isinstance(part.get(name), str))


def text_faults(what: str, text: str, most: int) -> list[str]:
    """Of a text that stands alone: not empty, not longer than this."""
    return [f"{what}: {units(text)} of {most}"] if not text.strip() or units(text) > most else []


def _faults(value: Any) -> Iterator[str]:
    for part in parts(value):
        kind = str(part.get("type") or "")
        if kind and kind not in LENGTHS:
            yield f"no part of ours is a {kind}"
        yield from _too_long(part, LENGTHS.get(kind, {}), kind)
        yield from _too_many(part, kind)
        for option in (*part.get("options", ()), *part.get("initial_options", ())):
            yield from _too_long(option, OPTION, "option")
        yield from _too_long(part.get("confirm") if kind == "button" else {}, CONFIRM, "confirm")
        yield from _unsound(part, kind)


def _too_long(part: Any, limits: Mapping[str, int], kind: str) -> Iterator[str]:
    for name, most in limits.items():
        held = (part or {}).get(name)
        text = held.get("text") if isinstance(held, dict) else held
        if isinstance(text, str) and not 0 < units(text) <= most:
            yield f"{kind}.{name}: {units(text)} of {most}"


def _too_many(part: Json, kind: str) -> Iterator[str]:
    if kind in COUNTS:
        name, least, most = COUNTS[kind]
        if not least <= len(part.get(name, ())) <= most:
            yield f"{kind}.{name}: {len(part.get(name, ()))} of {least} to {most}"


def _unsound(part: Json, kind: str) -> Iterator[str]:
    """What no length tells."""
    if kind == "plain_text" and part.get("emoji") is not False:
        yield "a colon would become an emoji"
    if kind == "plain_text" and part["text"].endswith("…"):
        yield f"a label of ours is cut: {part['text']}"
    if kind == "plain_text_input" and units(part.get("initial_value", "")) > part.get("max_length", 3000):
        yield "a field begins with more than it takes"
    if kind == "link" and not part["url"].startswith("https://"):
        yield f"a link to {part['url'][:20]}"
    if kind in {"button", "static_select", "overflow"} and not part.get("action_id"):
        yield f"a {kind} that nobody hears"


def _counted(blocks: list[Json], surface: str) -> Iterator[str]:
    if not 0 < len(blocks) <= MOST_BLOCKS[surface]:
        yield f"{len(blocks)} blocks"
    names = Counter(block["block_id"] for block in blocks if "block_id" in block)
    yield from (f"{name} stands twice" for name, n in names.items() if n > 1)
    for block in blocks:
        actions = Counter(part["action_id"] for part in parts(block) if "action_id" in part)
        yield from (f"{name} stands twice in a block" for name, n in actions.items() if n > 1)


def _said(message: Message, may_ping: set[str]) -> Iterator[str]:
    """Of what is read aloud and shown in notifications."""
    if not message.text.strip() or units(message.text) > MOST_UPDATED:
        yield f"text: {units(message.text)} of {MOST_UPDATED}"
    if len(json.dumps(message.blocks, ensure_ascii=False)) > MOST_MESSAGE:
        yield "msg_blocks_too_long"
    if set("<>") & set(_OURS.sub("", message.text)):
        yield "markup in the text"
    if re.search(r"&(?!amp;|lt;|gt;)", message.text):
        yield "a bare or broken entity in the text"
    seen = pinged(Posted("C1", "1.0", "B", message.text, blocks=message.blocks))
    yield from (f"notifies {each}" for each in seen - may_ping)
