"""The world outside the core, played by a script: a clock moved by hand, and fakes that keep the contract of each port.

They refuse what the real ones refuse: a share twice, a query of an unknown job, a submit too many, a foreign key.
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import re
from collections import Counter, defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any, BinaryIO

from bot.errors import Cause, Closed, Gone, LinksExpired, Misconfigured, NotInChannel, Rejected, SlotTaken
from bot.job import ChannelId, FileId, Job, LaneId, Picture, ProviderJobId, State, Ts
from bot.ports import Broken, Done, Landed, Photo, Posted, Progress, Read, Running, Sized, Standing, Waiting
from bot.request import Request

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LINKS_LIVE = timedelta(hours=1)
COPIED = b"copied"

Turn = BaseException | Callable[[], Awaitable[Any]] | None
"""What a scripted call meets: an exception, something that happens first, or nothing."""


class Time:
    """Moves only when told to; whoever sleeps moves it."""

    def __init__(self) -> None:
        self._now = NOON
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self._now

    def wall(self) -> float:
        return self._now.timestamp()

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.pass_(seconds)
        await asyncio.sleep(0)

    def pass_(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)

    def reach(self, moment: float) -> None:
        while self._now.timestamp() < moment:  # a Unix time is a coarser number than a datetime
            self._now += max(timedelta(seconds=moment - self._now.timestamp()), timedelta(microseconds=1))


class Scripted:
    """Calls are counted, and meet what was scripted for them, in order."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self._called = asyncio.Event()
        self._script: defaultdict[str, deque[Turn]] = defaultdict(deque)

    def then(self, name: str, *turns: Turn) -> None:
        self._script[name].extend(turns)

    async def begun(self, name: str, times: int = 1) -> None:
        """Wait until that was called so often."""
        async with asyncio.timeout(20.0):
            while self.calls[name] < times:
                await self._called.wait()

    async def act(self, name: str) -> None:
        self.calls[name] += 1
        turn = self._script[name].popleft() if self._script[name] else None
        self._called.set()
        self._called = asyncio.Event()
        if isinstance(turn, BaseException):
            raise turn
        if turn is not None:
            await turn()


@dataclass
class File:
    """What Slack holds. `looks`: how often it is still not seen in the thread once it was shared."""

    looks: int
    shared: bool = False


class FakeChat(Scripted):
    """A workspace in which the bot is a member of every conversation that is not in `closed`."""

    def __init__(self) -> None:
        super().__init__()
        self.displacements: list[str] = []
        self.closed: dict[str, NotInChannel | Closed] = {}
        self.can_look = True
        self.late = 0
        self.files: dict[FileId, File] = {}
        self.expected: list[tuple[str, int, int]] = []
        self.shares: list[str] = []
        self.roots: list[tuple[str, ChannelId]] = []
        self.standings: list[tuple[str, State, Standing]] = []
        self.ends: list[tuple[str, State]] = []
        self.roads: list[tuple[bool, bool]] = []
        self.apologies: list[Job] = []
        self.completions: list[tuple[str, State]] = []
        self.alerts: list[tuple[Cause | None, str]] = []
        self._numbers = itertools.count(1)

    async def announce(self, job: Job, standing: Standing) -> Posted:
        await self.act("announce")
        channel = ChannelId("D1") if job.by_message else job.channel_id
        if channel in self.closed:
            raise self.closed[channel]
        self.roots.append((job.id, channel))
        self.standings.append((job.id, job.state, standing))
        return Posted(channel, Ts(f"1.{next(self._numbers)}"), "en-US")

    async def reference(self, file_id: FileId) -> bytes:
        await self.act("reference")
        return b""

    async def offer_road(self, job: Job, *, joinable: bool, direct: bool) -> None:
        await self.act("offer_road")
        self.roads.append((joinable, direct))

    def show(self, job: Job, standing: Standing) -> None:
        assert job.root_ts, "there is no message to edit"
        self.standings.append((job.id, job.state, standing))

    async def finish(self, job: Job) -> None:
        assert job.is_final
        self.ends.append((job.id, job.state))

    async def collect(self, file_id: FileId, into: BinaryIO) -> Photo:
        await self.act("collect")
        if file_id not in self.files:
            raise Gone("file_not_found")
        into.write(COPIED)
        return Photo("image/webp", 1, 1, len(COPIED), hashlib.sha256(COPIED).hexdigest())

    def expect(self, job: Job, *, number: int, of: int, length: int, mime: str) -> None:
        assert 1 <= number <= of
        self.expected.append((job.id, number, length))

    async def upload(self, job: Job, read: Read) -> tuple[FileId, ...]:
        await self.act("upload")
        assert job.pictures
        for picture in job.pictures:
            assert len(b"".join([piece async for piece in read(picture)])) == picture.size
        ids = tuple(FileId(f"F{next(self._numbers)}") for _ in job.pictures)
        self.files.update({each: File(self.late) for each in ids})
        return ids

    async def share(self, job: Job) -> None:
        await self.act("share")
        if job.channel_id in self.closed:
            raise self.closed[job.channel_id]
        if any(each not in self.files or self.files[each].shared for each in job.file_ids):
            raise Gone("file_not_found")
        for each in job.file_ids:
            self.files[each].shared = True
        self.shares.append(job.id)

    async def displaced(self, job: Job) -> None:
        self.displacements.append(job.id)

    async def direct(self, job: Job) -> ChannelId:
        await self.act("direct")
        return ChannelId("D1")

    async def landed(self, job: Job) -> Landed | None:
        await self.act("landed")
        if not self.can_look:
            raise Misconfigured("missing_scope", "files:read")
        files = [self.files.get(each) for each in job.file_ids]
        if not all(file is not None and file.shared for file in files):
            raise Gone("file_not_found")
        for file in files:
            assert file is not None
            file.looks -= 1
            if file.looks >= 0:
                return None
        return Landed(Ts("2.1"), public=True)

    async def apologise(self, job: Job) -> None:
        await self.act("apologise")
        assert job.failure is not None
        self.apologies.append(job)

    async def complete(self, job: Job) -> None:
        await self.act("complete")
        assert job.is_final
        self.completions.append((str(job.execution), job.state))

    async def remove(self, job: Job) -> None:
        await self.act("remove")
        for each in job.file_ids:
            self.files.pop(each, None)

    async def alert(self, lane: LaneId, *, cause: Cause | None, code: str) -> None:
        await self.act("alert")
        self.alerts.append((cause, code))

    def told(self, job_id: str) -> list[Standing]:
        """What the root of a job said, in order."""
        return [standing for each, _, standing in self.standings if each == job_id]


