"""A running local Slack, a clock to move, and Slack's own client."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.feed import Feed
from sandbox.slack import SlackSandbox, SlackSettings
from sandbox.slack.delivery import Envelope, Outcome

ADA, BEN, CHEN = "U0ADA00AAA1", "U0BEN00BBB2", "U0CHEN0CCC3"
PICTURES, RANDOM, DESIGN, ADAS_IM = "C0PICTURES1", "C0RANDOM001", "C0DESIGN001", "D0ADA00AAA1"

MANIFEST: dict[str, Any] = {
    "display_information": {"name": "imagine"},
    "features": {
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True},
        "bot_user": {"display_name": "imagine"},
        "slash_commands": [{"command": "/imagine", "description": "Draw", "should_escape": True}],
    },
    "oauth_config": {
        "scopes": {
            "bot": ["commands", "chat:write", "files:write", "files:read", "reactions:read", "im:write", "users:read",
                    "channels:join"]
        }
    },
    "settings": {
        "event_subscriptions": {
            "bot_events": ["reaction_added", "app_home_opened", "app_uninstalled", "tokens_revoked"]
        },
        "interactivity": {"is_enabled": True},
        "socket_mode_enabled": True,
    },
}  # fmt: skip


def with_grants(*, scopes: tuple[str, ...] = (), events: tuple[str, ...] = ()) -> dict[str, Any]:
    """The manifest with more scopes and events."""
    bot = [*MANIFEST["oauth_config"]["scopes"]["bot"], *scopes]
    subscribed = [*MANIFEST["settings"]["event_subscriptions"]["bot_events"], *events]
    settings = MANIFEST["settings"] | {"event_subscriptions": {"bot_events": subscribed}}
    return MANIFEST | {"oauth_config": {"scopes": {"bot": bot}}, "settings": settings}


EVERYTHING = with_grants(
    scopes=("app_mentions:read", "im:history", "channels:read", "groups:read", "im:read", "reactions:write",
            "channels:history"),
    events=("app_mention", "message.im", "reaction_removed", "file_shared", "member_joined_channel"),
)  # fmt: skip


class Clock:
    """A clock that only moves when told."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def png(width: int = 4, height: int = 3) -> bytes:
    """The smallest PNG of that size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"".join(b"\0" + b"\x7f" * width for _ in range(height)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


class Recorder:
    """Stands in for the app: keeps every payload that is delivered."""

    def __init__(self) -> None:
        self.payloads: list[dict[str, Any]] = []

    async def send(self, kind: Envelope, payload: Any, *, attempt: int, reason: str) -> Outcome:
        self.payloads.append(json.loads(json.dumps(payload)))
        return Outcome(acked=True)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def feed() -> Feed:
    return Feed()


@pytest.fixture
def manifest() -> dict[str, Any]:
    return MANIFEST


@pytest.fixture
async def sandbox(feed: Feed, clock: Clock, manifest: dict[str, Any]) -> AsyncIterator[SlackSandbox]:
    settings = SlackSettings(share_delay=2.0, post_burst=100)
    running = SlackSandbox(feed=feed, manifest=manifest, settings=settings, clock=clock)
    await running.start()
    yield running
    await running.stop()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
def client(sandbox: SlackSandbox, session: aiohttp.ClientSession) -> AsyncWebClient:
    return AsyncWebClient(token=sandbox.bot_token, base_url=sandbox.api_url, session=session, retry_handlers=[])


@pytest.fixture
def app(sandbox: SlackSandbox, client: AsyncWebClient) -> AsyncApp:
    return AsyncApp(client=client, token=sandbox.bot_token, signing_secret=sandbox.signing_secret)


@pytest.fixture
async def connected(sandbox: SlackSandbox, app: AsyncApp) -> AsyncIterator[AsyncSocketModeHandler]:
    handler = AsyncSocketModeHandler(app, sandbox.app_token, web_client=app.client, ping_interval=0.3)
    await handler.connect_async()
    await sandbox.connected(timeout=5)
    yield handler
    await handler.close_async()


@pytest.fixture
def recorder(sandbox: SlackSandbox) -> Recorder:
    recorder = Recorder()
    sandbox.slack.delivery.http = recorder
    sandbox.settings.request_url = "http://recorder"
    return recorder
