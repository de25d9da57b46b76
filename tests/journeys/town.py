"""A small town to live in: the local Slack, the local image API, and the real bot, in one event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bot.app import Ports, serving
from bot.clock import Clock, SystemClock
from bot.settings import Settings, read_settings
from sandbox.feed import Feed, Happening
from sandbox.hunyuan import ImageApi, ImageApiSettings
from sandbox.slack import Answer, Message, SlackSandbox, SlackSettings
from tests.founding import found, granted

QUICK: dict[str, Any] = {"hunyuan_typical": 0.05, "hunyuan_hold": 0.5, "hunyuan_probe": 0.1}
"""A picture takes a twentieth of a second here, and the bot knows."""
SPEED = 240.0
"""How much faster than the provider the local image API is, for that."""
RETRIES = (0.0, 0.5, 2.0)
"""Seconds after which Slack sends an event again here: a restless bot gives up as soon what it does not know."""
PATIENCE = 30.0
"""Seconds before a story that does not come true is given up; no story waits for them."""


class Restless(SystemClock):
    """The machine's clock, of somebody who looks again and tries again sooner than they would elsewhere."""

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds / 8)


@dataclass(slots=True)
class Town:
    """Who lives there and what they see."""

    feed: Feed
    slack: SlackSandbox
    images: ImageApi
    data: Path
    port: int = 0
    overrides: dict[str, object] = field(default_factory=dict)
    adorn: Callable[[Ports], Ports] = lambda ports: ports
    clock: Clock = field(default_factory=Restless)
    _running: AsyncExitStack | None = None
    _met: set[str] = field(default_factory=set)

    @property
    def ada(self) -> str:
        """Her language is English."""
        return self.person("ada")

    @property
    def ben(self) -> str:
        """His language is English."""
        return self.person("ben")

    @property
    def chen(self) -> str:
        """Their language is Chinese."""
        return self.person("chen")

    @property
    def pictures(self) -> str:
        """A public channel with the bot in it."""
        return self.channel("pictures")

    def person(self, name: str) -> str:
        return next(user.id for user in self.slack.workspace.users.values() if user.name == name)

    def channel(self, name: str) -> str:
        return next(c.id for c in self.slack.workspace.channels.values() if c.name == name and c.person is None)

    def settings(self) -> Settings:
        values: dict[str, object] = {
            "slack_bot_token": self.slack.bot_token,
            "slack_app_token": self.slack.app_token,
            "slack_signing_secret": self.slack.signing_secret,
            "slack_api_url": self.slack.api_url,
            "tencentcloud_secret_id": self.images.settings.secret_id,
            "tencentcloud_secret_key": self.images.settings.secret_key,
            "hunyuan_endpoint": self.images.url,
            "data_dir": self.data,
            "port": 0,
            "admin_users": (self.ben,),
        }
        return read_settings(_env_file=None, **{**values, **self.overrides})

    async def start_bot(self) -> None:
        """The bot's process begins, as far as one loop can tell."""
        self._running = AsyncExitStack()
        self._met.clear()
        settings = self.settings()
        await found(settings)
        self.port = await self._running.enter_async_context(serving(settings, adorn=self.adorn, clock=self.clock))
        if self.overrides.get("slack_app_token", "") is not None:
            await self.slack.connected(timeout=PATIENCE)

    async def stop_bot(self) -> None:
        """It ends as after SIGTERM."""
        if self._running is not None:
            await self._running.aclose()
            self._running = None

    async def asks(self, who: str, text: str, *, where: str | None = None) -> Answer:
        """Somebody types `/imagine text`; what they see, at once or once the bot has found out their language."""
        seen: list[str] = []
        stop = self.feed.listen(lambda each: seen.extend(_seen(each, who)))
        try:
            answer = await self.slack.command(user=who, channel=where or self.pictures, text=text)
            if not answer.ok or answer.text or who in self._met:
                return answer
            await self.until(lambda: seen)
            return replace(answer, text=seen[0])
        finally:
            self._met.add(who)
            stop()

    async def until(self, holds: Callable[[], Any]) -> Any:
        """Return what `holds` gives as soon as it gives something; every happening is a reason to look."""
        news = asyncio.Event()
        stop = self.feed.listen(lambda _: news.set())
        try:
            async with asyncio.timeout(PATIENCE):
                while not (found := holds()):
                    news.clear()
                    await news.wait()
                return found
        except TimeoutError:
            raise AssertionError(f"never came true; the end of the story: {self.story()[-25:]}") from None
        finally:
            stop()

    def story(self) -> list[str]:
        return [
            f"{h.kind} { ({k: v for k, v in h.data.items() if k != 'blocks'}) }"[:200] for h in self.feed.happenings
        ]

    def roots(self, where: str | None = None) -> list[Message]:
        """What the bot posted into the conversation itself, oldest first."""
        found = self.slack.workspace.channels[where or self.pictures].messages.values()
        return [message for message in found if message.user == self.slack.bot_user_id and not message.thread_ts]

    def shares(self, **fields: object) -> list[Happening]:
        return [h for h in self.feed.of("slack.share") if all(h.data.get(k) == v for k, v in fields.items())]

    async def shared(self, n: int = 1) -> list[Happening]:
        """Wait for the n-th message with pictures."""
        found: list[Happening] = await self.until(lambda: len(self.shares()) >= n and self.shares())
        return found

    async def rooted(self, count: int) -> None:
        """Wait until so many asks stand in the channel."""
        await self.until(lambda: len(self.roots()) >= count)

    def text_of(self, channel: str, ts: str) -> str:
        return self.slack.workspace.channels[channel].messages[ts].text

    def calls(self, method: str) -> Sequence[Happening]:
        return [h for h in self.feed.of("slack.api") if h.data["method"] == method]


def _seen(what: Happening, who: str) -> list[str]:
    """What was shown to this person alone, if it was; a form has no text."""
    if what.kind == "slack.ephemeral" and what.data["user"] == who:
        return [str(what.data["text"])]
    return [""] if what.kind == "slack.api" and what.data["method"] == "views.open" else []


@asynccontextmanager
async def town(
    data: Path,
    *,
    images: Mapping[str, object] | None = None,
    slack: Mapping[str, object] | None = None,
    **overrides: Any,
) -> AsyncIterator[Town]:
    """A town in which pictures take a moment; the bot is not started yet."""
    feed = Feed()
    quick: dict[str, object] = {"speed": SPEED, "plain_pictures": True, "random_seed": 7}
    easy: dict[str, object] = {"share_delay": 0.01, "tier_limits": False, "event_retries": RETRIES}
    image_settings = ImageApiSettings(**{**quick, **(images or {})})  # type: ignore[arg-type]
    slack_settings = SlackSettings(**{**easy, **(slack or {})})  # type: ignore[arg-type]
    api = ImageApi(feed=feed, settings=image_settings)
    workspace = SlackSandbox(feed=feed, manifest=granted(), settings=slack_settings)
    place = Town(feed, workspace, api, data, overrides=dict(overrides))
    await workspace.start()
    await api.start()
    try:
        yield place
    finally:
        await place.stop_bot()
        await workspace.stop()
        await api.stop()
