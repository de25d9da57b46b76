"""Stars and votes. A mark is stored before its event is acknowledged; so is the gallery's copy of what was starred."""

from __future__ import annotations

from collections.abc import Mapping

from bot.intake import Asker, Place
from bot.job import ChannelId, Job, State, Ts
from bot.policy import Wish
from bot.shelf import Mark
from handlers.desk import Desk

MARKS: Mapping[Wish, Mark] = {Wish.STAR: Mark.STAR, Wish.VOTE: Mark.VOTE}
_KIND = "gallery"


async def mark(desk: Desk, asker: Asker, job: Job, what: Mark, *, ts: Ts) -> None:
    """Note it on the pictures; a root is none."""
    if job.state is not State.DELIVERED or job.share_ts != ts:
        return
    await desk.shelf.mark(job, asker.user_id, what, at=desk.now())
    if what is Mark.STAR:
        await to_gallery(desk, job)


async def unmark(desk: Desk, asker: Asker, job: Job, what: Mark, *, ts: Ts) -> None:
    """Take it back. What hangs in the gallery stays: its owner may delete it."""
    if job.share_ts == ts:
        await desk.shelf.unmark(job, asker.user_id, what)


async def to_gallery(desk: Desk, job: Job) -> None:
    """Have the gallery show it once, in its owner's name; nothing that was for one person alone."""
    if not desk.gallery or job.channel_id == desk.gallery or job.private or _is_between_two(job):
        return
    owner = Asker(
        team_id=job.team_id,
        enterprise_id=job.enterprise_id,
        user_id=job.user_id,
        channel_id=ChannelId(desk.gallery),
        kind=_KIND,
        key=job.id,
        locale=job.locale,
    )
    await desk.intake.copy(owner, of=job, place=Place(owner.channel_id), once=True)


def _is_between_two(job: Job) -> bool:
    """A direct message; the ids of those begin so (https://docs.slack.dev/reference/objects/conversation-object)."""
    return job.by_message or job.channel_id.startswith("D")
