"""What one job costs outside: transactions, calls of Slack, and nothing for a look that finds nothing new.

The whole bot runs in this process against the sandbox's Slack and image API, so that its own counter of transactions
and the fakes' counters of calls can be read before and after. Nothing here is a time.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import structlog

from bench.rows import Plan, Row
from bot import manifest
from bot.app import Ports, serving
from bot.settings import read_settings
from sandbox.feed import Feed, Happening
from sandbox.hunyuan import ImageApi, ImageApiSettings
from sandbox.slack import SlackSandbox, SlackSettings

MOST_TRANSACTIONS = 6.0
MOST_BEYOND = 4  # Slack calls besides the two for each picture
PATIENCE = 60.0
"""Seconds that a batch of jobs may take before the run counts as broken."""
SLOTS = 5


class _Spool:
    """The spool, which is emptied after the last word on a job is on disk, and tells of it."""

    def __init__(self, real: Any) -> None:
        self._real = real
        self.emptied = 0
        self.news = asyncio.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    async def drop(self, prefix: str) -> None:
        await self._real.drop(prefix)
        self.emptied += 1
        self.news.set()


@dataclass(slots=True)
class _House:
    """The bot and the fakes, and what they have counted."""

    feed: Feed
    slack: SlackSandbox
    images: ImageApi
    store: Any = None
    spool: Any = None
    at_looks: list[int] = field(default_factory=list)

    def adorned(self, ports: Ports) -> Ports:
        """Look over the bot's shoulder."""
        self.store, self.spool = ports.store, _Spool(ports.spool)
        return replace(ports, spool=self.spool)

    @property
    def commits(self) -> int:
        """Transactions so far."""
        return int(self.store.commits)

    def slack_calls(self) -> int:
        """Calls so far; a person's language is asked for once a day, not for a job, and is left out."""
        methods = [each.data["method"] for each in self.feed.of("slack.api")]
        return len(methods) - methods.count("users.info") + len(self.feed.of("slack.upload"))

    def hear(self, happening: Happening) -> None:
        """Note how many transactions there were at each look."""
        if happening.kind == "image.call" and happening.data["action"].startswith("Query"):
            self.at_looks.append(self.commits)

    async def deliver(self, texts: Sequence[str]) -> None:
        """Ask for all of these together, and wait until everything about them is written. Raises `TimeoutError`."""
        ada = next(user.id for user in self.slack.workspace.users.values() if user.name == "ada")
        where = next(each.id for each in self.slack.workspace.channels.values() if each.name == "pictures")
        goal = self.spool.emptied + len(texts)
        async with asyncio.timeout(PATIENCE):
            asked = (self.slack.command(user=ada, channel=where, text=text) for text in texts)
            answers = await asyncio.gather(*asked)
            if not all(answer.ok for answer in answers):
                raise RuntimeError("an ask was refused")
            while self.spool.emptied < goal:
                self.spool.news.clear()
                await self.spool.news.wait()
            await self.slack.settled()


@asynccontextmanager
async def _open_house(seed: int) -> AsyncIterator[_House]:
    """Pictures take a twentieth of a second here, and the bot knows."""
    feed = Feed()
    images = ImageApi(
        feed=feed, settings=ImageApiSettings(speed=200.0, plain_pictures=True, random_seed=seed, slots=SLOTS)
    )
    settings = SlackSettings(share_delay=0.01, tier_limits=False)
    slack = SlackSandbox(feed=feed, manifest=manifest.load(), settings=settings)
    house = _House(feed, slack, images)
    await slack.start()
    await images.start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            async with serving(_settings(house, Path(folder)), adorn=house.adorned):
                feed.listen(house.hear)
                await slack.connected(timeout=PATIENCE)
                yield house
    finally:
        await slack.stop()
        await images.stop()


def _settings(house: _House, folder: Path) -> Any:
    slack, images = house.slack, house.images
    return read_settings(
        _env_file=None,
        slack_bot_token=slack.bot_token,
        slack_app_token=slack.app_token,
        slack_api_url=slack.api_url,
        tencentcloud_secret_id=images.settings.secret_id,
        tencentcloud_secret_key=images.settings.secret_key,
        hunyuan_endpoint=images.url,
        hunyuan_slots=SLOTS,
        hunyuan_typical=0.06,
        hunyuan_hold=0.5,
        data_dir=folder,
        port=0,
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """Transactions a job alone (the most) and in a burst (on average), at idle looks, and Slack calls beyond 2n."""

    alone: int
    burst: float
    at_looks: int
    looks: int
    beyond: dict[int, int]
    looks_a_job: float


async def _count(plan: Plan) -> _Found:
    jobs, together, slow = (2, 12, 12.0) if plan.quick else (4, 30, 5.0)
    async with _open_house(plan.seed) as house:
        await house.deliver(["the first"])
        alone, looks = 0, len(house.at_looks)
        beyond: dict[int, int] = {}
        for n in (1, 4):
            for number in range(jobs):
                commits, calls = house.commits, house.slack_calls()
                await house.deliver([f"fox {number} --n {n}"])
                alone = max(alone, house.commits - commits)
                beyond[n] = max(beyond.get(n, -9), house.slack_calls() - calls - 2 * n)
        looks_a_job = (len(house.at_looks) - looks) / (2 * jobs)
        commits = house.commits
        await house.deliver([f"owl {number}" for number in range(together)])
        burst = (house.commits - commits) / together
        house.images.settings.speed = slow
        house.at_looks.clear()
        await house.deliver(["a slow one"])
        at_looks = house.at_looks[-1] - house.at_looks[0]
        return _Found(alone, burst, at_looks, len(house.at_looks), beyond, looks_a_job)


def measure(plan: Plan) -> Sequence[Row]:
    """Count what jobs cost, one after another and many together."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    found = asyncio.run(_count(plan))
    if found.looks < 3:
        raise RuntimeError(f"only {found.looks} looks at the slow job: nothing was measured")
    most_beyond = max(found.beyond.values())
    fits = max(float(found.alone), found.burst) <= MOST_TRANSACTIONS and most_beyond <= MOST_BEYOND
    return [
        Row(
            what="transactions a delivered job; for a poll that changes nothing; Slack calls for n pictures",
            limit="5; 0; 2n + 1",
            peers="16+ (each state and each poll written)",
            ours=f"{found.alone}; {found.at_looks} ({found.looks} polls); 2n + {most_beyond}",
            goal=f"≤ {MOST_TRANSACTIONS:.0f}; 0; ≤ 2n + {MOST_BEYOND}",
            holds=fits and found.at_looks == 0,
            notes=(
                f"the most of jobs asked for one by one; asked for together {found.burst:.1f} transactions each, as "
                f"asks and claims share them; {found.looks_a_job:.1f} polls a job",
                f"Slack calls beyond 2n: {', '.join(f'{value} at n = {n}' for n, value in found.beyond.items())}; "
                "users.info once a person and day is not counted",
            ),
        )
    ]
