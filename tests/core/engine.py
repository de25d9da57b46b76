"""The core put together over a real store and a scripted world, turned by hand: each turn does all that is due."""

from __future__ import annotations

import asyncio
import hashlib
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol, cast

from bot.crew import Width
from bot.driver import Account, Driver
from bot.errors import Cause
from bot.intake import Asker, Intake, Receipt
from bot.job import (
    ChannelId,
    Charged,
    Failure,
    FileId,
    Job,
    JobId,
    LaneId,
    Picture,
    State,
    TeamId,
    Ts,
    UserId,
)
from bot.ports import DeliveryKey, Store
from bot.prompt import parse
from bot.request import Request
from bot.runner import Runner
from bot.store import SqlStore
from tests.core.world import FakeChat, FakeImages, FakeSpool, File, Scripted, Tally, Time

LANE = LaneId("hunyuan")
TEAM = TeamId("T1")
GALLERY = ChannelId("CGALLERY")
CHANNEL = ChannelId("C1")
ADA = UserId("ada")
TURNS = 3000


class Build(Protocol):
    """Puts the core together on the test's own store and clock."""

    def __call__(self, *, slots: int = 1, width: int = 8, exact: bool | None = None) -> Engine: ...


class Meddled(Scripted):
    """The real store; before a call of it, what was scripted happens."""

    def __init__(self, real: SqlStore) -> None:
        super().__init__()
        self._real = real

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._real, name)

        async def call(*args: Any, **kwargs: Any) -> Any:
            await self.act(name)
            return await method(*args, **kwargs)

        return call


def an_account(*, slots: int = 1) -> Account:
    return Account(LANE, slots, rate=20.0, typical=10.0, hold=60.0, deadline=900.0, probe_every=60.0)