@dataclass
class Drawing:
    """A job at the provider. `over`: given up before its time."""

    request: Request
    since: datetime
    until: datetime
    over: bool = False


class FakeImages(Scripted):
    """A provider that draws for `takes` seconds and holds a slot all the while."""

    def __init__(self, time: Time, *, slots: int = 1, takes: float = 10.0) -> None:
        super().__init__()
        self.time = time
        self.slots = slots
        self.takes = takes
        self.drawings: dict[ProviderJobId, Drawing] = {}
        self.answers: deque[Progress] = deque()
        self.dead: set[str] = set()
        self.bytes: Callable[[str], bytes] = lambda link: f"picture of {link}".encode()
        self.most = 0

    @property
    def busy(self) -> int:
        return sum(not drawing.over and drawing.until > self.time.now() for drawing in self.drawings.values())

    async def submit(self, request: Request) -> ProviderJobId:
        await self.act("submit")
        if self.busy >= self.slots:
            raise SlotTaken("job_num_exceed")
        name = ProviderJobId(f"p{len(self.drawings) + 1}")
        now = self.time.now()
        self.drawings[name] = Drawing(request, now, now + timedelta(seconds=self.takes))
        self.most = max(self.most, self.busy)
        return name

    async def query(self, job: ProviderJobId) -> Progress:
        await self.act("query")
        if job not in self.drawings:
            raise Rejected("job_not_found", cause=Cause.JOB_LOST)
        if self.answers:
            answer = self.answers.popleft()
            self.drawings[job].over = isinstance(answer, Broken)
            return answer
        drawing, now = self.drawings[job], self.time.now()
        if now < drawing.until:
            return Waiting() if now < drawing.since + timedelta(seconds=1) else Running()
        links = tuple(f"https://pictures/{job}/{n}/{self.calls['query']}" for n in range(drawing.request.count))
        return Done(links, now + LINKS_LIVE, revised=("in detail",))

    async def fetch(self, link: str, into: BinaryIO, *, sized: Sized) -> Photo:
        await self.act("fetch")
        if link in self.dead:
            raise LinksExpired("expired")
        data = self.bytes(link)
        sized(len(data), "image/webp")
        into.write(data)
        return Photo("image/webp", 64, 64, len(data), hashlib.sha256(data).hexdigest())

    async def probe(self) -> None:
        await self.act("probe")


class FakeSpool(Scripted):
    """A folder in memory."""

    def __init__(self) -> None:
        super().__init__()
        self.objects: dict[str, bytes] = {}

    @asynccontextmanager
    async def draft(self) -> AsyncIterator[BinaryIO]:
        with BytesIO() as file:
            yield file

    async def put(self, key: str, draft: BinaryIO) -> None:
        await self.act("put")
        assert re.fullmatch(r"[A-Za-z0-9]+/\d+", key)
        draft.seek(0)
        self.objects[key] = draft.read()

    async def read(self, picture: Picture) -> AsyncIterator[bytes]:
        await self.act("read")
        data = self.objects.get(picture.key)
        if data is None or hashlib.sha256(data).hexdigest() != picture.sha256:
            raise Gone("spool_gone")
        yield data

    async def drop(self, prefix: str) -> None:
        await self.act("drop")
        self.objects = {key: data for key, data in self.objects.items() if not key.startswith(f"{prefix}/")}

    async def sweep(self, before: datetime) -> int:
        raise NotImplementedError  # housekeeping is the app's


@dataclass
class Tally:
    """What the operator counted."""

    steps: list[tuple[str, str]] = field(default_factory=list)
    paused: list[bool] = field(default_factory=list)

    def step(self, name: str, *, outcome: str, seconds: float) -> None:
        assert seconds >= 0
        self.steps.append((name, outcome))

    def ask(self, outcome: str) -> None:
        raise NotImplementedError  # asks are counted by the listeners

    def lane_paused(self, lane: str, *, paused: bool) -> None:
        self.paused.append(paused)
