"""The local Slack as one object: start it, let people act, look at what they see."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from sandbox.feed import Feed
from sandbox.slack.delivery import Delivery
from sandbox.slack.guard import guard
from sandbox.slack.http_delivery import HttpDelivery
from sandbox.slack.ids import Stamps
from sandbox.slack.limits import RateLimits
from sandbox.slack.local import LocalSlack
from sandbox.slack.manifest import Manifest
from sandbox.slack.methods_conversations import add_member, remove_member
from sandbox.slack.person import Person
from sandbox.slack.pings import pinged
from sandbox.slack.schedule import Schedule
from sandbox.slack.settings import SlackSettings
from sandbox.slack.snapshot import snapshot
from sandbox.slack.sockets import Sockets
from sandbox.slack.triggers import Triggers
from sandbox.slack.uploads import Uploads
from sandbox.slack.views import Views
from sandbox.slack.webapi import WebApi
from sandbox.slack.workspace import BOT_USER_ID, Json, Workspace, default_workspace


class SlackSandbox(Person):
    """A local Slack over real HTTP and WebSocket, on one port, in the running event loop."""

    def __init__(
        self,
        *,
        feed: Feed,
        manifest: Mapping[str, Any],
        settings: SlackSettings | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.settings = settings or SlackSettings()
        granted = Manifest.read(manifest)
        self.sockets = Sockets(self.settings, feed, clock)
        self._http = HttpDelivery(self.settings, clock)
        slack = LocalSlack(
            settings=self.settings,
            feed=feed,
            clock=clock,
            manifest=granted,
            workspace=default_workspace(granted.bot_name, created=int(clock())),
            stamps=Stamps(clock),
            schedule=Schedule(clock),
            limits=RateLimits(self.settings, clock),
            triggers=Triggers(self.settings, clock),
            views=Views(),
            delivery=Delivery(self.settings, self.sockets, self._http),
        )
        super().__init__(slack)
        self._http.secret = slack.signing_secret
        self._runner: web.AppRunner | None = None
        self.bot_user_id = BOT_USER_ID

    @property
    def workspace(self) -> Workspace:
        """Team, people, channels, messages and files, to read."""
        return self.slack.workspace

    @property
    def bot_token(self) -> str:
        """The installed app's `xoxb-` token."""
        return self.slack.bot_token

    @property
    def app_token(self) -> str:
        """The app-level `xapp-` token, for Socket Mode."""
        return self.slack.app_token

    @property
    def signing_secret(self) -> str:
        """What HTTP mode signs with."""
        return self.slack.signing_secret

    @property
    def api_url(self) -> str:
        """Where the Web API is, with a slash at the end."""
        return f"{self.slack.base_url}/api/"

    async def start(self, *, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen; port 0 picks a free one."""
        app = web.Application(middlewares=[guard(self.settings, host)], client_max_size=self.settings.body_cap)
        app.add_routes(self._routes())
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        bound = self._runner.addresses[0][1]
        self.slack.base_url = f"http://{f'[{host}]' if ':' in host else host}:{bound}"

    def _routes(self) -> list[web.RouteDef]:
        api, uploads = WebApi(self.slack), Uploads(self.slack)
        return [
            web.get("/api/{method}", api.handle),
            web.post("/api/{method}", api.handle),
            web.post("/upload/v1/{ticket}", uploads.receive),
            web.get("/files/{file}/{name}", uploads.give),
            web.get("/socket", self.sockets.handle),
            web.post("/response/{token}", self.slack.response_urls.handle),
        ]

    async def stop(self) -> None:
        """Close sockets, forget what is planned, stop listening."""
        self.slack.schedule.close()
        await self.slack.events.close()
        await self.sockets.close()
        await self._http.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    # What an admin does

    def reconfigure(self, manifest: Mapping[str, Any]) -> None:
        """Give the app another manifest; what it grants holds from now on."""
        self.slack.manifest = Manifest.read(manifest)

    def invite_bot(self, channel: str, *, by: str | None = None) -> None:
        """`/invite @imagine`."""
        add_member(self.slack, self.workspace.channels[channel], BOT_USER_ID, inviter=by)

    def remove_bot(self, channel: str) -> None:
        """Take the bot out of a channel."""
        remove_member(self.slack, self.workspace.channels[channel], BOT_USER_ID)

    def uninstall(self) -> None:
        """An admin removes the app: two events, and the bot's token is dead."""
        self.slack.events.emit(
            "tokens_revoked", {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [BOT_USER_ID]}}
        )
        self.slack.events.emit("app_uninstalled", {"type": "app_uninstalled"})
        self.slack.installed = False

    # What a test does

    def snapshot(self, *, viewer: str) -> Json:
        """What this person sees now."""
        return snapshot(self.slack, viewer)

    def pings(self, channel: str, ts: str) -> set[str]:
        """Whom the message at `ts` notifies: user ids and `channel`, `here`, `everyone`."""
        room = self.workspace.channels[channel]
        return pinged(room.messages.get(ts) or room.ephemerals[ts])

    async def connected(self, *, timeout: float) -> None:  # noqa: ASYNC109 the caller's patience is the point
        """Wait until a socket is open; `TimeoutError` otherwise."""
        await asyncio.wait_for(self.sockets.connected(), timeout)

    async def settled(self) -> None:
        """Wait until every event under way was acknowledged or given up."""
        await self.slack.events.settled()

    def run_due(self) -> None:
        """Do what the clock says is due; for tests that move the clock."""
        self.slack.schedule.run_due()

    async def redeliver(
        self, *, times: int = 1, concurrently: bool = False, attempt: int = 0, reason: str = ""
    ) -> None:
        """Send the last event again with the same event_id, as Slack sometimes does; by default as attempt 0."""
        payload = self.slack.events.sent[-1]
        for _ in range(times):
            self.slack.events.send(payload, attempt=attempt, reason=reason)
            if not concurrently:
                await self.settled()
        await self.settled()

    async def disconnect_sockets(self, reason: str = "refresh_requested") -> None:
        """Ask every socket to leave: `warning`, `refresh_requested` or `link_disabled`."""
        await self.sockets.disconnect(reason)

    def drop_sockets(self) -> None:
        """Cut every socket without a word."""
        self.sockets.drop()

    async def verify_request_url(self) -> bool:
        """Whether the request URL passes Slack's `url_verification`."""
        return await self._http.verify(self.slack.verification_token)
