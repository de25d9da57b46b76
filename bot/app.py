"""The composition root: the one place that knows the concrete classes."""

from __future__ import annotations

import asyncio
import gc
import importlib
import secrets
import signal
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any

import aiohttp
import aiohttp.web
import structlog

import handlers
from bot import web
from bot.clock import Clock, SystemClock
from bot.engine import LANE, Engine, Ports
from bot.errors import Fault, Misconfigured
from bot.hearing import Cases, Hearing
from bot.images.hunyuan import Hunyuan, ReadReference
from bot.images.tc3 import Credentials
from bot.images.wire import Access
from bot.inbox import Inbox
from bot.intake import Intake
from bot.job import ChannelId, UserId
from bot.measures import Meters
from bot.settings import Settings
from bot.shelf import Shelf
from bot.slack.client import SlackClient, open_session
from bot.slack.introduction import introduce
from bot.slack.posting import SlackChat
from bot.store import ObjectSpool, SqlStore, migrate, open_store
from bot.tenure import Lease

__all__ = ["LANE", "Bot", "Ports", "hunyuan", "image_session", "run", "serving"]

_log = structlog.get_logger(__name__)

KEYS_KEPT = timedelta(days=2)
BYTES_KEPT = timedelta(days=2)
DRAFTS_KEPT = timedelta(days=1)
"""Shorter than the keys: a draft that is confirmed twice must be known to be."""
INBOX_STOPS_WITHIN = 2.0
"""Seconds. What is not settled then is claimed by the next start, and said again if it was said."""
LATER = ("bot.slack.bolt", "bot.wakeups", "PIL.PngImagePlugin", "PIL.JpegImagePlugin")
"""Modules, heavy by what they bring, that no acknowledgement over HTTP needs: a fifth of all imports."""


async def run(settings: Settings, *, adorn: Callable[[Ports], Ports] = lambda ports: ports) -> None:
    """Run until SIGTERM or SIGINT. Raises `Misconfigured` if a token or the database cannot be used."""
    stop = asyncio.Event()
    async with AsyncExitStack() as stack:
        starting = asyncio.create_task(stack.enter_async_context(serving(settings, adorn=adorn)), name="start")

        def end() -> None:
            stop.set()
            starting.cancel()  # a start may wait for Slack for hours; one that is done is not touched by this

        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, end)
        try:
            await starting
        except asyncio.CancelledError:
            if not stop.is_set():
                raise
        gc.freeze()  # what is loaded stays: no collection walks through it any more while somebody waits
        await stop.wait()
        _log.info("stopping")


@asynccontextmanager
async def serving(
    settings: Settings, *, adorn: Callable[[Ports], Ports] = lambda ports: ports, clock: Clock | None = None
) -> AsyncIterator[int]:
    """Everything at work; gives the port that is listened at, and puts all away in the right order afterwards."""
    clock = clock or SystemClock()
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(image_session())
        store = await _store(settings, clock, stack)
        slack_session = await stack.enter_async_context(open_session())
        token = settings.slack_bot_token.get_secret_value()
        slack = SlackClient(slack_session, token=token, api_url=settings.slack_api_url, now=clock.now)
        admins = [UserId(admin) for admin in settings.admin_users]
        chat = SlackChat(slack, now=clock.now, admins=admins, job_of=store.get)
        images = hunyuan(settings, session, clock, reference=chat.reference)
        ports = adorn(Ports(store, chat, images, ObjectSpool(settings.spool), store.inbox))
        bot = Bot(settings, ports, clock=clock, slack=slack, voice=chat, shelf=store.shelf)
        stack.push_async_callback(chat.close)
        chat.start()
        stack.push_async_callback(bot.stop)
        yield await bot.start()


def image_session() -> aiohttp.ClientSession:
    """One session for all calls to the image API, with a limit on each; proxies of the environment are not used."""
    timeout = aiohttp.ClientTimeout(total=30.0, connect=5.0)
    connector = aiohttp.TCPConnector(limit=100, limit_per_host=30, ttl_dns_cache=60)
    jar = aiohttp.DummyCookieJar()
    return aiohttp.ClientSession(timeout=timeout, connector=connector, trust_env=False, cookie_jar=jar)


async def _store(settings: Settings, clock: Clock, stack: AsyncExitStack) -> SqlStore:
    """Open the database. The embedded one is brought up to date here; a shared one only by `imagine migrate`."""
    settings.make_data_dir()
    url = settings.database
    try:
        store = await open_store(url, clock=clock.now)
    except Misconfigured as fault:
        if fault.code != "database_behind" or not url.startswith("sqlite"):
            raise
        await migrate(url)
        store = await open_store(url, clock=clock.now)
    stack.push_async_callback(store.close)
    return store


def hunyuan(
    settings: Settings, session: aiohttp.ClientSession, clock: Clock, *, reference: ReadReference | None = None
) -> Hunyuan:
    """The image account behind the settings; `reference` reads the pictures that it is to draw after."""
    token = settings.tencentcloud_token
    credentials = Credentials(
        settings.tencentcloud_secret_id.get_secret_value(),
        settings.tencentcloud_secret_key.get_secret_value(),
        token.get_secret_value() if token is not None else "",
    )
    access = Access(settings.hunyuan_endpoint, credentials, settings.hunyuan_region)
    return Hunyuan(session, access, now=clock.now, wall=clock.wall, reference=reference)


