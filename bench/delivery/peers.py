"""The same delivery as others write it: one step after another. And as nobody can write it: all known beforehand."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bench.delivery.world import PICTURE, World

COUNT = 4


class Peers:
    """Measures both, once a round."""

    def __init__(self, world: World, session: aiohttp.ClientSession) -> None:
        self._world = world
        self._session = session
        self._client = AsyncWebClient(token="xoxb-bench", base_url=f"{world.base}/api/", session=session)
        self._numbers = itertools.count(1)
        self.serial: list[float] = []
        self.bare: list[float] = []

    async def round(self) -> None:
        """Deliver four pictures each way."""
        for way, found in ((self._serially, self.serial), (self._at_once, self.bare)):
            thread = f"{next(self._numbers)}.000200"
            began = time.monotonic()
            await way(thread)
            found.append(await self._world.seen(thread) - began)

    async def _serially(self, thread: str) -> None:
        files = [await self._upload(await self._download(link)) for link in self._world.links(COUNT)]
        await self._client.chat_postMessage(channel="C0", thread_ts=thread, text="Here are your pictures:")
        await self._complete(files, thread)

    async def _at_once(self, thread: str) -> None:
        """No disk, no checks, no rows; the length of the pictures is known before they come."""

        async def one(link: str) -> str:
            data, ticket = await asyncio.gather(self._download(link), self._ticket(self._length))
            return await self._send(data, ticket)

        await self._complete(await asyncio.gather(*map(one, self._world.links(COUNT))), thread)

    async def learn(self) -> None:
        """Find out how long pictures are."""
        self._length = len(await self._download(self._world.links(1)[0]))
        if abs(self._length - PICTURE) > PICTURE * 0.02:
            raise ValueError(f"the pictures have {self._length} bytes instead of about {PICTURE}")

    async def _download(self, link: str) -> bytes:
        async with self._session.get(link) as answer:
            return await answer.read()

    async def _upload(self, data: bytes) -> str:
        return await self._send(data, await self._ticket(len(data)))

    async def _ticket(self, length: int) -> Any:
        return await self._client.files_getUploadURLExternal(filename="picture.png", length=length)

    async def _send(self, data: bytes, ticket: Any) -> str:
        async with self._session.post(ticket["upload_url"], data=data) as answer:
            answer.raise_for_status()
        return str(ticket["file_id"])

    async def _complete(self, files: list[str], thread: str) -> None:
        them = [{"id": each, "title": "a fox"} for each in files]
        said = {"files": them, "channel_id": "C0", "thread_ts": thread}
        await self._client.api_call("files.completeUploadExternal", json=said)


@asynccontextmanager
async def open_peers(world: World) -> AsyncIterator[Peers]:
    """The peers, warm."""
    async with aiohttp.ClientSession() as session:
        peers = Peers(world, session)
        await peers.learn()
        yield peers
