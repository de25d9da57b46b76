"""The press that has several asks drawn, or none of them. The draft belongs to its asker."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from bot import bundle
from bot.bundle import Bundle
from bot.errors import NotAccepted
from bot.intake import Asker, Place
from bot.shelf import Draft, DraftId
from bot.slack import actions, confirming
from handlers import asking
from handlers.desk import Desk, Say, note

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp

_KIND = "draft"


def register(app: AsyncApp, desk: Desk) -> None:
    """Hear both buttons."""

    async def confirmed(ack: AsyncAck, body: Mapping[str, Any], action: Mapping[str, Any]) -> None:
        asker = desk.clicker(body)
        say, over = await confirm(desk, asker, DraftId(str(action.get("value") or "")))
        await ack()
        desk.later(desk.tell(asker, say, over=over))

    async def discarded(ack: AsyncAck, body: Mapping[str, Any], action: Mapping[str, Any]) -> None:
        asker = desk.clicker(body)
        dropped = await desk.shelf.drop_draft(asker.team_id, DraftId(str(action.get("value") or "")), asker.user_id)
        await ack()
        if not dropped:
            desk.later(desk.tell(asker, note("confirm.gone"), over=True))
        elif asker.reply_url is not None:
            desk.later(desk.whisper(asker.reply_url, {"delete_original": True}))

    app.action(actions.CONFIRM)(confirmed)
    app.action(actions.DISCARD)(discarded)


async def confirm(desk: Desk, asker: Asker, draft_id: DraftId) -> tuple[Say, bool]:
    """Store every ask of the draft, once however often it is pressed; what to say, and whether that ends it."""
    draft = await desk.shelf.draft(asker.team_id, draft_id)
    it = bundle.read(draft.text) if draft is not None else None
    if draft is None or it is None:
        return note("confirm.gone"), True
    if draft.user_id != asker.user_id:
        return note("answer.not_yours"), False
    try:
        await _store(desk, asker, draft, it)
    except NotAccepted:
        desk.measures.ask("not_accepted")
        return note("confirm.partly"), False
    await desk.shelf.drop_draft(asker.team_id, draft_id, asker.user_id)
    return partial(confirming.confirmed, bundle=it), True


async def _store(desk: Desk, asker: Asker, draft: Draft, it: Bundle) -> None:
    """The first opens the thread, the others follow it. Each has a key of its own that a second press has, too."""
    place = Place(draft.channel_id, draft.thread_ts)
    if it.private:
        place = asking.alone(place)
    keyed = [replace(asker, kind=_KIND, key=f"{draft.id}.{number}") for number in range(len(it.requests))]
    first = await desk.intake.ask(keyed[0], it.requests[0], place=place)
    rest = zip(keyed[1:], it.requests[1:], strict=True)
    await asyncio.gather(*(desk.intake.ask(key, request, place=place, together=first.job) for key, request in rest))
    desk.measures.ask("stored" if first.fresh else "known")
