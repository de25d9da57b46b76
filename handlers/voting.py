"""The end of a round: by the menu of a result, or by `winner` said to the bot in the thread."""

from __future__ import annotations

from bot import ballot
from bot.errors import Fault
from bot.intake import Asker, Place
from bot.job import ChannelId, Job, TeamId, Ts
from bot.shelf import Mark
from bot.slack.winning import winner
from handlers import gallery
from handlers.desk import Desk, Say, note, silence
from handlers.heard import Heard

_said = Heard()
"""Outcomes that were said: a double click, or an event that comes again, says nothing twice."""


async def pressed(desk: Desk, asker: Asker, job: Job) -> Say:
    """Chosen in the menu of one of the thread's results."""
    if job.thread_ts is None:
        return note("winner.where")
    desk.later(_close(desk, asker, job.channel_id, job.thread_ts))
    return silence


async def said(desk: Desk, asker: Asker, place: Place, rest: str) -> Say | None:
    """`winner` alone, in a thread; with more words it is a prompt."""
    if rest:
        return None
    if place.thread_ts is None:
        return note("winner.where")
    desk.later(_close(desk, asker, place.channel_id, place.thread_ts))
    return silence


async def _close(desk: Desk, asker: Asker, channel_id: ChannelId, thread_ts: Ts) -> None:
    """Say who won, in the thread, and hang it in the gallery; or say privately why not."""
    jobs = await desk.shelf.family(asker.team_id, channel_id, thread_ts)
    if not ballot.may_close(jobs, asker.user_id):
        await desk.tell(asker, note("winner.not_yours"), thread_ts)
        return
    outcome = ballot.counted(jobs, await desk.shelf.marks([job.id for job in jobs], Mark.VOTE))
    if not outcome.winners:
        await desk.tell(asker, note("winner.none"), thread_ts)
        return
    key = _key(asker.team_id, channel_id, thread_ts, outcome)
    if not _said.is_new(key):
        return
    message = winner(await desk.words_of(asker), outcome, await desk.addresses.of(outcome.winners))
    try:
        await desk.surfaces.post_in(channel_id, message, thread_ts)
    except Fault:
        _said.forget(key)
        raise
    for job in outcome.winners:
        await gallery.show(desk, job, by=asker.user_id)


def _key(team_id: TeamId, channel_id: ChannelId, thread_ts: Ts, outcome: ballot.Outcome) -> str:
    names = ",".join(job.id for job in outcome.winners)
    return f"{team_id} {channel_id} {thread_ts} {outcome.votes} {names}"


MENTIONS = {"winner": said, "赢家": said, "评选": said}
"""What can be said to the bot in a thread because of this room."""
