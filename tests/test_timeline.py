"""What is usual for a job, and what may be made of a result."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot import policy
from bot.form import WITH_REFERENCE
from bot.job import ChannelId, Job, JobId, LaneId, State, TeamId, UserId
from bot.ports import Run, Standing
from bot.request import Clarity, Request, Shape
from bot.slack.timeline import timeline
from bot.slack.wording import Words
from bot.timeline import Timeline, usual

NOON = datetime(2027, 1, 15, 12, 0, 40, tzinfo=UTC)


def a_job(**more: object) -> Job:
    given = {
        "id": JobId("j1"),
        "team_id": TeamId("T1"),
        "channel_id": ChannelId("C1"),
        "user_id": UserId("U1"),
        "lane": LaneId("main"),
        "request": Request("a fox"),
        "asked_at": NOON,
        "state_at": NOON,
        "due_at": NOON,
    }
    return Job(**(given | more))  # type: ignore[arg-type]


def run(seconds: float, *, count: int = 1) -> Run:
    return Run(seconds, count, None, raw=False)


def test_what_is_usual_is_the_middle_of_runs_like_it() -> None:
    assert usual([run(10), run(12), run(90), run(500, count=4)], a_job()) == 12


def test_without_any_like_it_all_runs_tell() -> None:
    assert usual([run(30, count=4)], a_job()) == 30
    assert usual([], a_job()) is None


def test_a_timeline_tells_each_time_that_is_known_and_no_minute_that_has_not_come() -> None:
    job = a_job(state=State.GENERATING, queued_at=NOON, sent_at=NOON + timedelta(minutes=1))
    said = timeline(Words("en"), Timeline(job, Standing(), usual=14.6)).text
    assert "12:00 UTC" in said
    assert "12:01 UTC" in said
    assert "12:02" not in said
    assert "about 15 seconds" in said


def test_a_long_run_is_told_in_minutes() -> None:
    assert "about 5 minutes" in timeline(Words("en"), Timeline(a_job(), Standing(), usual=301)).text


@pytest.mark.parametrize("shape", Shape)
def test_a_variation_is_of_a_shape_that_can_be_drawn_after_a_picture_and_lies_as_before(shape: Shape) -> None:
    varied = policy.varied(Request("a fox", shape=shape, seed=4, raw=True), "F1")
    assert varied.shape in WITH_REFERENCE
    assert (varied.reference, varied.seed) == ("F1", None)
    wide, tall = (int(side) for side in shape.value.split(":"))
    new_wide, new_tall = (int(side) for side in varied.shape.value.split(":"))
    assert (wide > tall, wide < tall) == (new_wide > new_tall, new_wide < new_tall)


def test_only_a_seed_in_exact_words_can_be_had_again_with_more_pixels() -> None:
    same = Request("a fox", seed=4, raw=True)
    assert policy.sharpened(same) == replace(same, clarity=Clarity.X2)
    for other in (Request("a fox"), Request("a fox", raw=True), replace(same, clarity=Clarity.X4)):
        assert policy.sharpened(other) is None
