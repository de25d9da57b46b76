"""A long line: who is next, where a job stands, and what waiting costs in memory."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.acks.databases import Databases, Sqlite, postgres
from bench.backlog.filling import Crowd
from bench.backlog.lines import ASLEEP, SHORT, Line, filled, shapes
from bench.backlog.memory import Memory, memory
from bench.backlog.peers import task_each, unindexed
from bench.backlog.picks import picks
from bench.backlog.placing import places
from bench.backlog.timing import quietest, ratio, typical
from bench.rows import Plan, Row

_WORST_PICK = 1.3
_MOST_MEMORY = 5.0  # MiB
_SLOWEST_PLACE = 0.5  # milliseconds


def measure(plan: Plan) -> Sequence[Row]:
    """Both rows, on SQLite and, unless it has to be quick, on PostgreSQL."""
    waiting = 10_000 if plan.quick else 100_000
    rounds = 2 if plan.quick else 5
    crowds = shapes(waiting)
    with tempfile.TemporaryDirectory() as folder:
        on_file = _Measured(Sqlite(Path(folder) / "files"), crowds, rounds)
        measured = [on_file]
        if not plan.quick:
            few = {name: crowds[name] for name in (SHORT, f"{waiting:,} people", "one person")}
            with postgres(Path(folder) / "server") as server:
                measured.append(_Measured(server, few, rounds))
        held = memory(on_file.line(SHORT), on_file.line(f"{waiting:,} people"), rounds=1 if plan.quick else 3)
    slower = asyncio.run(unindexed(waiting, rounds=rounds, each=5))
    return [_row_of_picks(waiting, measured, held, slower), _row_of_places(waiting, measured)]


class _Measured:
    """One kind of database, filled, and asked."""

    def __init__(self, databases: Databases, crowds: Mapping[str, Crowd], rounds: int) -> None:
        self.name = databases.name
        self._lines = filled(databases, crowds)
        self.picks = asyncio.run(picks(self._lines, rounds=rounds, each=80))
        long = [line for line in self._lines if line.name not in {SHORT, ASLEEP}]
        self.places = asyncio.run(places(long, rounds=2 * rounds - 1, each=12))

    def line(self, name: str) -> Line:
        """The line of that name."""
        return next(line for line in self._lines if line.name == name)

    def growth(self) -> dict[str, float]:
        """How many times longer a pick takes in each long line than in the short one."""
        return {name: ratio(times, self.picks[SHORT]) for name, times in self.picks.items() if name != SHORT}

    def slowest(self, what: str) -> float:
        """Milliseconds in the worst of the long lines, each in its quietest round: a limit in milliseconds says nothing
        about what else the machine does.
        """
        return max(quietest(times[what]) for times in self.places.values())

    def beside_nothing(self) -> float:
        """How many times longer a place takes than a question that asks nothing."""
        return max(ratio(times["place"], times["trivial"]) for times in self.places.values())


def _row_of_picks(waiting: int, measured: Sequence[_Measured], held: Memory, slower: float) -> Row:
    worst = {each.name: max(each.growth().values()) for each in measured}
    said = ", ".join(f"{name} {times:.2f} ×" for name, times in worst.items())
    return Row(
        what=f"picking the next job fairly, backlog {waiting:,} against 10; memory added by {waiting:,} waiting",
        limit="1 ×; 0",
        peers=f"{slower:.0f} × unindexed; {task_each(waiting):.0f} MiB as tasks",
        ours=f"{said}; {held.added:.1f} MiB",
        goal=f"≤ {_WORST_PICK} ×; ≤ {_MOST_MEMORY:.0f} MiB",
        holds=max(worst.values()) <= _WORST_PICK and held.added <= _MOST_MEMORY,
        notes=(*map(_note_of_picks, measured), _note_of_memory(held)),
    )


def _note_of_picks(measured: _Measured) -> str:
    growth = ", ".join(f"{name} {times:.2f} ×" for name, times in measured.growth().items())
    return f"{measured.name}: {typical(measured.picks[SHORT]):.2f} ms with 10 waiting; {growth}"


def _note_of_memory(held: Memory) -> str:
    return f"the engine's process holds {held.idle:.1f} MiB with 10 waiting, {held.busy:.1f} MiB with the long line"


def _row_of_places(waiting: int, measured: Sequence[_Measured]) -> Row:
    on_file, *others = measured
    asked = [f"{each.slowest('place'):.2f} ms {each.name}" for each in measured]
    asked += [f"{each.beside_nothing():.1f} × a question that asks nothing there" for each in others]
    return Row(
        what=f"place in line at {waiting:,} waiting",
        limit="–",
        peers=" / ".join(f"{each.slowest('count'):.1f}" for each in measured) + " ms by counting",
        ours=", ".join(asked),
        goal=f"≤ {_SLOWEST_PLACE} ms",
        holds=on_file.slowest("place") <= _SLOWEST_PLACE,
        notes=tuple(map(_note_of_places, measured)),
    )


def _note_of_places(measured: _Measured) -> str:
    shapes = ", ".join(
        f"{name} {typical(times['place']):.2f} ms ({ratio(times['place'], times['trivial']):.2f} × trivial,"
        f" {ratio(times['place'], times['count']):.2f} × counting)"
        for name, times in measured.places.items()
    )
    return f"{measured.name}: {shapes}"
