"""Who was refused comes back when it is their turn, and nobody else waits for it."""

from __future__ import annotations

from itertools import pairwise

import pytest

from bot.errors import Throttled
from bot.slack.limits import Limits
from tests.slack.conftest import Clock

SAYING = ("chat.postMessage", "files.completeUploadExternal")


@pytest.fixture
def limits(clock: Clock) -> Limits:
    return Limits(clock.now)


@pytest.mark.parametrize("method", SAYING)
def test_messages_refused_together_come_back_one_after_another_a_little_apart(limits: Limits, method: str) -> None:
    turns = [limits.hit(method, "C1", retry_after=1.0) for _ in range(20)]
    assert turns[0] == pytest.approx(1.0)
    assert all(1.0 < later - sooner < 1.1 for sooner, later in pairwise(turns))


@pytest.mark.parametrize("method", SAYING)
def test_who_comes_while_others_wait_is_told_a_turn_after_theirs(limits: Limits, clock: Clock, method: str) -> None:
    last = max(limits.hit(method, "C1", retry_after=1.0) for _ in range(3))
    with pytest.raises(Throttled) as told:
        limits.check(method, "C1")
    assert told.value.retry_after > last


@pytest.mark.parametrize("method", SAYING)
def test_another_conversation_does_not_wait(limits: Limits, method: str) -> None:
    limits.hit(method, "C1", retry_after=30.0)
    assert limits.check(method, "C2") == 1


@pytest.mark.parametrize("method", SAYING)
def test_whose_turn_has_come_is_let_through(limits: Limits, clock: Clock, method: str) -> None:
    turn = limits.hit(method, "C1", retry_after=1.0)
    clock.forward(turn)
    hits = limits.check(method, "C1")
    limits.passed(method, "C1", since=hits)
    assert limits.check(method, "C1") == hits


def test_a_block_of_anything_else_is_the_methods_and_all_come_back_together(limits: Limits) -> None:
    turns = [limits.hit("files.info", "C1", retry_after=7.0) for _ in range(3)]
    assert turns == pytest.approx([7.0, 7.0, 7.0])
    with pytest.raises(Throttled):
        limits.check("files.info", "C2")
