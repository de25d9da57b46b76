"""How well the provider's slots are used: our lane simulated and measured, beside the loops of the peers."""

from __future__ import annotations

import multiprocessing
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor

from bench.rows import Plan, Row
from bench.slots import groups, sims, verdicts
from bench.slots.groups import Group, Measured

_FULL = (
    (Group(1, lanes=10, speed=2.0, seconds=25.0, polls=(1.0, 5.0)), Group(20, lanes=1, speed=2.0, seconds=25.0)),
    (Group(5, lanes=3, speed=2.0, seconds=23.0, polls=(1.0,)), Group(100, lanes=1, speed=1.5, seconds=23.0)),
)
_QUICK = ((Group(1, lanes=4, speed=5.0, seconds=4.0, polls=(1.0,)), Group(20, lanes=1, speed=4.0, seconds=4.0)),)

Real = tuple[Group, Measured, dict[str, Measured]]


def measure(plan: Plan) -> Sequence[Row]:
    """Simulate, then measure; two things at a time."""
    extent = sims.QUICK if plan.quick else sims.FULL
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        hundred, twenty, five, one = [
            pool.submit(sims.our_slots, slots, jobs, plan.seed)
            for slots, jobs in reversed(list(zip(sims.SLOTS, extent.jobs, strict=True)))
        ]
        changes = [pool.submit(sims.change, factor, extent.lanes, plan.seed) for factor in sims.CHANGES]
        late = [pool.submit(sims.late, lag, extent.late, plan.seed) for lag in sims.LAGS]
        untold = pool.submit(sims.untold, 1, extent.late, plan.seed)
        bimodal = pool.submit(sims.two_kinds, extent.late, plan.seed)
        shaken = pool.submit(sims.jitter, 20, extent.late, plan.seed)
        theirs = {slots: pool.submit(sims.peers, slots, plan.seed) for slots in sims.SLOTS}
        ours = {1: one.result(), 5: five.result(), 20: twenty.result(), 100: hundred.result()}
        peers = {slots: future.result() for slots, future in theirs.items()}
        found = [future.result() for future in late]
        told = [future.result() for future in changes]
        others = untold.result(), bimodal.result(), shaken.result()
        real = _real(pool, _QUICK if plan.quick else _FULL, plan.seed)
    single = next(mine for group, mine, _ in real if group.slots == 1)
    return [
        verdicts.busy(ours, peers, others[2]),
        verdicts.busy_measured(real),
        verdicts.late(found),
        verdicts.lag(ours, peers),
        verdicts.lag_measured(real),
        verdicts.relearned(told),
        verdicts.calls(ours[1], others[0], others[1], single),
    ]


def _real(pool: ProcessPoolExecutor, rounds: Sequence[tuple[Group, Group]], seed: int) -> list[Real]:
    """Two groups at a time, each in a process of its own; in the order of their slots."""
    real: list[Real] = []
    for pair in rounds:
        futures: list[tuple[Group, Future[tuple[Measured, dict[str, Measured]]]]] = [
            (group, pool.submit(groups.run, group, seed)) for group in pair
        ]
        real += [(group, *future.result()) for group, future in futures]
    return sorted(real, key=lambda each: each[0].slots)
