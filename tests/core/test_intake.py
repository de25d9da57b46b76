"""What people ask for becomes rows: once, and only by those who may."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import NotAccepted, NotInChannel, Unavailable
from bot.intake import Answer
from bot.job import Job, State, TeamId, Ts, UserId
from bot.parsed import PromptError
from bot.policy import TWIN
from tests.core.engine import ADA, CHANNEL, TEAM, Engine
from tests.core.world import NOON
from tests.store.doors import side_door

BOB = UserId("bob")


async def delivered(engine: Engine, text: str = "a fox") -> Job:
    return await engine.until_state(await engine.ask(text), State.DELIVERED)


class TestImagine:
    async def test_what_is_returned_is_on_disk_and_under_way(self, engine: Engine) -> None:
        receipt = await engine.receive("a fox --ar 16:9")
        assert receipt.fresh
        assert await engine.real.get(receipt.job.id) == receipt.job
        assert engine.runner.busy == (receipt.job.id,)

    async def test_a_redelivery_makes_no_second_job(self, engine: Engine) -> None:
        first = await engine.receive("a fox", key="trigger")
        second = await engine.receive("a fox", key="trigger")
        assert (second.fresh, second.job.id) == (False, first.job.id)
        await engine.turn()
        assert len(engine.chat.roots) == 1

    async def test_what_cannot_be_read_or_stored_makes_no_job(self, engine: Engine) -> None:
        with pytest.raises(PromptError):
            await engine.receive("")
        engine.meddled.then("accept", NotAccepted("too_slow"))
        with pytest.raises(NotAccepted):
            await engine.receive("a fox")
        assert engine.runner.busy == ()


class TestReroll:
    async def test_it_draws_the_same_wish_anew_in_the_same_thread(self, engine: Engine) -> None:
        parent = await delivered(engine, "a fox --ar 16:9 --seed 7")
        receipt = await engine.intake.reroll(engine.asker("bob", key="click"), of=parent)
        child = await engine.until_state(receipt.job, State.DELIVERED)
        assert (child.parent, child.thread_ts, child.user_id) == (parent.id, parent.thread_ts, BOB)
        assert child.root_ts != parent.root_ts
        assert (child.request.shape, child.request.seed) == (parent.request.shape, None)

    async def test_exact_words_are_drawn_without_rewriting(self, engine: Engine) -> None:
        parent = await delivered(engine)
        receipt = await engine.intake.reroll(engine.asker(key="click"), of=parent, exact=True)
        assert receipt.job.request.raw

    async def test_a_double_click_makes_one_job_and_a_later_click_another(self, engine: Engine) -> None:
        parent = await delivered(engine)
        first = await engine.intake.reroll(engine.asker(key="one"), of=parent)
        twin = await engine.intake.reroll(engine.asker(key="two"), of=parent)
        engine.time.pass_(TWIN.total_seconds() + 1)
        later = await engine.intake.reroll(engine.asker(key="three"), of=parent)
        assert (first.fresh, twin.fresh, later.fresh) == (True, False, True)
        assert twin.job.id == first.job.id


class TestFinding:
    async def test_a_job_of_another_workspace_is_not_found_by_its_id(self, engine: Engine) -> None:
        job = await engine.ask()
        found = await engine.intake.job(job.id, team_id=TEAM)
        assert found is not None
        assert await engine.intake.job(job.id, team_id=TeamId("T2")) is None
        assert await engine.intake.job("nothing", team_id=TEAM) is None

    async def test_a_message_of_others_is_answered_at_once(self, engine: Engine) -> None:
        assert await engine.intake.job_at(TEAM, CHANNEL, Ts("9.9")) is None
        assert engine.time.slept == []

    async def test_a_message_of_ours_that_is_not_noted_yet_is_waited_for(self, engine: Engine) -> None:
        job = await engine.put(State.ACCEPTED)

        async def note() -> None:
            await engine.real.save(replace(job, state=State.QUEUED, root_ts=Ts("9.9"), thread_ts=Ts("9.9")))

        engine.meddled.then("find", None, None, note)
        found = await engine.intake.job_at(TEAM, CHANNEL, Ts("9.9"), ours=True)
        assert found is not None
        assert (found.id, engine.time.slept) == (job.id, [0.2, 0.4])

    async def test_a_message_of_ours_that_is_known_is_not_waited_for(self, engine: Engine) -> None:
        await engine.put(State.QUEUED)
        assert await engine.intake.job_at(TEAM, CHANNEL, Ts("1.j1"), ours=True) is not None
        assert engine.time.slept == []

    async def test_while_a_share_is_awaited_there_the_event_is_asked_for_again(self, engine: Engine) -> None:
        await engine.uploaded()
        with pytest.raises(Unavailable):
            await engine.intake.job_at(TEAM, CHANNEL, Ts("9.9"), ours=True)
        assert sum(engine.time.slept) == pytest.approx(2.0)

    async def test_a_message_of_ours_that_never_becomes_known_is_waited_for_two_seconds(self, engine: Engine) -> None:
        assert await engine.intake.job_at(TEAM, CHANNEL, Ts("9.9"), ours=True) is None
        assert sum(engine.time.slept) == pytest.approx(2.0)


class TestCancel:
    async def test_a_waiting_job_is_cancelled_and_its_root_says_so(self, engine: Engine) -> None:
        job = await engine.put(State.QUEUED)
        assert await engine.intake.cancel(job, team_id=TEAM, user_id=ADA) is Answer.DONE
        assert (await engine.now(job)).state is State.CANCELLED
        assert [state for _, state, _ in engine.chat.standings] == [State.CANCELLED]

    async def test_what_is_being_drawn_is_stopped_later(self, engine: Engine) -> None:
        job = await engine.sent()
        assert await engine.intake.cancel(job, team_id=TEAM, user_id=ADA) is Answer.STOPPING
        assert (await engine.now(job)).dropped

    async def test_before_there_is_a_root_nothing_is_shown(self, engine: Engine) -> None:
        job = await engine.put(State.ACCEPTED)
        assert await engine.intake.cancel(job, team_id=TEAM, user_id=ADA) is Answer.DONE
        assert engine.chat.standings == []

    @pytest.mark.parametrize(("team", "user"), [(TEAM, BOB), (TeamId("T2"), ADA)])
    async def test_nobody_else_may(self, engine: Engine, team: TeamId, user: UserId) -> None:
        job = await engine.put(State.QUEUED)
        assert await engine.intake.cancel(job, team_id=team, user_id=user) is Answer.NOT_YOURS
        assert await engine.intake.delete(job, team_id=team, user_id=user) is Answer.NOT_YOURS
        assert await engine.now(job) == job

    async def test_what_is_told_already_cannot_be_stopped(self, engine: Engine) -> None:
        job = await engine.put(State.FAILED)
        assert await engine.intake.cancel_or_delete(job, team_id=TEAM, user_id=ADA) is Answer.TOO_LATE

    async def test_a_row_that_moved_meanwhile_is_read_again_and_cancelled_where_it_is(self, engine: Engine) -> None:
        seen = await engine.put(State.ACCEPTED)
        await engine.real.save(replace(seen, state=State.QUEUED, root_ts=Ts("1.1"), thread_ts=Ts("1.1")))
        assert await engine.intake.cancel(seen, team_id=TEAM, user_id=ADA) is Answer.DONE
        cancelled = await engine.now(seen)
        assert (cancelled.state, cancelled.root_ts) == (State.CANCELLED, "1.1")

    async def test_a_row_that_ended_meanwhile_is_left(self, engine: Engine) -> None:
        seen = await engine.put(State.QUEUED)
        await engine.real.save(replace(seen, state=State.FAILED))
        assert await engine.intake.cancel(seen, team_id=TEAM, user_id=ADA) is Answer.TOO_LATE

    async def test_a_row_that_is_gone_is_too_late(self, engine: Engine) -> None:
        job = await engine.put(State.QUEUED)
        async with side_door(engine.real) as connection:
            await connection.exec_driver_sql("DELETE FROM deliveries")
            await connection.exec_driver_sql("DELETE FROM jobs")
        assert await engine.intake.cancel(job, team_id=TEAM, user_id=ADA) is Answer.TOO_LATE

    async def test_a_database_that_is_away_promises_nothing(self, engine: Engine) -> None:
        job = await engine.put(State.QUEUED)
        engine.meddled.then("save", Unavailable("database_unreachable"))
        with pytest.raises(Unavailable):
            await engine.intake.cancel(job, team_id=TEAM, user_id=ADA)


class TestDelete:
    async def test_delivered_pictures_are_removed_once(self, engine: Engine) -> None:
        job = await delivered(engine)
        assert await engine.intake.cancel_or_delete(job, team_id=TEAM, user_id=ADA) is Answer.DELETING
        await engine.until_state(job, State.DELETED)
        assert await engine.intake.delete(await engine.now(job), team_id=TEAM, user_id=ADA) is Answer.DELETING
        await engine.turn()
        assert engine.chat.calls["remove"] == 1

    @pytest.mark.parametrize("state", [State.DELETING, State.DELETED])
    async def test_what_is_being_deleted_is_so_to_speak_deleted(self, engine: Engine, state: State) -> None:
        job = await engine.put(state)
        assert await engine.intake.delete(job, team_id=TEAM, user_id=ADA) is Answer.DELETING
        assert await engine.now(job) == job

    async def test_a_press_that_is_quicker_than_our_note_of_the_share_is_waited_for(self, engine: Engine) -> None:
        job = await engine.uploaded(shared=True)

        async def note() -> None:
            await engine.real.save(replace(job, state=State.DELIVERED, share_ts=Ts("2.1")))

        engine.meddled.then("get", None, None, note)
        assert await engine.intake.cancel_or_delete(job, team_id=TEAM, user_id=ADA) is Answer.DELETING
        assert engine.time.slept == [0.2, 0.4]

    async def test_pictures_whose_share_is_never_noted_cannot_be_deleted_yet(self, engine: Engine) -> None:
        job = await engine.uploaded()
        assert await engine.intake.delete(job, team_id=TEAM, user_id=ADA) is Answer.TOO_LATE
        assert (await engine.now(job)).state is State.UPLOADED


class TestRoads:
    async def blocked(self, engine: Engine) -> Job:
        engine.chat.closed[CHANNEL] = NotInChannel("not_in_channel")
        job = await engine.ask()
        await engine.turn()
        return await engine.now(job)

    async def test_the_owner_chooses_and_it_goes_on_at_once(self, engine: Engine) -> None:
        job = await self.blocked(engine)
        assert await engine.intake.choose_road(job, user_id=ADA, by_message=True) is Answer.DONE
        await engine.until_state(job, State.DELIVERED)
        assert engine.chat.roots == [(job.id, "D1")]

    async def test_joining_is_remembered_for_the_announcement(self, engine: Engine) -> None:
        job = await self.blocked(engine)
        engine.chat.closed.clear()
        assert await engine.intake.choose_road(job, user_id=ADA, by_message=False, join=True) is Answer.DONE
        await engine.turn()
        joined = await engine.now(job)
        assert (joined.joining, joined.channel_id, engine.time.now()) == (True, CHANNEL, NOON)

    async def test_nobody_else_chooses(self, engine: Engine) -> None:
        job = await self.blocked(engine)
        assert await engine.intake.choose_road(job, user_id=BOB, by_message=True) is Answer.NOT_YOURS

    async def test_a_road_chosen_after_the_end_is_too_late(self, engine: Engine) -> None:
        job = await engine.put(State.FAILED)
        assert await engine.intake.choose_road(job, user_id=ADA, by_message=True) is Answer.TOO_LATE

    async def test_a_press_that_is_quicker_than_our_note_of_the_block_is_waited_for(self, engine: Engine) -> None:
        job = await engine.put(State.ACCEPTED)

        async def note() -> None:
            await engine.real.save(replace(job, blocked=True, due_at=NOON + timedelta(minutes=30)))

        engine.meddled.then("get", note)
        assert await engine.intake.choose_road(job, user_id=ADA, by_message=True) is Answer.DONE
        assert engine.time.slept == [0.2]


async def test_a_wish_about_a_row_that_was_deleted_by_hand_comes_too_late(engine: Engine) -> None:
    job = await engine.put(State.QUEUED)
    async with side_door(engine.real) as connection:
        await connection.exec_driver_sql("DELETE FROM deliveries")
        await connection.exec_driver_sql("DELETE FROM jobs")
    assert await engine.intake.cancel(job, team_id=job.team_id, user_id=job.user_id) == "too_late"
