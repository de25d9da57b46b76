"""Where a job comes from, for its root: a link to the job it was made from, and what changed since."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable

import structlog

from bot.errors import Fault
from bot.job import Job, JobId, State
from bot.lineage import changes
from bot.slack.client import SlackClient
from bot.slack.origin import Origin

_log = structlog.get_logger(__name__)

_REMEMBERED = 2000

JobOf = Callable[[JobId], Awaitable[Job | None]]
"""Finds a job."""


class Kinship:
    """Looks parents up once for each child. A courtesy: never raises."""

    def __init__(self, client: SlackClient, job_of: JobOf) -> None:
        self._client = client
        self._job_of = job_of
        self._known: OrderedDict[JobId, Origin] = OrderedDict()

    def known(self, job: Job) -> Origin | None:
        """What was found out before, without a look."""
        return self._known.get(job.id)

    async def trace(self, job: Job) -> Origin | None:
        """What the job was made from; None for a first one."""
        if job.parent is None or job.id in self._known:
            return self.known(job)
        try:
            parent = await self._job_of(job.parent)
            if parent is None or parent.state in {State.DELETING, State.DELETED}:
                return None
            origin = Origin(changes(parent.request, job.request), await self._link(parent))
        except Fault as fault:
            _log.info("parent_not_shown", job=job.id, code=fault.code)
            return None
        self._known[job.id] = origin
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return origin

    async def _link(self, parent: Job) -> str:
        """To its pictures, or to its root while there are none; empty if neither can be linked."""
        ts = parent.share_ts or parent.root_ts
        if ts is None:
            return ""
        try:
            answer = await self._client.call("chat.getPermalink", channel=parent.channel_id, message_ts=ts)
        except Fault as fault:
            _log.info("parent_not_linked", job=parent.id, code=fault.code)
            return ""
        return str(answer.get("permalink") or "")
