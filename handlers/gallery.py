"""The team's gallery: anybody's star hangs what everybody can see anyway; anything else only its owner may show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bot import policy
from bot.errors import NotAccepted
from bot.intake import Asker, Place
from bot.job import ChannelId, Job, State, UserId
from bot.slack import actions
from bot.slack.gallery import invitation
from handlers.desk import Desk, Say, note
from handlers.heard import Heard

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp

_asked = Heard()
"""Pictures whose owners were asked: once is enough."""


def register(app: AsyncApp, desk: Desk) -> None:
    """Hear the owner's yes."""

    async def hung(ack: AsyncAck, body: Mapping[str, Any], action: Mapping[str, Any]) -> None:
        asker = desk.clicker(body)
        say, is_over = await _allow(desk, asker, str(action.get("value") or ""))
        await ack()
        desk.later(desk.tell(asker, say, over=is_over))

    app.action(actions.HANG)(hung)


async def show(desk: Desk, job: Job, *, by: UserId) -> None:
    """Have the gallery show it once, in its owner's name, or ask them; nothing that was for one person alone."""
    if not desk.gallery or job.channel_id == desk.gallery or job.private or _is_between_two(job):
        return
    if policy.may_hang(job, by=by):
        await _hang(desk, job)
    elif _asked.is_new(job.id):
        desk.later(_ask(desk, job))


async def _hang(desk: Desk, job: Job) -> None:
    owner = Asker(
        team_id=job.team_id,
        enterprise_id=job.enterprise_id,
        user_id=job.user_id,
        channel_id=ChannelId(desk.gallery),
        kind="gallery",
        key=job.id,
        locale=job.locale,
    )
    await desk.intake.copy(owner, of=job, place=Place(owner.channel_id), once=policy.NEVER_SHOWN)


async def _ask(desk: Desk, job: Job) -> None:
    """In their own conversation with the bot, where it waits until they come by."""
    owner = Asker(team_id=job.team_id, user_id=job.user_id, channel_id=job.channel_id, kind="gallery", key=job.id)
    message = invitation(await desk.words_of(owner), job, gallery=ChannelId(desk.gallery))
    await desk.surfaces.post_in(await desk.surfaces.direct(job.user_id), message)


async def _allow(desk: Desk, asker: Asker, job_id: str) -> tuple[Say, bool]:
    """What to say to who pressed, and whether the question is answered."""
    job = await desk.job_there(asker, job_id)
    if job is None or job.state is not State.DELIVERED or not desk.gallery:
        return note("answer.unknown"), False
    if not policy.owns(job, team_id=asker.team_id, user_id=asker.user_id):
        return note("answer.not_yours"), False
    try:
        await show(desk, job, by=asker.user_id)
    except NotAccepted:
        return note("receipt.not_accepted"), False
    return note("gallery.hung"), True


def _is_between_two(job: Job) -> bool:
    """A direct message; the ids of those begin so (https://docs.slack.dev/reference/objects/conversation-object)."""
    return job.by_message or job.channel_id.startswith("D")
