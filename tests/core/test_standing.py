"""Where a waiting job stands, and when its root says so."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.errors import Cause, LaneDown, Unavailable
from bot.job import Job, JobId, State
from bot.promise import Moved
from bot.turns import COUNTED
from tests.core.engine import Engine
from tests.core.world import NOON
from tests.store.crowds import fill_line, fill_people
from tests.store.doors import side_door

HOUR = 3600.0


async def line(engine: Engine, *users: str) -> list[Job]:
    """Queued jobs of these people, in this order, behind one that is being drawn."""
    engine.images.takes = HOUR
    await engine.sent(name="j0", user="first")
    jobs = []
    for n, user in enumerate(users, 1):
        engine.time.pass_(1)
        jobs.append(await engine.put(State.QUEUED, name=f"j{n}", user=user, queued_at=engine.time.now()))
    return jobs


async def test_places_take_turns_between_people(engine: Engine) -> None:
    jobs = await line(engine, "ada", "ada", "ada", "bob")
    assert [(await engine.driver.standing(job)).place for job in jobs] == [1, 3, 4, 2]


async def test_a_clock_time_is_as_far_away_as_those_before_it_take(engine: Engine) -> None:
    first, second = await line(engine, "ada", "bob")
    abouts = [(await engine.driver.standing(job)).about for job in (first, second)]
    assert abouts[0] is not None
    assert abouts[1] is not None
    assert (abouts[1] - abouts[0]).total_seconds() == pytest.approx(10.0, rel=0.2)


async def test_one_who_is_not_in_line_yet_is_told_where_they_would_stand(engine: Engine) -> None:
    await line(engine, "ada", "ada")
    newcomer = await engine.put(State.ACCEPTED, name="n1", user="bob")
    another = await engine.put(State.ACCEPTED, name="n2", user="ada")
    assert (await engine.driver.standing(newcomer)).place == 2
    assert (await engine.driver.standing(another)).place == 3


async def test_an_ask_is_announced_with_its_place(engine: Engine) -> None:
    await line(engine, "ada")
    job = await engine.ask("an owl", user="bob")
    await engine.turn()
    assert engine.chat.told(job.id)[0].place == 2


async def test_those_in_line_are_told_when_their_place_moves_but_not_more_often_than_every_three_seconds(
    engine: Engine,
) -> None:
    ada, bob = await line(engine, "ada", "bob")
    began = engine.time.now()
    engine.driver.board.changed()
    await engine.turn()
    assert [standing.place for standing in engine.chat.told(bob.id)] == [2]
    await engine.intake.cancel(ada, team_id=ada.team_id, user_id=ada.user_id)
    engine.driver.board.changed()
    await engine.turn()
    assert len(engine.chat.told(bob.id)) == 1
    await engine.until(lambda: len(engine.chat.told(bob.id)) == 2)
    assert engine.chat.told(bob.id)[-1].place == 1
    assert began + timedelta(seconds=3) <= engine.time.now() < began + timedelta(seconds=4)


async def test_a_round_that_is_under_way_is_not_begun_again(engine: Engine) -> None:
    board = engine.driver.board
    gate = asyncio.Event()
    engine.meddled.then("waiting", gate.wait)
    board.changed()
    board.refresh(NOON.timestamp())
    board.changed()
    assert board.refresh(NOON.timestamp() + 10.0) == NOON.timestamp() + 13.0
    gate.set()
    await engine.quiet()
    assert engine.meddled.calls["waiting"] == 1


async def test_a_database_that_is_away_costs_one_round(engine: Engine) -> None:
    (ada,) = await line(engine, "ada")
    engine.meddled.then("waiting", Unavailable("database_unreachable"))
    engine.driver.board.changed()
    await engine.turn()
    assert engine.chat.told(ada.id) == []
    engine.time.pass_(3)
    engine.driver.board.changed()
    await engine.turn()
    assert len(engine.chat.told(ada.id)) == 1


async def test_stopping_leaves_the_round_that_is_under_way(engine: Engine) -> None:
    board = engine.driver.board
    await board.stop()
    engine.meddled.then("waiting", asyncio.Event().wait)
    board.changed()
    board.refresh(NOON.timestamp())
    await board.stop()
    await engine.quiet()
    assert engine.chat.standings == []


async def test_a_paused_lane_says_so_with_the_place(engine: Engine) -> None:
    (ada,) = await line(engine, "ada")
    await engine.driver.health.stop(LaneDown("arrears", cause=Cause.NO_CREDIT))
    standing = await engine.driver.standing(ada)
    assert (standing.place, standing.paused) == (1, Cause.NO_CREDIT)


async def long_line(engine: Engine, *, people: int = COUNTED + 50) -> Job:
    """So many people with one job each; the last of them."""
    async with side_door(engine.real) as connection:
        await fill_line(connection, people, crowd=people, root_ts="'1.w' || n")
        await fill_people(connection)
    job = await engine.real.get(JobId(f"w{people}"))
    assert job is not None
    return job


async def test_a_place_is_one_question(engine: Engine) -> None:
    ada, _ = await line(engine, "ada", "bob")
    engine.meddled.calls.clear()
    await engine.driver.standing(ada)
    assert engine.meddled.calls == {"ahead": 1}


async def test_a_place_in_a_long_line_is_rounded_and_said_to_be_rough(engine: Engine) -> None:
    last = await long_line(engine)
    standing = await engine.driver.standing(last)
    assert (standing.place, standing.is_rough) == (300, True)


async def test_a_time_that_is_half_a_day_away_is_not_said_without_its_date(engine: Engine) -> None:
    last = await long_line(engine, people=4400)
    assert (await engine.driver.standing(last)).about is None
    first = await engine.real.get(JobId("w1"))
    assert first is not None
    assert (await engine.driver.standing(first)).about is not None


async def test_a_long_line_is_summed_up_once_for_everybody_who_asks_meanwhile(engine: Engine) -> None:
    last = await long_line(engine)
    gate = asyncio.Event()
    engine.meddled.then("crowd", gate.wait)
    asking = [asyncio.create_task(engine.driver.standing(last)) for _ in range(20)]
    await engine.meddled.begun("crowd")
    gate.set()
    assert {standing.place for standing in await asyncio.gather(*asking)} == {300}
    assert engine.meddled.calls["crowd"] == 1


async def test_an_old_sum_is_good_enough_until_a_newer_one_is_there(engine: Engine) -> None:
    last = await long_line(engine)
    await engine.driver.standing(last)
    engine.time.pass_(29)
    await engine.driver.standing(last)
    assert engine.meddled.calls["crowd"] == 1
    engine.time.pass_(1)
    gate = asyncio.Event()
    engine.meddled.then("crowd", gate.wait)
    assert (await engine.driver.standing(last)).place == 300
    await engine.meddled.begun("crowd", 2)
    gate.set()


async def test_a_sum_that_fails_is_tried_again_by_the_next_who_asks(engine: Engine) -> None:
    last = await long_line(engine)
    engine.meddled.then("crowd", Unavailable("database_unreachable"))
    with pytest.raises(Unavailable):
        await engine.driver.standing(last)
    await asyncio.sleep(0)
    assert (await engine.driver.standing(last)).place == 300


async def test_a_round_is_two_questions_however_many_are_told(engine: Engine) -> None:
    await line(engine, *(f"u{n}" for n in range(20)))
    engine.meddled.calls.clear()
    engine.driver.board.changed()
    engine.driver.board.refresh(engine.time.now().timestamp())
    await engine.quiet()
    assert len(engine.chat.standings) == 20
    assert engine.meddled.calls == {"waiting": 1, "ahead": 1}


async def test_when_nobody_waits_it_is_asked_once_in_half_a_minute(engine: Engine) -> None:
    board, now = engine.driver.board, engine.time.now().timestamp()
    for second in range(60):
        board.changed()
        board.refresh(now + second)
        await engine.quiet()
    assert engine.meddled.calls == {"waiting": 2}


async def test_who_comes_in_line_is_told_within_three_seconds_though_nobody_waited(engine: Engine) -> None:
    board, now = engine.driver.board, engine.time.now().timestamp()
    board.changed()
    board.refresh(now)
    await engine.quiet()
    (ada,) = await line(engine, "ada")
    engine.driver.take(ada)
    board.refresh(now + 3)
    await engine.quiet()
    assert [standing.place for standing in engine.chat.told(ada.id)] == [1]


async def test_a_place_that_moves_back_says_why(engine: Engine) -> None:
    *_, last = await line(engine, "ada", "ada", "ada")
    assert (await engine.driver.standing(last)).moved is None
    engine.time.pass_(1)
    await engine.put(State.QUEUED, name="n1", user="bob", queued_at=engine.time.now())
    engine.driver.board.changed()
    await engine.turn()
    told = engine.chat.told(last.id)[-1]
    assert (told.place, told.moved) == (4, Moved.OTHERS)


async def test_a_drawing_that_takes_longer_than_was_told_says_so_and_when_asked_too(engine: Engine) -> None:
    engine.images.takes = HOUR
    job = await engine.ask("an owl")
    await engine.until(lambda: engine.images.calls["submit"] == 1)
    await engine.turn()
    [*_, first] = engine.chat.told(job.id)
    assert first.about is not None
    assert first.moved is None
    await engine.until(lambda: engine.chat.told(job.id)[-1].moved is Moved.SLOWER)
    assert first.about + timedelta(minutes=1) < engine.time.now() < first.about + timedelta(minutes=3)
    asked = await engine.driver.standing(await engine.now(job))
    assert (asked.place, asked.moved) == (None, Moved.SLOWER)


async def test_what_is_being_drawn_has_no_place_in_line_whoever_waits(engine: Engine) -> None:
    engine.images.takes = HOUR
    drawn = await engine.sent(name="j0", user="first")
    before = await engine.driver.standing(drawn)
    for name in ("j1", "j2", "j3"):
        await engine.put(State.QUEUED, name=name, user=name, queued_at=engine.time.now())
    assert await engine.driver.standing(drawn) == before
    assert before.place is None


async def test_a_restart_is_a_reason_as_nobody_knows_what_was_told_before(engine: Engine) -> None:
    (ada,) = await line(engine, "ada")
    assert (await engine.driver.standing(ada)).moved is None
    engine.time.pass_(1)
    await engine.restart()
    assert (await engine.driver.standing(ada)).moved is Moved.RESTARTED
    bob = await engine.put(State.QUEUED, name="n1", user="bob", queued_at=engine.time.now())
    assert (await engine.driver.standing(bob)).moved is None


async def test_of_no_more_jobs_is_kept_what_was_told_than_fit(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.standing._REMEMBERED", 2)
    jobs = await line(engine, "ada", "bob", "chen")
    for job in jobs:
        await engine.driver.standing(job)
    assert len(engine.driver.board._told) == 2
