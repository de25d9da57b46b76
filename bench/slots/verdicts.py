"""What was simulated and measured, as rows of the table."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from bench.rows import Row
from bench.slots.groups import Group, Measured
from bench.slots.sims import CHANGES, LAGS, SLOTS, SOON, Change, Late
from bench.slots.tally import Outcome

BUSY = {1: 0.98, 5: 0.98, 20: 0.97, 100: 0.90}
LAG50 = {1: 0.20, 5: 0.20, 20: 0.45, 100: 1.8}
LAG95 = {1: 0.40, 5: 0.40, 20: 0.95, 100: math.inf}
LATE = 0.98
BACK = 1.2
CALLS, CALLS_LAG = 25.0, 0.25
RATE = 20


def busy(ours: Mapping[int, Outcome], peers: Mapping[int, Mapping[str, Outcome]], shaken: Outcome) -> Row:
    """How much of the slots' time is used, simulated."""
    lines = _lines(peers, lambda outcome: f"{outcome.busy:.0%}")
    holds = all(ours[slots].busy >= goal for slots, goal in BUSY.items())
    peaks = max(outcome.peak for outcome in [*ours.values(), shaken])
    return Row(
        "provider slot in use while there is a backlog, 1 / 5 / 20 / 100 slots (simulated)",
        "99.2 % (1 slot), 96.5 % (20), 81–95 % (100)",
        lines,
        " / ".join(f"{ours[slots].busy:.1%}" for slots in SLOTS),
        "≥ 98 / 98 / 97 / 90 %",
        holds=holds and peaks <= RATE,
        notes=(f"never more than {peaks} requests of an action in any second at the provider, with jitter or without",),
    )


def busy_measured(groups: Sequence[tuple[Group, Measured, Mapping[str, Measured]]]) -> Row:
    """The same, measured."""
    parts, holds = [], True
    for group, mine, _ in groups:
        parts.append(f"{mine.outcome.busy:.1%} ± {mine.busy_error:.1%}")
        holds = holds and mine.outcome.busy >= BUSY[group.slots]
    return Row(
        f"the same, measured with the whole bot, {_named(groups)}",
        "as above",
        _measured_peers(groups, lambda outcome: f"{outcome.busy:.0%}"),
        " / ".join(parts),
        " / ".join(f"≥ {BUSY[group.slots]:.0%}" for group, _, _ in groups),
        holds=holds,
        notes=("± is the standard error", _how(groups)),
    )


def late(found: Sequence[Late]) -> Row:
    """Slots that are freed late."""
    allowed = ", ".join(f"{one.allowed:.0%}" for one in found)
    spans = ", ".join(f"{low:.0f}–{high:.0f}" for low, high in LAGS)
    return Row(
        f"the same with a slot that frees {spans} s late, as a share of what that lag allows (simulated)",
        "100 %",
        ", ".join(f"{one.peer:.0%}" for one in found) + " (back-off 20/40/60/80 s)",
        ", ".join(f"{one.ours:.1%}" for one in found),
        f"≥ {LATE:.0%} each",
        holds=all(one.ours >= LATE for one in found),
        notes=(f"those lags allow {allowed} of the time",),
    )


def lag(ours: Mapping[int, Outcome], peers: Mapping[int, Mapping[str, Outcome]]) -> Row:
    """How soon an end is known, simulated."""
    holds = all(ours[slots].lag50 <= LAG50[slots] and ours[slots].lag95 <= LAG95[slots] for slots in SLOTS)
    return Row(
        "job finished at the provider → known to us, p50 / p95, 1, 5, 20, 100 slots (simulated)",
        "about 0.06 / 0.10 s",
        _lines(peers, _lags),
        ", ".join(_lags(ours[slots]) for slots in SLOTS) + " s",
        "≤ 0.20 / 0.40 s up to 5 slots; ≤ 0.45 / 0.95 at 20; ≤ 1.8 p50 at 100",
        holds=holds,
    )


