"""Socket Mode: tickets, up to ten WebSockets, envelopes and their acknowledgements."""

from __future__ import annotations

import asyncio
import json
import random
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import WSCloseCode, WSMsgType, web

from sandbox.feed import Feed
from sandbox.slack.delivery import Envelope, Outcome
from sandbox.slack.settings import SlackSettings
from sandbox.slack.workspace import APP_ID

DEBUG_LIFETIME = 360.0
WARNING_AHEAD = 10.0
DEBUG_HOST = "applink-sandbox"


class Sockets:
    """The open sockets of the app. Any one of them gets a payload; an ack counts on whichever socket it comes."""

    def __init__(self, settings: SlackSettings, feed: Feed, clock: Callable[[], float]) -> None:
        self._settings = settings
        self._feed = feed
        self._clock = clock
        self._tickets: dict[str, float] = {}
        self._waiting: dict[str, asyncio.Future[Mapping[str, Any] | None]] = {}
        self._open: dict[web.WebSocketResponse, asyncio.BaseTransport | None] = {}
        self._somebody = asyncio.Event()

    @property
    def connections(self) -> int:
        """How many sockets are open."""
        return len(self._open)

    def issue_ticket(self) -> str:
        """A ticket that opens one socket, once and soon."""
        ticket = secrets.token_urlsafe(24)
        self._tickets[ticket] = self._clock()
        return ticket

    async def connected(self) -> None:
        """Wait until a socket is open."""
        await self._somebody.wait()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one WebSocket from its hello to its end."""
        issued = self._tickets.pop(request.query.get("ticket", ""), None)
        if issued is None or self._clock() - issued > self._settings.ticket_life:
            return web.Response(status=401, text="invalid ticket")
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        if self.connections >= self._settings.max_sockets:
            await self._say(socket, {"type": "disconnect", "reason": "too_many_websockets"})
            await socket.close()
            return socket
        lifetime = DEBUG_LIFETIME if request.query.get("debug_reconnects") == "true" else self._settings.connection_time
        self._open[socket] = request.transport
        await self._serve(socket, lifetime)
        return socket

    async def _serve(self, socket: web.WebSocketResponse, lifetime: float) -> None:
        try:
            await self._hello(socket, lifetime)
            self._changed()
            ageing = asyncio.get_running_loop().create_task(self._age(socket, lifetime))
            try:
                await self._read(socket)
            finally:
                ageing.cancel()
        finally:
            self._open.pop(socket, None)
            self._changed()

    async def _hello(self, socket: web.WebSocketResponse, lifetime: float) -> None:
        debug = {"host": DEBUG_HOST, "build_number": 1, "approximate_connection_time": int(lifetime)}
        hello = {"type": "hello", "num_connections": self.connections, "debug_info": debug}
        await self._say(socket, hello | {"connection_info": {"app_id": APP_ID}})

    async def _age(self, socket: web.WebSocketResponse, lifetime: float) -> None:
        await asyncio.sleep(max(0.0, lifetime - WARNING_AHEAD))
        await self._disconnect(socket, "warning")
        await asyncio.sleep(min(lifetime, WARNING_AHEAD))
        await self._disconnect(socket, "refresh_requested")

    async def _read(self, socket: web.WebSocketResponse) -> None:
        async for frame in socket:
            if frame.type is WSMsgType.PING and not self._settings.mute_sockets:
                await socket.pong(frame.data)
            elif frame.type is WSMsgType.TEXT:
                self._acknowledged(frame.data)

    def _acknowledged(self, text: str) -> None:
        try:
            answer = json.loads(text)
        except ValueError:
            return
        if not isinstance(answer, dict):
            return
        future = self._waiting.get(str(answer.get("envelope_id")))
        if future is not None and not future.done():
            payload = answer.get("payload")
            future.set_result(payload if isinstance(payload, dict) else None)

    async def send(self, kind: Envelope, payload: Mapping[str, Any], *, attempt: int, reason: str) -> Outcome:
        """Put the payload on any one open socket and wait for its ack."""
        envelope_id = f"{secrets.token_hex(4)}-{secrets.token_hex(2)}-{secrets.token_hex(2)}-{secrets.token_hex(6)}"
        envelope: dict[str, Any] = {"envelope_id": envelope_id, "type": kind, "payload": payload}
        envelope["accepts_response_payload"] = kind is not Envelope.EVENT
        if kind is Envelope.EVENT:
            envelope |= {"retry_attempt": attempt, "retry_reason": reason}
        if not self._open:
            return Outcome(acked=False, failure="connection_failed")
        future = asyncio.get_running_loop().create_future()
        self._waiting[envelope_id] = future
        try:
            if not self._settings.mute_sockets:
                await self._say(random.choice(list(self._open)), envelope)
            body = await asyncio.wait_for(future, self._settings.ack_window)
        except TimeoutError:
            return Outcome(acked=False, failure="timeout")
        finally:
            del self._waiting[envelope_id]
        return Outcome(acked=True, body=body)

    async def disconnect(self, reason: str) -> None:
        """Ask every socket to leave: `warning`, `refresh_requested` or `link_disabled`. Only a warning is no end."""
        for socket in tuple(self._open):
            await self._disconnect(socket, reason)

    async def _disconnect(self, socket: web.WebSocketResponse, reason: str) -> None:
        await self._say(socket, {"type": "disconnect", "reason": reason, "debug_info": {"host": DEBUG_HOST}})
        if reason != "warning":
            self._open.pop(socket, None)  # Slack sends nothing more to it; acks on it still count
            self._changed()

    def drop(self) -> None:
        """Cut every socket without a word."""
        for transport in tuple(self._open.values()):
            if isinstance(transport, asyncio.WriteTransport):
                transport.abort()
        self._open.clear()
        self._changed()

    async def close(self) -> None:
        """End every socket."""
        for socket in tuple(self._open):
            await socket.close(code=WSCloseCode.GOING_AWAY)

    async def _say(self, socket: web.WebSocketResponse, data: Mapping[str, Any]) -> None:
        if not socket.closed:
            try:
                await socket.send_str(json.dumps(data, ensure_ascii=False))
            except ConnectionError:
                return

    def _changed(self) -> None:
        (self._somebody.set if self._open else self._somebody.clear)()
        self._feed.publish("slack.socket", connections=self.connections)
