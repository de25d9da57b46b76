"""Runs one benchmark in this process and prints its rows as JSON: `python -m bench.one slots --quick`."""

from __future__ import annotations

import argparse
import importlib
import signal
import sys

from bench.rows import SEED, Measure, Plan, dump


def main() -> None:
    """Measure, and put the rows on the last line of the output."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--seed", type=int, default=SEED)
    wanted = parser.parse_args()
    signal.signal(signal.SIGTERM, _leave)  # so that what was started is ended, too
    measure: Measure = importlib.import_module(f"bench.{wanted.name}").measure
    rows = measure(Plan(quick=wanted.quick, seed=wanted.seed))
    sys.stdout.flush()
    print(dump(rows))


def _leave(number: int, _frame: object) -> None:
    sys.exit(128 + number)


if __name__ == "__main__":
    main()
