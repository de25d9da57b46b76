"""Who wins a round, and who may say so."""

from __future__ import annotations

from bot.ballot import Outcome, counted, may_close
from bot.job import Job, JobId, State
from tests.slack.conftest import ADA, BEN, a_job


def made(name: str, state: State = State.DELIVERED) -> Job:
    return a_job(id=JobId(name), state=state)


FOX, HARE, OWL = made("fox"), made("hare"), made("owl")


def test_most_votes_win() -> None:
    assert counted([FOX, HARE, OWL], {FOX.id: 1, HARE.id: 3}) == Outcome((HARE,), 3)


def test_as_many_votes_are_a_tie_in_the_order_of_asking() -> None:
    outcome = counted([FOX, HARE, OWL], {OWL.id: 2, FOX.id: 2, HARE.id: 1})
    assert outcome == Outcome((FOX, OWL), 2)
    assert outcome.is_tie


def test_where_nobody_voted_nobody_won() -> None:
    assert counted([FOX, HARE], {}) == Outcome((), 0)
    assert counted([], {}) == Outcome((), 0)


def test_what_is_deleted_cannot_win() -> None:
    assert counted([FOX, made("gone", State.DELETED)], {JobId("gone"): 5, FOX.id: 1}) == Outcome((FOX,), 1)


def test_a_round_is_closed_by_whoever_began_the_thread() -> None:
    assert may_close([FOX, HARE], ADA)
    assert not may_close([FOX, HARE], BEN)
    assert not may_close([], ADA)
