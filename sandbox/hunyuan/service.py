"""What the image API does behind its HTTP face: takes jobs, answers for them, and tells the feed as they go on."""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sandbox.feed import Feed
from sandbox.hunyuan import answers
from sandbox.hunyuan.catalogue import Action, Status
from sandbox.hunyuan.drawing import Recipe
from sandbox.hunyuan.faults import Fault, Trouble
from sandbox.hunyuan.gallery import Gallery
from sandbox.hunyuan.jobs import Desk, Job, draw_times
from sandbox.hunyuan.links import Links
from sandbox.hunyuan.parameters import Order, read_job_id, read_order
from sandbox.hunyuan.rate import SlidingSecond
from sandbox.hunyuan.references import check_reference, nearest_resolution
from sandbox.hunyuan.refusals import Refusal
from sandbox.hunyuan.rewriting import rewrite
from sandbox.hunyuan.settings import ImageApiSettings

ACCOUNT = "1250000000"
"""The account number that job ids begin with."""
LINKS_EXPIRED_AGO = 60.0
"""Seconds since the end of a link that has expired on purpose."""


@dataclass(slots=True)
class Service:
    """The provider. Everything runs on the loop; only drawing happens in a thread."""

    feed: Feed
    settings: ImageApiSettings
    clock: Callable[[], float]
    links: Links
    desk: Desk = field(init=False)
    chance: random.Random = field(init=False)
    gallery: Gallery = field(default_factory=Gallery)
    _second: SlidingSecond = field(default_factory=SlidingSecond)
    _drawing: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _untold: list[Job] = field(default_factory=list)
    _alarm: asyncio.TimerHandle | None = None

    def __post_init__(self) -> None:
        self.desk = Desk(self.settings)
        self.chance = random.Random(self.settings.random_seed)

    async def submit(self, parameters: Mapping[str, Any], *, request_id: str) -> dict[str, Any]:
        """Take a job, or refuse it; the answer is its JobId."""
        order = await self._checked_order(parameters)
        now = self.clock()
        self._admit(Action.SUBMIT, now)
        self._check_account()
        self.desk.check_slot(now)
        struck = self._triggers(order.prompt)
        faults = {fault.trouble: fault for fault in (*struck, *self.settings.faults.for_job())}
        job = self._new_job(order, faults, request_id=request_id, now=now)
        self.desk.take(job, now=now)
        self._publish_submit(job)
        self._start(job)
        return {"JobId": job.id}

    async def query(self, parameters: Mapping[str, Any], *, language: str) -> dict[str, Any]:
        """Say how a job is; links are signed anew each time."""
        job_id = read_job_id(parameters)
        self._admit(Action.QUERY, self.clock())
        job = self.desk.jobs.get(job_id)
        if job is None and self.settings.unknown_job_code:
            raise Refusal(self.settings.unknown_job_code)
        if job is None:
            return answers.unknown_job()
        if job.status(self.clock()) is Status.DONE:
            await asyncio.shield(self._drawing[job_id])
        now = self.clock()
        self._tell()
        answer = answers.job_state(job, now=now, language=language, links=self._links(job, now))
        job.done_answers += job.status(now) is Status.DONE
        self.feed.publish("image.query", job=job.id, status=str(answer["JobStatusCode"]))
        return answer

    async def picture(self, job: Job, index: int) -> bytes:
        """Return the PNG of one picture of a job."""
        return await self.gallery.picture(self._recipe(job, index))

    def unstick(self) -> None:
        """Let stuck jobs go on from now."""
        self.desk.unstick(self.clock())
        self._tell()

    async def close(self) -> None:
        """Stop drawing and telling."""
        if self._alarm is not None:
            self._alarm.cancel()
        for task in self._drawing.values():
            task.cancel()
        await asyncio.gather(*self._drawing.values(), return_exceptions=True)
        self.gallery.close()

    async def _checked_order(self, parameters: Mapping[str, Any]) -> Order:
        order = read_order(parameters)
        if order.logo is not None:
            await check_reference(order.logo)
        if order.reference is None:
            return order
        size = await check_reference(order.reference)
        return order if parameters.get("Resolution") else replace(order, resolution=nearest_resolution(size))

    def _admit(self, action: Action, now: float) -> None:
        if not self._second.admit(action, now=now, rate=self.settings.rate):
            raise Refusal("RequestLimitExceeded", f"{self.settings.rate}/s")

    def _check_account(self) -> None:
        if self.settings.not_enabled:
            raise Refusal("ResourceUnavailable.NotExist")
        if self.settings.unpaid:
            raise Refusal("ResourceInsufficient.ChargeResourceExhaust")

    def _triggers(self, prompt: str) -> list[Fault]:
        """Return the faults that words of the prompt ask for, or refuse where such a word says so."""
        words = prompt.lower()
        struck = [trigger.fault for word, trigger in self.settings.triggers.items() if word in words]
        for fault in struck:
            if fault.trouble is Trouble.CODE:
                raise Refusal(fault.code)
        return struck

    def _new_job(self, order: Order, faults: dict[Trouble, Fault], *, request_id: str, now: float) -> Job:
        first = order.seed if order.seed is not None else self.chance.randrange(1, 2**32)
        times = draw_times(order, faults, now=now, settings=self.settings, chance=self.chance)
        revised = [
            rewrite(order.prompt, chance=self.chance) if order.revise else order.prompt for _ in range(order.num)
        ]
        return Job(
            id=f"{ACCOUNT}-{int(now)}-{request_id}-0",
            order=order,
            seeds=tuple(first + index for index in range(order.num)),
            revised=tuple(revised),
            submitted_at=now,
            running_at=times.running_at,
            ended_at=times.ended_at,
            freed_at=times.freed_at,
            troubles=faults,
        )

    def _publish_submit(self, job: Job) -> None:
        order = job.order
        self.feed.publish(
            "image.submit",
            job=job.id,
            prompt=order.prompt,
            negative=order.negative,
            style=order.style,
            resolution=order.resolution,
            num=order.num,
            clarity=order.clarity,
            revise=order.revise,
            seed=order.seed,
        )

    def _start(self, job: Job) -> None:
        self._untold.append(job)
        self._drawing[job.id] = asyncio.get_running_loop().create_task(self._draw(job))
        self._tell()

    async def _draw(self, job: Job) -> None:
        """Draw at once, long before the pictures are due, so that nobody waits for them later."""
        if Trouble.FAIL in job.troubles:
            return
        pictures = [await self.picture(job, index) for index in range(job.order.num)]
        job.digests = [hashlib.sha256(png).hexdigest() for png in pictures]
        self._tell()

    def _recipe(self, job: Job, index: int) -> Recipe:
        order = job.order
        width, height = order.size
        return Recipe(
            prompt=order.prompt,
            negative=order.negative,
            style=order.style,
            width=width // order.clarity,
            height=height // order.clarity,
            clarity=order.clarity,
            seed=job.seeds[index],
            plain=self.settings.plain_pictures,
        )

    def _links(self, job: Job, now: float) -> list[str]:
        life = self.settings.link_life
        expired = Trouble.EXPIRED_ALWAYS in job.troubles
        expired = expired or (Trouble.EXPIRED_ONCE in job.troubles and job.done_answers == 0)
        start = now - life - LINKS_EXPIRED_AGO if expired else now
        return [self.links.sign(job.id, index, start=start, life=life) for index in range(job.order.num)]

    def _tell(self) -> None:
        """Publish every change of status that is due, and set the alarm for the next one."""
        now = self.clock()
        for job in tuple(self._untold):
            status = job.status(now)
            if job.told is Status.WAITING and status is not Status.WAITING:
                job.told = Status.RUNNING
                self.feed.publish("image.running", job=job.id)
            if status is Status.FAILED:
                self._untold.remove(job)
                self.feed.publish("image.failed", job=job.id, code=job.error_code)
            elif status is Status.DONE and job.digests:
                self._untold.remove(job)
                self.feed.publish("image.done", job=job.id, pictures=job.digests)
        self._set_alarm(now)

    def _set_alarm(self, now: float) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        moments = [job.next_moment(now) for job in self._untold]
        if moments and min(moments) < float("inf"):
            self._alarm = asyncio.get_running_loop().call_later(max(min(moments) - now, 0.005), self._tell)
