"""The local Slack and the local image API in a process of their own, made anew for each bot: one line of JSON each way.

A line on standard input is what is wanted (`Wanted` as JSON); the answer says where the fresh pair is.
"""

from __future__ import annotations

import asyncio
import io
import json
import random
import sys
import time
from dataclasses import dataclass

from PIL import Image

from bench.acks.commands import CHANNELS, PEOPLE
from bot import manifest
from sandbox.feed import Feed
from sandbox.hunyuan import ImageApi, ImageApiSettings
from sandbox.hunyuan.drawing import Recipe
from sandbox.hunyuan.gallery import Gallery
from sandbox.slack import SlackSandbox
from sandbox.slack.response_urls import ResponseUrl
from sandbox.slack.workspace import BOT_USER_ID, Channel, ChannelKind, User

_SOON = 2.0
"""Seconds that the bot takes a picture to need until it has seen some, so that it looks early."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """How many slots the image account has. `waiting`: seconds a picture takes at most, drawn evenly."""

    slots: int = 1
    waiting: float = 20.0


@dataclass(slots=True)
class _OnePicture(Gallery):
    """Every picture is the same 1.5 MB of noise, drawn once: the machine's time belongs to the bot."""

    png: bytes = b""

    async def picture(self, recipe: Recipe) -> bytes:  # noqa: ARG002 - the same for every recipe
        return self.png


class _EveryAddress(dict[str, ResponseUrl]):
    """The commands of a benchmark come from nowhere: whatever is answered to them is taken."""

    def get(self, _token: str, _default: object = None) -> ResponseUrl:
        return ResponseUrl(CHANNELS[0], PEOPLE[0], time.time())


def _noise() -> bytes:
    width, height = 1024, 512
    file = io.BytesIO()
    pixels = random.Random(7).randbytes(width * height * 3)
    Image.frombytes("RGB", (width, height), pixels).save(file, "PNG", compress_level=0)
    return file.getvalue()


class _Pair:
    """One Slack and one image API."""

    def __init__(self, wanted: Wanted, gallery: Gallery) -> None:
        self.feed = Feed()
        self.slack = SlackSandbox(feed=self.feed, manifest=manifest.load())
        settings = ImageApiSettings(
            slots=wanted.slots, waiting=(0.0, wanted.waiting), running=1.0, running_extra=0.0, random_seed=7
        )
        self.images = ImageApi(feed=self.feed, settings=settings)
        self.images._service.gallery = gallery
        self.slack.slack.response_urls._known = _EveryAddress()
        _populate(self.slack)

    async def start(self) -> dict[str, str]:
        await self.slack.start()
        await self.images.start()
        return {
            "SLACK_BOT_TOKEN": self.slack.bot_token,
            "SLACK_SIGNING_SECRET": self.slack.signing_secret,
            "SLACK_API_URL": self.slack.api_url,
            "TENCENTCLOUD_SECRET_ID": self.images.settings.secret_id,
            "TENCENTCLOUD_SECRET_KEY": self.images.settings.secret_key,
            "HUNYUAN_ENDPOINT": self.images.url,
            "HUNYUAN_SLOTS": str(self.images.settings.slots),
            "HUNYUAN_TYPICAL": str(_SOON),
        }

    async def stop(self) -> None:
        await self.slack.stop()
        await self.images.stop()

    def counts(self) -> dict[str, int]:
        """What the bot has done meanwhile."""
        kinds = ("slack.api", "slack.share", "image.query", "image.submit")
        return {kind: len(self.feed.of(kind)) for kind in kinds}


def _populate(slack: SlackSandbox) -> None:
    created = int(time.time())
    for user in PEOPLE:
        slack.workspace.users[user] = User(user, user.lower(), user, "9f69e7")
    for name in CHANNELS:
        members = {*PEOPLE, BOT_USER_ID}
        slack.workspace.channels[name] = Channel(name, name.lower(), ChannelKind.PUBLIC, created, members)


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    gallery, pair = _OnePicture(png=_noise()), None
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        if pair is not None and line.strip() == "counts":
            answer: dict[str, object] = {**pair.counts()}
        else:
            if pair is not None:
                await pair.stop()
            pair = _Pair(Wanted(**json.loads(line)), gallery)
            answer = {**await pair.start()}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    asyncio.run(_serve())
