"""What was made before: `/imagine history`, `find`, `top`, `again`. Only what the reader may see, and only to them.

Lists need links, and links need Slack: they come after the acknowledgement, which is silence.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from bot import flags, policy, terms
from bot.customs import labelled
from bot.errors import NotAccepted
from bot.flags import Flag
from bot.intake import Asker, Place
from bot.job import ChannelId, Job
from bot.shelf import Reader
from bot.slack import actions, notices
from bot.slack.found import Found
from bot.slack.pages import Page, Which
from handlers import asking, pages
from handlers.desk import Desk, Say, Subcommand, note, silence

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp

_NAME = re.compile(r"#?([0-9a-f]{4,32})[.,。，]?")
_WITH_AGAIN = frozenset({Flag.PRIVATE, Flag.RAW})
_SPANS: Mapping[str, Which] = {
    **dict.fromkeys(("", "week", "本周", "周", "这周"), Which.WEEK),
    **dict.fromkeys(("month", "本月", "月", "这个月"), Which.MONTH),
}
_OTHER_SPANS = frozenset({"day", "today", "year", "all", "今天", "今日", "今年", "全部"})
_NUMBER = re.compile(r"\d{1,3}")


def register(app: AsyncApp, desk: Desk) -> None:
    """Hear the button of every picture that was found."""

    async def another(ack: AsyncAck, body: Mapping[str, Any], action: Mapping[str, Any]) -> None:
        asker = desk.clicker(body)
        job = await desk.job_there(asker, str(action.get("value") or ""))
        say = note("answer.unknown") if job is None else await _another(desk, asker, job)
        await ack()
        if say is not silence:
            desk.later(desk.tell(asker, say))

    app.action(actions.ANOTHER)(another)


async def _another(desk: Desk, asker: Asker, job: Job) -> Say:
    """In its own thread, unless the press tells nothing of where its person is and not everybody may be there."""
    if asker.channel_id or job.public or job.by_message or job.channel_id.startswith("D"):
        await desk.intake.reroll(asker, of=job)
        return note("found.again")
    here = Place(ChannelId(asker.user_id), by_message=True)  # their own conversation with the bot, by any name
    await desk.intake.ask(asker, policy.again(job.request, exact=False), place=here)
    return silence


async def with_addresses(desk: Desk, jobs: Sequence[Job]) -> list[Found]:
    """The jobs and where they are to be seen."""
    addresses = await desk.addresses.of(jobs)
    return [Found(job, addresses.get(job.id, "")) for job in jobs]


def _reader(asker: Asker) -> Reader:
    return Reader(asker.team_id, asker.user_id, asker.channel_id or None)


async def _history(desk: Desk, asker: Asker, place: Place, rest: str) -> Say | None:
    """`history` alone, or with a number or a time; a history of something has more words and is drawn."""
    if rest and not (_NUMBER.fullmatch(rest) or rest.casefold() in _SPANS or rest.casefold() in _OTHER_SPANS):
        return None
    desk.later(_tell(desk, asker, place, Page(Which.HISTORY)))
    return silence


async def _find(desk: Desk, asker: Asker, place: Place, rest: str) -> Say | None:
    if not terms.wanted(rest):
        return note("found.words.how")
    desk.later(_tell(desk, asker, place, Page(Which.WORDS, rest)))
    return silence


async def _top(desk: Desk, asker: Asker, place: Place, rest: str) -> Say | None:
    """`top`, `top week`, `top month`; anything else with that word is a prompt."""
    span = Which.WEEK if _NUMBER.fullmatch(rest) else _SPANS.get(rest.casefold())
    if span is None:
        return note("found.top.how") if rest.casefold() in _OTHER_SPANS else None
    desk.later(_tell(desk, asker, place, Page(span)))
    return silence


async def _tell(desk: Desk, asker: Asker, place: Place, page: Page) -> None:
    await desk.tell(asker, await pages.page_of(desk, asker, page), place.thread_ts)


async def _again(desk: Desk, asker: Asker, place: Place, rest: str) -> Say | None:
    """`again ID`: another by the same recipe, `--private` or `--raw` if that is added.

    What looks like no name at all (`again face`) is a prompt, and so is a name that nothing has and more words.
    """
    line = flags.split(rest)
    first, *more = line.head.split() or [""]
    name = name_of(first)
    if name is None:
        return None
    job = await desk.shelf.named(_reader(asker), name)
    if job is None:
        return None if more or name.isalpha() else note("found.again.none")
    given = {found.flag for found in line.found}
    if more or given - _WITH_AGAIN or any(found.tail.strip() for found in line.found):
        return note("found.again.how")
    return await _drawn_again(desk, asker, place, job, given)


async def _drawn_again(desk: Desk, asker: Asker, place: Place, job: Job, given: Collection[Flag | None]) -> Say:
    private = job.private or Flag.PRIVATE in given
    try:
        drawn = await _draw_again(desk, asker, place, job, private=private, exact=Flag.RAW in given)
    except NotAccepted:
        desk.measures.ask("not_accepted")
        return note("receipt.not_accepted")
    desk.measures.ask("stored")
    return partial(notices.receipt, request=drawn.request, private=private)


async def _draw_again(desk: Desk, asker: Asker, place: Place, job: Job, *, private: bool, exact: bool) -> Job:
    """In the thread where it is said; by a command in its own thread, if it stands here; otherwise from here on."""
    is_here = job.channel_id == asker.channel_id
    if is_here and place.thread_ts in {None, job.thread_ts} and private == job.private:
        return (await desk.intake.reroll(asker, of=job, exact=exact)).job
    request = policy.again(job.request, exact=exact)
    customs = await asking.customs_here(desk, asker, asker.channel_id)
    where = asking.alone(place) if private else place
    parent = job if is_here and not private else None
    return (await desk.intake.ask(asker, labelled(request, customs), place=where, parent=parent)).job


def name_of(word: str) -> str | None:
    """The name of a picture as people write it, `#94087A40.` too; None if it is none."""
    found = _NAME.fullmatch(word.casefold())
    return found[1] if found else None


SUBCOMMANDS: Mapping[str, Subcommand] = {
    **dict.fromkeys(("history", "历史", "历史记录"), _history),
    **dict.fromkeys(("find", "查找", "搜索"), _find),
    **dict.fromkeys(("top", "排行", "排行榜"), _top),
    **dict.fromkeys(("again", "再画"), _again),
}
"""What `/imagine` takes as a first word because of this room."""
