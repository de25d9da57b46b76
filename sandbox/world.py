"""The whole sandbox in one place: local Slack, local image API, page, and the real bot if it is wanted."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import tempfile
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from sandbox.bot import BotProcess, free_port
from sandbox.feed import Feed
from sandbox.hunyuan import ImageApi, ImageApiSettings
from sandbox.page.meters import Meters
from sandbox.page.server import Page
from sandbox.page.view import Scene
from sandbox.slack import SlackSandbox, SlackSettings
from sandbox.timeline import Timelines


@dataclass(frozen=True, slots=True)
class Wishes:
    """How somebody wants the sandbox.

    Port 0, or one that is taken, means a free one; no `data` means a folder that is gone afterwards.
    """

    host: str = "127.0.0.1"
    port: int = 0
    speed: float = 1.0
    slots: int = 1
    data: Path | None = None
    with_bot: bool = True
    request_url: str | None = None
    bot_command: tuple[str, ...] | None = None
    bot_settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class World:
    """Everything that runs, started together and stopped together. It alone knows the credentials."""

    feed: Feed
    slack: SlackSandbox
    images: ImageApi
    timelines: Timelines
    meters: Meters
    page: Page
    bot: BotProcess | None = None

    def addresses(self) -> dict[str, str]:
        """What any other client needs; these keys are a public contract (`--json`)."""
        return {
            "page": self.page.url,
            "slack_api_url": self.slack.api_url,
            "slack_bot_token": self.slack.bot_token,
            "slack_app_token": self.slack.app_token,
            "slack_signing_secret": self.slack.signing_secret,
            "image_api_url": self.images.url,
            "secret_id": self.images.settings.secret_id,
            "secret_key": self.images.settings.secret_key,
        }

    def person(self, name: str) -> str:
        """The id of the person called `name`."""
        return next(user.id for user in self.slack.workspace.users.values() if user.name == name.lower())

    def channel(self, name: str) -> str:
        """The id of the channel called `name`."""
        return next(c.id for c in self.slack.workspace.channels.values() if c.name == name and c.person is None)

    async def ready(self, *, patience: float = 30.0) -> None:
        """Return once the bot listens; TimeoutError after `patience` seconds, BotEndedError if it died instead."""
        connecting = asyncio.create_task(self.slack.connected(timeout=patience))
        dead = asyncio.Event()
        forget = self.feed.listen(lambda happening: dead.set() if happening.kind == "bot.ended" else None)
        dying = asyncio.create_task(dead.wait())
        try:
            if self.bot is not None and self.bot.died:
                raise BotEndedError(self.bot.code)
            await asyncio.wait({connecting, dying}, return_when=asyncio.FIRST_COMPLETED)
            if not connecting.done():
                raise BotEndedError(self.bot.code if self.bot else None)
            await connecting
        finally:
            forget()
            for task in (connecting, dying):
                task.cancel()
            await asyncio.gather(connecting, dying, return_exceptions=True)


class BotEndedError(Exception):
    """The bot's process ended before it was asked to; `code` is its exit code."""

    def __init__(self, code: int | None) -> None:
        super().__init__(f"the bot ended with code {code}")
        self.code = code


def load_manifest() -> dict[str, Any]:
    """The app's manifest: beside the packages in a checkout, inside `bot` when installed. The bot is not imported."""
    top = Path(__file__).resolve().parents[1]
    for path in (top / "manifest.yml", top / "bot" / "manifest.yml"):
        if path.is_file():
            manifest: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
            return manifest
    raise FileNotFoundError("manifest.yml is neither beside the sandbox package nor inside the bot package")


@contextlib.asynccontextmanager
async def open_world(wishes: Wishes) -> AsyncIterator[World]:
    """Start everything in order, give it, and stop it in the opposite order whatever happens."""
    manifest = load_manifest()
    world = _build(wishes, manifest)
    async with contextlib.AsyncExitStack() as stack:
        for fold in (world.timelines.see, world.meters.see):
            stack.callback(world.feed.listen(fold))
        await _start(stack, world, wishes)
        if wishes.with_bot:
            folder = wishes.data or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="imagine-")))
            world.bot = world.page.scene.bot = _bot(world, wishes, folder.resolve())
            stack.push_async_callback(world.bot.stop)
            await world.bot.start()
        yield world


def _build(wishes: Wishes, manifest: Mapping[str, Any]) -> World:
    feed = Feed()
    slack = SlackSandbox(feed=feed, manifest=manifest, settings=SlackSettings(request_url=wishes.request_url))
    images = ImageApi(feed=feed, settings=ImageApiSettings(slots=wishes.slots, speed=wishes.speed))
    timelines, meters = Timelines(slack.bot_user_id), Meters()
    commands = manifest.get("features", {}).get("slash_commands", [])
    page = Page(Scene(feed, slack, images, timelines, meters, commands))
    return World(feed, slack, images, timelines, meters, page)


async def _start(stack: contextlib.AsyncExitStack, world: World, wishes: Wishes) -> None:
    stack.push_async_callback(world.slack.stop)
    await world.slack.start()
    stack.push_async_callback(world.images.stop)
    await world.images.start()
    stack.push_async_callback(world.page.stop)
    try:
        await world.page.start(host=wishes.host, port=wishes.port)
    except OSError as error:
        if error.errno != errno.EADDRINUSE or not wishes.port:
            raise
        await world.page.start(host=wishes.host)


def _bot(world: World, wishes: Wishes, folder: Path) -> BotProcess:
    settings = {
        "SLACK_BOT_TOKEN": world.slack.bot_token,
        "SLACK_APP_TOKEN": world.slack.app_token,
        "SLACK_SIGNING_SECRET": world.slack.signing_secret,
        "SLACK_API_URL": world.slack.api_url,
        "TENCENTCLOUD_SECRET_ID": world.images.settings.secret_id,
        "TENCENTCLOUD_SECRET_KEY": world.images.settings.secret_key,
        "HUNYUAN_ENDPOINT": world.images.url,
        "HUNYUAN_SLOTS": str(world.images.settings.slots),
        "HUNYUAN_RATE": str(world.images.settings.rate),
        "DATA_DIR": str(folder),
        "HOST": "127.0.0.1",
        "PORT": str(free_port()),
        "LOG_FORMAT": "json",
        "LOG_LEVEL": "INFO",
    } | dict(wishes.bot_settings)
    bot = BotProcess(settings, folder, world.feed)
    if wishes.bot_command is not None:
        bot.command = wishes.bot_command
    return bot
