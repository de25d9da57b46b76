"""What every listener has at hand."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.intake import Asker, Intake
from bot.job import ChannelId, Job, TeamId, UserId
from bot.policy import Reactions
from bot.ports import Measures
from bot.price import Price
from bot.shelf import Shelf
from bot.slack.addresses import Addresses
from bot.slack.elements import Message
from bot.slack.sessions import Sessions
from bot.slack.surfaces import Surfaces
from bot.slack.wording import Words

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
    shelf: Shelf
    surfaces: Surfaces
    addresses: Addresses
    reactions: Reactions
    measures: Measures
    now: Callable[[], datetime]
    price: Price | None
    locale_of: Callable[[TeamId, UserId], str | None]
    look_up_locale: Callable[[TeamId, UserId], Awaitable[str | None]]
    gallery: str
    reroll: tuple[str, ...]
    cancel: tuple[str, ...]
    later: Later
    whisper: Whisper
    sessions: Sessions
    uninstalled: Callable[[str], None]

    async def job_there(self, asker: Asker, job_id: str) -> Job | None:
        """The job that a press names, if it is the presser's own or stands in the conversation of the press."""
        job = await self.intake.job(job_id, team_id=asker.team_id)
        if job is None or job.user_id == asker.user_id:
            return job
        if job.private:
            return None
        return job if asker.channel_id in {job.channel_id, job.origin_channel_id} else None


Subcommand = Callable[[Desk, Asker, Words, str], Awaitable[Message | None]]
"""Answers the first word of a command; gets the rest of the text, says None if all of it is a prompt after all."""

SILENCE = Message("", [])
"""An acknowledgement that says nothing: what there is to see comes another way."""


def said(message: Message) -> dict[str, Any]:
    """The message as an acknowledgement or a response_url takes it; without a type it is private."""
    return {} if message == SILENCE else {"text": message.text, "blocks": message.blocks}


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


def submitter(body: Mapping[str, Any], view: Mapping[str, Any], *, channel: str) -> Asker:
    """Who submitted a modal. One view makes one ask, however often its submission comes."""
    return replace(clicker(body, key=str(view["id"])), kind="form", channel_id=ChannelId(channel))
