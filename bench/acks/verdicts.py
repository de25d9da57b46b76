"""The rows: what was measured against what was promised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from bench.acks.bare import Kind
from bench.acks.busy import RATE, SLOTS, HandsFull
from bench.acks.rounds import STEADY, Figures, ratio
from bench.rows import Row

P50, P99, OVER_PROMPT = 0.25, 0.50, 1.7
RATES: Mapping[str, float] = {"SQLite": 0.9, "PostgreSQL": 1.3}
SLOWEST = 1000.0  # milliseconds
BUSY = 1.5


@dataclass(frozen=True, slots=True)
class Measured:
    """Everything that was measured."""

    peers: Mapping[Kind, Figures]
    ours: Mapping[str, Figures]
    busy: HandsFull
    waiting: int

    @property
    def default(self) -> Figures:
        """The bare app as Bolt comes."""
        return self.peers[Kind.DEFAULT]


def rows(measured: Measured) -> Sequence[Row]:
    """The three rows of the acknowledgement path."""
    return [_latency(measured), _rate(measured), _busy(measured)]


def _latency(measured: Measured) -> Row:
    default, prompt = measured.default, measured.peers[Kind.PROMPT]
    said, holds = [], True
    for name, ours in measured.ours.items():
        p50, p99, over = ratio(ours.p50, default.p50), ratio(ours.p99, default.p99), ratio(ours.p50, prompt.p50)
        said.append(f"{name} {p50:.2f} x / {p99:.2f} x; {over:.2f} x the prompt one")
        holds = holds and p50 <= P50 and p99 <= P99 and over <= OVER_PROMPT and ours.failed == ours.lost == 0
    return Row(
        "`/imagine` acknowledged with the row on disk against a bare Bolt app (default settings) that stores nothing, "
        f"same run, {STEADY:.0f}/s, p50 / p99",
        "0.12 x (no Bolt, nothing stored)",
        f"1.0 x / 1.0 x{_with_sessions(measured)}",
        "; ".join(said),
        f"<= {P50} x / <= {P99:.2f} x; <= {OVER_PROMPT} x the bare app with process_before_response (p50)",
        holds,
        notes=tuple(_steady_note(name, each) for name, each in _everybody(measured)),
    )


def _rate(measured: Measured) -> Row:
    default = measured.default
    said, holds = [], True
    for name, ours in measured.ours.items():
        rate, slowest = ratio(ours.rate, default.rate), max(ours.slowest)
        said.append(f"{name} {rate:.2f} x; slowest {slowest / 1000:.2f} s, {ours.failed + ours.lost} refused or lost")
        holds = holds and rate >= RATES[name] and slowest < SLOWEST and ours.failed == ours.lost == 0
    goals = ", ".join(f">= {goal} x {name}" for name, goal in RATES.items())
    return Row(
        "acknowledged commands a second, row on disk, against the bare default app; 1,000 in one second",
        "–",
        _sessions_rate(measured),
        "; ".join(said),
        f"{goals}; slowest < 1 s, none refused",
        holds,
        notes=tuple(f"{name}: {median(each.rate):,.0f} a second" for name, each in _everybody(measured)),
    )


def _with_sessions(measured: Measured) -> str:
    session, prompt = measured.peers.get(Kind.SESSION), measured.peers[Kind.PROMPT]
    return (
        f"; with a session a command {ratio(session.p50, prompt.p50[:1]):.1f} x its prompt setting" if session else ""
    )


def _sessions_rate(measured: Measured) -> str:
    session = measured.peers.get(Kind.SESSION)
    return f"{ratio(session.rate, measured.default.rate[:1]):.2f} x with a session a command" if session else "–"


def _busy(measured: Measured) -> Row:
    busy = measured.busy
    found = ratio(busy.busy, busy.idle)
    pictures, polls = busy.pictures / busy.seconds, busy.polls / busy.seconds
    latencies = f"idle {median(busy.idle):.1f} ms, with hands full {median(busy.busy):.1f} ms"
    return Row(
        f"acknowledgement p99 while 4 pictures travel, {SLOTS} slots poll and {measured.waiting:,} wait",
        "idle p99",
        "–",
        f"{found:.2f} x",
        f"<= {BUSY} x",
        found <= BUSY and busy.failed == 0 and busy.pictures > 0,
        notes=(
            f"{RATE:.0f} commands a second; {latencies}; "
            f"meanwhile {pictures:.1f} pictures of 1.5 MB and {polls:.0f} polls a second",
        ),
    )


def _everybody(measured: Measured) -> list[tuple[str, Figures]]:
    return [*((f"bare app, {kind}", each) for kind, each in measured.peers.items()), *measured.ours.items()]


def _steady_note(name: str, each: Figures) -> str:
    failed = f", {each.failed} not acknowledged" if each.failed else ""
    return f"{name}: {median(each.p50):.1f} / {median(each.p99):.1f} ms{failed}"
