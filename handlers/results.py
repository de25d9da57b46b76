"""What is done with delivered pictures besides another one: vary, sharpen, share, copy, the recipe, the tree."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from bot import coach, lineage, policy
from bot.form import filled
from bot.intake import Asker, Place
from bot.job import Job, State
from bot.prompt import recipe
from bot.shelf import Reader
from bot.slack import actions, family, notices, results, timeline
from bot.slack.elements import Message
from bot.slack.wording import Words
from handlers import voting
from handlers.desk import SILENCE, Desk, Subcommand, clicker, said
from handlers.forms import again, open_form

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp

Wish = Callable[[Desk, Asker, Job, str, Words], Awaitable[Message | None]]
"""Does what a press asks for; what to say about it privately, if anything."""

_THERE = frozenset({State.UPLOADED, State.DELIVERED})
_NAME = re.compile(r"[0-9a-f]{4,32}")
_LOOKED_THROUGH = 20


def register(app: AsyncApp, desk: Desk) -> None:
    """Hear every button, menu and choice of a result, of a root that waits, and of an apology."""
    for action_id, wish in _WISHES.items():
        app.action(action_id)(_listener(desk, wish))

    async def reword(ack: AsyncAck, body: Mapping[str, Any], action: Mapping[str, Any]) -> None:
        asker = clicker(body, key=body["trigger_id"])
        words = Words(desk.locale_of(asker.team_id, asker.user_id))
        job = await desk.job_there(asker, _carried(action))
        proposal = coach.proposal(job.request, job.failure.cause) if job is not None and job.failure else None
        await ack()
        if job is None or proposal is None:
            _say(desk, asker, notices.note(words, "answer.unknown"))
        else:
            desk.later(open_form(desk, asker.key, asker, filled(proposal.request), again(job), words))

    async def why(ack: AsyncAck, body: Mapping[str, Any], action: Mapping[str, Any]) -> None:
        await ack()
        desk.later(_explain(desk, clicker(body, key=body["trigger_id"]), _carried(action)))

    app.action(actions.REWORD)(reword)
    app.action(actions.WHY)(why)


def _listener(desk: Desk, wish: Wish) -> Callable[..., Awaitable[None]]:
    async def pressed(ack: AsyncAck, body: Mapping[str, Any], action: Mapping[str, Any]) -> None:
        asker = clicker(body, key=body["trigger_id"])
        words = Words(desk.locale_of(asker.team_id, asker.user_id))
        job_id, what = results.parted(_carried(action))
        job = await desk.job_there(asker, job_id)
        answer = notices.note(words, "answer.unknown") if job is None else await wish(desk, asker, job, what, words)
        await ack()
        if answer is not None:
            _say(desk, asker, answer)

    return pressed


def _carried(action: Mapping[str, Any]) -> str:
    """A button's value, or that of the option that was chosen."""
    return str(action.get("value") or (action.get("selected_option") or {}).get("value") or "")


def _say(desk: Desk, asker: Asker, message: Message) -> None:
    if asker.reply_url is not None:
        desk.later(desk.whisper(asker.reply_url, {**said(message), "replace_original": False}))


async def _vary(desk: Desk, asker: Asker, job: Job, what: str, words: Words) -> Message | None:
    number = int(what) if what.isdecimal() else 1
    if job.state not in _THERE or not 1 <= number <= len(job.file_ids):
        return notices.note(words, "answer.too_late")
    await desk.intake.remake(asker, policy.varied(job.request, job.file_ids[number - 1]), of=job)
    return None


async def _hd(desk: Desk, asker: Asker, job: Job, _what: str, words: Words) -> Message | None:
    sharper = policy.sharpened(job.request)
    if sharper is None:
        return notices.note(words, "answer.too_late")
    await desk.intake.remake(asker, sharper, of=job)
    return None


async def _share(desk: Desk, asker: Asker, job: Job, _what: str, words: Words) -> Message | None:
    """Only its owner may show a private picture to others."""
    if not policy.owns(job, team_id=asker.team_id, user_id=asker.user_id):
        return notices.note(words, "answer.not_yours")
    if job.state not in _THERE or job.origin_channel_id is None:
        return notices.note(words, "answer.too_late")
    await desk.intake.copy(asker, of=job, place=Place(job.origin_channel_id))
    return notices.note(words, "answer.sharing")


async def _more(desk: Desk, asker: Asker, job: Job, what: str, words: Words) -> Message | None:
    if what == results.RECIPE:
        return notices.recipe_note(words, recipe(job.request))
    if what == results.COPY:
        return await _copy(desk, asker, job, words)
    if what == results.WINNER:
        return await voting.pressed(desk, asker, job, words)
    desk.later(_tell_tree(desk, asker, job, words))
    return None


async def _copy(desk: Desk, asker: Asker, job: Job, words: Words) -> Message:
    if job.state not in _THERE:
        return notices.note(words, "answer.too_late")
    await desk.intake.copy(asker, of=job, place=Place(asker.channel_id, by_message=True, private=True))
    return notices.note(words, "answer.copying")


async def _explain(desk: Desk, asker: Asker, job_id: str) -> None:
    words = Words(desk.locale_of(asker.team_id, asker.user_id))
    job = await desk.job_there(asker, job_id)
    if asker.reply_url is None:
        return
    line = await desk.intake.timeline(job) if job is not None else None
    message = timeline.timeline(words, line) if line is not None else notices.note(words, "answer.unknown")
    await desk.whisper(asker.reply_url, {**said(message), "replace_original": False})


async def _tell_tree(desk: Desk, asker: Asker, job: Job | None, words: Words) -> None:
    """To the asker alone: a command's first answer may be silence, its address takes more."""
    if asker.reply_url is not None:
        message = notices.note(words, "tree.none") if job is None else await _tree(desk, job, words)
        await desk.whisper(asker.reply_url, {**said(message), "replace_original": False})


async def _tree(desk: Desk, job: Job, words: Words) -> Message:
    thread = job.thread_ts or job.root_ts or job.share_ts
    found = await desk.shelf.family(job.team_id, job.channel_id, thread) if thread is not None else ()
    whole = found if any(each.id == job.id for each in found) else (job, *found)
    return family.tree(words, lineage.family(whole))


async def tree(desk: Desk, asker: Asker, words: Words, rest: str) -> Message | None:
    """`/imagine tree`: of the asker's latest picture here; `/imagine tree ID`: of that one's thread."""
    if rest and not _NAME.fullmatch(rest.lower()):
        return None
    reader = Reader(asker.team_id, asker.user_id, asker.channel_id)
    if not rest:
        desk.later(_latest_tree(desk, asker, reader, words))
        return SILENCE
    job = await desk.shelf.named(reader, rest)
    if job is None:
        return None
    desk.later(_tell_tree(desk, asker, job, words))
    return SILENCE


async def _latest_tree(desk: Desk, asker: Asker, reader: Reader, words: Words) -> None:
    mine = await desk.shelf.history(reader, limit=_LOOKED_THROUGH)
    here = (job for job in mine if job.channel_id == asker.channel_id and job.thread_ts is not None)
    await _tell_tree(desk, asker, next(here, None), words)


_WISHES: Mapping[str, Wish] = {
    actions.VARY: _vary,
    actions.HD: _hd,
    actions.SHARE: _share,
    actions.MORE: _more,
}

SUBCOMMANDS: Mapping[str, Subcommand] = {"tree": tree, "谱系": tree}
"""What `/imagine` takes as a first word because of this room."""
