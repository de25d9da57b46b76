"""Who drives a lane that several replicas could drive, and what a change of driver costs."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.errors import Cause, LaneDown
from bot.events import Cancelled, LinksDied
from bot.job import State
from bot.lifecycle import advance
from bot.ports import Standing
from tests.core.engine import LANE
from tests.core.replicas import LEASE, Hang, Replica, Troupe, two

HOUR = 3600.0
MANY = 30


class TestOneDriver:
    async def test_of_several_replicas_one_sends_and_all_deliver(self, troupe: Troupe) -> None:
        a, b = await two(troupe)
        jobs = [await each.ask(f"fox {n} of {each.name}", user=f"u{n}") for n in range(3) for each in (a, b)]
        with troupe.nobody_else("a"):
            await troupe.until_all(State.DELIVERED, *jobs)
        assert (a.account.calls["submit"], sorted(a.chat.shares)) == (6, sorted(job.id for job in jobs))

    async def test_what_another_replica_accepted_is_sent_within_a_second_of_its_announcement(
        self, troupe: Troupe
    ) -> None:
        a, b = await two(troupe)
        await troupe.for_(10)
        job = await b.ask()
        await troupe.until_all(State.GENERATING, job)
        sent = await a.now(job)
        assert sent.queued_at is not None
        assert sent.sent_at is not None
        assert sent.sent_at - sent.queued_at <= timedelta(seconds=LEASE.glance)

    async def test_what_another_replica_cancelled_is_drawn_and_not_delivered(self, troupe: Troupe) -> None:
        a, b = await two(troupe)
        job = await a.ask()
        await troupe.until_all(State.GENERATING, job)
        await b.store.save(advance(await b.now(job), Cancelled(), b.time.now()))
        await troupe.until_all(State.CANCELLED, job)
        assert a.chat.shares == []

    async def test_a_job_that_another_replica_sends_back_to_the_provider_is_looked_at(self, troupe: Troupe) -> None:
        _, b = await two(troupe)
        await troupe.for_(2)
        ready = await b.sent_ready(links=("https://pictures/dead",), links_die_at=b.time.now())
        await b.store.save(advance(ready, LinksDied(), b.time.now()))
        with troupe.nobody_else("a"):
            await troupe.until_all(State.DELIVERED, ready)

    async def test_a_job_on_its_way_to_slack_is_not_fetched_again_at_a_renewal(self, troupe: Troupe) -> None:
        a, _ = await two(troupe)
        hang = Hang()
        a.chat.then("upload", hang)
        job = await a.ask()
        await troupe.until(lambda: a.chat.calls["upload"] == 1)
        with troupe.nobody_else():
            await troupe.for_(4 * LEASE.renewed)
        assert (await a.now(job)).state is State.GENERATING
        hang.let_go()
        await troupe.until_all(State.DELIVERED, job)
        assert (a.account.calls["fetch"], a.chat.calls["upload"], len(a.chat.shares)) == (1, 1, 1)


class TestHandOver:
    async def test_who_leaves_is_followed_at_the_next_glance_but_not_within_a_second(self, troupe: Troupe) -> None:
        a, b = await two(troupe)
        jobs = [await b.ask(f"fox {n}", user=f"u{n}") for n in range(4)]
        await troupe.until_all(State.GENERATING, *jobs[:2])
        await a.leave()
        assert not a.tenure.drives
        left_at = a.time.now()
        await troupe.until(lambda: troupe.drivers == ["b"])
        taken_at = a.time.now()
        with troupe.nobody_else("b"):
            await troupe.until_all(State.DELIVERED, *jobs)
        assert taken_at - left_at <= timedelta(seconds=LEASE.glance)
        assert a.account.came("b")[0] - taken_at == timedelta(seconds=1)
        assert (a.account.calls["submit"], len(a.chat.shares)) == (4, 4)

    async def test_what_ended_at_one_that_leaves_is_delivered_before_the_next_one_drives(self, troupe: Troupe) -> None:
        a, b = await two(troupe)
        job = await a.ask()
        await troupe.until_all(State.DELIVERED, job)
        await a.leave()
        await troupe.for_(10)
        assert (b.account.came("b"), troupe.drivers) == ([], ["b"])

    async def test_the_lane_of_one_that_died_is_driven_again_when_its_lease_is_over(self, troupe: Troupe) -> None:
        a, b = await two(troupe)
        jobs = [await b.ask(f"fox {n}", user=f"u{n}") for n in range(4)]
        await troupe.until_all(State.GENERATING, *jobs[:2])
        await a.die()
        died_at = a.time.now()
        await troupe.until_all(State.DELIVERED, *jobs)
        gap = a.account.came("b")[0] - died_at
        least = LEASE.lasts - LEASE.renewed + 1
        assert timedelta(seconds=least) <= gap <= timedelta(seconds=LEASE.lasts + LEASE.glance + 1)
        assert (a.account.calls["submit"], a.account.most, len(a.chat.shares)) == (4, 2, 4)

    async def test_a_submit_under_way_at_a_death_keeps_its_slot_and_is_sent_again_only_after_the_hold(
        self, troupe: Troupe
    ) -> None:
        a, b = await two(troupe)
        await troupe.for_(2)
        a.account.then("submit", Hang())
        job = await a.ask()
        await troupe.until(lambda: a.account.calls["submit"] == 1)
        await a.die()
        others = [await b.ask(f"owl {n}", user=f"u{n}") for n in range(2)]
        await troupe.until_all(State.DELIVERED, *others)
        held = await b.now(job)
        assert (held.state, b.account.most) == (State.SUBMITTING, 1)
        await troupe.until_all(State.DELIVERED, job)
        again = await b.now(job)
        assert again.sent_at is not None
        assert (again.sends, again.unsure) == (2, 1)
        assert again.sent_at >= held.due_at

    async def test_no_second_holds_more_requests_than_the_account_allows_whoever_sends_them(
        self, troupe: Troupe
    ) -> None:
        troupe.slots = 10 * MANY
        a, b = await two(troupe)
        c = await troupe.add("c")
        a.account.takes = HOUR
        for n in range(4 * MANY):
            await b.ask(f"fox {n}", user=f"u{n}")
        await troupe.until(lambda: len(a.account.came("a")) >= MANY)
        await a.leave()
        await troupe.until(lambda: len(a.account.came("b")) >= MANY)
        await b.die()
        await troupe.until(lambda: len(a.account.came("c")) >= MANY)
        assert c.tenure.drives
        assert a.account.busiest("submit") == 20


class TestStanding:
    async def test_a_replica_that_does_not_drive_says_the_same_as_the_one_that_does(self, troupe: Troupe) -> None:
        a, b = await two(troupe)
        a.account.takes = 30.0
        jobs = [await a.ask(f"fox {n}", user=f"u{n}") for n in range(4)]
        await troupe.until_all(State.GENERATING, *jobs[:2])
        await troupe.for_(5)
        theirs, ours = [await each.tenure.standing(jobs[3]) for each in (a, b)]
        assert theirs.place == ours.place == 2
        assert theirs.about is not None
        assert ours.about is not None
        assert abs(theirs.about - ours.about) < timedelta(seconds=1)

    async def test_it_says_why_the_lane_is_paused(self, troupe: Troupe) -> None:
        a, b = await two(troupe)
        a.account.then("submit", LaneDown("unpaid", cause=Cause.NO_CREDIT))
        a.account.then("probe", *(LaneDown("unpaid", cause=Cause.NO_CREDIT) for _ in range(9)))
        assert (await b.tenure.standing(await b.ask())).paused is None
        await troupe.until(lambda: a.tally.paused == [True])
        await troupe.for_(5)
        standing: Standing = await b.tenure.standing(await b.ask("an owl"))
        assert standing.paused is Cause.NO_CREDIT

    async def test_to_say_so_it_writes_nothing_and_asks_nobody(self, troupe: Troupe) -> None:
        _, b = await two(troupe)
        job = await b.put(State.QUEUED)
        written, arrived = b.real.commits, len(b.account.arrivals)
        for _ in range(3):
            await b.tenure.standing(job)
            b.time.pass_(10)
        assert (b.real.commits, len(b.account.arrivals)) == (written, arrived)


class TestAlone:
    @pytest.fixture
    async def alone(self, troupe: Troupe) -> Replica:
        """The only process on its database; loaded by the test."""
        troupe.lease = None
        return await troupe.add("a")

    async def test_no_lease_is_asked_for(self, troupe: Troupe, alone: Replica) -> None:
        job = await alone.ask()
        await troupe.until_all(State.DELIVERED, job)
        await troupe.for_(60)
        assert await alone.real.driver_of(LANE) is None
        assert not alone.meddled.calls.keys() & {"hold_lane", "driver_of", "leave_lane"}

    async def test_the_first_job_is_sent_at_once(self, troupe: Troupe, alone: Replica) -> None:
        job = await alone.ask()
        await troupe.until_all(State.GENERATING, job)
        sent = await alone.now(job)
        assert sent.sent_at == sent.queued_at

    async def test_after_a_run_that_left_jobs_at_the_provider_nothing_is_sent_for_a_full_second(
        self, troupe: Troupe, alone: Replica
    ) -> None:
        """The run before this one may have used up what may be sent in this second."""
        job = await alone.ask()
        await troupe.until_all(State.GENERATING, job)
        await alone.die()
        died_at = alone.time.now()
        await troupe.add("again")
        await troupe.until_all(State.DELIVERED, job)
        assert alone.account.came("again")[0] >= died_at + timedelta(seconds=1)
