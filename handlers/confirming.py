"""The press that has several asks drawn, or none of them. The draft belongs to its asker."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bot import bundle
from bot.bundle import Bundle
from bot.errors import NotAccepted
from bot.intake import Asker, Place
from bot.shelf import Draft, DraftId
from bot.slack import actions, confirming, notices
from bot.slack.elements import Message
from bot.slack.wording import Words
from handlers.desk import Desk, clicker, said

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp

_KIND = "draft"


def register(app: AsyncApp, desk: Desk) -> None:
    """Hear both buttons."""

    async def confirmed(ack: AsyncAck, body: Mapping[str, Any], action: Mapping[str, Any]) -> None:
        asker = clicker(body, key=body["trigger_id"])
        words = Words(desk.locale_of(asker.team_id, asker.user_id))
        message, over = await confirm(desk, asker, DraftId(str(action.get("value") or "")), words)
        await ack()
        _show(desk, asker, {**said(message), "replace_original": over})

    async def discarded(ack: AsyncAck, body: Mapping[str, Any]) -> None:
        await ack()
        _show(desk, clicker(body, key=body["trigger_id"]), {"delete_original": True})

    app.action(actions.CONFIRM)(confirmed)
    app.action(actions.DISCARD)(discarded)


async def confirm(desk: Desk, asker: Asker, draft_id: DraftId, words: Words) -> tuple[Message, bool]:
    """Store every ask of the draft, once however often it is pressed; what to say, and whether that ends it."""
    draft = await desk.shelf.draft(asker.team_id, draft_id)
    it = bundle.read(draft.text) if draft is not None else None
    if draft is None or it is None:
        return notices.note(words, "confirm.gone"), True
    if draft.user_id != asker.user_id:
        return notices.note(words, "answer.not_yours"), False
    try:
        await _store(desk, asker, draft, it)
    except NotAccepted:
        desk.measures.ask("not_accepted")
        return notices.note(words, "confirm.partly"), False
    return confirming.confirmed(words, it), True


async def _store(desk: Desk, asker: Asker, draft: Draft, it: Bundle) -> None:
    """The first opens the thread, the others follow it. Each has a key of its own that a second press has, too."""
    place = Place(draft.channel_id, draft.thread_ts, by_message=it.private, private=it.private)
    keyed = [replace(asker, kind=_KIND, key=f"{draft.id}.{number}") for number in range(len(it.requests))]
    first = await desk.intake.ask(keyed[0], it.requests[0], place=place)
    rest = zip(keyed[1:], it.requests[1:], strict=True)
    await asyncio.gather(*(desk.intake.ask(key, request, place=place, parent=first.job) for key, request in rest))
    desk.measures.ask("stored" if first.fresh else "known")


def _show(desk: Desk, asker: Asker, body: Mapping[str, Any]) -> None:
    if asker.reply_url is not None:
        desk.later(desk.whisper(asker.reply_url, body))
