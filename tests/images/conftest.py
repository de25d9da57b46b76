"""A tiny provider that says what it is told to, and the client under test, on clocks that stand still."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from tempfile import TemporaryFile
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.images.hunyuan import Hunyuan
from bot.images.tc3 import Credentials
from bot.images.wire import Access, Limits
from bot.ports import Photo

WALL = 1_790_000_000.0
NOW = datetime.fromtimestamp(WALL, UTC)
KEYS = Credentials("id-for-tests", "key-for-tests")
Reply = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as it came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def said(self) -> dict[str, Any]:
        return dict(json.loads(self.body))


@dataclass(slots=True)
class Provider:
    """Gives the replies in order, the last one for ever, and keeps what it was asked."""

    replies: list[Reply] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    url: str = ""
    never: asyncio.Event = field(default_factory=asyncio.Event)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    def will(self, *replies: Reply) -> None:
        self.replies = list(replies)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.seen.append(Seen(request.method, request.raw_path, dict(request.headers), await request.read()))
        self.arrived.set()
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        return await reply(request)

    async def hang(self, _request: web.Request) -> web.StreamResponse:
        await self.never.wait()
        return web.Response()

    async def drip(self, request: web.Request) -> web.StreamResponse:
        """A beginning, and then never the rest, though more is promised."""
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(request)
        await response.write(b'{"Response"')
        await self.never.wait()
        return response


def answer(status: int = 200, *, headers: dict[str, str] | None = None, **response: Any) -> Reply:
    """An answer in the provider's envelope."""
    whole = {"Response": {"RequestId": "req-1", **response}}
    return raw(json.dumps(whole).encode(), status=status, headers=headers)


def error(code: str, message: str = "内部信息", **more: Any) -> Reply:
    return answer(Error={"Code": code, "Message": message}, **more)


def raw(
    body: bytes, *, status: int = 200, kind: str = "application/json", headers: dict[str, str] | None = None
) -> Reply:
    """These very bytes."""

    async def reply(_request: web.Request) -> web.StreamResponse:
        return web.Response(body=body, status=status, headers={"Content-Type": kind, **(headers or {})})

    return reply


async def cut(request: web.Request) -> web.StreamResponse:
    """The request was read, and the connection is reset."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def cut_half_way(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b'{"Response":')
    assert request.transport is not None
    request.transport.abort()
    return response


async def fetched(images: Hunyuan, link: str) -> tuple[Photo, bytes]:
    """The picture, and the bytes that came with it."""
    with TemporaryFile() as into:
        photo = await images.fetch(link, into, sized=lambda _length, _mime: None)
        into.seek(0)
        return photo, into.read()


@contextmanager
def environment(**values: str) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    provider = Provider()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", provider.handle)
    server = TestServer(app, host="127.0.0.1")
    await server.start_server()
    provider.url = str(server.make_url("")).rstrip("/")
    yield provider
    provider.never.set()
    await server.close()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


Make = Callable[..., Hunyuan]


@pytest.fixture
def make(session: aiohttp.ClientSession, provider: Provider) -> Make:
    """Makes the client under test for the tiny provider."""

    def client(
        *, endpoint: str | None = None, keys: Credentials = KEYS, limits: Limits | None = None, **more: Any
    ) -> Hunyuan:
        access = Access(endpoint or provider.url, keys)
        return Hunyuan(session, access, now=lambda: NOW, wall=lambda: WALL, limits=limits or Limits(), **more)

    return client


@pytest.fixture
def images(make: Make) -> Hunyuan:
    return make()
