"""From "the job is finished" to "the thread shows the pictures", beside the critical path and a serial peer.

One fake Slack and one fake storage in a process of their own: 120 ms a Slack call, 1.5 MB a picture, 20 MB/s a
connection. Ours is the real way: runner, steps, adapters, spool and a SQLite file.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from statistics import median
from tempfile import TemporaryDirectory

from bench.delivery.crowd import Crowd, crowd_row
from bench.delivery.ours import open_ours
from bench.delivery.peers import Peers, open_peers
from bench.delivery.world import CALL, PICTURE, SPEED, open_world
from bench.rows import Plan, Row

BODY = PICTURE / SPEED
CRITICAL = max(BODY, CALL) + (CALL + BODY) + CALL
"""Seconds that no program can beat: the address asked for while the picture comes, then the upload, then the share."""
GOAL = 1.15


def measure(plan: Plan) -> Sequence[Row]:
    """One row for the lag of one job, one for twenty that finish together."""
    with TemporaryDirectory() as folder:
        return asyncio.run(_measure(plan, folder))


async def _measure(plan: Plan, folder: str) -> Sequence[Row]:
    async with open_world() as world, open_ours(world, folder) as ours, open_peers(world) as peers:
        await ours.deliver(1)  # the first delivery of a process also imports and connects
        rounds = 2 if plan.quick else 5
        lags: dict[int, list[float]] = {1: [], 4: []}
        for number in range(rounds):
            for count, found in lags.items():
                found.append(await ours.deliver(count))
            if number < (1 if plan.quick else 3):
                await peers.round()
        crowd = Crowd(world, ours)
        apart = await crowd.apart(20, 1 if plan.quick else 4)
        together = None if plan.quick else await crowd.together(20)
        return [_row(lags, peers), crowd_row(apart, together)]


def _row(lags: dict[int, list[float]], peers: Peers) -> Row:
    ours = {count: median(found) for count, found in lags.items()}
    ratios = {count: lag / CRITICAL for count, lag in ours.items()}
    return Row(
        what="finished → seen in the thread; 120 ms a Slack call, 1.5 MB pictures at 20 MB/s",
        limit=f"{CRITICAL:.3f} s, 1 or 4 pictures",
        peers=f"{median(peers.serial):.2f} s for 4, one after another",
        ours=" · ".join(f"{count}: {lag:.3f} s = {ratios[count]:.2f} ×" for count, lag in ours.items()),
        goal=f"≤ {GOAL} × the critical path, for 1 and for 4",
        holds=all(ratio <= GOAL for ratio in ratios.values()),
        notes=(
            f"a bare program that knows all beforehand and keeps nothing: {median(peers.bare):.3f} s for 4",
            "slowest of each: " + ", ".join(f"{count}: {max(found):.3f} s" for count, found in lags.items()),
        ),
    )
