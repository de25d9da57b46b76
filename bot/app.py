"""The composition root: the one place that knows the concrete classes."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import aiohttp
import aiohttp.web
import structlog
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

import handlers
from bot import web
from bot.clock import Clock, SystemClock
from bot.driver import Account, Driver
from bot.errors import Fault
from bot.images.hunyuan import Hunyuan
from bot.images.tc3 import Credentials
from bot.images.wire import Access
from bot.intake import Intake
from bot.job import LaneId, UserId
from bot.measures import Meters
from bot.policy import Reactions
from bot.ports import Chat, Images, Spool, Store
from bot.runner import Runner
from bot.settings import Settings
from bot.slack.bolt import open_bolt
from bot.slack.client import SlackClient, open_session
from bot.slack.introduction import introduce
from bot.slack.posting import SlackChat
from bot.slack.socket import SocketLines
from bot.store import ObjectSpool, migrate, open_store
from bot.wakeups import Wakeups

_log = structlog.get_logger(__name__)

LANE = LaneId("hunyuan")
STOP_WITHIN = 8.0
"""Seconds that steps under way get to end after SIGTERM."""
KEYS_KEPT = timedelta(days=2)
BYTES_KEPT = timedelta(days=2)
_HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Ports:
    """The concrete things behind the ports; a test may put others in their place."""

    store: Store
    chat: Chat
    images: Images
    spool: Spool


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
        await stop.wait()
        _log.info("stopping")


@asynccontextmanager
async def serving(settings: Settings, *, adorn: Callable[[Ports], Ports] = lambda ports: ports) -> AsyncIterator[int]:
    """Everything at work; gives the port that is listened at, and puts all away in the right order afterwards."""
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(_session())
        store = await _store(settings, clock, stack)
        slack_session = await stack.enter_async_context(open_session())
        token = settings.slack_bot_token.get_secret_value()
        slack = SlackClient(slack_session, token=token, api_url=settings.slack_api_url, now=clock.now)
        chat = SlackChat(slack, now=clock.now, admins=[UserId(admin) for admin in settings.admin_users])
        ports = adorn(Ports(store, chat, hunyuan(settings, session, clock), ObjectSpool(settings.spool)))
        bot = Bot(settings, ports, clock=clock, slack=slack, voice=chat)
        stack.push_async_callback(chat.close)
        chat.start()
        stack.push_async_callback(bot.stop)
        yield await bot.start()


def _session() -> aiohttp.ClientSession:
    """One session for all calls, with a limit on each; proxies of the environment are not used."""
    timeout = aiohttp.ClientTimeout(total=30.0, connect=5.0)
    connector = aiohttp.TCPConnector(limit=100, limit_per_host=30, ttl_dns_cache=60)
    jar = aiohttp.DummyCookieJar()
    return aiohttp.ClientSession(timeout=timeout, connector=connector, trust_env=False, cookie_jar=jar)


async def _store(settings: Settings, clock: Clock, stack: AsyncExitStack) -> Store:
    """Open the database. The embedded one is brought up to date here; a shared one only by `imagine migrate`."""
    settings.make_data_dir()
    if settings.database.startswith("sqlite"):
        await migrate(settings.database)
    store = await open_store(settings.database, clock=clock.now)
    stack.push_async_callback(store.close)
    return store


def hunyuan(settings: Settings, session: aiohttp.ClientSession, clock: Clock) -> Hunyuan:
    """The image account behind the settings."""
    token = settings.tencentcloud_token
    credentials = Credentials(
        settings.tencentcloud_secret_id.get_secret_value(),
        settings.tencentcloud_secret_key.get_secret_value(),
        token.get_secret_value() if token is not None else "",
    )
    access = Access(settings.hunyuan_endpoint, credentials, settings.hunyuan_region)
    return Hunyuan(session, access, now=clock.now, wall=clock.wall)


class Bot:
    """All parts of one process, put together."""

    def __init__(self, settings: Settings, ports: Ports, *, clock: Clock, slack: SlackClient, voice: SlackChat) -> None:
        self._settings = settings
        self._ports = ports
        self._slack = slack
        self._voice = voice
        self._meters = Meters()
        self._owner = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._wrong: str | None = "starting"
        self._identity: Mapping[str, Any] = {}
        self._courtesies: set[asyncio.Task[None]] = set()
        self._runner, self._driver = self._engine(clock)
        self._wakeups = Wakeups(self._runner.tick, clock=clock)
        self._runner.nudge = self._driver.nudge = self._wakeups.nudge
        self._clock = clock
        secret = settings.slack_signing_secret
        self._signing_secret = secret.get_secret_value() if secret is not None else secrets.token_hex(16)
        self._bolt = self._listening()
        self._sockets = self._socket_lines()
        self._web: aiohttp.web.AppRunner | None = None

    def _engine(self, clock: Clock) -> tuple[Runner, Driver]:
        ports, settings = self._ports, self._settings
        account = Account(
            LANE,
            slots=settings.hunyuan_slots,
            rate=settings.hunyuan_rate,
            typical=settings.hunyuan_typical,
            hold=settings.hunyuan_hold,
            deadline=settings.hunyuan_deadline,
            probe_every=settings.hunyuan_probe,
        )
        runner = Runner(
            store=ports.store,
            chat=ports.chat,
            images=ports.images,
            spool=ports.spool,
            clock=clock,
            measures=self._meters,
            owner=self._owner,
        )
        driver = Driver(
            account,
            store=ports.store,
            images=ports.images,
            chat=ports.chat,
            clock=clock,
            measures=self._meters,
            carrier=runner,
        )
        runner.add_lane(LANE, driver)
        return runner, driver

    def _listening(self) -> AsyncApp:
        token = self._settings.slack_bot_token.get_secret_value()
        client = self._web_client()
        app = open_bolt(lambda: self._identity, token=token, signing_secret=self._signing_secret, client=client)
        handlers.register(app, self._desk())
        return app

    def _desk(self) -> handlers.Desk:
        settings = self._settings
        intake = Intake(
            store=self._ports.store,
            chat=self._ports.chat,
            clock=self._clock,
            starter=self._runner,
            lane=LANE,
            nudge=self._wakeups.nudge,
        )
        return handlers.Desk(
            intake=intake,
            reactions=Reactions(frozenset(settings.reroll_reactions), frozenset(settings.cancel_reactions)),
            measures=self._meters,
            locale_of=self._voice.readers.known,
            reroll=settings.reroll_reactions,
            cancel=settings.cancel_reactions,
            later=self._later,
            whisper=self._voice.whisper,
            uninstalled=self._uninstalled,
        )

    def _socket_lines(self) -> SocketLines | None:
        token = self._settings.slack_app_token
        if token is None:
            return None
        return SocketLines(self._bolt, app_token=token.get_secret_value(), client=self._web_client())

    def _web_client(self) -> AsyncWebClient:
        """A client over the same session and the same way out; it finds proxies of its own in the environment."""
        client = AsyncWebClient(base_url=self._settings.slack_api_url, session=self._slack.session)
        client.proxy = self._slack.proxy
        return client

    def _later(self, courtesy: Awaitable[None]) -> None:
        """A private word after the acknowledgement. It may be lost."""

        async def do() -> None:
            try:
                await courtesy
            except Fault as fault:
                _log.info("courtesy_lost", code=fault.code)

        task = asyncio.create_task(do(), name="courtesy")
        self._courtesies.add(task)
        task.add_done_callback(self._courtesies.discard)

    def _uninstalled(self, team_id: str) -> None:
        _log.error("uninstalled", team=team_id)
        self._wrong = "the app was removed from the workspace, or its token revoked"

    async def start(self) -> int:
        """Listen, find out who we are, then begin to work; the port."""
        http = web.SlackDoor(self._bolt, self._signing_secret) if self._sockets is None else None
        checks = {"slack": self._slack_state, "database": self._database_state}
        app = web.routes(checks=checks, registry=self._meters.registry, is_alive=self._wakeups.is_alive, slack=http)
        self._web, port = await web.serve(app, host=self._settings.host, port=self._settings.port)
        self._identity = await introduce(self._slack, self._sockets, sleep=self._clock.sleep, away=self._slack_away)
        await self._driver.load()
        self._wakeups.start()
        self._wakeups.every(_HOUR, self._tidy, name="tidy")
        if self._sockets is not None:
            self._sockets.start()
        self._wrong = None
        _log.info("started", mode="socket" if self._sockets else "http", team=self._identity.get("team_id"), port=port)
        return port

    def _slack_away(self, code: str) -> None:
        self._wrong = f"Slack is away ({code})"

    async def _slack_state(self) -> str | None:
        if self._wrong is None and self._slack.refused is not None:
            return f"Slack refuses the bot token ({self._slack.refused})"
        if self._wrong is not None or self._sockets is None:
            return self._wrong
        return None if await self._sockets.is_up() else "no socket is connected"

    async def _database_state(self) -> str | None:
        try:
            await self._ports.store.ping()
        except Fault as fault:
            return fault.code
        return None

    async def _tidy(self) -> None:
        """Forget what nobody needs: old delivery keys, and bytes that a crash left behind."""
        now = self._clock.now()
        try:
            keys = await self._ports.store.forget(now - KEYS_KEPT)
            bytes_ = await self._ports.spool.sweep(now - BYTES_KEPT)
            _log.info("tidied", keys=keys, objects=bytes_)
        except Fault as fault:
            _log.warning("not_tidied", code=fault.code)

    async def stop(self) -> None:
        """Not ready; nothing new; what is under way ends or is given back; sockets last."""
        self._wrong = "stopping"
        await self._wakeups.stop()
        await asyncio.gather(self._driver.stop(limit=STOP_WITHIN), self._runner.stop(limit=STOP_WITHIN))
        if self._sockets is not None:
            await self._sockets.stop()
        if self._web is not None:
            await self._web.cleanup()
        for task in self._courtesies:
            task.cancel()
        await asyncio.gather(*self._courtesies, return_exceptions=True)
