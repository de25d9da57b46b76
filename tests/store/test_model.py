"""Whatever happens in whatever order: the store agrees with a model that fits on a page."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from bot.errors import Stale
from bot.job import Job, State
from bot.store import SqlStore, open_store
from bot.store.rows import LANE_DECIDES
from tests.store.conftest import clock
from tests.store.people import in_line
from tests.store.samples import LANE, NOON, a_job, a_key

PEOPLE = ("ada", "bob", "cyn")
CLAIMABLE = set(State) - LANE_DECIDES - {State.DELIVERED, State.FAILED, State.CANCELLED, State.DELETED}


@dataclass
class Known:
    """A job as it must be, the order it came in, and the turns it had that were not given back."""

    job: Job
    order: int
    turns: list[int] = field(default_factory=list)
    lease_until: datetime | None = None

    @property
    def age(self) -> tuple[datetime, int]:
        return self.job.asked_at, self.order


class Line(RuleBasedStateMachine):
    """Asks, saves and claims in any order, by a clock that may go back."""

    address: Callable[[], str]
    names = Bundle("names")

    @initialize()
    def open(self) -> None:
        url = type(self).address()
        self.runner = asyncio.Runner()
        self.store: SqlStore = self.runner.run(open_store(url, clock=clock))
        self.known: dict[str, Known] = {}
        self.keys: dict[str, str] = {}
        self.now = NOON
        self.turn = 0

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.runner.run(self.store.close())
            self.runner.close()

    def do(self, call: Any) -> Any:
        return self.runner.run(call)

    @rule(target=names, user=st.sampled_from(PEOPLE), key=st.integers(0, 40), passed=st.integers(-3, 9))
    def accept(self, user: str, key: int, passed: int) -> Any:
        self.now += timedelta(seconds=passed)
        name = f"job{len(self.known)}"
        times: dict[str, Any] = {"asked_at": self.now, "state_at": self.now, "due_at": self.now}
        job = replace(a_job(name, user=user), **times)
        accepted = self.do(self.store.accept(job, key=a_key(str(key))))
        assert accepted.fresh == (str(key) not in self.keys)
        if not accepted.fresh:
            assert accepted.job == self.known[self.keys[str(key)]].job
            return multiple()
        self.keys[str(key)] = name
        self.known[name] = Known(job, len(self.known))
        return name

    @rule(name=names, state=st.sampled_from(State), wait=st.integers(-2, 20), lease=st.none() | st.integers(-5, 20))
    def save(self, name: str, state: State, wait: int, lease: int | None) -> None:
        known = self.known[name]
        before, due = known.job.state, self.now + timedelta(seconds=wait)
        until = None if lease is None else self.now + timedelta(seconds=lease)
        job = replace(known.job, state=state, state_at=self.now, due_at=due)
        saved = self.do(self.store.save(job, owner=None if lease is None else "me", lease_until=until))
        assert saved == replace(job, version=job.version + 1)
        known.job, known.lease_until = saved, until
        if (before, state) == (State.QUEUED, State.SUBMITTING):
            self.turn += 1
            known.turns.append(self.turn)
        if (before, state) == (State.SUBMITTING, State.QUEUED) and known.turns:
            del known.turns[-1]
            known.turns[:] = known.turns[-1:]

    @rule(name=names)
    def save_too_late(self, name: str) -> None:
        job = self.known[name].job
        if job.version == 0:
            return
        old = replace(job, version=job.version - 1, attempts=job.attempts + 1)
        with pytest.raises(Stale):
            self.do(self.store.save(old))

    @rule(passed=st.integers(-5, 30))
    def wait(self, passed: int) -> None:
        self.now += timedelta(seconds=passed)

    @rule()
    def send_next(self) -> None:
        job = self.do(self.store.next_in_line(LANE, self.now))
        if job is not None:
            self.save(job.id, State.SUBMITTING, 0, None)

    @rule(limit=st.integers(1, 4))
    def claim(self, limit: int) -> None:
        claimed = self.do(self.store.claim(self.now, owner="me", lease=timedelta(seconds=10), limit=limit))
        due = [known for known in self.known.values() if self.claim_at(known) and self.claim_at(known) <= self.now]
        assert len(claimed) == min(limit, len(due))
        for job in claimed:
            known = self.known[job.id]
            assert known in due
            known.job = replace(known.job, version=known.job.version + 1)
            known.lease_until = self.now + timedelta(seconds=10)
            assert job == known.job

    @staticmethod
    def claim_at(known: Known) -> Any:
        if known.job.state not in CLAIMABLE:
            return None
        return max(known.job.due_at, known.lease_until or known.job.due_at)

    def queued_of(self, user: str) -> list[Known]:
        mine = (each for each in self.known.values() if each.job.user_id == user and each.job.state is State.QUEUED)
        return sorted(mine, key=lambda each: each.age)

    def served(self, user: str) -> int:
        turns = (each.turns[-1] for each in self.known.values() if each.job.user_id == user and each.turns)
        return max(turns, default=0)

    def expected_order(self) -> list[str]:
        waiting = [user for user in PEOPLE if self.queued_of(user)]
        return sorted(waiting, key=lambda user: (self.served(user), self.queued_of(user)[0].age))

    @invariant()
    def the_line_is_true(self) -> None:
        people = self.do(in_line(self.store, LANE))
        assert [person.user_id for person in people] == self.expected_order()
        for person in people:
            mine = self.queued_of(person.user_id)
            assert person.pending == len(mine)
            assert person.waiting_since == mine[0].job.asked_at
            assert (person.served_at is None) == (self.served(person.user_id) == 0)

    @invariant()
    def the_next_is_the_fair_one(self) -> None:
        def due(user: str) -> Iterator[Known]:
            return (each for each in self.queued_of(user) if each.job.due_at <= self.now)

        expected = next((each.job for user in self.expected_order() for each in due(user)), None)
        assert self.do(self.store.next_in_line(LANE, self.now)) == expected

    @invariant()
    def the_due_times_are_true(self) -> None:
        claims = [self.claim_at(known) for known in self.known.values() if self.claim_at(known)]
        queued = [known.job.due_at for known in self.known.values() if known.job.state is State.QUEUED]
        assert self.do(self.store.next_due()) == min(claims, default=None)
        assert self.do(self.store.next_in_line_due(LANE)) == min(queued, default=None)


def test_the_store_agrees_with_the_model(database: str, fresh_url: Callable[[], str]) -> None:
    machine = type("Line", (Line,), {"address": staticmethod(fresh_url)})
    quiet = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=settings().max_examples // 5,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=quiet,
            database=None,
        ),
    )
