"""A picture to draw after is looked at before anybody hears of the job, and before anything is spent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.errors import Cause, Rejected, Throttled
from bot.job import Charged, State
from bot.request import Request, Shape
from tests.core.engine import Engine

AFTER = Request("a fox", reference="F1")


async def test_a_good_one_is_looked_at_and_drawn_after(engine: Engine) -> None:
    receipt = await engine.intake.ask(engine.asker(key="1"), AFTER)
    await engine.until_state(receipt.job, State.DELIVERED)
    assert engine.chat.calls["reference"] == 1


@pytest.mark.parametrize("cause", [Cause.REFERENCE_GONE, Cause.REFERENCE_TOO_LARGE, Cause.REFERENCE_NOT_A_PICTURE])
async def test_one_that_cannot_be_used_is_told_without_a_root_and_nothing_is_sent(engine: Engine, cause: Cause) -> None:
    engine.chat.then("reference", Rejected("no", cause=cause))
    receipt = await engine.intake.ask(engine.asker(key="1"), AFTER)
    told = await engine.until_state(receipt.job, State.FAILED)
    assert told.failure is not None
    assert (told.failure.cause, told.failure.charged) == (cause, Charged.NO)
    assert (engine.chat.calls["announce"], engine.images.calls["submit"]) == (0, 0)


async def test_a_shape_that_the_provider_would_not_keep_is_told_unlooked_at(engine: Engine) -> None:
    receipt = await engine.intake.ask(engine.asker(key="1"), replace(AFTER, shape=Shape.WIDE_16_9))
    told = await engine.until_state(receipt.job, State.FAILED)
    assert told.failure is not None
    assert told.failure.cause is Cause.REFERENCE_SHAPE
    assert engine.chat.calls["reference"] == 0


async def test_slack_being_busy_only_makes_it_wait(engine: Engine) -> None:
    engine.chat.then("reference", Throttled("ratelimited", retry_after=5.0))
    receipt = await engine.intake.ask(engine.asker(key="1"), AFTER)
    await engine.until_state(receipt.job, State.DELIVERED)
    assert engine.chat.calls["reference"] == 2
