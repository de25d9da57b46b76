"""What a benchmark measures and says: rows of one table, each with a verdict."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

SEED = 7


@dataclass(frozen=True, slots=True)
class Plan:
    """How a benchmark is to be run: briefly or in full, and with which seed for all that is drawn."""

    quick: bool = False
    seed: int = SEED


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. `holds`: whether `ours` reaches `goal`; `notes` are sentences for those who want more."""

    what: str
    limit: str
    peers: str
    ours: str
    goal: str
    holds: bool
    notes: tuple[str, ...] = ()


Measure = Callable[[Plan], Sequence[Row]]
"""What each module of a benchmark offers as `measure`."""


def dump(rows: Sequence[Row]) -> str:
    """One line of JSON."""
    return json.dumps([asdict(row) for row in rows], ensure_ascii=False)


def load(line: str) -> list[Row]:
    """The rows of such a line."""
    return [Row(**{**row, "notes": tuple(row["notes"])}) for row in json.loads(line)]
