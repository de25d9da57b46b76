"""The store behind `ports.Store`: questions go to reading connections, changes to the one writer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import URL, RowMapping

from bot.errors import Fault, Gone, Misconfigured
from bot.heard import Heard
from bot.job import ChannelId, Job, JobId, LaneId, TeamId, Ts
from bot.ports import Accepted, DeliveryKey, LaneRow, Lease, Run
from bot.store import asks, changes, drivers, engines, line, migrations, places, questions, rows
from bot.store.database import open_database
from bot.store.faults import fault_from, passes
from bot.store.inbox import SqlInbox
from bot.store.lock import FileLock
from bot.store.shelf import SqlShelf
from bot.store.writer import Writer
from bot.turns import Ahead, Crowd

log = structlog.get_logger(__name__)

Clock = Callable[[], datetime]

ACCEPT_SECONDS = 1.5
PING_SECONDS = 2.0


async def open_store(url: str, *, clock: Clock, lock: bool = True, accept_seconds: float = ACCEPT_SECONDS) -> SqlStore:
    """Open the database at `sqlite:///path` or `postgresql://...`, whose schema must be there (`migrate`).

    A SQLite file is locked for this process. Raises `Misconfigured` with what to do, or `Unavailable`.
    """
    parsed = engines.parse(url)
    file = engines.file_of(parsed)
    held = FileLock(file) if file is not None and lock else None
    if held is not None:
        held.acquire()
    store = SqlStore(parsed, clock=clock, lock=held, accept_seconds=accept_seconds)
    try:
        await store.check()
        if held is not None:
            await store.release_all()
    except BaseException:
        await store.close()
        raise
    return store


class SqlStore:
    """The rows, in SQLite or PostgreSQL."""

    def __init__(self, url: URL, *, clock: Clock, lock: FileLock | None, accept_seconds: float) -> None:
        """Made by `open_store`, inside a running loop."""
        self._clock = clock
        self._lock = lock
        self._accept_seconds = accept_seconds
        self._file = engines.file_of(url)
        self._database = open_database(url)
        embedded = self._database.is_embedded
        self._writer = Writer(self._database.pen, is_embedded=embedded)
        self._ear = self._writer if embedded else Writer(self._database.ear, is_embedded=False)
        self._unreadable: set[int] = set()
        self.shelf = SqlShelf(self._writer, self._rows, self._readable, is_alone=self._database.is_embedded)
        self.inbox = SqlInbox(self._ear, self._writer, seconds=accept_seconds)

    @property
    def commits(self) -> int:
        """How many transactions were committed so far."""
        return sum(writer.commits for writer in {self._writer, self._ear})

    async def close(self) -> None:
        """Finish what is being written, close every connection, let others have the file."""
        try:
            for writer in {self._writer, self._ear}:
                await writer.close()
            await self._database.close()
        finally:
            if self._lock is not None:
                self._lock.release()

    async def check(self) -> None:
        """Raise `Misconfigured` with what to do if the schema is not this version's."""
        await migrations.check(self._database, file=self._file)

    async def accept(
        self, job: Job, *, key: DeliveryKey, twin_after: datetime | None = None, lease: Lease | None = None,
        heard: Heard | None = None,
    ) -> Accepted:  # fmt: skip
        """Commit the job with its delivery key; a known key, or a twin, answers with the job that is there.

        Raises `NotAccepted` if it was not committed in time; then it is not and will not be stored. What was `heard`
        has time: it is settled together with others.
        """
        asking = asks.Asking(job, key, self._clock(), twin_after, lease, None if heard is None else heard.number)
        if heard is not None:
            return await self._writer.write_together(asks.accept, asking)
        return await self._writer.write_within(
            asks.accept,
            asking,
            seconds=self._accept_seconds,
            take_back=asks.take_back,
            promise=lambda accepted: accepted.job.id,
        )

    async def get(self, job_id: JobId) -> Job | None:
        """The job, or None."""
        return await self._job(questions.one(job_id))

    async def find(self, team_id: TeamId, channel_id: ChannelId, ts: Ts) -> Job | None:
        """The job whose root or whose shared message this is."""
        return await self._job(questions.shown_at(team_id, channel_id, ts))

    async def save(self, job: Job, *, owner: str | None = None, lease_until: datetime | None = None) -> Job:
        """Write the row over version `job.version`; returns it with the next one. Raises `Stale` otherwise.

        Whose job it is and what was asked for (`rows.FIXED`) never change after `accept`, and are not written. The
        write goes on if the caller is cancelled. A provider's job id that another job has raises `Rejected`.
        """
        return await self._writer.write(changes.save, changes.Save(job, owner, lease_until))

    async def claim(self, now: datetime, *, owner: str, lease: timedelta, limit: int) -> Sequence[Job]:
        """Take a lease on due jobs that no lane decides about. Their versions move on with it."""
        return await self._writer.write(changes.claim, changes.Claim(now, owner, lease, limit))

    async def next_due(self) -> datetime | None:
        """When the earliest job that `claim` would give is due, or its lease runs out."""
        moment: datetime | None = await self._value(questions.next_due())
        return moment

    async def next_in_line(self, lane: LaneId, now: datetime) -> Job | None:
        """The oldest due job of the person who was served least lately; never served comes first.

        One that this version can't read steps aside for some minutes, so that it holds up nobody else.
        """
        for _ in range(line.MOST_ASIDE):
            found = await self._rows(questions.next_in_line(lane, now))
            if not found:
                return None
            try:
                return rows.job_from(found[0])
            except Misconfigured as fault:
                self._note_unreadable(found[0], fault)
                await self._writer.write(line.step_aside, line.Aside(found[0]["seq"], now))
        return None

    async def next_in_line_due(self, lane: LaneId) -> datetime | None:
        """When the earliest queued job of the lane may be submitted."""
        moment: datetime | None = await self._value(questions.next_in_line_due(lane))
        return moment

    async def ahead(self, lane: LaneId, jobs: Sequence[Job]) -> Sequence[Ahead]:
        """What stands before each of these jobs of the lane, in their order, counted as far as that is cheap.

        Raises `Gone` for a job that is not stored.
        """
        found = {row["id"]: row for row in await self._rows(questions.ahead(lane, [job.id for job in jobs]))}
        if len(found) < len(jobs):
            raise Gone("row_gone", "a job was deleted from the database")
        return [places.ahead_from(found[job.id]) for job in jobs]

    async def crowd(self, lane: LaneId) -> Crowd:
        """The whole line summed up. Takes as long as the line is: for now and then."""
        (sums,) = await self._rows(questions.sums(lane))
        return places.crowd_from(sums, await self._rows(questions.marks(lane, places.step_of(sums))))

    async def is_arriving(self, team_id: TeamId, channel_id: ChannelId) -> bool:
        """Whether a share into this conversation may be visible whose ts is not stored yet."""
        return bool(await self._value(questions.is_arriving(team_id, channel_id)))

    async def waiting(self, lane: LaneId, limit: int) -> Sequence[Job]:
        """Queued jobs of the lane, longest wait first."""
        return [job for row in await self._rows(questions.waiting(lane, limit)) if (job := self._readable(row))]

    async def in_flight(self, lane: LaneId) -> Sequence[Job]:
        """The jobs that hold a slot: `submitting` and `generating`."""
        return [rows.job_from(row) for row in await self._rows(questions.in_flight(lane))]

    async def runs(self, lane: LaneId, limit: int) -> Sequence[Run]:
        """The last finished runs, oldest first."""
        return [rows.run_from(row) for row in reversed(await self._rows(questions.runs(lane, limit)))]

    async def lane(self, lane: LaneId) -> LaneRow:
        """What is remembered of the lane (an empty row if nothing is)."""
        found = await self._rows(questions.lane(lane))
        return rows.lane_from(found[0]) if found else LaneRow(lane)

    async def save_lane(self, row: LaneRow) -> None:
        """Remember it."""
        await self._writer.write(changes.save_lane, row)

    async def hold_lane(self, lane: LaneId, driver: str, *, seconds: float) -> bool:
        """Have the lane's lease for that long from now on; whether nobody else has it."""
        return await self._writer.write(drivers.hold, drivers.Hold(lane, driver, seconds, self._own_now()))

    async def driver_of(self, lane: LaneId) -> str | None:
        """Who has the lane's lease now."""
        found = await self._rows(drivers.driver(lane, self._own_now()))
        return str(found[0]["driver"]) if found else None

    async def leave_lane(self, lane: LaneId, driver: str) -> None:
        """Give the lane's lease back if that driver has it."""
        await self._writer.write(drivers.leave, drivers.Leave(lane, driver))

    def _own_now(self) -> datetime | None:
        """The time, where the database has no clock that others share."""
        return self._clock() if self._database.is_embedded else None

    async def release_all(self) -> None:
        """Give back the leases of processes that died: a locked file's only process knows that nobody else is alive."""
        await self._writer.write(changes.release_all, None)

    async def release(self, owner: str) -> None:
        """Give back every lease of `owner`."""
        await self._writer.write(changes.release, owner)

    async def forget(self, before: datetime) -> int:
        """Drop delivery keys older than this, in small transactions; how many were dropped."""
        dropped = 0
        while count := await self._writer.write(changes.forget, before):
            dropped += count
        return dropped

    async def ping(self) -> None:
        """Raise `Unavailable` if the database does not answer within two seconds."""
        try:
            async with asyncio.timeout(PING_SECONDS):
                await self._rows(questions.anything())
        except TimeoutError as error:
            raise fault_from(error) from error

    def _readable(self, row: RowMapping) -> Job | None:
        try:
            return rows.job_from(row)
        except Misconfigured as fault:
            self._note_unreadable(row, fault)
            return None

    def _note_unreadable(self, row: RowMapping, fault: Misconfigured) -> None:
        """Say it once."""
        if row["seq"] not in self._unreadable:
            self._unreadable.add(row["seq"])
            log.error("job_unreadable", job=row["id"], code=fault.code, detail=fault.detail)

    async def _job(self, question: questions.Question) -> Job | None:
        found = await self._rows(question)
        return rows.job_from(found[0]) if found else None

    async def _value(self, question: questions.Question) -> Any:
        return next(iter((await self._rows(question))[0].values()))

    async def _rows(self, question: questions.Question) -> Sequence[Any]:
        """Ask, and once more if the connection turned out to be dead."""
        try:
            try:
                return await self._database.ask(question)
            except Exception as error:
                if not passes(error):
                    raise
                return await self._database.ask(question)
        except Exception as error:
            fault = fault_from(error)
            if fault is error or not isinstance(fault, Fault):
                raise
            log.warning("store_read_failed", code=fault.code, error=type(error).__name__)
            raise fault from error
