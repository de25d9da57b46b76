"""The page's web server: one snapshot to look at, a socket that pushes the next ones, and what a person can do."""

from __future__ import annotations

import asyncio
import contextlib
import json
from importlib import resources
from typing import Final

from aiohttp import web

from sandbox.page.body import DeedError
from sandbox.page.deeds import Deeds
from sandbox.page.guard import guarded, is_loopback
from sandbox.page.view import Scene
from sandbox.page.wording import picture_kind
from sandbox.slack.workspace import FileState

SCRIPTS: Final = (
    "agent app blocks choosing composer doing dom emoji fields home lists menus messages modal mrkdwn net overlay panel"
    " press steps store"
)
STATIC: Final = (
    {f"{name}.js": "text/javascript" for name in SCRIPTS.split()}
    | {f"{name}.css": "text/css" for name in ("style", "panel", "views")}
    | {f"{name}.svg": "image/svg+xml" for name in ("icon", "welcome")}
)
PAUSE: Final = 0.1
"""Seconds between two pushes: at most ten a second, and fewer where a snapshot is dear, however much happens."""
BODY_CAP: Final = 64 * 1024
"""Bytes of JSON that a deed may have."""
FILE_CAP: Final = 32 * 1024 * 1024
"""Bytes of a file that a person attaches."""


class Page:
    """Serves the page on a loopback address, and nothing but the scene it is given."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.url = ""
        self._deeds = Deeds(scene)
        self._runner: web.AppRunner | None = None
        self._stopping = asyncio.Event()

    async def start(self, *, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen. Raises ValueError for a host that is not loopback, OSError for a port that is taken."""
        if not is_loopback(host):
            raise ValueError(f"the page is for this computer only; {host} is not a loopback address")
        self._stopping.clear()
        self._runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError:
            await self.stop()
            raise
        shown = f"[{host}]" if ":" in host else host
        self.url = f"http://{shown}:{self._runner.addresses[0][1]}/"

    async def stop(self) -> None:
        """Close the browsers' sockets, then the server."""
        self._stopping.set()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def _application(self) -> web.Application:
        app = web.Application(middlewares=[guarded], client_max_size=BODY_CAP)
        app.router.add_get("/", self._index)
        app.router.add_get("/static/{name}", self._static)
        app.router.add_get("/sandbox/state", self._state)
        app.router.add_get("/sandbox/live", self._live)
        app.router.add_get("/sandbox/picture/{file}", self._picture)
        app.router.add_put("/sandbox/file/{name}", self._attach)
        app.router.add_post("/sandbox/{deed}", self._do)
        return app

    async def _index(self, _request: web.Request) -> web.Response:
        return web.Response(text=_static_text("index.html"), content_type="text/html")

    async def _static(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in STATIC:
            raise web.HTTPNotFound
        return web.Response(text=_static_text(name), content_type=STATIC[name], headers={"Cache-Control": "no-cache"})

    async def _state(self, request: web.Request) -> web.Response:
        return web.json_response(self.scene.as_seen_by(self._viewer(request)))

    async def _live(self, request: web.Request) -> web.WebSocketResponse:
        """Push a snapshot now and after everything that happens, coalesced; what the browser sends is ignored."""
        viewer = self._viewer(request)
        socket = web.WebSocketResponse(heartbeat=20, max_msg_size=1024)
        await socket.prepare(request)
        news = asyncio.Event()
        news.set()
        forget = self.scene.feed.listen(lambda _happening: news.set())
        tasks = (
            asyncio.create_task(self._push(socket, viewer, news)),
            asyncio.create_task(self._close(socket)),
        )
        try:
            async for _message in socket:
                pass
        finally:
            forget()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return socket

    async def _push(self, socket: web.WebSocketResponse, viewer: str | None, news: asyncio.Event) -> None:
        loop = asyncio.get_running_loop()
        with contextlib.suppress(ConnectionError):
            while not socket.closed:
                await news.wait()
                news.clear()
                begun = loop.time()
                await socket.send_json(self.scene.as_seen_by(viewer))
                await asyncio.sleep(max(PAUSE, 4 * (loop.time() - begun)))

    async def _close(self, socket: web.WebSocketResponse) -> None:
        await self._stopping.wait()
        await socket.close(code=1001)

    def _viewer(self, request: web.Request) -> str | None:
        wanted = request.query.get("as")
        if wanted is not None and wanted not in self.scene.people():
            raise web.HTTPNotFound(text="no such person")
        return wanted

    async def _picture(self, request: web.Request) -> web.Response:
        """A file of the local Slack through this address, so that forwarding one port is enough."""
        found = self.scene.slack.workspace.files.get(request.match_info["file"])
        kind = picture_kind(found.data) if found is not None else None
        if found is None or kind is None or found.state is not FileState.COMPLETED:
            raise web.HTTPNotFound
        return web.Response(body=found.data, content_type=kind, headers={"Cache-Control": "private, max-age=3600"})

    async def _attach(self, request: web.Request) -> web.Response:
        """Take a person's file as raw bytes; other sites cannot PUT here without asking, and are refused then."""
        viewer, data = self._viewer(request), bytearray()
        if viewer is None:
            raise web.HTTPNotFound(text="no such person")
        async for chunk in request.content.iter_any():
            data += chunk
            if len(data) > FILE_CAP:
                raise web.HTTPRequestEntityTooLarge(max_size=FILE_CAP, actual_size=len(data))
        name = request.match_info["name"]
        if not data:
            return web.json_response({"ok": False, "error": "the file is empty"}, status=400)
        file = await self.scene.slack.attach(user=viewer, name=name, data=bytes(data))
        return web.json_response({"ok": True, "file": file, "name": name})

    async def _do(self, request: web.Request) -> web.Response:
        name = request.match_info["deed"]
        if name not in self._deeds:
            raise web.HTTPNotFound
        try:
            return web.json_response(await self._deeds.do(name, await request.json()))
        except json.JSONDecodeError:
            why = "this is not JSON"
        except DeedError as error:
            why = str(error)
        return web.json_response({"ok": False, "error": why}, status=400)


def _static_text(name: str) -> str:
    return (resources.files("sandbox.page") / "static" / name).read_text("utf-8")
