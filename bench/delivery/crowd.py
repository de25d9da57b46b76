"""Twenty jobs that finish in the same moment: when the last is seen, against when Slack's limits allow it."""

from __future__ import annotations

from dataclasses import dataclass

from bench.delivery.ours import Ours
from bench.delivery.world import STRICT, TURN, World
from bench.rows import Row

WITHIN = 3.0


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Seconds from the common end to each share, in order, and the number of pictures of each job."""

    seconds: tuple[float, ...]
    pictures: int
    refused: int

    def late(self, *, apart: float) -> float:
        """How long after its turn the tardiest came, if Slack lets one through every `apart` seconds."""
        return max(second - turn * apart for turn, second in enumerate(self.seconds))


class Crowd:
    """Lets many jobs finish together."""

    def __init__(self, world: World, ours: Ours) -> None:
        self._world = world
        self._ours = ours

    async def apart(self, jobs: int, count: int) -> Arrivals:
        """In as many conversations: nothing keeps them but us."""
        return await self._finish([None] * jobs, count, within=30.0)

    async def together(self, jobs: int) -> Arrivals:
        """In one conversation, where Slack takes one message a second and refuses what comes sooner."""
        return await self._finish([STRICT] * jobs, 1, within=60.0)

    async def _finish(self, channels: list[str | None], count: int, *, within: float) -> Arrivals:
        jobs = [await self._ours.generating(count, channel=channel) for channel in channels]
        before = (await self._world.state())["calls"].get("refused", 0)
        began = min([self._ours.finish(job) for job in jobs])
        seen = await self._world.all_seen([str(job.thread_ts) for job in jobs], within=within)
        refused = (await self._world.state())["calls"].get("refused", 0) - before
        return Arrivals(tuple(sorted(each - began for each in seen)), count, refused)


def crowd_row(apart: Arrivals, together: Arrivals | None) -> Row:
    """Whether all came soon enough after Slack allowed it."""
    lates = [apart.late(apart=0.0)]
    said = [f"{lates[0]:.1f} s in 20 conversations ({apart.pictures} pictures each)"]
    notes = []
    if together is not None:
        lates.append(together.late(apart=TURN))
        said.append(f"{lates[1]:.1f} s in one")
        notes.append(
            f"in one conversation the last came after {together.seconds[-1]:.1f} s, refused {together.refused} ×"
        )
    return Row(
        what="20 jobs finished together → seen, after Slack's limits (1 message a second a conversation) allow it",
        limit="0.44 s",
        peers="–",
        ours=" · ".join(said),
        goal=f"≤ {WITHIN:.0f} s",
        holds=max(lates) <= WITHIN,
        notes=tuple(notes),
    )
