"""What is done with delivered pictures besides another one: vary, sharpen, share, copy, the recipe, the tree."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from bot import coach, lineage, policy
from bot.form import filled
from bot.intake import Asker, Place
from bot.job import Job, State, Ts
from bot.shelf import Reader
from bot.slack import actions, family, notices, results, timeline
from handlers import voting
from handlers.desk import Desk, Say, Subcommand, note, silence
from handlers.finding import name_of
from handlers.forms import again, open_form

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp

Wish = Callable[[Desk, Asker, Job, str], Awaitable[Say]]
"""Does what a press asks for; what to say about it privately."""

_THERE = frozenset({State.UPLOADED, State.DELIVERED})
_LOOKED_THROUGH = 20


def register(app: AsyncApp, desk: Desk) -> None:
    """Hear every button, menu and choice of a result, of a root that waits, and of an apology."""
    for action_id, wish in _WISHES.items():
        app.action(action_id)(_listener(desk, wish))

    async def reword(ack: AsyncAck, body: Mapping[str, Any], action: Mapping[str, Any]) -> None:
        asker = desk.clicker(body)
        job = await desk.job_there(asker, _carried(action))
        proposal = coach.proposal(job.request, job.failure.cause) if job is not None and job.failure else None
        await ack()
        if job is None or proposal is None:
            desk.later(desk.tell(asker, note("answer.unknown")))
        else:
            desk.later(open_form(desk, asker, filled(proposal.request), again(job)))

    async def why(ack: AsyncAck, body: Mapping[str, Any], action: Mapping[str, Any]) -> None:
        await ack()
        desk.later(_explain(desk, desk.clicker(body), _carried(action)))

    app.action(actions.REWORD)(reword)
    app.action(actions.WHY)(why)


def _listener(desk: Desk, wish: Wish) -> Callable[..., Awaitable[None]]:
    async def pressed(ack: AsyncAck, body: Mapping[str, Any], action: Mapping[str, Any]) -> None:
        asker = desk.clicker(body)
        job_id, what = results.parted(_carried(action))
        job = await desk.job_there(asker, job_id)
        answer = note("answer.unknown") if job is None else await wish(desk, asker, job, what)
        await ack()
        if answer is not silence:
            desk.later(desk.tell(asker, answer))

    return pressed


def _carried(action: Mapping[str, Any]) -> str:
    """A button's value, or that of the option that was chosen."""
    return str(action.get("value") or (action.get("selected_option") or {}).get("value") or "")


async def _vary(desk: Desk, asker: Asker, job: Job, what: str) -> Say:
    number = int(what) if what.isdecimal() else 1
    if job.state not in _THERE or not 1 <= number <= len(job.file_ids):
        return note("answer.too_late")
    await desk.intake.remake(asker, policy.varied(job.request, job.file_ids[number - 1]), of=job)
    return silence


async def _hd(desk: Desk, asker: Asker, job: Job, _what: str) -> Say:
    sharper = policy.sharpened(job.request)
    if sharper is None:
        return note("answer.too_late")
    await desk.intake.remake(asker, sharper, of=job)
    return silence


async def _share(desk: Desk, asker: Asker, job: Job, _what: str) -> Say:
    """Only its owner may show a private picture to others."""
    if not policy.owns(job, team_id=asker.team_id, user_id=asker.user_id):
        return note("answer.not_yours")
    if job.state not in _THERE or job.origin_channel_id is None:
        return note("answer.too_late")
    place = Place(job.origin_channel_id, job.origin_thread_ts)
    await desk.intake.copy(asker, of=job, place=place, once=policy.SHOWN_NO_MORE)
    return note("answer.sharing")


async def _more(desk: Desk, asker: Asker, job: Job, what: str) -> Say:
    if what == results.RECIPE:
        return partial(notices.recipe_note, request=job.request)
    if what == results.COPY:
        return await _copy(desk, asker, job)
    if what == results.WINNER:
        return await voting.pressed(desk, asker, job)
    desk.later(_tell_tree(desk, asker, Place(asker.channel_id), job))
    return silence


async def _copy(desk: Desk, asker: Asker, job: Job) -> Say:
    if job.state not in _THERE:
        return note("answer.too_late")
    await desk.intake.copy(asker, of=job, place=Place(asker.channel_id, by_message=True, private=True))
    return note("answer.copying")


async def _explain(desk: Desk, asker: Asker, job_id: str) -> None:
    job = await desk.job_there(asker, job_id)
    if job is None:
        await desk.tell(asker, note("answer.unknown"))
    else:
        await desk.tell(asker, partial(timeline.timeline, line=await desk.intake.timeline(job)))


async def tree(desk: Desk, asker: Asker, place: Place, rest: str) -> Say | None:
    """`tree`: of the thread in which it is said, or of the asker's latest picture here; `tree ID`: of that one's."""
    name = name_of(rest)
    if rest and name is None:
        return None
    if name is not None:
        job = await desk.shelf.named(_reader(asker), name)
        if job is None:
            return None if name.isalpha() else note("found.again.none")
        desk.later(_tell_tree(desk, asker, place, job))
    elif place.thread_ts is not None:
        desk.later(_tell_thread(desk, asker, place, place.thread_ts))
    else:
        desk.later(_tell_latest(desk, asker, place))
    return silence


def _reader(asker: Asker) -> Reader:
    return Reader(asker.team_id, asker.user_id, asker.channel_id)


async def _tell_latest(desk: Desk, asker: Asker, place: Place) -> None:
    mine = await desk.shelf.history(_reader(asker), limit=_LOOKED_THROUGH)
    here = next((job for job in mine if job.channel_id == asker.channel_id and job.thread_ts is not None), None)
    if here is None:
        await desk.tell(asker, note("tree.none"), place.thread_ts)
    else:
        await _tell_tree(desk, asker, place, here)


async def _tell_thread(desk: Desk, asker: Asker, place: Place, thread_ts: Ts) -> None:
    jobs = await desk.shelf.family(asker.team_id, asker.channel_id, thread_ts)
    await _show(desk, asker, place, jobs)


async def _tell_tree(desk: Desk, asker: Asker, place: Place, job: Job) -> None:
    thread = job.thread_ts or job.root_ts or job.share_ts
    found = await desk.shelf.family(job.team_id, job.channel_id, thread) if thread is not None else ()
    await _show(desk, asker, place, found if any(each.id == job.id for each in found) else (job, *found))


async def _show(desk: Desk, asker: Asker, place: Place, jobs: Sequence[Job]) -> None:
    """To the asker alone: a command's first answer may be silence, its address takes more."""
    say = partial(family.tree, branches=lineage.family(jobs)) if jobs else note("tree.none.thread")
    await desk.tell(asker, say, place.thread_ts)


_WISHES: Mapping[str, Wish] = {
    actions.VARY: _vary,
    actions.HD: _hd,
    actions.SHARE: _share,
    actions.MORE: _more,
}

SUBCOMMANDS: Mapping[str, Subcommand] = {"tree": tree, "谱系": tree}
"""What `/imagine` takes as a first word because of this room."""
