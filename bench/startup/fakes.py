"""Slack and the image API as far as a start needs them, in a process of their own: `python -m bench.startup.fakes`.

It prints its port. Every slot is taken, so that a full line stays as long as it is.
"""

from __future__ import annotations

import asyncio

from aiohttp import web

from bench.startup.starts import CHANNEL, PERSON, TEAM

_SAID = {
    "ok": True,
    "team_id": TEAM,
    "user_id": "U0BOT",
    "bot_id": "B0BOT",
    "channel": CHANNEL,
    "ts": "1700000000.000001",
    "user": {"id": PERSON, "locale": "en-US"},
}
_BUSY = {"Code": "RequestLimitExceeded.JobNumExceed", "Message": "every slot is taken"}


async def _slack(_request: web.Request) -> web.Response:
    return web.json_response(_SAID)


async def _images(_request: web.Request) -> web.Response:
    return web.json_response({"Response": {"Error": _BUSY, "RequestId": "r"}})


async def _serve() -> None:
    app = web.Application()
    app.router.add_post("/api/{method}", _slack)
    app.router.add_post("/", _images)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve())
