"""The bot as an agent: Stop, and what to ask, where somebody opens the conversation with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bot.job import ChannelId, TeamId, Ts, UserId
from bot.slack.wording import Words
from handlers.desk import Desk, team_of

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp


_NEW = (0.1, 0.2, 0.4, 0.8)
"""Seconds between looks for a job whose thread is not known yet; well inside Slack's three for an event."""


def register(app: AsyncApp, desk: Desk) -> None:
    """Hear Stop; only an app that is an agent has it."""

    async def stopped(event: Mapping[str, Any], body: Mapping[str, Any]) -> None:
        await stop(desk, event, team_id=team_of(body))

    app.event("agent_session_stopped")(stopped)


async def stop(desk: Desk, event: Mapping[str, Any], *, team_id: TeamId) -> None:
    """Cancel what this person waits for in the thread: what waits is not drawn, what is drawn is dropped.

    The sign that they press it on stands a moment before our note of the thread does: then that is waited for.
    """
    channel_id, thread_ts = ChannelId(str(event["channel"])), Ts(str(event["thread_ts"]))
    user_id = UserId(str(event["user"]))
    for pause in (*_NEW, None):
        family = await desk.shelf.family(team_id, channel_id, thread_ts)
        mine = [job for job in family if job.user_id == user_id and not job.is_final]
        if mine or pause is None:
            break
        await desk.intake.pause(pause)
    for job in mine:
        await desk.intake.cancel(job, team_id=team_id, user_id=user_id)
    desk.sessions.rest(channel_id, thread_ts)


async def suggest(desk: Desk, team_id: TeamId, user_id: UserId, channel_id: ChannelId) -> None:
    """Show what could be asked."""
    await desk.sessions.suggest(channel_id, Words(await desk.look_up_locale(team_id, user_id)))