class Bot:
    """All parts of one process, put together."""

    def __init__(
        self, settings: Settings, ports: Ports, *, clock: Clock, slack: SlackClient, voice: SlackChat, shelf: Shelf
    ) -> None:
        self._settings = settings
        self._ports = ports
        self._shelf = shelf
        self._clock = clock
        self._slack = slack
        self._voice = voice
        self._wrong: str | None = "starting"
        self._meters = Meters()
        lease = None if settings.database.startswith("sqlite") else Lease()
        self._engine = Engine(settings, ports, clock=clock, measures=self._meters, lease=lease)
        precedence, owner = self._engine.runner.precedence, self._engine.owner
        slack.piece = precedence.piece
        self._inbox = Inbox(ports.heard, clock=clock, precedence=precedence, owner=owner, crowd=settings.crowd)
        self._meters.watch_inbox(lambda: self._inbox.unread)
        secret = settings.slack_signing_secret
        self._signing_secret = secret.get_secret_value() if secret is not None else secrets.token_hex(16)
        self._hearing = Hearing(
            settings,
            cases=Cases(self._intake(), self._inbox, shelf),
            measures=self._meters,
            slack=slack,
            voice=voice,
            signing_secret=self._signing_secret,
            uninstalled=self._uninstalled,
        )
        self._web: aiohttp.web.AppRunner | None = None

    def _intake(self) -> Intake:
        return Intake(
            store=self._ports.store,
            chat=self._ports.chat,
            clock=self._clock,
            starter=self._engine.runner,
            lane=LANE,
            nudge=self._engine.nudge,
            gallery=self._settings.gallery_channel,
        )

    def _uninstalled(self, team_id: str) -> None:
        _log.error("uninstalled", team=team_id)
        self._wrong = "the app was removed from the workspace, or its token revoked"

    async def start(self) -> int:
        """Listen, find out who we are, then begin to work; the port.

        What is asked from the first moment on is stored and acknowledged, and carried on as soon as there is a hand.
        """
        hearing = self._hearing
        port = await self._open_door()
        hearing.identity = await self._introduce()
        await self._engine.start(hourly=self._tidy)
        self._inbox.start(handlers.taker(hearing.desk))
        if hearing.sockets is not None:
            hearing.sockets.start()
        if gallery := self._settings.gallery_channel:
            hearing.desk.later(self._voice.enter(ChannelId(gallery)))
        self._wrong = None
        mode = "socket" if hearing.sockets is not None else "http"
        _log.info("started", mode=mode, team=hearing.identity.get("team_id"), port=port)
        return port

    async def _open_door(self) -> int:
        settings, hearing = self._settings, self._hearing
        ways = handlers.short_ways(hearing.desk)
        door = None if settings.socket_mode else web.SlackDoor(hearing.answer, self._signing_secret, ways)
        checks = {"slack": self._slack_state, "database": self._database_state}
        app = web.routes(checks=checks, registry=self._meters.registry, is_alive=self._engine.is_alive, slack=door)
        self._web, port = await web.serve(app, host=settings.host, port=settings.port)
        return port

    async def _introduce(self) -> Mapping[str, Any]:
        """Find out who we are; what was not needed so far is loaded while Slack thinks about it."""
        loading = asyncio.create_task(self._load(), name="load")
        try:
            if self._settings.socket_mode:
                await loading  # the sockets' token is tried, too
            sockets = self._hearing.sockets
            return await introduce(self._slack, sockets, sleep=self._clock.sleep, away=self._slack_away)
        finally:
            await loading

    async def _load(self) -> None:
        """In a thread, so that who asks meanwhile is answered."""
        for name in LATER:
            await asyncio.to_thread(importlib.import_module, name)
        self._hearing.load()

    def _slack_away(self, code: str) -> None:
        self._wrong = f"Slack is away ({code})"

    async def _slack_state(self) -> str | None:
        if self._wrong is None and self._slack.refused is not None:
            return f"Slack refuses the bot token ({self._slack.refused})"
        if self._wrong is not None or (sockets := self._hearing.sockets) is None:
            return self._wrong
        return None if await sockets.is_up() else "no socket is connected"

    async def _database_state(self) -> str | None:
        try:
            await self._ports.store.ping()
        except Fault as fault:
            return fault.code
        return None

    async def _tidy(self) -> None:
        """Forget what nobody needs: old delivery keys and drafts, and bytes that a crash left behind."""
        now = self._clock.now()
        try:
            keys = await self._ports.store.forget(now - KEYS_KEPT)
            bytes_ = await self._ports.spool.sweep(now - BYTES_KEPT)
            drafts = await self._shelf.forget_drafts(now - DRAFTS_KEPT)
            _log.info("tidied", keys=keys, objects=bytes_, drafts=drafts)
        except Fault as fault:
            _log.warning("not_tidied", code=fault.code)

    async def stop(self) -> None:
        """Not ready; nothing new; what is under way ends or is given back; sockets last."""
        self._wrong = "stopping"
        await self._inbox.stop(limit=INBOX_STOPS_WITHIN)
        await self._engine.stop()
        await self._hearing.stop()
        if self._web is not None:
            await self._web.cleanup()
        await self._hearing.hush()
