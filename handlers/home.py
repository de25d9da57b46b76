"""The Home tab: published whenever it is opened, after the event is acknowledged; and its buttons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bot.job import ChannelId, UserId
from bot.slack import actions
from handlers import agents, customs, forms, tab
from handlers.desk import Desk, team_of

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp


def register(app: AsyncApp, desk: Desk) -> None:
    """Hear that the tab is opened, and its buttons."""

    async def opened(event: Mapping[str, Any], body: Mapping[str, Any]) -> None:
        team_id, user_id = team_of(body), UserId(str(event["user"]))
        if event.get("tab") == "home":
            desk.later(tab.publish(desk, team_id, user_id))
        elif event.get("tab") == "messages" and event.get("channel"):
            desk.later(agents.suggest(desk, team_id, user_id, ChannelId(str(event["channel"]))))

    async def wish(ack: AsyncAck, body: Mapping[str, Any]) -> None:
        await ack()
        desk.later(customs.open_defaults(desk, desk.clicker(body)))

    async def ask(ack: AsyncAck, body: Mapping[str, Any]) -> None:
        await ack()
        desk.later(forms.open_blank(desk, desk.clicker(body)))

    app.event("app_home_opened")(opened)
    app.action(actions.HOME_DEFAULTS)(wish)
    app.action(actions.HOME_ASK)(ask)
