"""The form that asks for a picture: it opens, and what was put into it is stored before it closes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bot import references, verbatim
from bot.customs import CHOSEN_IN_A_FORM, Customs, blank, customs_of, dressed, labelled
from bot.errors import Fault, NotAccepted
from bot.form import Field, Filled, FormError, filled, read
from bot.intake import Asker, Place, Receipt
from bot.job import ChannelId, Job, Ts
from bot.parsed import Parsed
from bot.slack import actions, forms, notices
from bot.slack.elements import Message
from bot.slack.forms import Purpose
from bot.slack.wording import Words
from handlers.asking import customs_here
from handlers.desk import Desk, note

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp

_PATIENCE = 0.3
"""Seconds that a form waits for what its asker likes; then it opens without."""


def register(app: AsyncApp, desk: Desk) -> None:
    """Hear the form's button, and the one on a result that opens it filled in."""

    async def submitted(ack: AsyncAck, body: Mapping[str, Any], view: Mapping[str, Any]) -> None:
        asker = desk.submitter(body, view, channel=_channel(view))
        wrong = await _submitted(desk, asker, view, desk.words_with(asker, view))
        await (ack(response_action="errors", errors=wrong) if wrong else ack())

    async def edit(ack: AsyncAck, body: Mapping[str, Any], action: Mapping[str, Any]) -> None:
        asker = desk.clicker(body)
        job = await desk.job_there(asker, str(action.get("value") or ""))
        await ack()
        if job is not None:
            desk.later(open_form(desk, asker, filled(job.request), again(job)))
        else:
            desk.later(desk.tell(asker, note("answer.unknown")))

    app.view(forms.CALLBACK)(submitted)
    app.action(actions.EDIT)(edit)


async def open_form(desk: Desk, asker: Asker, form: Filled, purpose: Purpose) -> None:
    """Open it; `asker.key` is what triggers it. If Slack does not, the asker is told where a word can reach them.

    `desk.later` calls this.
    """
    try:
        await desk.surfaces.open_view(asker.key, forms.ask(await desk.words_soon(asker), form, purpose))
    except Fault:
        if asker.reply_url is not None:
            await desk.tell(asker, note("form.not_opened"))
        raise


async def open_blank(
    desk: Desk, asker: Asker, prompt: str = "", *,
    thread: str = "", reference: str = "", private: bool = False,
) -> None:  # fmt: skip
    """Open it with nothing in it but the prompt and what its asker likes, for the conversation they are in."""
    liked, _ = await asyncio.gather(_liked(desk, asker), desk.words_soon(asker))
    form = replace(blank(liked), prompt=verbatim.guarded(prompt), reference=reference)
    purpose = Purpose(channel=asker.channel_id, thread=thread, private=private)
    await open_form(desk, asker, form, purpose)


def again(job: Job) -> Purpose:
    """What a form is for that begins with a job: another in the same thread, made from it."""
    thread = job.thread_ts or job.share_ts or ""
    return Purpose(channel=job.channel_id, thread=thread, parent=job.id, private=job.private)


async def _liked(desk: Desk, asker: Asker) -> Customs:
    try:
        async with asyncio.timeout(_PATIENCE):
            return await customs_of(
                desk.shelf, team_id=asker.team_id, user_id=asker.user_id, channel_id=asker.channel_id
            )
    except (Fault, TimeoutError):
        return Customs()


def _channel(view: Mapping[str, Any]) -> str:
    return forms.purpose_of(view).channel or forms.channel_of(view)


async def _submitted(desk: Desk, asker: Asker, view: Mapping[str, Any], words: Words) -> dict[str, str]:
    """Store what the form asks for; what is wrong with it otherwise, by field. Nothing typed is lost."""
    try:
        parsed = replace(read(forms.answer(view)), given=CHOSEN_IN_A_FORM)
        receipt, is_other = await _stored(desk, asker, parsed, forms.purpose_of(view))
    except FormError as error:
        desk.measures.ask("not_understood")
        return forms.errors(words, error.problems)
    except NotAccepted:
        desk.measures.ask("not_accepted")
        return {Field.PROMPT.value: words.say("receipt.not_accepted")}
    desk.measures.ask("stored" if receipt.fresh else "known")
    if is_other:
        return {Field.PROMPT.value: words.say("form.taken")}
    if receipt.notes and receipt.fresh:
        message = notices.receipt(words, receipt.job.request, notes=receipt.notes, private=receipt.job.private)
        desk.later(_noted(desk, receipt.job, message))
    return {}


async def _stored(desk: Desk, asker: Asker, parsed: Parsed, purpose: Purpose) -> tuple[Receipt, bool]:
    """The receipt, and whether it is for something else that the same form asked for before."""
    parent = await desk.intake.job(purpose.parent, team_id=asker.team_id) if purpose.parent else None
    customs = await customs_here(desk, asker, asker.channel_id)
    if parent is None:
        it = dressed(parsed, customs)
        place = _place(asker, purpose)
    else:
        it = replace(parsed, request=labelled(parsed.request, customs))
        place = _beside(parent)
    receipt = await desk.intake.ask(asker, it.request, place=place, parent=parent)
    is_other = not receipt.fresh and receipt.job.request != it.request
    return replace(receipt, notes=(*it.notes, *references.remarks(it.request))), is_other


def _place(asker: Asker, purpose: Purpose) -> Place:
    thread = Ts(purpose.thread) if purpose.thread else None
    return Place(asker.channel_id, thread, by_message=purpose.private, private=purpose.private)


def _beside(parent: Job) -> Place:
    thread = parent.thread_ts or parent.share_ts
    return Place(parent.channel_id, thread, by_message=parent.by_message, private=parent.private)


async def _noted(desk: Desk, job: Job, message: Message) -> None:
    """A receipt after a form has no answer to stand in; where the bot is no member it is left unsaid."""
    await desk.surfaces.whisper_in(ChannelId(job.channel_id), job.user_id, message, job.thread_ts)
