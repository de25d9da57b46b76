"""Copies, refusals and timelines: rows that begin in the middle of a life."""

from __future__ import annotations

from bot.errors import Cause, NotInChannel, Unavailable
from bot.intake import MOST_TYPED, Place
from bot.job import ChannelId, Charged, Kind, State
from bot.slack.notices import failure_said
from bot.slack.wording import Words
from tests.core.engine import CHANNEL, Engine

GALLERY = ChannelId("CGALLERY")
RUN = "Fx1"


async def test_a_copy_is_its_askers_own_costs_nothing_and_shows_the_same_pictures(engine: Engine) -> None:
    first = await engine.until_state(await engine.uploaded(), State.DELIVERED)
    receipt = await engine.intake.copy(engine.asker("ben", key="c1"), of=first, place=Place(GALLERY))
    copy = await engine.until_state(receipt.job, State.DELIVERED)
    assert (copy.kind, copy.user_id, copy.channel_id, copy.source) == (Kind.COPY, "ben", GALLERY, first.file_ids)
    assert engine.images.calls["submit"] == 0
    assert engine.chat.shares == [first.id, copy.id]


async def test_a_conversation_sees_one_copy_however_often_and_by_whomever_it_is_asked_for(engine: Engine) -> None:
    first = await engine.until_state(await engine.uploaded(), State.DELIVERED)
    place = Place(GALLERY)
    one = await engine.intake.copy(engine.asker("ben", key="c1"), of=first, place=place, once=True)
    two = await engine.intake.copy(engine.asker("chen", key="c2"), of=first, place=place, once=True)
    elsewhere = await engine.intake.copy(engine.asker("ben", key="c3"), of=first, place=Place(CHANNEL), once=True)
    assert (one.fresh, two.fresh, two.job.id) == (True, False, one.job.id)
    assert elsewhere.fresh


async def test_a_copy_whose_conversation_is_lost_fails_instead_of_going_astray(engine: Engine) -> None:
    first = await engine.until_state(await engine.uploaded(), State.DELIVERED)
    engine.chat.closed[GALLERY] = NotInChannel("not_in_channel")
    receipt = await engine.intake.copy(engine.asker("ben", key="c1"), of=first, place=Place(GALLERY))
    ended = await engine.until_state(receipt.job, State.FAILED)
    assert ended.failure is not None
    assert ended.failure.cause is Cause.NO_ROAD


async def test_a_step_that_nobody_understood_is_told_why_once_slack_is_back_and_costs_nothing(engine: Engine) -> None:
    engine.chat.then("complete", Unavailable("slack_down"))
    asker = engine.asker(key=RUN, kind="step")
    receipt = await engine.intake.refuse(asker, "a fox --ar banana", execution=RUN)
    assert (receipt.fresh, (await engine.intake.refuse(asker, "again", execution=RUN)).fresh) == (True, False)
    ended = await engine.until_state(receipt.job, State.FAILED)
    assert engine.chat.completions == [(RUN, State.FAILED)]
    assert (engine.chat.roots, engine.chat.apologies, engine.images.calls["submit"]) == ([], [], 0)
    assert ended.failure is not None
    assert (ended.failure.cause, ended.failure.charged) == (Cause.NOT_UNDERSTOOD, Charged.NO)
    assert "banana" in failure_said(Words("en"), ended)


async def test_of_an_endless_text_as_much_is_kept_as_can_be_worth_reading(engine: Engine) -> None:
    receipt = await engine.intake.refuse(engine.asker(key=RUN, kind="step"), "x" * 10**6, execution=RUN)
    assert receipt.job.request.prompt == "x" * MOST_TYPED


async def test_a_timeline_knows_where_a_job_stands_and_of_one_that_is_over_that_it_stands_nowhere(
    engine: Engine,
) -> None:
    job = await engine.ask()
    await engine.turn()
    waiting = await engine.intake.timeline(await engine.now(job))
    over = await engine.intake.timeline(await engine.until_state(job, State.DELIVERED))
    assert waiting.job.id == over.job.id == job.id
    assert (over.standing.place, over.standing.about) == (None, None)
    assert engine.intake.now() == engine.time.now()
