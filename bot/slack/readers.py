"""In which language people read: `users.info`, remembered for a day."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from bot.errors import Fault
from bot.job import TeamId, UserId
from bot.slack.client import SlackClient

_log = structlog.get_logger(__name__)

KEPT = timedelta(hours=24)
MOST = 10_000
_WAIT = 3.0  # seconds; a language is not worth more


class Readers:
    """Knows people's languages. Not knowing one is never an error."""

    def __init__(self, client: SlackClient, *, now: Callable[[], datetime], most: int = MOST) -> None:
        self._client = client
        self._now = now
        self._most = most
        self._known: OrderedDict[tuple[TeamId, UserId], tuple[str, datetime]] = OrderedDict()
        self._asked: dict[tuple[TeamId, UserId], asyncio.Task[str | None]] = {}

    def known(self, team_id: TeamId, user_id: UserId) -> str | None:
        """The language if it is remembered; for answers that cannot wait."""
        found = self._known.get((team_id, user_id))
        if found is None or found[1] <= self._now():
            return None
        self._known.move_to_end((team_id, user_id))
        return found[0]

    async def locale(self, team_id: TeamId, user_id: UserId, *, default: str | None = None) -> str | None:
        """The language, looked up if need be; `default` if it cannot be had. Many who wait for it make one call.

        Who stops waiting does not stop the look-up: the next to ask may know.
        """
        known = self.known(team_id, user_id)
        if known is not None:
            return known
        who = (team_id, user_id)
        if who not in self._asked:
            self._asked[who] = asyncio.create_task(self._look_up(team_id, user_id), name="language")
            self._asked[who].add_done_callback(lambda _: self._asked.pop(who, None))
        return await asyncio.shield(self._asked[who]) or default

    async def _look_up(self, team_id: TeamId, user_id: UserId) -> str | None:
        try:
            async with asyncio.timeout(_WAIT):
                answer = await self._client.call("users.info", user=user_id, include_locale=True)
        except (Fault, TimeoutError) as fault:
            _log.info("language_unknown", team=team_id, code=getattr(fault, "code", "timeout"))
            return None
        user = answer.get("user")
        locale = user.get("locale") if isinstance(user, dict) else None
        if not isinstance(locale, str) or not locale:
            return None
        self._remember(team_id, user_id, locale)
        return locale

    async def close(self) -> None:
        """Give up the look-ups that are under way."""
        under_way = list(self._asked.values())
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)

    def _remember(self, team_id: TeamId, user_id: UserId, locale: str) -> None:
        self._known[team_id, user_id] = (locale, self._now() + KEPT)
        self._known.move_to_end((team_id, user_id))
        while len(self._known) > self._most:
            self._known.popitem(last=False)
