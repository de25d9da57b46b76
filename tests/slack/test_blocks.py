"""What people see of a job in every state: valid for Slack, pinging nobody but the asker, whatever was typed."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import Cause
from bot.job import IN_FLIGHT, Job, JobId, State
from bot.lineage import changes
from bot.ports import Standing
from bot.promise import Moved
from bot.request import Request, Shape
from bot.slack import actions, blocks, captions
from bot.slack.origin import Origin
from bot.slack.wording import Words
from tests.slack.conftest import ADA, START, a_job
from tests.slack.looking import (
    action_ids,
    check,
    elements,
    jobs,
    standings,
    words,
    words_in,
)


@given(words, jobs, standings, st.booleans())
def test_a_root_is_valid_and_pings_at_most_its_asker(said: Words, job: Job, at: Standing, told: bool) -> None:
    check(blocks.root(said, job, at, admins_told=told), may_ping={ADA})


@given(words, jobs, st.booleans(), st.booleans())
def test_the_offer_of_a_road_is_valid_and_pings_nobody(said: Words, job: Job, joinable: bool, direct: bool) -> None:
    check(blocks.road(said, job, joinable=joinable, direct=direct), may_ping=set())


def test_the_prompt_is_one_text_element_as_it_was_typed() -> None:
    job = a_job(request=Request("<!channel> *b* :tada: @here"))
    made = blocks.root(Words("en"), job, Standing(), admins_told=False).blocks
    assert {"type": "text", "text": "<!channel> *b* :tada: @here"} in elements(made)


@pytest.mark.parametrize("state", [State.ACCEPTED, State.QUEUED, State.SUBMITTING, State.GENERATING])
def test_a_root_can_be_cancelled_and_asked_why_until_the_picture_is_there(state: State) -> None:
    made = blocks.root(Words("en"), a_job(state=state), Standing(), admins_told=False)
    assert action_ids(made.blocks) == [actions.CANCEL, actions.WHY]


def test_what_was_cancelled_while_it_is_drawn_has_no_button() -> None:
    made = blocks.root(Words("en"), a_job(state=State.GENERATING, dropped=True), Standing(), admins_told=False)
    assert action_ids(made.blocks) == []


@pytest.mark.parametrize("state", sorted(set(State) - {State.ACCEPTED, State.QUEUED} - IN_FLIGHT))
def test_any_other_root_has_no_button(state: State) -> None:
    made = blocks.root(Words("en"), a_job(state=state), Standing(), admins_told=False)
    assert action_ids(made.blocks) == []


def test_a_buttons_value_is_the_jobs_id_and_at_most_a_number_besides() -> None:
    job = a_job()
    made = [*captions.caption(Words("en"), job), *blocks.road(Words("en"), job, joinable=True, direct=False).blocks]
    assert {each["value"] for each in elements(made) if each.get("type") == "button"} == {job.id, f"{job.id}:1"}


def test_the_place_and_the_time_are_told() -> None:
    at = Standing(place=3, about=START)
    said = blocks.root(Words("en"), a_job(state=State.QUEUED), at, admins_told=False)
    assert "Number 3 in line, ready at about " in words_in(said)
    assert "Number 3 in line" in said.text
    assert "08:00 UTC" in said.text


@pytest.mark.parametrize(
    ("tag", "sentence"), [("en", "About number 12000 in line."), ("zh-CN", "大约排在第 12000 位。")]
)
def test_a_place_that_was_reckoned_is_said_to_be_about_right(tag: str, sentence: str) -> None:
    far = Standing(place=12_000, is_rough=True)
    assert sentence in words_in(blocks.root(Words(tag), a_job(state=State.QUEUED), far, admins_told=False))


def test_the_first_in_line_is_next() -> None:
    said = blocks.root(Words("zh-CN"), a_job(state=State.QUEUED), Standing(place=1), admins_told=False)
    assert "下一个就轮到它" in words_in(said)


@pytest.mark.parametrize(("told", "sentence"), [(True, "An admin has been told."), (False, "Please tell whoever")])
def test_a_pause_says_why_and_claims_a_told_admin_only_if_there_was_one(told: bool, sentence: str) -> None:
    paused = Standing(place=1, paused=Cause.NO_CREDIT)
    said = words_in(blocks.root(Words("en"), a_job(state=State.QUEUED), paused, admins_told=told))
    assert "image credit has run out" in said
    assert sentence in said
    assert "The place in line is kept." in said
    assert ("An admin has been told." in said) is told


def test_each_state_looks_different_where_it_means_something_different() -> None:
    states = [State.QUEUED, State.SUBMITTING, State.GENERATING, State.READY, State.DELIVERED, State.FAILED,
              State.CANCELLED, State.DELETING, State.DELETED]  # fmt: skip
    made = [blocks.root(Words("en"), a_job(state=state), Standing(), admins_told=False).text for state in states]
    assert len(set(made)) == len(states)


def test_a_cancelled_job_that_was_being_drawn_may_be_charged_and_says_so() -> None:
    said = blocks.root(Words("en"), a_job(state=State.CANCELLED, dropped=True), Standing(), admins_told=False)
    assert "may still be charged" in said.text


def test_an_unsure_submit_says_that_it_waits() -> None:
    said = blocks.root(Words("en"), a_job(state=State.SUBMITTING, unsure=1), Standing(), admins_told=False)
    assert "whether it heard me" in said.text


@pytest.mark.parametrize(
    ("joinable", "direct", "ways"),
    [
        (True, False, [actions.ROAD_JOIN, actions.ROAD_MESSAGE, actions.CANCEL]),
        (False, False, [actions.ROAD_RETRY, actions.ROAD_MESSAGE, actions.CANCEL]),
        (False, True, [actions.CANCEL]),
    ],
)
def test_only_the_roads_that_exist_are_offered(joinable: bool, direct: bool, ways: list[str]) -> None:
    assert action_ids(blocks.road(Words("en"), a_job(), joinable=joinable, direct=direct).blocks) == ways


@pytest.mark.parametrize("tag", ["en", "zh-CN"])
@pytest.mark.parametrize("state", State)
def test_a_root_which_all_can_read_calls_nobody_you(tag: str, state: State) -> None:
    paused = [Standing(paused=cause) for cause in Cause]
    for standing in (Standing(), Standing(place=1), Standing(place=9, moved=Moved.RESTARTED), *paused):
        for job in (a_job(state=state), a_job(state=state, redraws=1), a_job(state=state, dropped=True)):
            said = words_in(blocks.root(Words(tag), job, standing, admins_told=False))
            assert not re.search(r"\byou|你", said.lower()), said


@pytest.mark.parametrize(
    ("after", "asked"),
    [
        (Request("a fox"), "asked for another"),
        (Request("a fox", count=2, seed=7, raw=True), "asked for another"),
        (Request("a blue fox"), "asked for a variation"),
        (Request("a fox", shape=Shape.WIDE_16_9), "asked for a variation"),
        (Request("a fox", reference="F1"), "asked for a variation"),
    ],
)
def test_another_is_one_of_the_same_and_a_variation_is_one_of_something_else(after: Request, asked: str) -> None:
    origin = Origin(changes(Request("a fox"), after))
    job = a_job(parent=JobId("b" * 32), request=after)
    message = blocks.root(Words("en"), job, Standing(), admins_told=False, origin=origin)
    assert asked in words_in(message)
    assert asked in message.text.lower()
