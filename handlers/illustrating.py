"""From somebody's message to a form: by the message's menu, by an emoji, by the button of a private word.

Nobody sees anything of it before the form is sent.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bot import bundle, policy, spoken
from bot.bundle import Bundle
from bot.errors import Fault
from bot.form import filled
from bot.intake import Asker
from bot.job import Job, Ts
from bot.request import Request
from bot.shelf import Draft, DraftId
from bot.slack import actions, inviting
from handlers import forms
from handlers.desk import Desk, note

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp

SHORTCUT = "illustrate"


def register(app: AsyncApp, desk: Desk) -> None:
    """Hear the message's menu, and the buttons of private words."""

    async def chosen(ack: AsyncAck, body: Mapping[str, Any]) -> None:
        await ack()
        desk.later(_chosen(desk, desk.clicker(body), body.get("message") or {}))

    async def called(ack: AsyncAck, body: Mapping[str, Any], action: Mapping[str, Any]) -> None:
        await ack()
        thread = str(action.get("value") or "").removeprefix(inviting.NOWHERE)
        desk.later(_open(desk, desk.clicker(body), Request(""), thread))

    async def accepted(ack: AsyncAck, body: Mapping[str, Any], action: Mapping[str, Any]) -> None:
        asker = desk.clicker(body)
        draft = await desk.shelf.draft(asker.team_id, DraftId(str(action.get("value") or "")))
        await ack()
        desk.later(_accept(desk, asker, draft))

    app.shortcut(SHORTCUT)(chosen)
    app.action(actions.FORM)(called)
    app.action(actions.ILLUSTRATE)(accepted)


def of_message(message: Mapping[str, Any]) -> Request:
    """What a message would be drawn as."""
    return Request(spoken.prompt_of(message), reference=spoken.picture_of(message))


async def _ours(desk: Desk, asker: Asker, ts: str) -> Job | None:
    """The job that a message of ours is about, if this person may see it: its caption is no prompt."""
    job = await desk.intake.job_at(asker.team_id, asker.channel_id, Ts(ts)) if ts else None
    return None if job is None else await desk.job_there(asker, job.id)


def of_job(job: Job, ts: str) -> Request:
    """What a message of ours would be drawn as: after its first picture, if that is what it shows."""
    return policy.varied(job.request, job.file_ids[0]) if job.share_ts == ts and job.file_ids else job.request


async def _chosen(desk: Desk, asker: Asker, message: Mapping[str, Any]) -> None:
    ts = str(message.get("ts") or "")
    job = await _ours(desk, asker, ts)
    if job is None:
        await _open(desk, asker, of_message(message), spoken.thread_of(message))
    else:
        await forms.open_form(desk, asker, filled(of_job(job, ts)), forms.again(job))


async def propose(desk: Desk, asker: Asker, ts: Ts) -> None:
    """Ask whoever put the emoji there, privately, whether the message is to be drawn. The event names no text."""
    words = await desk.words_of(asker)
    try:
        message = await desk.surfaces.message_at(asker.channel_id, ts)
    except Fault:
        message = {"ts": ts}
    job = await _ours(desk, asker, ts)
    wanted = of_message(message) if job is None else of_job(job, ts)
    draft = _draft(desk, asker, wanted, Ts(spoken.thread_of(message)))
    await desk.shelf.put_draft(draft)
    proposal = inviting.proposal(words, wanted.prompt, draft_id=draft.id)
    thread = draft.thread_ts if draft.thread_ts != ts else None
    await desk.surfaces.whisper_in(asker.channel_id, asker.user_id, proposal, thread)


async def _accept(desk: Desk, asker: Asker, draft: Draft | None) -> None:
    wanted = bundle.read(draft.text) if draft is not None else None
    if draft is None or wanted is None:
        await desk.tell(asker, note("heard.illustrate.gone"))
    elif draft.user_id != asker.user_id:
        await desk.tell(asker, note("answer.not_yours"))
    else:
        await _open(desk, asker, wanted.requests[0], draft.thread_ts or "")


async def _open(desk: Desk, asker: Asker, wanted: Request, thread: str) -> None:
    await forms.open_blank(desk, asker, wanted.prompt, thread=thread, reference=wanted.reference)


def _draft(desk: Desk, asker: Asker, wanted: Request, thread: Ts) -> Draft:
    return Draft(
        id=DraftId(secrets.token_hex(16)),
        team_id=asker.team_id,
        enterprise_id=asker.enterprise_id,
        user_id=asker.user_id,
        channel_id=asker.channel_id,
        thread_ts=thread,
        text=bundle.written(Bundle((wanted,))),
        made_at=desk.now(),
    )
