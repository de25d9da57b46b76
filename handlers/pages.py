"""The pages of a list, and the buttons that turn them: each shows what its presser may see, whatever it carries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from bot import terms
from bot.intake import Asker
from bot.job import JobId
from bot.shelf import Reader
from bot.slack import actions, found
from bot.slack.found import MOST_FOUND, Found
from bot.slack.pages import Page, Which, page_from
from handlers.desk import Desk, Say, note

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp

_SPANS = {Which.WEEK: timedelta(days=7), Which.MONTH: timedelta(days=30)}
_KEYS = {
    Which.HISTORY: ("found.history", "found.history.none"),
    Which.WORDS: ("found.words", "found.words.none"),
    Which.WEEK: ("found.top.week", "found.top.none"),
    Which.MONTH: ("found.top.month", "found.top.none"),
}


def register(app: AsyncApp, desk: Desk) -> None:
    """Hear the buttons under the lists."""

    async def turn(ack: AsyncAck, body: Mapping[str, Any], action: Mapping[str, Any]) -> None:
        await ack()
        page = page_from(str(action.get("value") or ""))
        if page is not None:
            desk.later(_turn(desk, desk.clicker(body), page))

    app.action(actions.LIST_MORE)(turn)
    app.action(actions.LIST_FIRST)(turn)


async def _turn(desk: Desk, asker: Asker, page: Page) -> None:
    """Put the page where the list stood: that is so in a thread, too."""
    await desk.tell(asker, await page_of(desk, asker, page), over=True)


async def page_of(desk: Desk, asker: Asker, page: Page) -> Say:
    """What is on that page for the asker, where they are."""
    reader = Reader(asker.team_id, asker.user_id, asker.channel_id or None)
    listed = await _listed(desk, reader, page)
    title, none = _KEYS[page.which]
    if not listed and not page.after:
        return note(none)
    shown = listed[:MOST_FOUND]
    addresses = await desk.addresses.of([each.job for each in shown])
    entries = [Found(each.job, addresses.get(each.job.id, ""), each.stars) for each in shown]
    more = page.following(shown[-1].job.id, shown=len(shown)).value if len(listed) > len(shown) else ""
    first = page.first.value if page.after else ""
    return partial(found.listing, key=title if shown else "found.end", found=entries, more=more, first=first)


async def _listed(desk: Desk, reader: Reader, page: Page) -> Sequence[Found]:
    """One more than is shown, if there is one more."""
    limit, after = MOST_FOUND + 1, JobId(page.after) if page.after else None
    match page.which:
        case Which.HISTORY:
            return [Found(job) for job in await desk.shelf.history(reader, limit=limit, after=after)]
        case Which.WORDS:
            wanted = terms.wanted(page.words)
            return [Found(job) for job in await desk.shelf.find(reader, wanted, limit=limit, after=after)]
        case Which.WEEK | Which.MONTH:
            since = desk.now() - _SPANS[page.which]
            best = await desk.shelf.top(reader, since=since, limit=limit, skip=page.skipped)
            return [Found(each.job, stars=each.count) for each in best]
