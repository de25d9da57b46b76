"""Jobs to store, made short."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.job import ChannelId, Job, JobId, LaneId, State, TeamId, UserId
from bot.ports import DeliveryKey
from bot.request import Request
from bot.store import SqlStore

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LANE = LaneId("hunyuan")
TEAM = TeamId("T1")
CHANNEL = ChannelId("C1")


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def a_job(name: str = "fox", *, user: str = "ada", asked: float = 0, **more: Any) -> Job:
    times = {"asked_at": at(asked), "state_at": at(asked), "due_at": at(asked)}
    who = {"team_id": TEAM, "user_id": UserId(user), "channel_id": CHANNEL, "lane": LANE}
    given: dict[str, Any] = {"id": JobId(name), "request": Request(f"a {name}"), **who, **times, **more}
    return Job(**given)


def a_key(name: str, *, kind: str = "command", team: TeamId = TEAM) -> DeliveryKey:
    return DeliveryKey(team, kind, name)


async def stored(store: SqlStore, job: Job) -> Job:
    accepted = await store.accept(job, key=a_key(job.id))
    assert accepted.fresh
    return accepted.job


async def moved(store: SqlStore, job: Job, state: State, *, now: float = 0, **more: Any) -> Job:
    return await store.save(replace(job, state=state, state_at=at(now), due_at=at(now), **more))


async def queued(store: SqlStore, name: str = "fox", *, user: str = "ada", asked: float = 0) -> Job:
    job = await stored(store, a_job(name, user=user, asked=asked))
    return await moved(store, job, State.QUEUED, now=asked, queued_at=at(asked))