def lag_measured(groups: Sequence[tuple[Group, Measured, Mapping[str, Measured]]]) -> Row:
    """How soon an end is known, measured."""
    found = [(group.slots, mine.outcome, mine.lag_error) for group, mine, _ in groups]
    soon = all(outcome.lag50 <= LAG50[slots] + error for slots, outcome, error in found)
    holds = soon and all(outcome.lag95 <= LAG95[slots] + 2 * error for slots, outcome, error in found)
    errors = ", ".join(f"{error:.2f}" for *_, error in found)
    return Row(
        f"the same, measured with the whole bot, {_named(groups)}",
        "as above",
        _measured_peers(groups, _lags),
        ", ".join(_lags(mine.outcome) for _, mine, _ in groups) + " s",
        "the same",
        holds=holds,
        notes=(f"standard errors of the medians: {errors} s; what misses by less than one is not told from chance",),
    )


def relearned(changes: Sequence[Change]) -> Row:
    """After all run times have changed."""
    said = [f"×{factor:g}: lag {one.later[0]:.2f} ×, calls {one.later[1]:.2f} ×" for factor, one in _each(changes)]
    first = [f"×{factor:g}: {one.at_once[0]:.1f} × / {one.at_once[1]:.1f} ×" for factor, one in _each(changes)]
    return Row(
        f"{SOON} jobs after run times double, halve or treble, against a lane that knew no others (simulated)",
        "1 ×",
        "never learn",
        "; ".join(said),
        f"≤ {BACK} × of the tuned lag and calls",
        holds=all(max(one.later) <= BACK for one in changes),
        notes=(f"lag and calls of the first {SOON} jobs after the change: {'; '.join(first)}",),
    )


def calls(ours: Outcome, untold: Outcome, bimodal: Outcome, measured: Measured | None) -> Row:
    """What a job costs with one slot."""
    parts = [f"{ours.calls:.1f} at a lag of {ours.lag50:.2f} s (simulated)"]
    holds = ours.calls <= CALLS and ours.lag50 <= CALLS_LAG
    if measured is not None:
        error = measured.calls_error
        parts.append(f"{measured.outcome.calls:.1f} ± {error:.1f} at {measured.outcome.lag50:.2f} s (measured)")
        holds = holds and measured.outcome.calls <= CALLS + error and measured.outcome.lag50 <= CALLS_LAG
    return Row(
        "provider calls a job, 1 slot, submits included",
        "2",
        "4–14 at a lag ≥ 0.55 s",
        "; ".join(parts),
        f"≤ {CALLS:.0f} at a lag ≤ {CALLS_LAG} s",
        holds=holds,
        notes=(
            f"if nobody says that the account has no more slots: {untold}",
            f"if half of the jobs take 5 s and half 20 s: {bimodal}",
        ),
    )


def _each(changes: Sequence[Change]) -> list[tuple[float, Change]]:
    return list(zip(CHANGES, changes, strict=False))


def _lags(outcome: Outcome) -> str:
    return f"{outcome.lag50:.2f} / {outcome.lag95:.2f}"


def _lines(peers: Mapping[int, Mapping[str, Outcome]], say: Callable[[Outcome], str]) -> str:
    names = next(iter(peers.values()))
    return "; ".join(f"{name}: " + ", ".join(say(peers[slots][name]) for slots in peers) for name in names)


def _measured_peers(
    groups: Sequence[tuple[Group, Measured, Mapping[str, Measured]]], say: Callable[[Outcome], str]
) -> str:
    each = [(group.slots, name, peer.outcome) for group, _, peers in groups for name, peer in peers.items()]
    return "; ".join(f"{name}, {_slots(slots)}: {say(outcome)}" for slots, name, outcome in each)


def _named(groups: Sequence[tuple[Group, Measured, Mapping[str, Measured]]]) -> str:
    return ", ".join(f"{_slots(group.slots)} ({group.speed:g}×)" for group, _, _ in groups)


def _how(groups: Sequence[tuple[Group, Measured, Mapping[str, Measured]]]) -> str:
    runs = [
        f"{group.lanes} × {_slots(group.slots)}, {mine.jobs} jobs, {group.seconds:g} s" for group, mine, _ in groups
    ]
    return "driver, runner, SQLite and HTTP client against the local image API in another process: " + "; ".join(runs)


def _slots(slots: int) -> str:
    return "1 slot" if slots == 1 else f"{slots} slots"
