"""What the port promises about single jobs, on both databases."""

from __future__ import annotations

import asyncio
from dataclasses import fields, replace
from datetime import timedelta, timezone
from typing import Any

import pytest

from bot.errors import Cause, Rejected, Stale
from bot.job import ChannelId, Charged, Failure, FileId, Job, JobId, Kind, Picture, ProviderJobId, State, TeamId, Ts
from bot.ports import LaneRow, Run, Store
from bot.request import Clarity, Request, Shape
from bot.store import SqlStore
from bot.store.rows import FIXED
from tests.store.people import in_line
from tests.store.samples import CHANNEL, LANE, TEAM, a_job, a_key, at, moved, stored

FULL: dict[str, Any] = {
    "request": Request("雨中竹林 \x00 \ud800 'quoted'", "blur", "201", Shape.WIDE_16_9, 4, 2**31, Clarity.X4, True),
    "state": State.FETCHED,
    "enterprise_id": "E1",
    "origin_channel_id": ChannelId("C0"),
    "origin_thread_ts": Ts("0.9"),
    "public": True,
    "together": JobId("first"),
    "parent": JobId("parent"),
    "root_ts": Ts("1.1"),
    "thread_ts": Ts("1.0"),
    "share_ts": Ts("2.0"),
    "blocked": True,
    "by_message": True,
    "joining": True,
    "reply_url": "https://hooks.example/1",
    "locale": "zh-CN",
    "attempts": 1,
    "sends": 2,
    "redraws": 1,
    "requeries": 3,
    "uploads": 2,
    "unsure": 1,
    "dropped": True,
    "kind": Kind.COPY,
    "source": (FileId("F8"), FileId("F9")),
    "private": True,
    "execution": "Fx1",
    "provider_job_id": ProviderJobId("123"),
    "links": ("https://a/1?sign=1", "https://a/2"),
    "revised": ("a fox, in rain",),
    "pictures": (Picture("fox/0.png", "ab" * 32, 12, 16, 9, "image/png"),),
    "file_ids": (FileId("F1"), FileId("F2")),
    "failure": Failure("code", Cause.STUCK, Charged.MAYBE, "ref"),
}
TIMES = [field.name for field in fields(Job) if field.name.endswith("_at")]


def a_full_job() -> Job:
    odd: dict[str, Any] = {name: at(n) + timedelta(microseconds=n) for n, name in enumerate(TIMES)}
    return replace(a_job(), **FULL, **odd)


def test_the_store_satisfies_its_port(store: SqlStore) -> None:
    port: Store = store
    assert port is store


async def test_every_field_of_a_job_comes_back_as_it_went_in(store: SqlStore) -> None:
    job = a_full_job()
    untouched = [field.name for field in fields(Job) if getattr(job, field.name) == field.default]
    assert untouched == ["version"]
    await stored(store, job)
    assert await store.get(job.id) == job


async def test_what_a_save_changed_comes_back(store: SqlStore) -> None:
    plain = await stored(store, a_job())
    full = replace(a_full_job(), **{name: getattr(plain, name) for name in FIXED})
    saved = await store.save(full)
    assert saved == replace(full, version=1)
    assert await store.get(plain.id) == saved


async def test_times_in_another_zone_are_the_same_moments(store: SqlStore) -> None:
    shanghai = timezone(timedelta(hours=8))
    job = await stored(store, replace(a_job(), due_at=at(5).astimezone(shanghai)))
    assert (await store.get(job.id)) == job
    assert await store.next_due() == at(5)


async def test_a_time_without_a_zone_is_refused_as_a_bug(store: SqlStore) -> None:
    job = await stored(store, a_job())
    with pytest.raises(ValueError, match="zone"):
        await store.save(replace(job, done_at=at(0).replace(tzinfo=None)))
    assert await store.get(job.id) == job


async def test_an_unknown_job_is_none(store: SqlStore) -> None:
    assert await store.get(JobId("nobody")) is None
    assert await store.find(TEAM, CHANNEL, Ts("1")) is None


async def test_a_known_key_answers_with_the_job_that_it_made(store: SqlStore) -> None:
    first = await store.accept(a_job("fox"), key=a_key("trigger"))
    second = await store.accept(a_job("hen"), key=a_key("trigger"))
    assert (first.fresh, second.fresh) == (True, False)
    assert second.job.id == "fox"
    assert await store.get(JobId("hen")) is None


