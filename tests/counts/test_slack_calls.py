"""Calls of Slack for a job on an idle lane: one root, two for each picture, one share, one look, one last word."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.counts.watching import watched


@pytest.mark.parametrize("n", [1, 4])
async def test_a_job_that_begins_at_once_costs_four_calls_and_two_for_each_picture(tmp_path: Path, n: int) -> None:
    async with watched(tmp_path) as watch:
        before = watch.slack_calls
        await watch.place.asks(watch.place.ada, f"a fox --n {n}")
        await watch.delivered(2)
        calls = watch.slack_calls - before
        assert calls == Counter({
            "chat.postMessage": 1,
            "files.getUploadURLExternal": n,
            "upload": n,
            "files.completeUploadExternal": 1,
            "files.info": 1,
            "chat.update": 1,
        })  # fmt: skip


async def test_a_person_is_asked_for_their_language_once_and_not_for_each_job(tmp_path: Path) -> None:
    async with watched(tmp_path) as watch:
        for number in range(2, 5):
            await watch.place.asks(watch.place.ada, f"fox {number}")
            await watch.delivered(number)
        assert len(watch.place.calls("users.info")) == 1
