"""A fake Slack and a fake storage, as slow as real ones: `python -m bench.delivery.fakes` serves them."""

from __future__ import annotations

import asyncio
import io
import itertools
import json
import math
import random
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from PIL import Image

from bench.delivery.world import CALL, PACKET, SIDE, SPEED, STEP, STRICT, TURN

HEADER = 33
"""Bytes of a PNG's signature and header, behind which the bot writes the recipe."""


def a_picture() -> bytes:
    """Noise, which no format makes shorter."""
    noise = random.Random(7).randbytes(SIDE * SIDE * 3)
    stream = io.BytesIO()
    Image.frombytes("RGB", (SIDE, SIDE), noise).save(stream, "PNG", compress_level=0)
    return stream.getvalue()


class Fakes:
    """All that the delivery of a picture meets."""

    def __init__(self) -> None:
        self.base = ""
        self._picture = a_picture()
        self._numbers = itertools.count(1)
        self._whole: set[str] = set()
        self._shares: dict[str, dict[str, Any]] = {}
        self._seen: dict[str, float] = {}
        self._calls: Counter[str] = Counter()
        self._last: dict[str, float] = {}
        self._methods: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "files.getUploadURLExternal": self._promise,
            "files.completeUploadExternal": self._complete,
            "files.info": self._info,
        }

    def app(self) -> web.Application:
        """The routes."""
        app = web.Application(client_max_size=2**30)
        app.router.add_get("/pictures/{name}", self.give)
        app.router.add_post("/api/{method}", self.call)
        app.router.add_post("/upload/{file}", self.take)
        app.router.add_get("/seen", self.seen)
        return app

    async def give(self, request: web.Request) -> web.StreamResponse:
        """A picture, no faster than `SPEED`: the first packet at once, the rest as it fits through."""
        response = web.StreamResponse(headers={"Content-Length": str(len(self._picture))})
        await response.prepare(request)
        began, data = time.monotonic(), memoryview(self._picture)
        await response.write(data[:PACKET])
        for at in range(PACKET, len(data), STEP):
            piece = data[at : at + STEP]
            await asyncio.sleep(began + (at + len(piece)) / SPEED - time.monotonic())
            await response.write(piece)
        return response

    async def call(self, request: web.Request) -> web.StreamResponse:
        """A call of the Web API: what it does is done and seen when its answer goes out."""
        began = time.monotonic()
        method = request.match_info["method"]
        is_json = request.content_type == "application/json"
        said: dict[str, Any] = await request.json() if is_json else dict(await request.post())
        self._calls[method] += 1
        await asyncio.sleep(began + CALL - time.monotonic())
        if method == "files.completeUploadExternal" and not self._may_speak(said["channel_id"]):
            self._calls["refused"] += 1
            return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": "1"})
        answer = self._methods.get(method, _plain)(said)
        return web.json_response({"ok": True} | answer)

    def _may_speak(self, channel: str) -> bool:
        now = time.monotonic()
        if channel == STRICT and now - self._last.get(channel, -math.inf) < TURN:
            return False
        self._last[channel] = now
        return True

    def _promise(self, _said: dict[str, Any]) -> dict[str, Any]:
        file = f"F{next(self._numbers)}"
        return {"upload_url": f"{self.base}/upload/{file}", "file_id": file}

    def _complete(self, said: dict[str, Any]) -> dict[str, Any]:
        files = [each["id"] for each in said["files"]]
        if not self._whole.issuperset(files):
            raise web.HTTPBadRequest(text="shared before the bytes were here")
        if said["thread_ts"] in self._seen:
            raise web.HTTPBadRequest(text="shared twice")
        self._seen[said["thread_ts"]] = time.monotonic()
        share = {"public": {said["channel_id"]: [{"ts": "9.9", "thread_ts": said["thread_ts"]}]}}
        self._shares |= dict.fromkeys(files, share)
        return {"files": []}

    def _info(self, said: dict[str, Any]) -> dict[str, Any]:
        share = self._shares.get(said["file"])
        if share is None:
            return {"ok": False, "error": "file_not_found"}
        return {"file": {"id": said["file"], "shares": share}}

    def _is_whole(self, data: bytearray) -> bool:
        """The picture as it was given, perhaps with a recipe behind its header."""
        rest = memoryview(self._picture)[HEADER:]
        return data.startswith(self._picture[:HEADER]) and data.endswith(rest)

    async def take(self, request: web.Request) -> web.StreamResponse:
        """The bytes, no faster than `SPEED`, and a receipt."""
        began, taken = time.monotonic(), bytearray()
        async for piece in request.content.iter_any():
            taken += piece
            await asyncio.sleep(began + len(taken) / SPEED - time.monotonic())
        if self._is_whole(taken):
            self._whole.add(request.match_info["file"])
        await asyncio.sleep(began + CALL + len(taken) / SPEED - time.monotonic())
        return web.Response(text=f"OK - {len(taken)}")

    async def seen(self, _request: web.Request) -> web.StreamResponse:
        """When each thread got its pictures, on the machine's monotonic clock, and how many calls there were."""
        return web.json_response({"seen": self._seen, "calls": self._calls})


def _plain(said: dict[str, Any]) -> dict[str, Any]:
    return {"ts": "1.1", "channel": said.get("channel", "C1")}


async def _serve() -> None:
    """Serve until whoever started this closes our input."""
    fakes = Fakes()
    runner = web.AppRunner(fakes.app(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    fakes.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    print(json.dumps({"base": fakes.base}), flush=True)
    reading: Awaitable[str] = asyncio.to_thread(sys.stdin.read)
    await reading
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(_serve())
