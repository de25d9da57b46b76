"""Links to messages of ours, asked for once and remembered. A courtesy: what cannot be linked is said without."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence

import structlog

from bot.errors import Fault
from bot.job import ChannelId, Job, JobId, Ts
from bot.slack.client import SlackClient

_log = structlog.get_logger(__name__)

_REMEMBERED = 5000


class Addresses:
    """Knows where messages are to be seen. Slack shows a link's target only to those who may see it."""

    def __init__(self, client: SlackClient) -> None:
        self._client = client
        self._known: OrderedDict[tuple[ChannelId, Ts], str] = OrderedDict()

    async def of(self, jobs: Sequence[Job]) -> Mapping[JobId, str]:
        """The jobs' pictures, or their roots while there are none; those that cannot be linked are left out."""
        found = await asyncio.gather(*(self._of(job) for job in jobs))
        return {job.id: address for job, address in zip(jobs, found, strict=True) if address}

    async def _of(self, job: Job) -> str:
        ts = job.share_ts or job.root_ts
        return "" if ts is None else await self.at(job.channel_id, ts)

    async def at(self, channel_id: ChannelId, ts: Ts) -> str:
        """The message's address; empty if it cannot be had."""
        where = (channel_id, ts)
        if where in self._known:
            self._known.move_to_end(where)
            return self._known[where]
        try:
            answer = await self._client.call("chat.getPermalink", channel=channel_id, message_ts=ts)
        except Fault as fault:
            _log.info("message_not_linked", code=fault.code)
            return ""
        self._known[where] = str(answer.get("permalink") or "")
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return self._known[where]
