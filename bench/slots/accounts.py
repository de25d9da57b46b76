"""Several image accounts of the local image API, in a process of their own so that they don't steal the bot's loop."""

from __future__ import annotations

import asyncio
import io
import itertools
import math
import multiprocessing
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

from PIL import Image

from bench.slots.provider import MEDIAN, RATE, SPREAD, score
from sandbox.feed import Feed
from sandbox.hunyuan import ImageApi, ImageApiSettings
from sandbox.hunyuan.drawing import Recipe
from sandbox.hunyuan.gallery import Gallery


@dataclass(frozen=True, slots=True)
class Terms:
    """One account: its slots, and how many times faster than in life its jobs and its second go by."""

    slots: int
    speed: float
    seed: int
    lag: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Seen:
    """What an account saw, in Unix seconds: begin and end of each job by its id, and when requests arrived."""

    jobs: dict[str, tuple[float, float]]
    calls: dict[str, list[float]]


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


class _Evenly(random.Random):
    """Log-normal numbers from each part of the distribution in turn, over all accounts: a hundred jobs then take as
    long on the average as thousands would, and need as many looks.
    """

    numbers: Iterator[int] = itertools.repeat(0)

    def lognormvariate(self, mu: float = 0.0, sigma: float = 1.0) -> float:
        """From the next part."""
        return math.exp(mu + sigma * score(self, next(self.numbers)))


def _api(terms: Terms, numbers: Iterator[int]) -> ImageApi:
    settings = ImageApiSettings(
        slots=terms.slots, rate=round(RATE * terms.speed), speed=terms.speed, waiting=(0.0, 0.0), running=MEDIAN,
        running_extra=0.0, running_spread=SPREAD, release_lag=terms.lag, random_seed=terms.seed,
    )  # fmt: skip
    api = ImageApi(feed=Feed(), settings=settings)
    api._service.gallery = _OnePicture()
    api._service.chance = chance = _Evenly(terms.seed)
    chance.numbers = numbers
    return api


def _seen(api: ImageApi) -> Seen:
    calls: dict[str, list[float]] = {}
    for call in api.calls:
        calls.setdefault(call.action, []).append(call.at)
    return Seen({job.id: (job.submitted_at, job.ended_at) for job in api.submits}, calls)


async def _serve(accounts: Sequence[Terms], pipe: Connection) -> None:
    numbers = itertools.count()
    apis = [_api(terms, numbers) for terms in accounts]
    for api in apis:
        await api.start()
    pipe.send([api.url for api in apis])
    await asyncio.to_thread(pipe.recv)
    pipe.send([_seen(api) for api in apis])
    for api in apis:
        await api.stop()


def _run(accounts: Sequence[Terms], pipe: Connection) -> None:
    asyncio.run(_serve(accounts, pipe))


@dataclass(slots=True)
class Accounts:
    """The process that has them."""

    urls: list[str]
    _pipe: Connection

    def seen(self) -> list[Seen]:
        """What each account saw. Ends their service."""
        self._pipe.send(None)
        found: list[Seen] = self._pipe.recv()
        return found


@contextmanager
def serving(accounts: Sequence[Terms]) -> Iterator[Accounts]:
    """Have these accounts for a while."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_run, args=(accounts, theirs), daemon=True)
    process.start()
    try:
        if not ours.poll(20.0):
            raise RuntimeError("the accounts did not begin to serve")
        yield Accounts(ours.recv(), ours)
    finally:
        process.terminate()
        process.join(5.0)
