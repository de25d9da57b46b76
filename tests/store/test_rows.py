"""A row that this version does not understand is said to be one, clearly, and never guessed at."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Table, update

from bot.errors import Cause, Misconfigured
from bot.ports import LaneRow
from bot.store import SqlStore
from bot.store.tables import jobs, lanes
from tests.store.doors import side_door
from tests.store.samples import LANE, a_job, at, stored

PLAIN = {"prompt": "x", "negative": "", "style": None, "shape": "1024:1024", "count": 1, "seed": None}
REQUEST = PLAIN | {"clarity": None, "raw": False}
FAILURE = {"code": "c", "cause": "stuck", "charged": "no", "reference": ""}
PICTURE = {"key": "k", "sha256": "s", "size": 1, "width": 1, "height": 1, "mime": "image/png"}

NEWER: dict[str, tuple[str, Any]] = {
    "a state": ("state", "framing"),
    "a shape": ("request", REQUEST | {"shape": "9999:1"}),
    "a clarity": ("request", REQUEST | {"clarity": "x8"}),
    "a field of the request": ("request", REQUEST | {"mood": "sad"}),
    "a request without its shape": ("request", {"prompt": "x"}),
    "a cause": ("failure", FAILURE | {"cause": "ghosts"}),
    "a charge": ("failure", FAILURE | {"charged": "thrice"}),
    "a failure without its code": ("failure", {"cause": "stuck"}),
    "a field of a picture": ("pictures", [PICTURE | {"hue": 1}]),
}


async def overwrite(store: SqlStore, table: Table, values: dict[str, Any]) -> None:
    """What another version may have written."""
    async with side_door(store) as connection:
        await connection.execute(update(table).values(values))


@pytest.mark.parametrize(("column", "value"), NEWER.values(), ids=NEWER.keys())
async def test_a_job_of_a_newer_version_is_refused_clearly(store: SqlStore, column: str, value: Any) -> None:
    job = await stored(store, a_job())
    await overwrite(store, jobs, {column: value})
    with pytest.raises(Misconfigured, match="newer version") as refused:
        await store.get(job.id)
    assert f"jobs.{column}" in refused.value.detail


async def test_a_save_over_an_unknown_state_is_refused_too(store: SqlStore) -> None:
    job = await stored(store, a_job())
    await overwrite(store, jobs, {"state": "framing"})
    with pytest.raises(Misconfigured):
        await store.save(job)


async def test_one_unreadable_job_does_not_keep_the_others_from_being_claimed(store: SqlStore) -> None:
    await stored(store, a_job("odd"))
    await overwrite(store, jobs, {"request": REQUEST | {"mood": "sad"}})
    await stored(store, a_job("fox", asked=1))
    claims = [await store.claim(at(9), owner="a", lease=timedelta(seconds=9), limit=1) for _ in range(2)]
    assert [[job.id for job in claimed] for claimed in claims] == [[], ["fox"]]
    assert await store.next_due() == at(18)


async def test_a_lane_paused_for_an_unknown_reason_is_refused_clearly(store: SqlStore) -> None:
    await store.save_lane(LaneRow(LANE, Cause.RETIRED))
    await overwrite(store, lanes, {"paused": "ghosts"})
    with pytest.raises(Misconfigured, match="newer version"):
        await store.lane(LANE)
