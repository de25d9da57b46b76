"""What every listener has at hand."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.intake import Asker, Intake
from bot.job import ChannelId, TeamId, UserId
from bot.policy import Reactions
from bot.ports import Measures
from bot.slack.elements import Message

Later = Callable[[Awaitable[None]], None]
"""Does a courtesy after the acknowledgement; it may fail or be lost."""

Whisper = Callable[[str, Mapping[str, Any]], Awaitable[None]]
"""Sends a private answer to a response_url."""

ShortWay = Callable[[Mapping[str, str]], Awaitable[Mapping[str, Any] | None]]
"""A listener without Bolt around it: from the fields of a request to the answer's body, or None if it broke."""


@dataclass(frozen=True, slots=True)
class Desk:
    """The use cases and what surrounds them. `locale_of` knows a person's language only if it was looked up before."""

    intake: Intake
    reactions: Reactions
    measures: Measures
    locale_of: Callable[[TeamId, UserId], str | None]
    reroll: tuple[str, ...]
    cancel: tuple[str, ...]
    later: Later
    whisper: Whisper
    uninstalled: Callable[[str], None]


def said(message: Message) -> dict[str, Any]:
    """The message as an acknowledgement or a response_url takes it; without a type it is private."""
    return {"text": message.text, "blocks": message.blocks}


def clicker(body: Mapping[str, Any], *, key: str) -> Asker:
    """Who pressed a button, and where. Each press has a `trigger_id` of its own."""
    team = TeamId((body.get("team") or {}).get("id") or body["user"]["team_id"])
    enterprise = body.get("enterprise") or {}
    container = body.get("container") or {}
    channel = (body.get("channel") or {}).get("id") or container.get("channel_id") or ""
    return Asker(
        team_id=team,
        user_id=UserId(body["user"]["id"]),
        channel_id=ChannelId(channel),
        enterprise_id=enterprise.get("id"),
        kind="click",
        key=key,
        reply_url=body.get("response_url"),
    )
