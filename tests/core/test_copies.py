"""Copies, refusals and timelines: rows that begin in the middle of a life."""

from __future__ import annotations

from bot.errors import Cause, NotInChannel, Unavailable
from bot.intake import MOST_COPIES, MOST_TYPED, Place
from bot.job import Charged, Kind, State
from bot.policy import NEVER_SHOWN, SHOWN_NO_MORE
from bot.slack.notices import failure_said
from bot.slack.wording import Words
from tests.core.engine import CHANNEL, GALLERY, Engine

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
    one = await engine.intake.copy(engine.asker("ben", key="c1"), of=first, place=place, once=NEVER_SHOWN)
    two = await engine.intake.copy(engine.asker("chen", key="c2"), of=first, place=place, once=NEVER_SHOWN)
    asker = engine.asker("ben", key="c3")
    elsewhere = await engine.intake.copy(asker, of=first, place=Place(CHANNEL), once=NEVER_SHOWN)
    assert (one.fresh, two.fresh, two.job.id) == (True, False, one.job.id)
    assert elsewhere.fresh


async def test_a_copy_that_came_to_nothing_is_tried_again_when_it_is_asked_for_again(engine: Engine) -> None:
    first = await engine.until_state(await engine.uploaded(), State.DELIVERED)
    engine.chat.closed[GALLERY] = NotInChannel("not_in_channel")
    ids: list[str] = []
    for number in range(3):
        asker = engine.asker("ben", key=f"c{number}")
        receipt = await engine.intake.copy(asker, of=first, place=Place(GALLERY), once=NEVER_SHOWN)
        await engine.until_state(receipt.job, State.FAILED)
        ids.append(receipt.job.id)
    del engine.chat.closed[GALLERY]
    again = await engine.intake.copy(engine.asker("ben", key="c8"), of=first, place=Place(GALLERY), once=NEVER_SHOWN)
    shown = await engine.until_state(again.job, State.DELIVERED)
    known = await engine.intake.copy(engine.asker("chen", key="c9"), of=first, place=Place(GALLERY), once=NEVER_SHOWN)
    assert len({*ids, shown.id}) == 4
    assert (known.fresh, known.job.id) == (False, shown.id)


async def test_a_copy_that_never_works_is_not_tried_for_ever(engine: Engine) -> None:
    first = await engine.until_state(await engine.uploaded(), State.DELIVERED)
    engine.chat.closed[GALLERY] = NotInChannel("not_in_channel")
    fresh = 0
    for number in range(MOST_COPIES + 2):
        asker = engine.asker("ben", key=f"c{number}")
        receipt = await engine.intake.copy(asker, of=first, place=Place(GALLERY), once=NEVER_SHOWN)
        await engine.until_state(receipt.job, State.FAILED)
        fresh += receipt.fresh
    assert fresh == MOST_COPIES


async def test_who_deletes_a_picture_deletes_what_they_had_shown_of_it(engine: Engine) -> None:
    first = await engine.until_state(await engine.uploaded(), State.DELIVERED)
    place = Place(GALLERY)
    shown = await engine.intake.copy(engine.asker("ada", key="c1"), of=first, place=place, once=NEVER_SHOWN)
    await engine.until_state(shown.job, State.DELIVERED)
    await engine.intake.delete(first, team_id=first.team_id, user_id=first.user_id)
    await engine.until_state(first, State.DELETED)
    await engine.until_state(shown.job, State.DELETED)
    known = await engine.intake.copy(engine.asker("ada", key="c2"), of=first, place=place, once=NEVER_SHOWN)
    again = await engine.intake.copy(engine.asker("ada", key="c3"), of=first, place=place, once=SHOWN_NO_MORE)
    assert (known.fresh, again.fresh) == (False, True)


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
