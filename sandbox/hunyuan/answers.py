"""The bytes that go back: the envelope, the state of a job with its troubles, and bodies that are no answer at all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from sandbox.hunyuan.catalogue import STATUS_WORDS, Status
from sandbox.hunyuan.faults import Fault, Trouble
from sandbox.hunyuan.jobs import Job
from sandbox.hunyuan.refusals import Refusal, message_of

JSON_TYPE: Final = "application/json"
"""Exactly so: with a charset behind it the vendor's SDK takes an error for an empty success."""

_HTML: Final = (
    b"<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>"
)


def envelope(fields: Mapping[str, Any], *, request_id: str) -> bytes:
    """Return the JSON of a successful answer."""
    return _dump({"Response": {**fields, "RequestId": request_id}})


def error_envelope(refusal: Refusal, *, request_id: str, language: str) -> bytes:
    """Return the JSON of a refusal; its HTTP status is 200 all the same."""
    error = {"Code": refusal.code, "Message": refusal.message(language)}
    return _dump({"Response": {"Error": error, "RequestId": request_id}})


def unknown_job() -> dict[str, Any]:
    """Return the other thing that may be said of an unknown JobId: a job of which nothing is known."""
    return _fields("", "", code="", message="")


def job_state(job: Job, *, now: float, language: str, links: list[str]) -> dict[str, Any]:
    """Return the fields of a query's answer. `links` is one for each picture and is used only if the job is done."""
    status = job.status(now)
    fields = _fields(status, STATUS_WORDS[status], code="", message="")
    if status is Status.FAILED:
        fields |= {"JobErrorCode": job.error_code, "JobErrorMsg": message_of(job.error_code, language)}
    elif status is Status.DONE:
        fields |= _results(job, links)
    return _with_troubles(job, fields, status)


def stray_body(fault: Fault) -> tuple[int, str, bytes]:
    """Return status, content type and body of an answer that is not one of the API's."""
    if fault.trouble is Trouble.HTML:
        return fault.status, "text/html", _HTML.replace(b"502 Bad Gateway", f"{fault.status} Error".encode())
    if fault.trouble is Trouble.GARBAGE:
        return 200, JSON_TYPE, b'{"Response": {"JobId": "cut of'
    if fault.trouble is Trouble.EMPTY:
        return 200, JSON_TYPE, b""
    return 200, JSON_TYPE, _dump({"Response": {"RequestId": "x" * 10 * 1024 * 1024}})


def _fields(status: str, word: str, *, code: str, message: str) -> dict[str, Any]:
    return {
        "JobErrorCode": code,
        "JobErrorMsg": message,
        "JobStatusCode": str(status),
        "JobStatusMsg": word,
        "ResultDetails": [],
        "ResultImage": [],
        "RevisedPrompt": [],
    }


def _results(job: Job, links: list[str]) -> dict[str, Any]:
    details = ["Success"] * len(links)
    if Trouble.NONE in job.troubles:
        links, details = [], []
    elif Trouble.FEWER in job.troubles:
        links, details = links[:-1], details[:-1]
    elif Trouble.MIXED in job.troubles:
        links, details = [*links[:-1], ""], [*details[:-1], "Failed"]
    elif Trouble.MIXED_SHORT in job.troubles:
        links, details = links[:-1], [*details[:-1], "Failed"]
    revised = [] if Trouble.NO_REVISED in job.troubles else list(job.revised)
    return {"ResultDetails": details, "ResultImage": links, "RevisedPrompt": revised}


def _with_troubles(job: Job, fields: dict[str, Any], status: Status) -> dict[str, Any]:
    """Bend the status where a trouble says so; `done_answers` must not have counted this answer yet."""
    if Trouble.GOES_BACK in job.troubles and status is Status.DONE and job.done_answers == 1:
        return _fields(Status.RUNNING, STATUS_WORDS[Status.RUNNING], code="", message="")
    if Trouble.UNKNOWN_STATUS in job.troubles and status is Status.RUNNING:
        return {**fields, "JobStatusCode": "3"}
    if Trouble.INT_STATUS in job.troubles:
        return {**fields, "JobStatusCode": int(status)}
    return fields


def _dump(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()
