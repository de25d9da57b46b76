"""Stars and votes. A mark is stored before its event is acknowledged; so is the gallery's copy of what was starred."""

from __future__ import annotations

from collections.abc import Mapping

from bot.intake import Asker
from bot.job import Job, State, Ts
from bot.policy import Wish
from bot.shelf import Mark
from handlers import gallery
from handlers.desk import Desk

MARKS: Mapping[Wish, Mark] = {Wish.STAR: Mark.STAR, Wish.VOTE: Mark.VOTE}


async def mark(desk: Desk, asker: Asker, job: Job, what: Mark, *, ts: Ts) -> None:
    """Note it on the pictures; a root is none."""
    if job.state is not State.DELIVERED or job.share_ts != ts:
        return
    await desk.shelf.mark(job, asker.user_id, what, at=desk.now())
    if what is Mark.STAR:
        await gallery.show(desk, job, by=asker.user_id)


async def unmark(desk: Desk, asker: Asker, job: Job, what: Mark, *, ts: Ts) -> None:
    """Take it back. What hangs in the gallery stays: its owner may delete it."""
    if job.share_ts == ts:
        await desk.shelf.unmark(job, asker.user_id, what)
