"""Buttons. What a press asks for is stored before it is acknowledged; what there is to say about it comes after."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from bot.intake import Answer, Asker
from bot.job import Job
from bot.slack import actions
from handlers.desk import Desk, note

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp

Press = Callable[[Desk, Asker, Job], Awaitable[Answer]]


async def _again(desk: Desk, asker: Asker, job: Job) -> Answer:
    await desk.intake.reroll(asker, of=job)
    return Answer.DONE


async def _exact(desk: Desk, asker: Asker, job: Job) -> Answer:
    await desk.intake.reroll(asker, of=job, exact=True)
    return Answer.DONE


async def _cancel(desk: Desk, asker: Asker, job: Job) -> Answer:
    return await desk.intake.cancel(job, team_id=asker.team_id, user_id=asker.user_id)


async def _delete(desk: Desk, asker: Asker, job: Job) -> Answer:
    return await desk.intake.delete(job, team_id=asker.team_id, user_id=asker.user_id)


def _road(*, by_message: bool, join: bool) -> Press:
    async def choose(desk: Desk, asker: Asker, job: Job) -> Answer:
        return await desk.intake.choose_road(job, user_id=asker.user_id, by_message=by_message, join=join)

    return choose


_PRESSES: Mapping[str, Press] = {
    actions.AGAIN: _again,
    actions.EXACT: _exact,
    actions.CANCEL: _cancel,
    actions.DELETE: _delete,
    actions.ROAD_JOIN: _road(by_message=False, join=True),
    actions.ROAD_RETRY: _road(by_message=False, join=False),
    actions.ROAD_MESSAGE: _road(by_message=True, join=False),
}


def register(app: AsyncApp, desk: Desk) -> None:
    """Hear every button of ours."""
    for action_id, press in _PRESSES.items():
        app.action(action_id)(_listener(desk, press))


def _listener(desk: Desk, press: Press) -> Callable[..., Awaitable[None]]:
    async def pressed(ack: AsyncAck, body: Mapping[str, Any], action: Mapping[str, Any]) -> None:
        asker = desk.clicker(body)
        answer = await _answer(desk, asker, press, str(action.get("value") or ""))
        await ack()
        _say(desk, asker, body, answer)

    return pressed


async def _answer(desk: Desk, asker: Asker, press: Press, job_id: str) -> Answer:
    job = await desk.job_there(asker, job_id)
    return Answer.UNKNOWN if job is None else await press(desk, asker, job)


def _say(desk: Desk, asker: Asker, body: Mapping[str, Any], answer: Answer) -> None:
    """A private word, only where the press has no effect that shows; a private message of ours is put away."""
    if asker.reply_url is None:
        return
    private = bool((body.get("container") or {}).get("is_ephemeral"))
    if private and answer is Answer.DONE:
        desk.later(desk.whisper(asker.reply_url, {"delete_original": True}))
    elif answer is not Answer.DONE:
        desk.later(desk.tell(asker, note(f"answer.{answer}")))
