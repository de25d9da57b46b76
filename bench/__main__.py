"""`python -m bench`: every benchmark one after another, one table, a verdict for each row; exits 0 only if all hold."""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import page
from bench.rows import SEED, Plan, Row, load

ALL = ("slots", "delivery", "acks", "backlog", "flow", "client", "startup", "replicas")
"""The benchmarks, in the order of the table."""
SIDE_BY_SIDE = (("slots", "client"), ("replicas", "startup"), ("delivery", "flow", "backlog"))
"""What shares the machine where time is short; the others have it for themselves."""
LIMIT = {True: 60.0, False: 300.0}
"""Seconds one benchmark may take, quick or in full."""


def main() -> None:
    """Run, show, write down."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"which ones: {', '.join(ALL)} (default: all)")
    parser.add_argument("--quick", action="store_true", help="about a minute, with wider noise; nothing is written")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--write", action="store_true", help="write the table into docs/performance.md")
    parser.add_argument("--json", type=Path, help="write the rows here as JSON")
    wanted = parser.parse_args()
    unknown = set(wanted.names) - set(ALL)
    if unknown:
        parser.error(f"there is no benchmark called {', '.join(sorted(unknown))}")
    signal.signal(signal.SIGTERM, _leave)  # so that what was started is ended, too
    began = time.monotonic()
    rows = run(wanted.names or ALL, Plan(quick=wanted.quick, seed=wanted.seed))
    seconds = time.monotonic() - began
    show(rows, seconds)
    if wanted.json:
        wanted.json.write_text(json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=1))
    if wanted.write:
        page.write(rows, seed=wanted.seed, seconds=seconds)
    sys.exit(0 if rows and all(row.holds for row in rows) else 1)


def run(names: Sequence[str], plan: Plan) -> list[Row]:
    """Each in a process of its own, so that none leaves memory, imports or load behind for the next."""
    found: dict[str, list[Row]] = {}
    if plan.quick:
        with ThreadPoolExecutor(len(SIDE_BY_SIDE)) as threads:
            sides = [[name for name in side if name in names] for side in SIDE_BY_SIDE]
            for side in threads.map(lambda side: {name: _run(name, plan) for name in side}, sides):
                found |= side
    for name in names:
        if name not in found:
            found[name] = _run(name, plan)
    return [row for name in names for row in found[name]]


def _run(name: str, plan: Plan) -> list[Row]:
    began = time.monotonic()
    rows = _measured(name, plan)
    print(f"{name}: {time.monotonic() - began:.0f} s", file=sys.stderr)
    return rows


def _measured(name: str, plan: Plan) -> list[Row]:
    command = [sys.executable, "-m", "bench.one", name, "--seed", str(plan.seed), *(["--quick"] if plan.quick else [])]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        said, _ = running.communicate(timeout=LIMIT[plan.quick])
    except subprocess.TimeoutExpired:
        return [_broken(name, f"did not end within {LIMIT[plan.quick]:.0f} s")]
    finally:
        _end(running)
    if running.returncode:
        return [_broken(name, f"ended with exit code {running.returncode}")]
    return load(said.splitlines()[-1])


def _end(running: subprocess.Popen[str]) -> None:
    """Nothing of it is left: neither the benchmark, nor the programs and servers that it had started."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(running.pid, number)
        with suppress(subprocess.TimeoutExpired):
            running.wait(5.0)


def _leave(number: int, _frame: object) -> None:
    sys.exit(128 + number)


def _broken(name: str, why: str) -> Row:
    return Row(name, "", "", why, "ends well", holds=False)


def show(rows: Sequence[Row], seconds: float) -> None:
    """The table, and how it went in one line."""
    console = Console(width=None if sys.stdout.isatty() else 200)
    table = Table("what", "limit", "peers", "ours", "goal", "verdict", show_lines=True)
    for row in rows:
        verdict = "[green]holds[/]" if row.holds else "[red]MISSED[/]"
        table.add_row(row.what, row.limit, row.peers, row.ours, row.goal, verdict)
    console.print(table)
    for row in rows:
        for note in row.notes:
            console.print(f"- {row.what}: {note}", highlight=False)
    held = sum(row.holds for row in rows)
    console.print(f"{held} of {len(rows)} goals hold; {seconds:.0f} s")


if __name__ == "__main__":
    main()
