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
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import Cause, Misconfigured, Unavailable

_log = structlog.get_logger(__name__)

_PASSING = frozenset({"ratelimited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"})

_GARBLED = (AttributeError, TypeError, ValueError)
"""How the SDK trips over an answer that is not what it expects."""


@dataclass(frozen=True, slots=True)
class Watch:
    """How the connections are kept; times in seconds.

    `ping`: between two pings, and between two of the client's own tries to connect. `every`: between two looks.
    `ticket`: without a connection for so long, the ticket is taken for spent. `patience`: for so long, the whole client
    is replaced. `closing`: for a decent end.
    """

    connections: int = 2
    ping: float = 3.0
    every: float = 2.0
    ticket: float = 6.0
    patience: float = 45.0
    closing: float = 3.0


USUAL = Watch()


@dataclass(slots=True)
class _Line:
    handler: AsyncSocketModeHandler
    connecting: asyncio.Task[None]
    down_for: float = 0.0


class SocketLines:
    """All connections of this process."""

    def __init__(self, app: AsyncApp, *, app_token: str, client: AsyncWebClient, watch: Watch = USUAL) -> None:
        self._app = app
        self._app_token = app_token
        self._client = client
        self._watch = watch
        self._lines: list[_Line] = []
        self._watching: asyncio.Task[None] | None = None

    async def preflight(self) -> None:
        """Open one connection's ticket: the client itself would retry a refused token for ever.

        Raises `Misconfigured` for a token that Slack refuses, `Unavailable` while Slack is away.
        """
        try:
            await self._client.apps_connections_open(app_token=self._app_token)
        except SlackApiError as refused:
            raise _refused(refused) from None
        except (aiohttp.ClientError, OSError, TimeoutError, SlackClientError, *_GARBLED) as error:
            raise Unavailable("connection", type(error).__name__, cause=Cause.SLACK_DOWN) from None

    def start(self) -> None:
        """Begin to connect; `is_up` tells when it worked."""
        self._lines = [self._open() for _ in range(self._watch.connections)]
        self._watching = asyncio.create_task(self._keep(), name="sockets")

    def _open(self) -> _Line:
        handler = AsyncSocketModeHandler(
            self._app, self._app_token, web_client=self._client, ping_interval=self._watch.ping
        )
        handler.client.proxy = self._client.proxy  # it looks for one in the environment by itself
        return _Line(handler, asyncio.create_task(handler.connect_async(), name="connect"))

    async def is_up(self) -> bool:
        """Whether at least one connection stands."""
        return any([await line.handler.client.is_connected() for line in self._lines])

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(self._watch.every)
            for number, line in enumerate(self._lines):
                if await line.handler.client.is_connected():
                    line.down_for = 0.0
                else:
                    line.down_for += self._watch.every
                    await self._mend(number, line)

    async def _mend(self, number: int, line: _Line) -> None:
        if line.down_for >= self._watch.patience:
            _log.warning("socket_replaced", line=number)
            self._lines[number] = self._open()
            await self._close(line)
        elif line.down_for >= self._watch.ticket:
            line.handler.client.wss_uri = None

    async def stop(self) -> None:
        """Close every connection; what Slack sends from now on goes elsewhere or comes again."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        await asyncio.gather(*(self._close(line) for line in self._lines))
        self._lines = []

    async def _close(self, line: _Line) -> None:
        """Say goodbye for `closing` seconds, then cut: a peer that never answers must not hold up the end."""
        client = line.handler.client
        line.connecting.cancel()
        with contextlib.suppress(TimeoutError, OSError):
            await asyncio.wait_for(line.handler.close_async(), timeout=self._watch.closing)
        tasks = [client.message_processor, client.current_session_monitor, client.message_receiver]
        left = [line.connecting, *(task for task in tasks if task is not None)]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await client.aiohttp_client_session.close()


def _refused(error: SlackApiError) -> Misconfigured | Unavailable:
    """What an answer that is not `ok` means. Where it was no JSON, the error holds aiohttp's response instead."""
    data = getattr(error.response, "data", None)
    code = str(data.get("error") or "") if isinstance(data, dict) else ""
    if not code or code in _PASSING or getattr(error.response, "status_code", 0) != 200:
        return Unavailable(code or "illegible", cause=Cause.SLACK_DOWN)
    return Misconfigured(code, f"SLACK_APP_TOKEN: Slack refuses it ({code})")
