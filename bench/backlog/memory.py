"""What a long line adds to the memory of the engine: the real driver, board and store, each time a new process."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.backlog.lines import Line


@dataclass(frozen=True, slots=True)
class Memory:
    """MiB that a process holds once it has worked for a while."""

    idle: float
    busy: float

    @property
    def added(self) -> float:
        """By the long line."""
        return self.busy - self.idle


def memory(short: Line, long: Line, *, rounds: int) -> Memory:
    """The middle of some rounds, the two taking turns."""
    pairs = [(_measured(short), _measured(long)) for _ in range(rounds)]
    return Memory(median(idle for idle, _ in pairs), median(busy for _, busy in pairs))


def _measured(line: Line) -> float:
    command = [sys.executable, "-m", "bench.backlog.busy", line.url, str(line.crowd.waiting)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=120)
    return float(json.loads(done.stdout.splitlines()[-1]))


def resident() -> float:
    """MiB of this process in memory now. Linux tells; where it is not told, a `RuntimeError`."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    if found is None:
        raise RuntimeError("this system does not say how much memory a process has")
    return int(found[1]) / 1024
