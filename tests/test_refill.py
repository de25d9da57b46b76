"""What is learned of slots that are freed late."""

from __future__ import annotations

import math

import pytest

from bot.refill import Refill


def test_a_submit_that_followed_no_job_teaches_nothing() -> None:
    assert Refill(lags=(3.0,)).refused(0.0).accepted(9.0).lags == (3.0,)


def test_a_refusal_is_tried_again_within_half_a_second_and_not_slower_while_it_lasts() -> None:
    refill = Refill().ended(0.0)
    for second in range(60):
        refill = refill.refused(float(second))
        assert second + 0.05 <= refill.not_before <= second + 0.5


@pytest.mark.parametrize(("run", "lag"), [(2.0, 0.0), (11.7, 1.5), (11.7, 10.0), (11.7, 30.0)])
def test_what_a_slot_idles_between_two_tries_is_a_hundredth_of_a_cycle_at_most(run: float, lag: float) -> None:
    gap = Refill(lags=(lag,), run=run).ended(0.0).refused(100.0).not_before - 100.0
    assert gap / 2 <= max(0.0101 * (run + lag), 0.026)


def test_a_slot_that_stays_taken_for_ten_minutes_is_tried_every_five_seconds() -> None:
    assert Refill().ended(0.0).refused(0.0).refused(601.0).not_before == 606.0


def test_the_lag_is_learned_and_waited_for() -> None:
    refill = Refill()
    for start in range(0, 300, 60):
        refill = refill.ended(start).refused(start).refused(start + 29.0).accepted(start + 30.0)
    assert refill.ended(1000.0).not_before == pytest.approx(1000.0 + 27.0)


def test_with_several_slots_each_end_is_waited_for_by_itself() -> None:
    """One that ends later does not put off the slot of one that ended before."""
    refill = Refill(lags=(30.0,)).ended(0.0).ended(20.0).ended(26.0)
    assert refill.not_before == pytest.approx(27.0)
    assert refill.refused(27.0).accepted(30.0).not_before == pytest.approx(20.0 + 27.0)


def test_a_refusal_after_an_idle_while_teaches_nothing() -> None:
    refill = Refill().ended(0.0).refused(7200.0).accepted(7201.0)
    assert refill.lags == ()
    assert refill.ended(8000.0).not_before == 8000.0


def test_a_submit_that_left_before_the_end_was_seen_teaches_nothing() -> None:
    assert Refill(lags=(1.0,)).ended(10.0).accepted(9.9).lags == (1.0,)


def test_no_lag_longer_than_a_minute_is_believed() -> None:
    assert Refill().ended(0.0).refused(0.5).accepted(500.0).lags == (60.0,)


def test_a_provider_that_cannot_be_reached_is_tried_less_and_less_often() -> None:
    refill, gaps = Refill(), []
    for _ in range(9):
        refill = refill.failed(0.0)
        gaps.append(refill.not_before)
    assert gaps == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0, 60.0]
    assert refill.accepted(0.0).failures == 0


def test_a_lag_that_went_away_is_forgotten() -> None:
    refill = Refill(lags=(30.0,) * 20)
    for _ in range(45):
        ended = refill.ended(0.0)
        refill = ended.accepted(max(0.0, ended.not_before))
    assert refill.ended(0.0).not_before < 1.0
    assert refill.is_prompt


def test_without_any_refusal_nothing_is_waited_for() -> None:
    refill = Refill().ended(0.0).accepted(0.1)
    assert refill.ended(50.0).not_before == pytest.approx(50.0)
    assert refill.is_prompt


def test_a_slot_that_is_freed_late_as_a_rule_is_not_prompt() -> None:
    assert not Refill(lags=(0.0, 1.4, 2.9)).is_prompt


def test_what_the_provider_asks_to_wait_is_waited() -> None:
    assert Refill().closed(7.0).not_before == 7.0
    assert Refill().not_before == -math.inf
