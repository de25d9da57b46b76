"""The Home tab: published whenever it is opened, in its reader's language, after the event is acknowledged."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bot.intake import Asker
from bot.job import ChannelId, TeamId, UserId
from bot.shelf import Reader, Scope
from bot.slack import actions
from bot.slack.home import MOST_SHOWN, Desktop, Waiting, home
from bot.slack.wording import Words
from handlers import agents, customs, forms
from handlers.desk import Desk, clicker
from handlers.finding import with_addresses

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp


def register(app: AsyncApp, desk: Desk) -> None:
    """Hear that the tab is opened, and its buttons."""

    async def opened(event: Mapping[str, Any], body: Mapping[str, Any]) -> None:
        team_id, user_id = TeamId(str(body["team_id"])), UserId(str(event["user"]))
        if event.get("tab") == "home":
            desk.later(publish(desk, team_id, user_id))
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


async def publish(desk: Desk, team_id: TeamId, user_id: UserId) -> None:
    """Show them what they have now."""
    words = Words(await desk.look_up_locale(team_id, user_id))
    await desk.surfaces.publish_home(user_id, home(words, await _desktop(desk, Reader(team_id, user_id))))


async def _desktop(desk: Desk, reader: Reader) -> Desktop:
    waiting, recent, favourites, wishes = await asyncio.gather(
        _waiting(desk, reader),
        desk.shelf.history(reader, limit=MOST_SHOWN),
        desk.shelf.favourites(reader, limit=MOST_SHOWN),
        desk.shelf.preferences(reader.team_id, Scope.PERSON, reader.user_id),
    )
    shown = await asyncio.gather(with_addresses(desk, recent), with_addresses(desk, favourites))
    return Desktop(user_id=reader.user_id, waiting=waiting, recent=shown[0], favourites=shown[1], wishes=wishes)


async def _waiting(desk: Desk, reader: Reader) -> list[Waiting]:
    jobs = await desk.shelf.in_line(reader, limit=MOST_SHOWN)
    lines = await asyncio.gather(*(desk.intake.timeline(job) for job in jobs))
    addresses = await desk.addresses.of(jobs)
    return [Waiting(line.job, line.standing, addresses.get(line.job.id, "")) for line in lines]
