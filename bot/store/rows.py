"""A job, a person, a lane: from a row, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import datetime
from enum import StrEnum
from operator import attrgetter
from typing import Any, TypeVar

from sqlalchemy import RowMapping

from bot.errors import Cause, Misconfigured
from bot.job import IN_FLIGHT, Charged, Failure, FileId, Job, Kind, LaneId, Picture, State
from bot.ports import LaneRow, Run
from bot.request import Clarity, Request, Shape

NAMES = tuple(field.name for field in fields(Job))
_REQUEST = tuple(field.name for field in fields(Request))
_values = attrgetter(*NAMES)
_asked = attrgetter(*_REQUEST)
FIXED = frozenset(
    {"id", "team_id", "enterprise_id", "user_id", "lane", "parent", "request", "asked_at"}
    | {"kind", "source", "private", "execution", "origin_thread_ts", "together"}
)
"""What a job is from its first commit on; later writes leave it alone."""

LANE_DECIDES = IN_FLIGHT | {State.QUEUED}

E = TypeVar("E", bound=StrEnum)


def unreadable(what: str) -> Misconfigured:
    """The fault for a row that this version cannot read: most likely a newer one wrote it."""
    return Misconfigured("database_newer", f"{what}: written by a newer version of this program? Run that one.")


def _enum(kind: type[E], value: Any, where: str) -> E:
    try:
        return kind(value)
    except ValueError as error:
        raise unreadable(f"{where} holds {str(value)[:40]!r}") from error


def request_document(request: Request) -> dict[str, Any]:
    """The request as JSON, every field by its name."""
    return dict(zip(_REQUEST, _asked(request), strict=True))


def request_from(document: Mapping[str, Any]) -> Request:
    """The request that a document holds."""
    known = dict(document)
    clarity = known.pop("clarity", None)
    try:
        return Request(
            shape=_enum(Shape, known.pop("shape"), "jobs.request.shape"),
            clarity=None if clarity is None else _enum(Clarity, clarity, "jobs.request.clarity"),
            **known,
        )
    except (TypeError, KeyError) as error:
        raise unreadable("jobs.request has unknown or missing fields") from error


def _failure_from(document: Mapping[str, Any] | None) -> Failure | None:
    if document is None:
        return None
    try:
        return Failure(
            code=document["code"],
            cause=_enum(Cause, document["cause"], "jobs.failure.cause"),
            charged=_enum(Charged, document["charged"], "jobs.failure.charged"),
            reference=document["reference"],
        )
    except KeyError as error:
        raise unreadable("jobs.failure misses a field") from error


def _pictures_from(documents: list[Mapping[str, Any]]) -> tuple[Picture, ...]:
    try:
        return tuple(Picture(**document) for document in documents)
    except TypeError as error:
        raise unreadable("jobs.pictures has unknown or missing fields") from error


def job_from(row: RowMapping) -> Job:
    """The job in a row. Raises `Misconfigured` for what this version does not know."""
    plain = {name: row[name] for name in NAMES}
    plain["state"] = _enum(State, row["state"], "jobs.state")
    plain["kind"] = _enum(Kind, row["kind"], "jobs.kind")
    plain["source"] = tuple(FileId(each) for each in row["source"])
    plain["request"] = request_from(row["request"])
    plain["links"] = tuple(row["links"])
    plain["revised"] = tuple(row["revised"])
    plain["file_ids"] = tuple(FileId(each) for each in row["file_ids"])
    plain["pictures"] = _pictures_from(row["pictures"])
    plain["failure"] = _failure_from(row["failure"])
    return Job(**plain)


def columns_of(job: Job) -> dict[str, Any]:
    """Every column that a job fills by itself (the lease and the turn are not its own)."""
    columns = dict(zip(NAMES, _values(job), strict=True))
    columns["state"] = job.state.value
    columns["kind"] = job.kind.value
    columns["source"] = list(job.source)
    columns["request"] = request_document(job.request)
    columns["links"] = list(job.links)
    columns["revised"] = list(job.revised)
    columns["pictures"] = [asdict(picture) for picture in job.pictures]
    columns["file_ids"] = list(job.file_ids)
    columns["failure"] = None if job.failure is None else asdict(job.failure)
    return columns


def lease_columns(job: Job, *, owner: str | None, lease_until: datetime | None) -> dict[str, Any]:
    """Who holds the row, and from when on anybody may claim it: never, where a lane decides or nothing is owed."""
    free = job.is_final or job.state in LANE_DECIDES
    claim_at = None if free else max(job.due_at, lease_until or job.due_at)
    return {"owner": owner, "lease_until": lease_until, "claim_at": claim_at}


def run_from(row: RowMapping) -> Run:
    """How long the finished job in a row took."""
    request = request_from(row["request"])
    seconds = (row["done_at"] - row["sent_at"]).total_seconds()
    return Run(seconds=seconds, count=request.count, clarity=request.clarity, raw=request.raw)


def lane_from(row: RowMapping) -> LaneRow:
    """What is remembered of a lane."""
    return LaneRow(
        id=LaneId(row["id"]),
        paused=None if row["paused"] is None else _enum(Cause, row["paused"], "lanes.paused"),
        paused_code=row["paused_code"],
        paused_at=row["paused_at"],
        told_at=row["told_at"],
        lags=tuple(row["lags"]),
    )


def lane_columns(lane: LaneRow) -> dict[str, Any]:
    """The columns that a lane's memory fills."""
    paused = None if lane.paused is None else lane.paused.value
    times = {"paused_at": lane.paused_at, "told_at": lane.told_at}
    return {"id": lane.id, "paused": paused, "paused_code": lane.paused_code, "lags": list(lane.lags), **times}