async def test_the_same_key_five_times_at_once_makes_one_job(store: SqlStore) -> None:
    names = ("a", "b", "c", "d", "e")
    answers = await asyncio.gather(*(store.accept(a_job(name), key=a_key("trigger")) for name in names))
    assert [answer.fresh for answer in answers].count(True) == 1
    assert len({answer.job.id for answer in answers}) == 1
    assert [await store.get(JobId(name)) is not None for name in names].count(True) == 1


async def test_keys_of_other_teams_and_kinds_are_others(store: SqlStore) -> None:
    for number, key in enumerate((a_key("k"), a_key("k", kind="event"), a_key("k", team=TeamId("T2")))):
        assert (await store.accept(a_job(f"job{number}"), key=key)).fresh


async def test_a_double_click_is_answered_with_the_first_ones_job(store: SqlStore) -> None:
    again: dict[str, Any] = {"parent": JobId("p"), "request": Request("a fox")}
    await store.accept(a_job("one", **again), key=a_key("1"), twin_after=at(-15))
    second = await store.accept(a_job("two", asked=2, **again), key=a_key("2"), twin_after=at(-13))
    redelivered = await store.accept(a_job("three", asked=60, **again), key=a_key("2"), twin_after=at(45))
    assert (second.job.id, second.fresh) == ("one", False)
    assert (redelivered.job.id, redelivered.fresh) == ("one", False)


async def test_two_clicks_at_once_make_one_job(store: SqlStore) -> None:
    again: dict[str, Any] = {"parent": JobId("p"), "request": Request("a fox")}
    clicks = (store.accept(a_job(name, **again), key=a_key(name), twin_after=at(-15)) for name in ("one", "two"))
    first, second = await asyncio.gather(*clicks)
    assert first.job.id == second.job.id


@pytest.mark.parametrize(
    ("other", "seconds"),
    [
        ({"parent": JobId("q")}, -15),
        ({"parent": None}, -15),
        ({"user": "bob"}, -15),
        ({"request": Request("a fox", seed=7, raw=True)}, -15),
        ({"kind": Kind.COPY, "source": (FileId("F1"),)}, -15),
        ({"private": True}, -15),
        ({}, 1),
    ],
    ids=["other parent", "typed", "other person", "other request", "a copy", "for one's own eyes", "too long ago"],
)
async def test_what_is_not_the_same_click_is_a_job_of_its_own(
    store: SqlStore, other: dict[str, Any], seconds: float
) -> None:
    again: dict[str, Any] = {"parent": JobId("p"), "request": Request("a fox")}
    await store.accept(a_job("one", **again), key=a_key("1"))
    second = await store.accept(a_job("two", asked=2, **(again | other)), key=a_key("2"), twin_after=at(seconds))
    assert second.fresh


async def test_a_copy_for_another_place_is_a_job_of_its_own(store: SqlStore) -> None:
    copy: dict[str, Any] = {"parent": JobId("p"), "kind": Kind.COPY, "source": (FileId("F1"),), "state": State.READY}
    copy |= {"request": Request("a fox")}
    asks = [a_job("one", **copy), a_job("two", **copy), a_job("far", **copy, channel_id=ChannelId("C9"))]
    accepted = [await store.accept(job, key=a_key(job.id), twin_after=at(-15)) for job in asks]
    assert [each.job.id for each in accepted] == ["one", "one", "far"]


async def test_a_copy_is_claimed_at_once_and_never_stands_in_line(store: SqlStore) -> None:
    copy = await stored(store, a_job("copy", kind=Kind.COPY, source=(FileId("F1"),), state=State.READY))
    assert await in_line(store, LANE) == []
    assert await store.next_in_line(LANE, at(9)) is None
    assert await store.in_flight(LANE) == []
    assert await store.next_due() == at(0)
    (claimed,) = await store.claim(at(1), owner="me", lease=timedelta(seconds=9), limit=5)
    assert claimed == replace(copy, version=1)
    await moved(store, claimed, State.DELIVERED, delivered_at=at(2))
    assert await in_line(store, LANE) == []
    assert await store.runs(LANE, 5) == []
    assert await store.next_due() is None


