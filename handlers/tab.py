"""What stands on a person's Home tab, put together and published in their language."""

from __future__ import annotations

import asyncio

from bot.job import TeamId, UserId
from bot.shelf import Reader, Scope
from bot.slack.home import MOST_SHOWN, Desktop, Waiting, home
from bot.slack.wording import Words
from handlers.desk import Desk
from handlers.finding import with_addresses


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
