"""Whom a message would notify, by Slack's rules for markup, automatic links and rich text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from sandbox.slack.workspace import Json, Message

MARKUP = re.compile(r"<(?:@([UW][A-Z0-9]+)|!(channel|here|everyone)|!subteam\^([A-Z0-9]+))(?:\|[^>]*)?>")
TYPED = re.compile(r"(?<![\w@])@(channel|here|everyone)\b")


def pinged(message: Message) -> set[str]:
    """User ids, user group ids and `channel`, `here`, `everyone`.

    The text beside blocks counts too: Slack shows it in notifications. Plain `@here` in it is only linked with
    `link_names` or `parse: full`; in a block's mrkdwn it is linked unless that says `verbatim: true`.
    """
    linked = message.link_names or message.parse == "full"
    found = in_mrkdwn(message.text, linked=linked) if message.mrkdwn else set()
    return found | {each for block in message.blocks or () for each in _in_block(block)}


def in_mrkdwn(text: str, *, linked: bool) -> set[str]:
    """Who is named in mrkdwn; with `linked`, typed `@here` and its like count as well."""
    found = {group for match in MARKUP.finditer(text) for group in match.groups() if group}
    return found | (set(TYPED.findall(MARKUP.sub(" ", text))) if linked else set())


def _in_block(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _in_block(item)
    elif isinstance(value, dict):
        yield from _in_object(value)
        for item in value.values():
            yield from _in_block(item)


def _in_object(value: Json) -> Iterator[str]:
    match value:
        case {"type": "mrkdwn", "text": str(text)}:
            yield from in_mrkdwn(text, linked=value.get("verbatim") is not True)
        case {"type": "markdown", "text": str(text)}:
            yield from in_mrkdwn(text, linked=True)
        case {"type": "user", "user_id": str(user)}:
            yield user
        case {"type": "usergroup", "usergroup_id": str(group)}:
            yield group
        case {"type": "broadcast", "range": str(whom)}:
            yield whom
