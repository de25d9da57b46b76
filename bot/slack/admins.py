"""Those who look after the bot: told by direct message, each in their language."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import structlog

from bot.errors import Fault
from bot.job import ChannelId, TeamId, UserId
from bot.slack.client import SlackClient
from bot.slack.elements import Message
from bot.slack.readers import Readers
from bot.slack.wording import Words

_log = structlog.get_logger(__name__)


class Admins:
    """Tells them. `direct` finds the conversation with somebody; `told`: whether the last word reached any."""

    def __init__(
        self, people: Sequence[UserId], *, team_id: TeamId, client: SlackClient, readers: Readers,
        direct: Callable[[UserId], Awaitable[ChannelId]],
    ) -> None:  # fmt: skip
        self._people = tuple(people)
        self._team_id = team_id
        self._client = client
        self._readers = readers
        self._direct = direct
        self.told = bool(people)

    async def tell(self, say: Callable[[Words], Message]) -> None:
        """Say it to each. Raises the last fault if there are some and none could be reached."""
        faults: list[Fault] = []
        for admin in self._people:
            try:
                await self._tell(admin, say(Words(await self._readers.locale(self._team_id, admin))))
            except Fault as missed:
                faults.append(missed)
                _log.warning("admin_not_told", code=missed.code)
        self.told = len(faults) < len(self._people)
        if faults and not self.told:
            raise faults[-1]

    async def _tell(self, admin: UserId, message: Message) -> None:
        await self._client.call(
            "chat.postMessage", channel=await self._direct(admin), text=message.text, blocks=message.blocks,
            parse="none", unfurl_links=False, unfurl_media=False,
        )  # fmt: skip
