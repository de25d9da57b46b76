"""Requests at the provider with 1 to 8 replicas, counted there, while the driving passes from one to another.

One PostgreSQL, one image account with 20 slots and jobs so short that 20 requests a second are what limits them. The
replica that drives is killed, and the one that drives after it is stopped; all the while a backlog waits.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import structlog

from bench.acks.databases import Postgres, postgres
from bench.replicas.far import RATE
from bench.replicas.peers import unleash
from bench.replicas.troupe import Notices, Show, far_ends, play, seen_at
from bench.rows import Plan, Row
from bot.tenure import Lease

_LEASE = Lease(lasts=1.5, renewed=0.4, spare=0.4, glance=0.2)
"""The bot's own is 15 s; nobody wants to wait so long here, and the rules are the same."""
_QUICK = ((Show(2, spell=0.5, lease=_LEASE, is_short=True),),)
_FULL = tuple(tuple(Show(replicas, spell=1.0, lease=_LEASE) for replicas in pair) for pair in ((1, 8), (2, 4)))
"""Those of a pair go on at the same time, each with a provider and a database of its own."""


def measure(plan: Plan) -> Sequence[Row]:
    """One row."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with TemporaryDirectory() as folder, ThreadPoolExecutor(1) as thread:
        peers = thread.submit(_peers, (8,) if plan.quick else (2, 8), seconds=1.5 if plan.quick else 3.0)
        with postgres(Path(folder) / "server") as databases:
            sent = peers.result()  # by now: nobody disturbs ours
            pairs = [_play(pair, databases, Path(folder)) for pair in (_QUICK if plan.quick else _FULL)]
    ours = sorted((each for pair in pairs for each in pair), key=lambda each: each.show.replicas)
    return [_row(ours, sent)]


def _play(pair: Sequence[Show], databases: Postgres, folder: Path) -> list[Notices]:
    urls = [databases.fresh() for _ in pair]
    spools = [folder / f"spool-{show.replicas}" for show in pair]

    async def together() -> list[Notices]:
        return await asyncio.gather(*(play(*each) for each in zip(pair, urls, spools, strict=True)))

    return asyncio.run(together())


def _peers(counts: Sequence[int], *, seconds: float) -> list[int]:
    return [asyncio.run(_sent_by(count, seconds)) for count in counts]


async def _sent_by(replicas: int, seconds: float) -> int:
    async with far_ends() as ends:
        await unleash(replicas, ends, seconds=seconds)
        return (await seen_at(ends)).most


def _row(ours: Sequence[Notices], peers: Sequence[int]) -> Row:
    counts = " / ".join(str(each.show.replicas) for each in ours)
    return Row(
        what="requests in any sliding second at the provider, 1-8 replicas",
        limit=f"{RATE}",
        peers=f"{'-'.join(str(each) for each in peers)} sent",
        ours=f"{' / '.join(str(each.most) for each in ours)} with {counts} replicas",
        goal=f"never above {RATE}",
        holds=all(each.is_good for each in ours),
        notes=tuple(str(each) for each in ours),
    )
