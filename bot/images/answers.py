"""Reads the provider's answers, tolerantly: its own page leaves partial results and unknown jobs open. Pure.

`JobStatusCode` is a string in the documents and a number in some replies; arrays that look parallel may differ in
length.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

_SUCCESS = "Success"
_NOT_IN_CODES = re.compile(r"[^\w.-]", re.ASCII)


class Status(StrEnum):
    """The status codes that the vendor names; there is no "3"."""

    WAITING = "1"
    RUNNING = "2"
    FAILED = "4"
    DONE = "5"


@dataclass(frozen=True, slots=True)
class Refusal:
    """`Response.Error`: the call was refused, and nothing was created."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class JobState:
    """A job as the provider tells it. Once it is done, `links` are the usable pictures, `revised` their prompts."""

    status: str
    code: str
    links: tuple[str, ...]
    revised: tuple[str, ...]


def refusal_of(response: Mapping[str, Any]) -> Refusal | None:
    """The error, if there is one."""
    error = response.get("Error")
    if not isinstance(error, Mapping):
        return None
    return Refusal(_code(error.get("Code")), _text(error.get("Message")))


def reference_of(response: Mapping[str, Any]) -> str:
    """The provider's request id, by which its support finds the call."""
    return _text(response.get("RequestId"))[:100]


def job_id_of(response: Mapping[str, Any]) -> str:
    """The job's name; empty if there is none. Opaque: its form differs between the vendor's own samples."""
    return _text(response.get("JobId"))


def state_of(response: Mapping[str, Any]) -> JobState:
    """The job's state; whatever is missing is empty."""
    status, code = _text(response.get("JobStatusCode")), _code(response.get("JobErrorCode"))
    if status != Status.DONE:
        return JobState(status, code, (), ())
    links = _texts(response.get("ResultImage"))
    details = _texts(response.get("ResultDetails"))
    revised = _texts(response.get("RevisedPrompt"))
    kept = _kept(links, details)
    return JobState(
        status=status,
        code=code,
        links=tuple(links[link] for link, _ in kept),
        revised=_without_blank_end([revised[place] if place < len(revised) else "" for _, place in kept]),
    )


def _kept(links: Sequence[str], details: Sequence[str]) -> list[tuple[int, int]]:
    """Which links are pictures that passed, each with its place among all the pictures that were drawn.

    Every picture has a detail, so with fewer links than details the links are those of the successes, if that adds up.
    A link without a detail is taken for good: nothing speaks against it.
    """
    good = [place for place, detail in enumerate(details) if detail == _SUCCESS]
    if len(links) < len(details) and len(good) == len(links):
        pairs = list(enumerate(good))
    else:
        pairs = [(at, at) for at in range(len(links)) if at >= len(details) or details[at] == _SUCCESS]
    return [(link, place) for link, place in pairs if links[link]]


def _without_blank_end(texts: list[str]) -> tuple[str, ...]:
    while texts and not texts[-1]:
        texts.pop()
    return tuple(texts)


def _texts(value: object) -> list[str]:
    if isinstance(value, list):
        return [_text(item) for item in value]
    return [value] if isinstance(value, str) and value else []


def _code(value: object) -> str:
    """Fit for a log line, whatever was sent."""
    return _NOT_IN_CODES.sub("", _text(value))[:100]


def _text(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value).strip()