async def test_a_job_is_found_by_its_root_and_by_its_shared_message(store: SqlStore) -> None:
    job = await stored(store, a_job())
    job = await moved(store, job, State.DELIVERED, root_ts=Ts("1.0"), share_ts=Ts("2.0"))
    assert await store.find(TEAM, CHANNEL, Ts("1.0")) == job
    assert await store.find(TEAM, CHANNEL, Ts("2.0")) == job
    assert await store.find(TEAM, ChannelId("C2"), Ts("1.0")) is None
    assert await store.find(TeamId("T2"), CHANNEL, Ts("2.0")) is None


async def test_a_save_over_an_old_version_is_stale_and_changes_nothing(store: SqlStore) -> None:
    job = await stored(store, a_job())
    newer = await moved(store, job, State.QUEUED)
    with pytest.raises(Stale):
        await moved(store, job, State.CANCELLED)
    assert await store.get(job.id) == newer


async def test_of_two_saves_at_once_one_is_stale(store: SqlStore) -> None:
    job = await stored(store, a_job())
    both = (moved(store, job, State.QUEUED), moved(store, job, State.CANCELLED))
    outcomes = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Job", "Stale"]


async def test_the_same_save_again_is_not_stale(store: SqlStore) -> None:
    job = await stored(store, a_job())
    first = await moved(store, job, State.QUEUED)
    assert await moved(store, job, State.QUEUED) == first
    assert [person.pending for person in await in_line(store, LANE)] == [1]


async def test_saving_a_job_that_is_not_there_is_stale(store: SqlStore) -> None:
    with pytest.raises(Stale):
        await store.save(a_job())


async def test_a_providers_job_id_belongs_to_one_job(store: SqlStore) -> None:
    one, two = await stored(store, a_job("one")), await stored(store, a_job("two"))
    await moved(store, one, State.GENERATING, provider_job_id=ProviderJobId("7"))
    with pytest.raises(Rejected) as refused:
        await moved(store, two, State.GENERATING, provider_job_id=ProviderJobId("7"))
    assert refused.value.code == "duplicate_provider_job"
    assert await store.get(two.id) == two


async def test_nothing_is_due_in_an_empty_database(store: SqlStore) -> None:
    assert await store.next_due() is None
    assert await store.next_in_line_due(LANE) is None
    assert await store.next_in_line(LANE, at(0)) is None
    assert await store.lane(LANE) == LaneRow(LANE)


async def test_in_flight_are_the_jobs_that_hold_a_slot(store: SqlStore) -> None:
    for state in State:
        await moved(store, await stored(store, a_job(state)), state)
    assert {job.id for job in await store.in_flight(LANE)} == {"submitting", "generating"}


async def test_runs_are_the_last_finished_ones_oldest_first(store: SqlStore) -> None:
    for number, name in enumerate(("one", "two", "three")):
        request = Request(name, count=number + 1, clarity=Clarity.X2, raw=True)
        job = await stored(store, a_job(name, request=request))
        await moved(store, job, State.READY, sent_at=at(number), done_at=at(number + 10 * number + 1))
    await stored(store, a_job("unfinished"))
    assert await store.runs(LANE, 2) == [Run(11.0, 2, Clarity.X2, True), Run(21.0, 3, Clarity.X2, True)]


async def test_a_lanes_memory_comes_back(store: SqlStore) -> None:
    row = LaneRow(LANE, Cause.NO_CREDIT, "ResourceInsufficient", at(1), at(2), (0.5, 31.25))
    await store.save_lane(LaneRow(LANE))
    await store.save_lane(row)
    assert await store.lane(LANE) == row


async def test_forgotten_keys_make_new_jobs_and_kept_ones_do_not(store: SqlStore) -> None:
    await store.accept(a_job("one"), key=a_key("k"))
    assert await store.forget(at(0)) == 0
    assert not (await store.accept(a_job("two"), key=a_key("k"))).fresh
    assert await store.forget(at(1)) == 1
    assert (await store.accept(a_job("three"), key=a_key("k"))).fresh


async def test_forgetting_many_takes_several_transactions(store: SqlStore) -> None:
    for first in range(0, 1001, 100):  # not all at once: whatever the machine's pace, none is to be refused
        keys = range(first, min(first + 100, 1001))
        await asyncio.gather(*(store.accept(a_job(f"job{key}"), key=a_key(str(key))) for key in keys))
    before = store.commits
    assert await store.forget(at(1)) == 1001
    assert store.commits - before >= 2


async def test_a_database_that_is_there_answers_a_ping(store: SqlStore) -> None:
    await store.ping()
