"""An ask: dressed as is liked here, then stored, or shown for confirmation if it is several."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from bot import bundle
from bot.bundle import Bundle
from bot.customs import Customs, customs_of, dressed
from bot.errors import Fault, NotAccepted
from bot.intake import Asker, Place
from bot.job import ChannelId
from bot.parsed import Note, Parsed
from bot.shelf import Draft, DraftId
from bot.slack import confirming, notices
from handlers import likeness
from handlers.desk import Desk, Say

_DRAFT_SECONDS = 1.5


@dataclass(frozen=True, slots=True)
class Taken:
    """What to answer privately. `is_news`: the conversation itself will not show as much; `stored`: there is a job."""

    say: Say
    is_news: bool
    stored: bool = False


async def take(desk: Desk, asker: Asker, asks: Sequence[Parsed], where: Place) -> Taken:
    """Take what was understood; what to answer privately. Raises `NotAccepted` or `PromptError`."""
    asks = await likeness.resolved(desk, asker, asks, where)
    if any(each.private for each in asks):
        where = alone(where)
    customs = await customs_here(desk, asker, where.channel_id)
    wanted = [dressed(each, customs) for each in asks]
    if len(wanted) > 1:
        return Taken(await _propose(desk, asker, wanted, where), is_news=True)
    [only] = wanted
    receipt = await desk.intake.ask(asker, only.request, place=where)
    desk.measures.ask("stored" if receipt.fresh else "known")
    notes = (*only.notes, *receipt.notes)
    request, fresh = receipt.job.request, receipt.fresh
    say = partial(notices.receipt, request=request, notes=notes, fresh=fresh, private=where.private)
    return Taken(say, is_news=bool(notes) or where.private, stored=True)


def alone(place: Place) -> Place:
    """The same for the asker alone: by direct message, and only they may show it where they asked."""
    return replace(place, thread_ts=None, by_message=True, private=True, asked_in=place.thread_ts)


async def customs_here(desk: Desk, asker: Asker, channel_id: ChannelId) -> Customs:
    """How pictures are liked there, and by the asker. Raises `NotAccepted` if nobody can tell now."""
    try:
        return await customs_of(desk.shelf, team_id=asker.team_id, user_id=asker.user_id, channel_id=channel_id)
    except Fault as fault:
        raise NotAccepted(fault.code) from None


async def _propose(desk: Desk, asker: Asker, wanted: Sequence[Parsed], place: Place) -> Say:
    """Several are drawn only when their asker has seen how many they are, and said yes."""
    it = bundle.bundle([each.request for each in wanted], private=place.private)
    draft = _draft(desk, asker, it, place)
    try:
        async with asyncio.timeout(_DRAFT_SECONDS):
            await desk.shelf.put_draft(draft)
    except (Fault, TimeoutError):
        raise NotAccepted("draft_not_stored") from None
    desk.measures.ask("proposed")
    notes: list[Note] = []
    for each in wanted:
        notes += [note for note in each.notes if note not in notes]
    return partial(confirming.proposal, bundle=it, draft_id=draft.id, price=desk.price, notes=notes)


def _draft(desk: Desk, asker: Asker, it: Bundle, place: Place) -> Draft:
    return Draft(
        id=DraftId(secrets.token_hex(16)),
        team_id=asker.team_id,
        enterprise_id=asker.enterprise_id,
        user_id=asker.user_id,
        channel_id=place.channel_id,
        thread_ts=place.thread_ts or place.asked_in,
        text=bundle.written(it),
        made_at=desk.now(),
    )
