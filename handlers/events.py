"""Reactions, and the end of an installation. Slack may deliver an event four times; its id makes them one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bot.intake import Asker
from bot.job import ChannelId, TeamId, Ts, UserId
from bot.policy import Wish
from handlers.desk import Desk

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp


def register(app: AsyncApp, desk: Desk) -> None:
    """Hear every event that the manifest subscribes to."""

    async def reaction_added(event: Mapping[str, Any], body: Mapping[str, Any], context: Mapping[str, Any]) -> None:
        await react(desk, event, body, ours=event.get("item_user") == context.get("bot_user_id"))

    async def uninstalled(body: Mapping[str, Any]) -> None:
        desk.uninstalled(str(body.get("team_id") or ""))

    async def tokens_revoked(event: Mapping[str, Any], body: Mapping[str, Any]) -> None:
        if (event.get("tokens") or {}).get("bot"):
            desk.uninstalled(str(body.get("team_id") or ""))

    app.event("reaction_added")(reaction_added)
    app.event("app_uninstalled")(uninstalled)
    app.event("tokens_revoked")(tokens_revoked)


async def react(desk: Desk, event: Mapping[str, Any], body: Mapping[str, Any], *, ours: bool) -> None:
    """Do what a reaction on a message of ours asks for; any other message means nothing to us, and costs no call."""
    item = event.get("item") or {}
    wish = desk.reactions.wish(str(event.get("reaction") or ""))
    if wish is None or item.get("type") != "message":
        return
    asker = _asker(event, body, channel=item["channel"])
    job = await desk.intake.job_at(asker.team_id, asker.channel_id, Ts(item["ts"]), ours=ours)
    if job is None:
        return
    if wish is Wish.REROLL:
        await desk.intake.reroll(asker, of=job)
    else:
        await desk.intake.cancel_or_delete(job, team_id=asker.team_id, user_id=asker.user_id)


def _asker(event: Mapping[str, Any], body: Mapping[str, Any], *, channel: str) -> Asker:
    return Asker(
        team_id=TeamId(body["team_id"]),
        user_id=UserId(event["user"]),
        channel_id=ChannelId(channel),
        enterprise_id=body.get("enterprise_id") or None,
        kind="event",
        key=body["event_id"],
    )
