"""Writes the measured table into `docs/performance.md`, between its two marks; the words around it are ours."""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench.rows import Row

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
BEGIN = "<!-- make bench writes from here -->"
END = "<!-- to here -->"
_NAMED = ("aiohttp", "slack-bolt", "SQLAlchemy", "aiosqlite", "asyncpg")


def write(rows: Sequence[Row], *, seed: int, seconds: float) -> None:
    """Put the rows, the machine, the date and the seed between the marks."""
    before, _, rest = PAGE.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    lines = [_when(seed, seconds), "", "| what | limit | peers | ours | goal | verdict |", "|---|---|---|---|---|---|"]
    lines += [_line(row) for row in rows]
    lines += ["", *(f"- {row.what}: {note}" for row in rows for note in row.notes)]
    PAGE.write_text(f"{before}{BEGIN}\n" + "\n".join(lines) + f"\n{END}{after}")


def _line(row: Row) -> str:
    verdict = "holds" if row.holds else "**missed**"
    cells = (row.what, row.limit, row.peers, row.ours, row.goal, verdict)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _when(seed: int, seconds: float) -> str:
    libraries = ", ".join(f"{name} {version(name)}" for name in _NAMED)
    return (
        f"Measured on {datetime.now(UTC):%Y-%m-%d}: {os.cpu_count()} cores "
        f"({platform.machine()}, {platform.system()}), "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {libraries}; seed {seed}; "
        f"{seconds:.0f} s in all. Loopback only; trust the ratios, not the milliseconds."
    )
