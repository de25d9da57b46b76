"""Addresses for uploads, asked for while the pictures are still on their way: Slack needs only a name and a length.

A head start and no more: it lives in this process, and what is lost or unfit is asked for again.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass

import structlog

from bot.errors import Cause, Fault, Rejected, Unavailable
from bot.job import FileId, JobId
from bot.slack.client import SlackClient
from bot.slack.hosts import may_upload_to

_log = structlog.get_logger(__name__)

AT_ONCE = 16
"""Asks under way; some of the session's connections stay free for everything else."""
MOST = 256
"""Addresses kept; the oldest goes first."""
_LIFE = 60.0
"""Seconds that an address asked for ahead is believed in. Slack does not say how long they live."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """What an address is asked for; one that was given for anything else does not fit."""

    job_id: JobId
    name: str
    length: int
    alt_text: str | None


@dataclass(frozen=True, slots=True)
class Ticket:
    """Where to send the bytes, and what the file will be called."""

    url: str
    file_id: FileId


class Tickets:
    """Asks for addresses, ahead of time or when they are needed."""

    def __init__(self, client: SlackClient, *, life: float = _LIFE) -> None:
        self._client = client
        self._life = life
        self._width = asyncio.Semaphore(AT_ONCE)
        self._ahead: OrderedDict[Parcel, tuple[float, asyncio.Task[Ticket | None]]] = OrderedDict()

    def __len__(self) -> int:
        """How many were asked for ahead and not taken."""
        return len(self._ahead)

    def expect(self, parcel: Parcel) -> None:
        """Ask in the background. An address is left unused where its parcel never comes: Slack forgets it."""
        now = asyncio.get_running_loop().time()
        if parcel in self._ahead and now < self._ahead[parcel][0]:
            return
        task = asyncio.create_task(self._try(parcel), name=f"ticket {parcel.name}")
        self._ahead[parcel] = (now + self._life, task)
        while len(self._ahead) > MOST:
            _, (_, oldest) = self._ahead.popitem(last=False)
            oldest.cancel()

    async def take(self, parcel: Parcel) -> Ticket:
        """The address that was asked for ahead, or a new one. Raises what the call raises."""
        until, task = self._ahead.pop(parcel, (0.0, None))
        if task is not None and asyncio.get_running_loop().time() < until and (ticket := await task) is not None:
            return ticket
        return await self._ask(parcel)

    def forget(self, job_id: JobId) -> None:
        """Drop what was asked for ahead and never taken."""
        for parcel in [each for each in self._ahead if each.job_id == job_id]:
            self._ahead.pop(parcel)[1].cancel()

    async def close(self) -> None:
        """Stop asking."""
        tasks = [task for _, task in self._ahead.values()]
        self._ahead.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _try(self, parcel: Parcel) -> Ticket | None:
        try:
            return await self._ask(parcel)
        except Fault as fault:
            _log.info("head_start_lost", code=fault.code)
            return None

    async def _ask(self, parcel: Parcel) -> Ticket:
        async with self._width:
            answer = await self._client.call(
                "files.getUploadURLExternal", filename=parcel.name, length=parcel.length, alt_txt=parcel.alt_text
            )
        url, file_id = answer.get("upload_url"), answer.get("file_id")
        if not isinstance(url, str) or not isinstance(file_id, str):
            raise Unavailable("upload_address_missing", cause=Cause.SLACK_DOWN)
        if not may_upload_to(url, api_url=self._client.api_url):
            raise Rejected("upload_address_foreign", cause=Cause.SLACK_REFUSED)
        return Ticket(url, FileId(file_id))
