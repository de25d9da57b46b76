"""Socket Mode, kept alive: more than one connection, and a watch over each.

Slack's own client closes the old socket before it opens the next when Slack asks it to reconnect, and what is sent into
that gap is lost (commands are never redelivered): so there are two. After a failed handshake it retries a spent ticket
for ever (python-slack-sdk#1379): so the watch takes the ticket away, and builds a new client if that does not help.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass

import aiohttp
import structlog
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import Cause, Misconfigured, Unavailable

_log = structlog.get_logger(__name__)

CONNECTIONS = 2
WATCH = 2.0
TICKET_LIFE = 6.0
"""Seconds without a connection after which the ticket is taken for spent."""
_PASSING = frozenset({"ratelimited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"})
PATIENCE = 45.0
"""Seconds without a connection after which the whole client is replaced."""


@dataclass(slots=True)
class _Line:
    handler: AsyncSocketModeHandler
    connecting: asyncio.Task[None]
    down_for: float = 0.0


class SocketLines:
    """All connections of this process."""

    def __init__(
        self, app: AsyncApp, *, app_token: str, client: AsyncWebClient, connections: int = CONNECTIONS
    ) -> None:
        self._app = app
        self._app_token = app_token
        self._client = client
        self._connections = connections
        self._lines: list[_Line] = []
        self._watch: asyncio.Task[None] | None = None

    async def preflight(self) -> None:
        """Open one connection's ticket: the client itself would retry a refused token for ever.

        Raises `Misconfigured` for a token that Slack refuses, `Unavailable` while Slack is away.
        """
        try:
            await self._client.apps_connections_open(app_token=self._app_token)
        except SlackApiError as refused:
            code = str(refused.response.get("error", "unknown"))
            if code in _PASSING or refused.response.status_code != 200:
                raise Unavailable(code, cause=Cause.SLACK_DOWN) from None
            raise Misconfigured(code, f"SLACK_APP_TOKEN: Slack refuses it ({code})") from None
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise Unavailable("connection", type(error).__name__, cause=Cause.SLACK_DOWN) from None

    def start(self) -> None:
        """Begin to connect; `is_up` tells when it worked."""
        self._lines = [self._open() for _ in range(self._connections)]
        self._watch = asyncio.create_task(self._keep(), name="sockets")

    def _open(self) -> _Line:
        handler = AsyncSocketModeHandler(self._app, self._app_token, web_client=self._client)
        return _Line(handler, asyncio.create_task(handler.connect_async(), name="connect"))

    async def is_up(self) -> bool:
        """Whether at least one connection stands."""
        return any([await line.handler.client.is_connected() for line in self._lines])

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(WATCH)
            for number, line in enumerate(self._lines):
                if await line.handler.client.is_connected():
                    line.down_for = 0.0
                    continue
                line.down_for += WATCH
                if line.down_for >= PATIENCE:
                    _log.warning("socket_replaced", line=number)
                    await _close(line)
                    self._lines[number] = self._open()
                elif line.down_for >= TICKET_LIFE:
                    line.handler.client.wss_uri = None

    async def stop(self) -> None:
        """Close every connection; what Slack sends from now on goes elsewhere or comes again."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
        await asyncio.gather(*(_close(line) for line in self._lines))
        self._lines = []


async def _close(line: _Line) -> None:
    line.connecting.cancel()
    client = line.handler.client
    tasks = [client.message_processor, client.current_session_monitor, client.message_receiver]
    with contextlib.suppress(TimeoutError, OSError):
        await asyncio.wait_for(line.handler.close_async(), timeout=3.0)
    await asyncio.gather(line.connecting, *(task for task in tasks if task is not None), return_exceptions=True)
