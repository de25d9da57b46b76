"""Reactions, and the end of an installation. Slack may deliver an event four times; its id makes them one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bot.intake import Asker
from bot.job import ChannelId, Ts, UserId
from bot.policy import Wish
from handlers import illustrating, marks
from handlers.desk import Desk, team_of
from handlers.heard import Heard

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp


def register(app: AsyncApp, desk: Desk) -> None:
    """Hear every event that the manifest subscribes to."""
    heard = Heard()

    async def reaction_added(event: Mapping[str, Any], body: Mapping[str, Any], context: Mapping[str, Any]) -> None:
        if desk.reactions.wish(str(event.get("reaction") or "")) is Wish.ILLUSTRATE:
            _illustrate(desk, heard, event, body)
            return
        await react(desk, event, body, ours=event.get("item_user") == context.get("bot_user_id"))

    async def reaction_removed(event: Mapping[str, Any], body: Mapping[str, Any]) -> None:
        await take_back(desk, event, body)

    async def uninstalled(body: Mapping[str, Any]) -> None:
        desk.uninstalled(str(body.get("team_id") or ""))

    async def tokens_revoked(event: Mapping[str, Any], body: Mapping[str, Any]) -> None:
        if (event.get("tokens") or {}).get("bot"):
            desk.uninstalled(str(body.get("team_id") or ""))

    app.event("reaction_added")(reaction_added)
    app.event("reaction_removed")(reaction_removed)
    app.event("app_uninstalled")(uninstalled)
    app.event("tokens_revoked")(tokens_revoked)


def _illustrate(desk: Desk, heard: Heard, event: Mapping[str, Any], body: Mapping[str, Any]) -> None:
    item = event.get("item") or {}
    if item.get("type") == "message" and heard.is_new(str(body["event_id"])):
        asker = _asker(event, body, channel=item["channel"])
        desk.later(illustrating.propose(desk, asker, Ts(item["ts"])))


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
    if wish in marks.MARKS:
        await marks.mark(desk, asker, job, marks.MARKS[wish], ts=Ts(item["ts"]))
    elif wish is Wish.REROLL:
        await desk.intake.reroll(asker, of=job)
    else:
        await desk.intake.cancel_or_delete(job, team_id=asker.team_id, user_id=asker.user_id)


async def take_back(desk: Desk, event: Mapping[str, Any], body: Mapping[str, Any]) -> None:
    """A star or a vote that is taken back; what else was asked for by an emoji is not undone by taking it off."""
    item = event.get("item") or {}
    wish = desk.reactions.wish(str(event.get("reaction") or ""))
    if wish is None or wish not in marks.MARKS or item.get("type") != "message":
        return
    asker = _asker(event, body, channel=item["channel"])
    job = await desk.intake.job_at(asker.team_id, asker.channel_id, Ts(item["ts"]))
    if job is not None:
        await marks.unmark(desk, asker, job, marks.MARKS[wish], ts=Ts(item["ts"]))


def _asker(event: Mapping[str, Any], body: Mapping[str, Any], *, channel: str) -> Asker:
    return Asker(
        team_id=team_of(body),
        user_id=UserId(event["user"]),
        channel_id=ChannelId(channel),
        enterprise_id=body.get("enterprise_id") or None,
        kind="event",
        key=body["event_id"],
    )
