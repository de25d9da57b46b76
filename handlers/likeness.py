"""`--like`: drawn after the newest picture of the thread in which it is asked."""

from __future__ import annotations

from collections.abc import Sequence

from bot import references
from bot.errors import Fault, NotAccepted
from bot.intake import Asker, Place
from bot.job import FileId, Job, State
from bot.parsed import Parsed, Problem, PromptError, Trouble
from handlers.desk import Desk


async def resolved(desk: Desk, asker: Asker, asks: Sequence[Parsed], place: Place) -> Sequence[Parsed]:
    """The asks with the picture that they mean. Raises `PromptError` where there is none, or `NotAccepted`."""
    if not any(each.like for each in asks):
        return asks
    newest = newest_of(await _family(desk, asker, place))
    if newest is None:
        raise PromptError((Problem(Trouble.NOTHING_LIKE_IT),))
    return [references.after(each, newest) if each.like else each for each in asks]


def newest_of(jobs: Sequence[Job]) -> FileId | None:
    """The picture that came last; of several that came together, the first. It may be seen before that is noted."""
    shown = [job for job in jobs if job.state in {State.UPLOADED, State.DELIVERED} and job.file_ids]
    latest = max(shown, key=lambda job: job.uploaded_at or job.state_at, default=None)
    return None if latest is None else latest.file_ids[0]


async def _family(desk: Desk, asker: Asker, place: Place) -> Sequence[Job]:
    if place.thread_ts is None:
        return ()
    try:
        return await desk.shelf.family(asker.team_id, place.channel_id, place.thread_ts)
    except Fault as fault:
        raise NotAccepted(fault.code) from None
