"""How well the provider's slots are used: our lane simulated and measured, beside the loops of the peers."""

from __future__ import annotations

import multiprocessing
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass

from bench.rows import Plan, Row
from bench.slots import sims, verdicts
from bench.slots.groups import Group, Measured, Ran, run
from bench.slots.tally import Outcome

_FULL = (
    (Group(1, lanes=20, speed=1.0, seconds=48.0, polls=(1.0, 5.0)), Group(20, lanes=1, speed=1.0, seconds=48.0)),
    (Group(5, lanes=3, speed=1.5, seconds=24.0, polls=(1.0,)), Group(100, lanes=1, speed=1.0, seconds=20.0)),
)
_QUICK = ((Group(1, lanes=6, speed=4.0, seconds=5.0, polls=(1.0,)),),)

Real = tuple[Group, Measured, dict[str, Measured]]


def measure(plan: Plan) -> Sequence[Row]:
    """Simulate and measure: one after the other in full, beside each other if time is short."""
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        if plan.quick:
            running = [_begin(pool, groups, plan.seed) for groups in _QUICK]
            ours, rest = _simulated(pool, sims.QUICK, plan.seed)
            real = [each for groups in running for each in _end(groups)]
        else:
            ours, rest = _simulated(pool, sims.FULL, plan.seed)
            real = [each for groups in _FULL for each in _end(_begin(pool, groups, plan.seed))]
    real.sort(key=lambda each: each[0].slots)
    single = next(mine for group, mine, _ in real if group.slots == 1)
    return [
        verdicts.busy(ours, rest.peers, rest.shaken),
        verdicts.busy_measured(real),
        verdicts.late(rest.late),
        verdicts.lag(ours, rest.peers),
        verdicts.lag_measured(real),
        verdicts.relearned(rest.changes),
        verdicts.calls(ours[1], rest.untold, rest.bimodal, single),
    ]


@dataclass(frozen=True, slots=True)
class Rest:
    """What is simulated beside our lanes with a backlog."""

    peers: dict[int, dict[str, Outcome]]
    late: list[sims.Late]
    changes: list[sims.Change]
    untold: Outcome
    bimodal: Outcome
    shaken: Outcome


def _simulated(pool: ProcessPoolExecutor, extent: sims.Extent, seed: int) -> tuple[dict[int, Outcome], Rest]:
    """All that is simulated; the longest first."""
    sizes = list(zip(sims.SLOTS, extent.jobs, strict=True))
    ours = {slots: pool.submit(sims.our_slots, slots, jobs, seed) for slots, jobs in reversed(sizes)}
    changes = [pool.submit(sims.change, factor, extent.lanes, seed) for factor in extent.changes]
    late = [pool.submit(sims.late, lag, extent.late, seed) for lag in sims.LAGS]
    untold = pool.submit(sims.untold, 1, extent.late, seed)
    bimodal = pool.submit(sims.two_kinds, extent.late, seed)
    shaken = pool.submit(sims.jitter, 20, extent.late, seed)
    peers = {slots: pool.submit(sims.peers, slots, seed) for slots in sims.SLOTS}
    rest = Rest(
        {slots: future.result() for slots, future in peers.items()},
        [future.result() for future in late],
        [future.result() for future in changes],
        untold.result(),
        bimodal.result(),
        shaken.result(),
    )
    return {slots: future.result() for slots, future in ours.items()}, rest


def _begin(pool: ProcessPoolExecutor, groups: Sequence[Group], seed: int) -> list[tuple[Group, Future[Ran]]]:
    """Have groups of lanes work at the same time, each in a process of its own."""
    return [(group, pool.submit(run, group, seed)) for group in groups]


def _end(running: Sequence[tuple[Group, Future[Ran]]]) -> list[Real]:
    return [(group, *future.result()) for group, future in running]
