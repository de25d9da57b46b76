"""What every listener has at hand."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from bot.errors import OutcomeUnknown, Throttled, Unavailable
from bot.inbox import Inbox
from bot.intake import Asker, Intake, Place
from bot.job import ChannelId, Job, TeamId, Ts, UserId
from bot.policy import Reactions
from bot.ports import Measures
from bot.price import Price
from bot.shelf import Shelf
from bot.slack import notices
from bot.slack.addresses import Addresses
from bot.slack.elements import Message
from bot.slack.sessions import Sessions
from bot.slack.surfaces import Surfaces
from bot.slack.wording import Words, language
from bot.slash import Command

_SOON = 0.8
"""Seconds that a form waits for its reader's language: what opens it works for three."""

_PAUSES = (0.5, 2.0, 8.0)
"""Seconds between tries of a private word."""

Say = Callable[[Words], Message]
"""What there is to say, in whatever language."""

LookUp = Callable[[TeamId, UserId], Awaitable[str | None]]

Later = Callable[[Coroutine[Any, Any, None]], None]
"""Does a courtesy after the acknowledgement; it may fail or be lost."""

Whisper = Callable[[str, Mapping[str, Any]], Coroutine[Any, Any, None]]
"""Sends a private answer to a response_url."""

ShortWay = Callable[[Command], Awaitable[Mapping[str, Any] | None]]
"""A listener without Bolt around it: from the fields of a request to the answer's body, or None if it broke."""


@dataclass(frozen=True, slots=True)
class Desk:
    """The use cases and what surrounds them. `locale_of` knows a person's language only if it was looked up before."""

    intake: Intake
    inbox: Inbox
    shelf: Shelf
    surfaces: Surfaces
    addresses: Addresses
    reactions: Reactions
    measures: Measures
    now: Callable[[], datetime]
    price: Price | None
    locale_of: Callable[[TeamId, UserId], str | None]
    look_up_locale: LookUp
    gallery: str
    reroll: tuple[str, ...]
    cancel: tuple[str, ...]
    later: Later
    whisper: Whisper
    sessions: Sessions
    uninstalled: Callable[[str], None]
    home: Callable[[], TeamId | None] = lambda: None
    """The workspace in which we are installed, once Slack has told."""

    async def words_of(self, asker: Asker) -> Words:
        """The asker's language, looked up if need be: for what comes after the acknowledgement."""
        return Words(await self.look_up_locale(asker.team_id, asker.user_id) or asker.locale)

    async def words_soon(self, asker: Asker) -> Words:
        """The same for a form, which can't wait long."""
        try:
            async with asyncio.timeout(_SOON):
                return await self.words_of(asker)
        except TimeoutError:
            return Words(asker.locale)

    def words_with(self, asker: Asker, view: Mapping[str, Any]) -> Words:
        """What to say beside the fields of a form, before it is acknowledged: in its own language, at least."""
        known = self.locale_of(asker.team_id, asker.user_id)
        return Words(known or language((view.get("title") or {}).get("text", "")))

    def at_once(self, asker: Asker, say: Say) -> Message:
        """What to acknowledge with. While the asker's language is unknown that is silence, and the words come after."""
        locale = self.locale_of(asker.team_id, asker.user_id)
        if locale is not None or asker.reply_url is None or say is silence:
            return say(Words(locale or asker.locale))
        self.later(self.tell(asker, say))
        return SILENCE

    async def tell(self, asker: Asker, say: Say, thread_ts: Ts | None = None, *, over: bool = False) -> None:
        """Say it to the asker alone: at the address that came with what they did, or where they did it.

        What may not have been said is said again: twice is the lesser harm. `over`: in place of what was pressed.
        """
        message = say(await self.words_of(asker))
        for pause in _PAUSES:
            try:
                await self._whisper(asker, message, thread_ts, over=over)
            except (Throttled, Unavailable, OutcomeUnknown) as unsaid:
                await self.intake.pause(max(pause, getattr(unsaid, "retry_after", 0.0)))
            else:
                return
        await self._whisper(asker, message, thread_ts, over=over)

    async def _whisper(self, asker: Asker, message: Message, thread_ts: Ts | None, *, over: bool) -> None:
        if asker.reply_url is not None:
            await self.whisper(asker.reply_url, {**said(message), "replace_original": over})
        elif asker.channel_id:
            await self.surfaces.whisper_in(asker.channel_id, asker.user_id, message, thread_ts)

    def clicker(self, body: Mapping[str, Any]) -> Asker:
        """Who pressed a button, and where. A press names its person's workspace; the jobs are those of ours."""
        asker = clicker(body, key=str(body["trigger_id"]))
        return replace(asker, team_id=self.home() or asker.team_id)

    def submitter(self, body: Mapping[str, Any], view: Mapping[str, Any], *, channel: str) -> Asker:
        """Who submitted a modal. One view makes one ask, however often its submission comes."""
        asker = replace(clicker(body, key=str(view["id"])), kind="form", channel_id=ChannelId(channel))
        return replace(asker, team_id=self.home() or asker.team_id)

    async def job_there(self, asker: Asker, job_id: str) -> Job | None:
        """The job that a press names, if it is the presser's own or stands in the conversation of the press."""
        job = await self.intake.job(job_id, team_id=asker.team_id)
        if job is None or job.user_id == asker.user_id:
            return job
        if job.private:
            return None
        return job if asker.channel_id in {job.channel_id, job.origin_channel_id} else None


Subcommand = Callable[[Desk, Asker, Place, str], Awaitable[Say | None]]
"""Answers the first word of a command or a message; gets the rest of it, says None if all of it is a prompt after all.

The place is where the answer belongs: a message may stand in a thread, a command never does.
"""

SILENCE = Message("", [])
"""An acknowledgement that says nothing: what there is to see comes another way."""


def silence(_words: Words) -> Message:
    """Nothing to say."""
    return SILENCE


def note(key: str) -> Say:
    """One sentence of the catalogue."""
    return partial(notices.note, key=key)


def said(message: Message) -> dict[str, Any]:
    """The message as an acknowledgement or a response_url takes it; without a type it is private."""
    return {} if message == SILENCE else {"text": message.text, "blocks": message.blocks}


def team_of(body: Mapping[str, Any]) -> TeamId:
    """The workspace in which we are installed; in shared channels people, and with them `team`, come from elsewhere.

    Bolt reads it so (https://github.com/slackapi/bolt-python/blob/main/slack_bolt/request/internals.py).
    """
    installed = (body.get("view") or {}).get("app_installed_team_id")
    authorized = [each.get("team_id") for each in body.get("authorizations") or ()]
    team = body.get("team_id") or (body.get("team") or {}).get("id") or (body.get("user") or {}).get("team_id")
    return TeamId(str(next(filter(None, (installed, *authorized[:1], team)), "")))


def clicker(body: Mapping[str, Any], *, key: str) -> Asker:
    """Who pressed a button, and where. Each press has a `trigger_id` of its own."""
    enterprise = body.get("enterprise") or {}
    container = body.get("container") or {}
    channel = (body.get("channel") or {}).get("id") or container.get("channel_id") or ""
    return Asker(
        team_id=team_of(body),
        user_id=UserId(body["user"]["id"]),
        channel_id=ChannelId(channel),
        enterprise_id=enterprise.get("id"),
        kind="click",
        key=key,
        reply_url=body.get("response_url"),
    )