class Engine:
    """One run of the program. A second one over the same world is a restart."""

    def __init__(
        self,
        real: SqlStore,
        time: Time,
        *,
        slots: int = 1,
        width: int = 8,
        owner: str = "me",
        exact: bool | None = None,
    ) -> None:
        self.real = real
        self.meddled = Meddled(real)
        self.store = cast("Store", self.meddled)
        self.time = time
        self.chat = FakeChat()
        self.images = FakeImages(time, slots=slots)
        self.spool = FakeSpool()
        self.tally = Tally()
        self.slots, self.width, self.exact = slots, width, exact
        self._build(owner)

    def _build(self, owner: str) -> None:
        world: dict[str, Any] = {"store": self.store, "chat": self.chat, "images": self.images, "clock": self.time}
        width = Width(steps=self.width, deliveries=self.width * 2, waiting=self.width)
        self.runner = Runner(**world, spool=self.spool, measures=self.tally, owner=owner, width=width)
        account = replace(an_account(slots=self.slots), exact=self.exact)
        self.driver = Driver(account, **world, measures=self.tally, carrier=self.runner)
        self.runner.add_lane(LANE, self.driver)
        self.intake = Intake(
            store=self.store,
            chat=self.chat,
            clock=self.time,
            starter=self.runner,
            lane=LANE,
            nudge=self._note,
            gallery=GALLERY,
        )
        self._nudged = True
        self.runner.nudge = self.driver.nudge = self._note

    def _note(self) -> None:
        self._nudged = True

    async def restart(self) -> None:
        """The process died; another begins with what is on disk."""
        for task in [*self.runner._crew._tasks.values(), *self.driver._tasks]:
            task.cancel()
        await self.quiet()
        await self.real.release_all()
        self._build("another")
        await self.driver.load()

    async def stop(self) -> None:
        """Leave nothing under way behind."""
        if tasks := self._tasks():
            await asyncio.wait(tasks, timeout=0.2)
        await self.driver.stop(limit=0.0)
        await self.runner.stop(limit=0.0)

    async def ask(self, text: str = "a fox", *, user: str = "ada", key: str | None = None) -> Job:
        return (await self.receive(text, user=user, key=key)).job

    async def receive(self, text: str = "a fox", *, user: str = "ada", key: str | None = None) -> Receipt:
        parsed = parse(text)
        receipt = await self.intake.ask(self.asker(user, key=key or f"{text}{user}"), parsed.request)
        return replace(receipt, notes=parsed.notes)

    def asker(self, user: str = "ada", *, key: str, kind: str = "command") -> Asker:
        return Asker(team_id=TEAM, user_id=UserId(user), channel_id=CHANNEL, kind=kind, key=key, locale="en-US")

    async def put(self, state: State = State.ACCEPTED, *, name: str = "j1", user: str = "ada", **more: Any) -> Job:
        """A job in that state, as an earlier run of the program would have left it."""
        now = self.time.now()
        times: dict[str, Any] = {"asked_at": now, "state_at": now, "due_at": now}
        who: dict[str, Any] = {"team_id": TEAM, "channel_id": CHANNEL, "user_id": UserId(user), "lane": LANE}
        execution = more.pop("execution", None)  # stays as it was accepted
        job = Job(id=JobId(name), request=Request("a fox"), execution=execution, **who, **times)
        job = (await self.real.accept(job, key=DeliveryKey(TEAM, "put", name))).job
        root = Ts(f"1.{name}") if state is not State.ACCEPTED else None
        given: dict[str, Any] = {"root_ts": root, "thread_ts": root}
        if state is State.FAILING:
            given["failure"] = Failure("code", Cause.STUCK, Charged.NO)
        return await self.real.save(replace(job, state=state, **(given | more)))

    def picture(self, key: str = "j1/1", data: bytes = b"picture") -> Picture:
        """A fetched picture, its bytes in the spool."""
        self.spool.objects[key] = data
        return Picture(key, hashlib.sha256(data).hexdigest(), len(data), 64, 64, "image/webp")

    async def uploaded(self, *, shared: bool = False, **more: Any) -> Job:
        """A job whose files Slack holds, and perhaps shows already."""
        self.chat.files[FileId("F0")] = File(self.chat.late, shared)
        given: dict[str, Any] = {"pictures": (self.picture(),), "file_ids": (FileId("F0"),)}
        return await self.put(State.UPLOADED, **(given | {"uploaded_at": self.time.now()} | more))

    async def sent(self, *, name: str = "j1", **more: Any) -> Job:
        """A job that the provider has, looked after by the driver."""
        provider_job_id = await self.images.submit(Request("a fox"))
        given: dict[str, Any] = {"sends": 1, "sent_at": self.time.now(), "provider_job_id": provider_job_id}
        job = await self.put(State.GENERATING, name=name, **(given | more))
        self.driver.take(job)
        return job

    async def sent_ready(self, *, state: State = State.READY, **more: Any) -> Job:
        """A job that the provider has done."""
        provider_job_id = await self.images.submit(Request("a fox"))
        self.images.drawings[provider_job_id].until = self.time.now()
        given: dict[str, Any] = {"sends": 1, "sent_at": self.time.now(), "provider_job_id": provider_job_id}
        return await self.put(state, **(given | more))

    async def now(self, job: Job) -> Job:
        found = await self.real.get(job.id)
        assert found is not None
        return found

    async def quiet(self) -> None:
        """Wait until nothing is under way."""
        while tasks := self._tasks():
            await asyncio.wait(tasks)
            await asyncio.sleep(0)

    def _tasks(self) -> list[asyncio.Task[None]]:
        told = self.driver.board._round
        return [*self.runner._crew._tasks.values(), *self.driver._tasks, *([told] if told else [])]

    async def turn(self) -> float:
        """Do all that is due now; when to turn again."""
        wake = -math.inf
        for _ in range(TURNS):
            self._nudged = False
            wake = await self.runner.tick()
            await self.quiet()
            if not self._nudged and wake > self.time.now().timestamp():
                return wake
        raise AssertionError("it never comes to rest")

    async def until(self, holds: Callable[[], bool]) -> None:
        """Turn, moving the clock to when the program asked to be called again, until that holds."""
        for _ in range(TURNS):
            wake = await self.turn()
            if holds():
                return
            assert math.isfinite(wake), "stalled: it waits for nothing"
            self.time.reach(wake)
        raise AssertionError("it never comes to pass")

    async def until_state(self, job: Job, *states: State) -> Job:
        """Turn until the job is there."""
        for _ in range(TURNS):
            wake = await self.turn()
            current = await self.now(job)
            if current.state in states:
                return current
            assert math.isfinite(wake), f"stalled in {current.state}"
            self.time.reach(wake)
        raise AssertionError(f"it stays {current.state}")
