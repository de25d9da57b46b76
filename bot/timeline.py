"""Why a job takes its time: what happened to it so far, and how long jobs like it usually take. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from bot.job import Job
from bot.ports import Run, Standing

RUNS = 50
"""How many of the last runs tell what is usual."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """The job's own times are in its row. `usual`: seconds at the provider, None while nobody knows."""

    job: Job
    standing: Standing
    usual: float | None = None


def usual(runs: Sequence[Run], job: Job) -> float | None:
    """The median of runs like it; of all if there were none like it."""
    request = job.request
    like = [
        run.seconds for run in runs
        if (run.count, run.clarity, run.raw) == (request.count, request.clarity, request.raw)
    ]  # fmt: skip
    seconds = like or [run.seconds for run in runs]
    return median(seconds) if seconds else None
