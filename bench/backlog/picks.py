"""How long it takes to find the job to submit next, in a short line and in long ones."""

from __future__ import annotations

from bench.backlog.filling import NOON, lane
from bench.backlog.lines import Line, opened
from bench.backlog.timing import Call, interleaved
from bot.store import SqlStore


async def picks(lines: list[Line], *, rounds: int, each: int) -> dict[str, list[float]]:
    """Seconds for each pick, by the name of the line: a median for each round."""
    async with opened(lines) as stores:
        return await interleaved({name: _pick(store) for name, store in stores.items()}, rounds=rounds, each=each)


def _pick(store: SqlStore) -> Call:
    async def pick() -> None:
        if await store.next_in_line(lane(0), NOON) is None:
            raise RuntimeError("nobody was picked")

    return pick
