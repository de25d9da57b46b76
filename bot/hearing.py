"""What Slack says reaches its listeners: over HTTP through a door, in Socket Mode through sockets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog
from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

import handlers
from bot.errors import Fault
from bot.inbox import Inbox
from bot.intake import Intake
from bot.job import TeamId
from bot.policy import Reactions
from bot.ports import Measures
from bot.settings import Settings
from bot.shelf import Shelf
from bot.slack.addresses import Addresses
from bot.slack.client import SlackClient
from bot.slack.posting import SlackChat
from bot.slack.surfaces import Surfaces

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp

    from bot.slack.socket import SocketLines

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Cases:
    """What listeners can have done."""

    intake: Intake
    inbox: Inbox
    shelf: Shelf


class Hearing:
    """The listeners, and in Socket Mode the lines they are reached through.

    Bolt comes only with `load`: it takes a sixth of a start, and a command over HTTP does without it.
    """

    def __init__(
        self, settings: Settings, *, cases: Cases, measures: Measures, slack: SlackClient,
        voice: SlackChat, signing_secret: str, uninstalled: Callable[[str], None],
    ) -> None:  # fmt: skip
        self._settings = settings
        self._slack = slack
        self._signing_secret = signing_secret
        self._courtesies: set[asyncio.Task[None]] = set()
        self._bolt: asyncio.Future[AsyncApp] = asyncio.get_running_loop().create_future()
        self.identity: Mapping[str, Any] = {}
        """What `auth.test` said of us."""
        self.sockets: SocketLines | None = None
        self.desk = handlers.Desk(
            intake=cases.intake,
            inbox=cases.inbox,
            shelf=cases.shelf,
            surfaces=Surfaces(slack),
            addresses=Addresses(slack),
            reactions=Reactions(
                frozenset(settings.reroll_reactions),
                frozenset(settings.cancel_reactions),
                illustrate=frozenset(settings.illustrate_reactions),
                star=frozenset(settings.star_reactions),
                vote=frozenset(settings.vote_reactions),
            ),
            measures=measures,
            now=cases.intake.now,
            price=settings.price_per_picture,
            locale_of=voice.readers.known,
            look_up_locale=voice.readers.locale,
            gallery=settings.gallery_channel,
            reroll=settings.reroll_reactions,
            cancel=settings.cancel_reactions,
            later=self._later,
            whisper=voice.whisper,
            sessions=voice.sessions,
            uninstalled=uninstalled,
            home=self._home,
        )

    def _home(self) -> TeamId | None:
        """An installation in a whole organisation is in many workspaces: there it is what each delivery says."""
        team = None if self.identity.get("is_enterprise_install") else self.identity.get("team_id")
        return TeamId(str(team)) if team else None

    def load(self) -> None:
        """Put Bolt together, and the sockets if there are to be some."""
        from bot.slack.bolt import open_bolt

        token = self._settings.slack_bot_token.get_secret_value()
        client = self._web_client()
        app = open_bolt(lambda: self.identity, token=token, signing_secret=self._signing_secret, client=client)
        handlers.register(app, self.desk)
        self._bolt.set_result(app)
        if self._settings.slack_app_token is not None:
            from bot.slack.socket import SocketLines

            app_token = self._settings.slack_app_token.get_secret_value()
            self.sockets = SocketLines(app, app_token=app_token, client=self._web_client())

    async def answer(self, request: web.Request) -> web.Response:
        """What the listeners answer to a request of Slack's; one that comes before `load` is over waits for it."""
        app = await asyncio.shield(self._bolt)
        from bot.slack.bolt import answered

        return await answered(app, request)

    def _web_client(self) -> AsyncWebClient:
        """A client over the same session and the same way out; it finds proxies of its own in the environment."""
        client = AsyncWebClient(base_url=self._settings.slack_api_url, session=self._slack.session)
        client.proxy = self._slack.proxy
        return client

    def _later(self, courtesy: Coroutine[Any, Any, None]) -> None:
        """A private word after the acknowledgement. It may be lost."""

        async def do() -> None:
            try:
                await courtesy
            except Fault as fault:
                _log.info("courtesy_lost", code=fault.code)

        task = asyncio.create_task(do(), name="courtesy")
        self._courtesies.add(task)
        task.add_done_callback(self._courtesies.discard)

    async def stop(self) -> None:
        """Hang up."""
        if self.sockets is not None:
            await self.sockets.stop()

    async def hush(self) -> None:
        """Give up the courtesies that are not said yet."""
        for task in self._courtesies:
            task.cancel()
        await asyncio.gather(*self._courtesies, return_exceptions=True)
        self._bolt.cancel()
