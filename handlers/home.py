"""The Home tab: published whenever it is opened, after the event is acknowledged; and its buttons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bot.intake import Asker
from bot.job import ChannelId, TeamId, UserId
from bot.slack import actions
from bot.slack.wording import Words
from handlers import agents, customs, forms, tab
from handlers.desk import Desk, clicker

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp


def register(app: AsyncApp, desk: Desk) -> None:
    """Hear that the tab is opened, and its buttons."""

    async def opened(event: Mapping[str, Any], body: Mapping[str, Any]) -> None:
        team_id, user_id = TeamId(str(body["team_id"])), UserId(str(event["user"]))
        if event.get("tab") == "home":
            desk.later(tab.publish(desk, team_id, user_id))
        elif event.get("tab") == "messages" and event.get("channel"):
            desk.later(agents.suggest(desk, team_id, user_id, ChannelId(str(event["channel"]))))

    async def wish(ack: AsyncAck, body: Mapping[str, Any]) -> None:
        await ack()
        asker, words = _presser(desk, body)
        desk.later(customs.open_defaults(desk, asker, words))

    async def ask(ack: AsyncAck, body: Mapping[str, Any]) -> None:
        await ack()
        asker, words = _presser(desk, body)
        desk.later(forms.open_blank(desk, asker, words))

    app.event("app_home_opened")(opened)
    app.action(actions.HOME_DEFAULTS)(wish)
    app.action(actions.HOME_ASK)(ask)


def _presser(desk: Desk, body: Mapping[str, Any]) -> tuple[Asker, Words]:
    asker = clicker(body, key=body["trigger_id"])
    return asker, Words(desk.locale_of(asker.team_id, asker.user_id))
