"""The far ends of several replicas, in a process of their own: the image account, and threads that get pictures."""

from __future__ import annotations

import asyncio
import io
import math
import signal
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from multiprocessing.connection import Connection
from typing import Any

from aiohttp import web
from PIL import Image

from sandbox.feed import Feed
from sandbox.hunyuan import ImageApi, ImageApiSettings
from sandbox.hunyuan.drawing import Recipe
from sandbox.hunyuan.gallery import Gallery

SLOTS = 20
RATE = 20
RUNS = 0.8
"""Seconds a job takes: so short that the limit of requests a second is what keeps the lane from more."""


@dataclass(frozen=True, slots=True)
class Ends:
    """Where they are."""

    images: str
    threads: str


def _picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (64, 64), "teal").save(file, "PNG")
    return file.getvalue()


@dataclass(slots=True)
class _OnePicture(Gallery):
    """Every picture is the same small one: drawing is not what is measured."""

    png: bytes = field(default_factory=_picture)

    async def picture(self, recipe: Recipe) -> bytes:  # noqa: ARG002 - the same for every recipe
        return self.png


class _Threads:
    """Counts what was shared, by job; and shares nothing twice."""

    def __init__(self, api: ImageApi) -> None:
        self._api = api
        self._shares: Counter[str] = Counter()

    def routes(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/shares/{job}", self._share)
        app.router.add_get("/shares/{job}", self._count)
        app.router.add_get("/seen", self._seen)
        return app

    async def _share(self, request: web.Request) -> web.Response:
        self._shares[request.match_info["job"]] += 1
        return web.json_response({})

    async def _count(self, request: web.Request) -> web.Response:
        return web.json_response(self._shares[request.match_info["job"]])

    async def _seen(self, _request: web.Request) -> web.Response:
        calls: dict[str, list[float]] = {}
        for call in self._api.calls:
            calls.setdefault(call.action, []).append(call.at)
        prompts = [job.order.prompt for job in self._api.submits]
        return web.json_response({"calls": calls, "prompts": prompts, "shares": self._shares})


async def _serve(news: Connection) -> None:
    settings = ImageApiSettings(
        slots=SLOTS, rate=RATE, waiting=(0.0, 0.0), running=RUNS, running_extra=0.0, running_spread=0.3, random_seed=7
    )
    api = ImageApi(feed=Feed(), settings=settings)
    api._service.gallery = _OnePicture()
    await api.start()
    runner = web.AppRunner(_Threads(api).routes(), access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    over = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, over.set)
    news.send(Ends(api.url, "http://{}:{}".format(*runner.addresses[0][:2])))
    await over.wait()
    await runner.cleanup()
    await api.stop()


def serve(news: Connection) -> None:
    """Serve until SIGTERM; the addresses are sent once."""
    asyncio.run(_serve(news))


@dataclass(frozen=True, slots=True)
class Seen:
    """What the far ends saw: arrivals by action in Unix seconds, accepted prompts, shares by job."""

    calls: Mapping[str, Sequence[float]]
    prompts: Sequence[str]
    shares: Mapping[str, int]

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Seen:
        """From JSON."""
        return cls(document["calls"], document["prompts"], document["shares"])

    @property
    def twice(self) -> set[str]:
        """The prompts that were accepted, and will be charged, more than once."""
        return {prompt for prompt, count in Counter(self.prompts).items() if count > 1}

    @property
    def most(self) -> int:
        """The most requests of one action that came in any second."""
        return max(busiest(times) for times in self.calls.values())

    def pause(self, since: float) -> float:
        """The longest time without a request in the ten seconds from then on."""
        times = sorted(at for each in self.calls.values() for at in each if since - 0.5 <= at < since + 10.0)
        return max((later - at for at, later in pairwise(times)), default=math.inf)


def busiest(calls: Sequence[float]) -> int:
    """The most of these moments in any sliding second; two that are a full second apart are not in the same."""
    times = sorted(calls)
    first = most = 0
    for last, at in enumerate(times):
        while times[first] <= at - 1.0:
            first += 1
        most = max(most, last - first + 1)
    return most
