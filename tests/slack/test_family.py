"""A tree, an origin and a timeline that may be made: valid and inert, whatever was typed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.job import Job, JobId, State
from bot.lineage import changes, family
from bot.ports import Standing
from bot.prompt import recipe
from bot.request import Request
from bot.slack import blocks, notices
from bot.slack.family import tree
from bot.slack.origin import Origin
from bot.slack.timeline import timeline
from bot.slack.wording import Words
from bot.timeline import Timeline
from tests.slack.conftest import ADA, START, a_job
from tests.slack.looking import check, jobs, requests, standings, words, words_in

LINK = "https://acme.slack.com/archives/C1/p1"


@given(words, st.lists(requests, min_size=1, max_size=60), st.data())
def test_a_tree_is_valid_and_pings_nobody(said: Words, wanted: list[Request], data: st.DataObject) -> None:
    made: list[Job] = []
    for at, request in enumerate(wanted):
        parent = data.draw(st.sampled_from([None, *(job.id for job in made)]))
        when = START + timedelta(seconds=at)
        state = data.draw(st.sampled_from(State))
        made.append(a_job(id=JobId(f"{at:032x}"), parent=parent, request=request, asked_at=when, state=state))
    check(tree(said, family(made)), may_ping=set())


@given(words, jobs, requests, st.sampled_from(["", LINK]))
def test_a_root_with_an_origin_is_valid(said: Words, job: Job, before: Request, link: str) -> None:
    origin = Origin(changes(before, job.request), link)
    check(blocks.root(said, job, Standing(), admins_told=False, origin=origin), may_ping={ADA})


@given(words, jobs, standings, st.one_of(st.none(), st.floats(0, 4000)))
def test_a_timeline_is_valid_and_pings_nobody(said: Words, job: Job, at: Standing, usual: float | None) -> None:
    check(timeline(said, Timeline(replace(job, queued_at=START, sent_at=START), at, usual)), may_ping=set())


@given(words, st.text(max_size=8000))
def test_a_recipe_is_handed_over_whole_or_not_at_all(said: Words, prompt: str) -> None:
    made = notices.recipe_note(said, Request(prompt))
    check(made, may_ping=set())
    assert recipe(Request(prompt)) in words_in(made) or len(prompt) > 1000


def test_a_recipe_says_what_no_line_can_carry() -> None:
    assert "reference picture" in notices.recipe_note(Words("en"), Request("a fox", reference="F1")).text
    assert "reference" not in notices.recipe_note(Words("en"), Request("a fox")).text


def test_of_a_deleted_picture_no_word_is_left_in_the_tree() -> None:
    first = a_job(id=JobId("aaaaaaaa" + "0" * 24), state=State.DELETED, request=Request("a secret fox"))
    child = a_job(id=JobId("bbbbbbbb" + "0" * 24), parent=first.id, request=Request("a hare"), state=State.DELIVERED)
    said = tree(Words("en"), family([first, child])).text
    assert "secret" not in said
    assert "Deleted" in said
    assert "a hare" in said


def test_a_tree_names_each_job_as_it_can_be_asked_for_again() -> None:
    first = a_job(id=JobId("aaaaaaaa" + "0" * 24), state=State.DELIVERED)
    child = a_job(id=JobId("bbbbbbbb" + "0" * 24), parent=first.id, request=Request("a red fox"), state=State.FAILED)
    said = tree(Words("en"), family([first, child])).text
    assert "aaaaaaaa a fox in the rain" in said
    assert "bbbbbbbb" in said
    assert "with “red”" in said
    assert "went wrong" in said or "(" in said


@pytest.mark.parametrize(
    ("usual", "said"),
    [(0.2, "about a second once"), (1.6, "about 2 seconds once"), (119.0, "about 119 s"), (121.0, "about 2 minutes")],
)
def test_what_is_usual_is_counted_in_words_that_fit_the_number(usual: float, said: str) -> None:
    assert said in timeline(Words("en"), Timeline(a_job(), Standing(), usual)).text
