"""`/imagine defaults` and `/imagine house`: how a person likes their pictures, and what a conversation's style is."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bot.errors import Fault
from bot.intake import Asker, Place
from bot.shelf import Preferences, Scope
from bot.slack import customs_forms
from bot.slack.customs_forms import CALLBACKS, Wish
from bot.slack.elements import Json
from bot.slack.wording import Words
from handlers import tab
from handlers.desk import Desk, Say, Subcommand, note, silence

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp

_READ_SECONDS = 1.5
"""A trigger lives for three; a form that does not show what is kept would wipe it out, so it opens not at all."""
_WRITE_SECONDS = 2.0


def register(app: AsyncApp, desk: Desk) -> None:
    """Hear both forms' buttons."""

    async def submitted(ack: AsyncAck, body: Mapping[str, Any], view: Mapping[str, Any]) -> None:
        asker = desk.submitter(body, view, channel=customs_forms.channel_of(view))
        wrong = await _submitted(desk, asker, view)
        await (ack(response_action="errors", errors=wrong) if wrong else ack())

    for callback in CALLBACKS:
        app.view(callback)(submitted)


async def _defaults(desk: Desk, asker: Asker, _place: Place, rest: str) -> Say | None:
    """`defaults` alone opens the form; with more words it is a prompt."""
    if rest:
        return None
    desk.later(open_defaults(desk, asker))
    return silence


async def _house(desk: Desk, asker: Asker, _place: Place, rest: str) -> Say | None:
    """`house` alone opens the form; a house to be drawn has more words."""
    if rest:
        return None
    desk.later(_open(desk, asker, Scope.CHANNEL))
    return silence


SUBCOMMANDS: dict[str, Subcommand] = {
    "defaults": _defaults,
    "默认设置": _defaults,
    "house": _house,
    "统一风格": _house,
}


async def open_defaults(desk: Desk, asker: Asker) -> None:
    """Open the form of a person's own defaults; `asker.key` is what triggers it."""
    await _open(desk, asker, Scope.PERSON)


async def _open(desk: Desk, asker: Asker, scope: Scope) -> None:
    looking = asyncio.ensure_future(desk.words_soon(asker))
    try:
        async with asyncio.timeout(_READ_SECONDS):
            kept = await desk.shelf.preferences(asker.team_id, scope, _subject(asker, scope))
        await desk.surfaces.open_view(asker.key, _form(await looking, kept, asker, scope))
    except (Fault, TimeoutError):
        await desk.tell(asker, note("form.not_opened"))


def _form(words: Words, kept: Preferences, asker: Asker, scope: Scope) -> Json:
    if scope is Scope.PERSON:
        return customs_forms.defaults(words, kept)
    return customs_forms.house(words, kept, channel=asker.channel_id)


def _subject(asker: Asker, scope: Scope) -> str:
    return asker.user_id if scope is Scope.PERSON else asker.channel_id


async def _submitted(desk: Desk, asker: Asker, view: Mapping[str, Any]) -> dict[str, str]:
    """Keep it; what is wrong with it otherwise, by field. A person's defaults are their own: nobody names another."""
    words = desk.words_with(asker, view)
    scope = CALLBACKS[str(view["callback_id"])]
    preferences = customs_forms.answer(view)
    if problems := customs_forms.problems(preferences):
        return customs_forms.errors(words, problems)
    try:
        async with asyncio.timeout(_WRITE_SECONDS):
            await desk.shelf.prefer(asker.team_id, scope, _subject(asker, scope), preferences)
    except (Fault, TimeoutError):
        return {Wish.PREFIX.value: words.say("customs.not_kept")}
    if scope is Scope.PERSON:
        desk.later(tab.publish(desk, asker.team_id, asker.user_id))
    return {}
