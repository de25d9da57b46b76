"""What it costs that several replicas could drive a lane: next to nothing, and nothing where there is only one."""

from __future__ import annotations

from tests.core.conftest import empty, store, time, troupe
from tests.core.replicas import LEASE, Troupe, two

__all__ = ["empty", "store", "time", "troupe"]

HOUR = 3600.0
MINUTE = 60.0


async def test_a_lane_costs_its_driver_one_transaction_a_renewal_and_the_others_none(troupe: Troupe) -> None:
    a, b = await two(troupe)
    await troupe.for_(1)
    before = troupe.store.commits
    await troupe.for_(MINUTE)
    assert troupe.store.commits - before == MINUTE / LEASE.renewed
    assert b.meddled.calls["hold_lane"] == 0
    assert b.meddled.calls["driver_of"] <= MINUTE / LEASE.glance + 2
    assert a.meddled.calls["driver_of"] == 1


async def test_looks_that_find_nothing_new_cost_no_transaction_besides(troupe: Troupe) -> None:
    a, _ = await two(troupe)
    a.account.takes = HOUR
    await a.ask()
    await troupe.until(lambda: a.account.calls["query"] > 0)
    before, looks = troupe.store.commits, a.account.calls["query"]
    await troupe.for_(MINUTE)
    assert a.account.calls["query"] - looks >= 10
    assert troupe.store.commits - before == MINUTE / LEASE.renewed


async def test_where_there_is_only_one_they_cost_none_at_all(troupe: Troupe) -> None:
    troupe.lease = None
    alone = await troupe.add("a")
    alone.account.takes = HOUR
    await alone.ask()
    await troupe.until(lambda: alone.account.calls["query"] > 0)
    before, asked = troupe.store.commits, alone.meddled.calls["in_flight"]
    await troupe.for_(MINUTE)
    assert (troupe.store.commits, alone.meddled.calls["in_flight"]) == (before, asked)
