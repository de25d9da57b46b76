"""What happened since the row was written: folded once, folded again over what the row became."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.course import Course
from bot.errors import SOON, Cause
from bot.events import Cancelled, Event, Faulted, Fetched, Finished, LinksDied, Uploaded
from bot.job import ChannelId, FileId, Job, JobId, LaneId, Picture, ProviderJobId, State, TeamId, UserId
from bot.lifecycle import advance
from bot.request import Request
from tests.core.world import NOON

LATER = NOON + timedelta(hours=1)
FINISHED = Finished(("https://x/1",), LATER)
FETCHED = Fetched((Picture("j/1", "00" * 32, 10, 4, 4, "image/png"),))
UPLOADED = Uploaded((FileId("F1"),))
ALL: tuple[Event, ...] = (FINISHED, FETCHED, UPLOADED)


def generating(**more: object) -> Job:
    who = {"team_id": TeamId("T"), "channel_id": ChannelId("C"), "user_id": UserId("U"), "lane": LaneId("l")}
    times = {"asked_at": NOON, "state_at": NOON, "due_at": NOON, "sent_at": NOON}
    known = {"state": State.GENERATING, "provider_job_id": ProviderJobId("p1"), "version": 4}
    return Job(id=JobId("j"), request=Request("a fox"), **{**who, **times, **known, **more})  # type: ignore[arg-type]


def course_of(*events: Event, row: Job | None = None) -> Course:
    """Each event a second after the one before."""
    course = Course.of(row or generating())
    for seconds, event in enumerate(events, 1):
        course = course.then(event, NOON + timedelta(seconds=seconds))
    return course


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_a_course_leads_where_its_events_lead_one_by_one(count: int) -> None:
    job = generating()
    for seconds, event in enumerate(ALL[:count], 1):
        job = advance(job, event, NOON + timedelta(seconds=seconds))
    assert course_of(*ALL[:count]).job == job


@pytest.mark.parametrize(
    ("events", "may_wait"),
    [
        ((FINISHED,), True),
        ((FINISHED, FETCHED), True),
        ((FINISHED, FETCHED, UPLOADED), False),
        ((FINISHED, Faulted("reset", Cause.PROVIDER_STUMBLED, SOON)), False),
        ((FINISHED, FETCHED, Faulted("slack_down", Cause.SLACK_DOWN, SOON)), False),
        ((FINISHED, LinksDied()), False),
        ((Faulted("stuck", Cause.STUCK),), False),
    ],
)
def test_only_what_can_be_had_again_for_nothing_may_wait(events: tuple[Event, ...], *, may_wait: bool) -> None:
    assert course_of(*events).may_wait is may_wait


def test_a_result_that_nobody_wants_any_more_does_not_wait() -> None:
    course = course_of(FINISHED, row=generating(dropped=True))
    assert (course.job.state, course.may_wait) == (State.CANCELLED, False)


def test_over_another_version_of_the_row_each_event_keeps_its_time() -> None:
    course = course_of(*ALL)
    again = course.over(generating(version=9, locale="zh-CN"))
    assert again.job == replace(course.job, version=9, locale="zh-CN")
    assert (again.job.done_at, again.job.fetched_at) == (NOON + timedelta(seconds=1), NOON + timedelta(seconds=2))
    assert not again.overtaken


def test_over_a_row_that_was_cancelled_it_ends_where_the_events_mean_nothing_any_more() -> None:
    again = course_of(*ALL).over(generating(version=5, dropped=True))
    assert (again.job.state, again.overtaken) == (State.CANCELLED, True)
    assert [event for event, _ in again.since] == [FINISHED]
    assert again.spooled, "its bytes are to be forgotten"


@pytest.mark.parametrize("count", [1, 2])
def test_over_a_row_that_another_has_carried_further_nothing_is_left_to_write(count: int) -> None:
    theirs = course_of(*ALL).job
    again = course_of(*ALL[:count]).over(theirs)
    assert (again.job, again.since, again.overtaken) == (theirs, (), True)


def test_what_is_overtaken_is_not_resumed_by_a_later_event() -> None:
    course = course_of(FINISHED, Cancelled(), FETCHED, UPLOADED)
    assert (course.job.state, course.overtaken, len(course.since)) == (State.CANCELLED, True, 2)


def test_what_is_written_is_not_written_again() -> None:
    row = replace(course_of(*ALL).job, version=5)
    written = course_of(*ALL).written(row)
    assert (written.row, written.job, written.since) == (row, row, ())
