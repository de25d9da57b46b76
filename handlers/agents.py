"""The bot as an agent: Stop, and what to ask, where somebody opens the conversation with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bot.job import ChannelId, TeamId, Ts, UserId
from bot.slack.wording import Words
from handlers.desk import Desk, team_of

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp


def register(app: AsyncApp, desk: Desk) -> None:
    """Hear Stop; only an app that is an agent has it."""

    async def stopped(event: Mapping[str, Any], body: Mapping[str, Any]) -> None:
        await stop(desk, event, team_id=team_of(body))

    app.event("agent_session_stopped")(stopped)


async def stop(desk: Desk, event: Mapping[str, Any], *, team_id: TeamId) -> None:
    """Cancel what this person waits for in the thread: what waits is not drawn, what is drawn is dropped."""
    channel_id, thread_ts = ChannelId(str(event["channel"])), Ts(str(event["thread_ts"]))
    user_id = UserId(str(event["user"]))
    for job in await desk.shelf.family(team_id, channel_id, thread_ts):
        if not job.is_final and job.user_id == user_id:
            await desk.intake.cancel(job, team_id=team_id, user_id=user_id)
    desk.sessions.rest(channel_id, thread_ts)


async def suggest(desk: Desk, team_id: TeamId, user_id: UserId, channel_id: ChannelId) -> None:
    """Show what could be asked."""
    await desk.sessions.suggest(channel_id, Words(await desk.look_up_locale(team_id, user_id)))
