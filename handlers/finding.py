"""What was made before: `/imagine history`, `find`, `top`, `again`. Only what the reader may see, and only to them.

Lists need links, and links need Slack: they come after the acknowledgement, which is silence.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot import policy, terms
from bot.customs import labelled
from bot.errors import NotAccepted
from bot.intake import Asker
from bot.job import Job, Ts
from bot.shelf import Reader
from bot.slack import actions, found, notices
from bot.slack.elements import Message
from bot.slack.found import MOST_FOUND, Found
from bot.slack.wording import Words
from handlers import asking
from handlers.desk import SILENCE, Desk, Subcommand, clicker, said

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp

_NAME = re.compile(r"[0-9a-f]{4,32}")
_WEEK, _MONTH = timedelta(days=7), timedelta(days=30)
_SPANS: Mapping[str, timedelta] = {
    **dict.fromkeys(("", "week", "本周", "周"), _WEEK),
    **dict.fromkeys(("month", "本月", "月"), _MONTH),
}
List = Callable[[], Awaitable[Message]]


def register(app: AsyncApp, desk: Desk) -> None:
    """Hear the button of every picture that was found."""

    async def another(ack: AsyncAck, body: Mapping[str, Any], action: Mapping[str, Any]) -> None:
        asker = clicker(body, key=body["trigger_id"])
        job = await desk.job_there(asker, str(action.get("value") or ""))
        if job is not None:
            await desk.intake.reroll(asker, of=job)
        await ack()
        words = Words(desk.locale_of(asker.team_id, asker.user_id))
        desk.later(tell(desk, asker, notices.note(words, "answer.unknown" if job is None else "found.again")))

    app.action(actions.ANOTHER)(another)


async def tell(desk: Desk, asker: Asker, message: Message, thread_ts: Ts | None = None) -> None:
    """Say it to the asker alone: at the address that came with what they did, or where they did it."""
    if asker.reply_url is not None:
        await desk.whisper(asker.reply_url, {**said(message), "replace_original": False})
    elif asker.channel_id:
        await desk.surfaces.whisper_in(asker.channel_id, asker.user_id, message, thread_ts)


async def with_addresses(desk: Desk, jobs: Sequence[Job]) -> list[Found]:
    """The jobs and where they are to be seen."""
    addresses = await desk.addresses.of(jobs)
    return [Found(job, addresses.get(job.id, "")) for job in jobs]


def _reader(asker: Asker) -> Reader:
    return Reader(asker.team_id, asker.user_id, asker.channel_id or None)


async def _history(desk: Desk, asker: Asker, words: Words, rest: str) -> Message | None:
    """`history` alone; a history of something has more words and is drawn."""
    if rest:
        return None
    desk.later(_tell_history(desk, asker, words))
    return SILENCE


async def _tell_history(desk: Desk, asker: Asker, words: Words) -> None:
    jobs = await desk.shelf.history(_reader(asker), limit=MOST_FOUND)
    shown = await with_addresses(desk, jobs)
    none = notices.note(words, "found.history.none")
    await tell(desk, asker, found.listing(words, "found.history", shown) if shown else none)


async def _find(desk: Desk, asker: Asker, words: Words, rest: str) -> Message | None:
    wanted = terms.wanted(rest)
    if not wanted:
        return notices.note(words, "found.words.how")
    desk.later(_tell_found(desk, asker, words, wanted))
    return SILENCE


async def _tell_found(desk: Desk, asker: Asker, words: Words, wanted: Sequence[str]) -> None:
    jobs = await desk.shelf.find(_reader(asker), wanted, limit=MOST_FOUND)
    shown = await with_addresses(desk, jobs)
    none = notices.note(words, "found.words.none")
    await tell(desk, asker, found.listing(words, "found.words", shown) if shown else none)


async def _top(desk: Desk, asker: Asker, words: Words, rest: str) -> Message | None:
    """`top`, `top week`, `top month`; anything else with that word is a prompt."""
    span = _SPANS.get(rest.casefold())
    if span is None:
        return None
    desk.later(_tell_top(desk, asker, words, span))
    return SILENCE


async def _tell_top(desk: Desk, asker: Asker, words: Words, span: timedelta) -> None:
    best = await desk.shelf.top(_reader(asker), since=desk.now() - span, limit=MOST_FOUND)
    addresses = await desk.addresses.of([each.job for each in best])
    shown = [Found(each.job, addresses.get(each.job.id, ""), each.count) for each in best]
    key = "found.top.week" if span is _WEEK else "found.top.month"
    await tell(desk, asker, found.listing(words, key, shown) if shown else notices.note(words, "found.top.none"))


async def _again(desk: Desk, asker: Asker, words: Words, rest: str) -> Message | None:
    """`again ID`: another by the same recipe. What looks like no name at all (`again face`) is a prompt."""
    name = rest.casefold()
    if not _NAME.fullmatch(name):
        return None
    job = await desk.shelf.named(_reader(asker), name)
    if job is None:
        return None if name.isalpha() else notices.note(words, "found.again.none")
    try:
        drawn = await _draw_again(desk, asker, job)
    except NotAccepted:
        desk.measures.ask("not_accepted")
        return notices.note(words, "receipt.not_accepted")
    desk.measures.ask("stored")
    return notices.receipt(words, drawn.request)


async def _draw_again(desk: Desk, asker: Asker, job: Job) -> Job:
    """In its own thread if it stands here; otherwise from here on, by the rules of this conversation."""
    if job.channel_id == asker.channel_id:
        return (await desk.intake.reroll(asker, of=job)).job
    request = policy.again(job.request, exact=False)
    customs = await asking.customs_here(desk, asker, asker.channel_id)
    return (await desk.intake.ask(asker, labelled(request, customs))).job


SUBCOMMANDS: Mapping[str, Subcommand] = {
    **dict.fromkeys(("history", "历史", "历史记录"), _history),
    **dict.fromkeys(("find", "查找", "搜索"), _find),
    **dict.fromkeys(("top", "排行", "排行榜"), _top),
    **dict.fromkeys(("again", "再画"), _again),
}
"""What `/imagine` takes as a first word because of this room."""
