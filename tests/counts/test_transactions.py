"""Transactions: at most six for a job that is delivered, none for a look that finds nothing new."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.counts.watching import watched


@pytest.mark.parametrize("n", [1, 4])
async def test_a_delivered_job_costs_at_most_six_transactions(tmp_path: Path, n: int) -> None:
    async with watched(tmp_path) as watch:
        before = watch.commits
        await watch.place.asks(watch.place.ada, f"a fox --n {n}")
        await watch.delivered(2)
        assert 0 < watch.commits - before <= 6


async def test_twenty_jobs_that_are_asked_for_together_cost_no_more_than_six_each(tmp_path: Path) -> None:
    async with watched(tmp_path, hunyuan_slots=5, images={"slots": 5}) as watch:
        before = watch.commits
        answers = await asyncio.gather(*(watch.place.asks(watch.place.ada, f"fox {n}") for n in range(20)))
        assert all(answer.ok for answer in answers)
        await watch.delivered(21)
        assert 0 < watch.commits - before <= 6 * 20


async def test_a_crowd_costs_no_more_than_six_each(tmp_path: Path) -> None:
    async with watched(tmp_path, crowd=0, hunyuan_slots=5, images={"slots": 5}) as watch:
        before = watch.commits
        await asyncio.gather(*(watch.place.asks(watch.place.ada, f"fox {n}") for n in range(20)))
        await watch.delivered(21)
        assert 0 < watch.commits - before <= 6 * 20


async def test_looks_that_find_nothing_new_cost_no_transaction(tmp_path: Path) -> None:
    async with watched(tmp_path) as watch:
        watch.place.images.settings.speed = 4.0
        watch.looks.clear()
        await watch.place.asks(watch.place.ada, "a fox")
        await watch.delivered(2)
        assert len(watch.looks) >= 5, "the job was looked at often"
        assert watch.looks[-1] == watch.looks[0]
