"""What is said about a re-roll, and how a thread's family is drawn."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.job import ChannelId, Job, JobId, LaneId, TeamId, UserId
from bot.lineage import Change, Difference, changes, family
from bot.request import Clarity, Request, Shape

FOX = Request("a fox in the rain")
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def job(name: str, *, parent: str | None = None, minute: int = 0, prompt: str = "a fox") -> Job:
    at = NOON + timedelta(minutes=minute)
    return Job(
        id=JobId(name),
        team_id=TeamId("T1"),
        channel_id=ChannelId("C1"),
        user_id=UserId("U1"),
        lane=LaneId("l"),
        request=Request(prompt),
        asked_at=at,
        state_at=at,
        due_at=at,
        parent=JobId(parent) if parent else None,
    )


def test_the_same_again_says_that_nothing_changed() -> None:
    assert changes(FOX, FOX) == (Change(Difference.NOTHING),)


@pytest.mark.parametrize(
    ("before", "after", "added", "removed"),
    [
        ("a fox in the rain", "a fox in the rain with snow", ["with snow"], []),
        ("a fox in the rain", "a fox in the snow", ["snow"], ["rain"]),
        ("雨中竹林", "雪中竹林", ["雪"], ["雨"]),
        ("a fox, red", "a fox", ["fox"], ["fox, red"]),
    ],
)
def test_words_that_came_and_went_are_named(before: str, after: str, added: list[str], removed: list[str]) -> None:
    found = changes(Request(before), Request(after))
    assert [each.value for each in found if each.kind is Difference.ADDED] == added
    assert [each.value for each in found if each.kind is Difference.REMOVED] == removed


def test_a_wholly_new_prompt_is_called_so_and_not_listed() -> None:
    other = " ".join(f"word{i}" for i in range(20))
    assert changes(FOX, Request(other)) == (Change(Difference.REWORDED),)


def test_every_option_that_changed_is_named() -> None:
    after = replace(FOX, negative="text", style="shuimo", shape=Shape.WIDE_16_9, count=2, clarity=Clarity.X2)
    assert changes(FOX, after) == (
        Change(Difference.NEGATIVE, "text"),
        Change(Difference.STYLE, "shuimo"),
        Change(Difference.SHAPE, "16:9"),
        Change(Difference.COUNT, "2"),
        Change(Difference.CLARITY, "x2"),
    )


def test_a_seed_is_kept_set_or_let_go_and_says_the_rest_of_itself() -> None:
    seven, eight = replace(FOX, seed=7, raw=True), replace(FOX, seed=8, raw=True)
    assert changes(seven, replace(seven, prompt="a fox in the snow"))[-1] == Change(Difference.SEED_KEPT, "7")
    assert changes(seven, eight) == (Change(Difference.SEED_SET, "8"),)
    assert changes(FOX, seven) == (Change(Difference.SEED_SET, "7"),)
    assert changes(seven, replace(FOX, raw=True)) == (Change(Difference.SEED_FREE),)
    assert changes(FOX, replace(FOX, raw=True)) == (Change(Difference.RAW),)
    assert changes(seven, FOX) == (Change(Difference.SEED_FREE), Change(Difference.REWRITTEN))


def test_beside_a_reference_a_seed_changes_nothing_and_is_not_named() -> None:
    seven = replace(FOX, seed=7, raw=True)
    assert changes(seven, replace(seven, reference="F1", seed=8)) == changes(seven, replace(seven, reference="F1"))


def test_a_family_is_drawn_from_its_first_job_down_siblings_in_order() -> None:
    jobs = [
        job("c", parent="a", minute=3),
        job("a"),
        job("b", parent="a", minute=1, prompt="a fox at night"),
        job("d", parent="b", minute=2),
        job("lost", parent="unknown", minute=9),
    ]
    drawn = [(branch.job.id, branch.depth) for branch in family(jobs)]
    assert drawn == [("a", 0), ("b", 1), ("d", 2), ("c", 1), ("lost", 0)]
    assert family(jobs)[1].changes == (Change(Difference.ADDED, "at night"),)


@given(st.lists(st.integers(0, 30), max_size=30))
def test_everybody_is_in_the_tree_once_and_below_their_parent(parents: list[int]) -> None:
    jobs = [job(str(i), parent=str(parent) if parent < i else None, minute=i) for i, parent in enumerate(parents)]
    drawn = family(jobs)
    assert sorted(branch.job.id for branch in drawn) == sorted(each.id for each in jobs)
    places = {branch.job.id: (at, branch.depth) for at, branch in enumerate(drawn)}
    for each in jobs:
        if each.parent is not None:
            assert places[each.parent][0] < places[each.id][0]
            assert places[each.parent][1] + 1 == places[each.id][1]


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_change_of_words_is_never_called_nothing(before: str, after: str) -> None:
    found = changes(Request(before), Request(after))
    assert (found == (Change(Difference.NOTHING),)) == (before == after)


def test_another_reference_is_a_change() -> None:
    assert changes(Request("a"), Request("a", reference="F1")) == (Change(Difference.REFERENCE, "F1"),)
