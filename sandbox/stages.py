"""The words of a timeline: stages, asks, provider jobs and Slack jobs, as plain data without clock or file."""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Stage(StrEnum):
    """The moments of a job's life, in the order in which they happen."""

    ASKED = "asked"
    QUEUED = "queued"
    SENT = "sent"
    RUNNING = "running"
    DONE = "done"
    FETCHED = "fetched"
    UPLOADED = "uploaded"
    DELIVERED = "delivered"


@dataclass(slots=True)
class Ask:
    """What a person did that may become a job: a command, a message, a click, a reaction or a form.

    `thread` is None beside all threads. "" says that the place isn't known, for `channel` and `thread` alike.
    """

    at: float
    channel: str
    user: str
    text: str
    thread: str | None
    trigger_id: str | None = None
    answered: bool = False

    @property
    def words(self) -> str:
        """The prompt as it was typed; empty for what was only pressed."""
        return words_of(self.text)


@dataclass(slots=True)
class Provided:
    """One job at the image API."""

    id: str
    prompt: str
    count: int
    marks: dict[Stage, float]
    pictures: list[str] = field(default_factory=list)
    fetched: set[str] = field(default_factory=set)
    polls: int = 0
    code: str | None = None


@dataclass(slots=True)
class Job:
    """One job as the channel sees it, with the Unix time in seconds of every stage it has reached."""

    key: str
    channel: str
    ts: str
    thread: str
    text: str
    user: str | None
    marks: dict[Stage, float]
    again: bool = False
    named: bool = False
    prompt: str = ""
    provider: str | None = None
    certain: bool = False
    submits: int = 0
    polls: int = 0
    expected: int = 0
    files: list[str] = field(default_factory=list)
    copies: int = 0
    share_ts: str | None = None
    problem: str | None = None
    said: list[str] = field(default_factory=list)

    @property
    def delivered(self) -> bool:
        """Whether the pictures are visible in the thread."""
        return Stage.DELIVERED in self.marks

    @property
    def shown(self) -> bool:
        """Whether this is surely a job: its message names it, or something was drawn for it."""
        return self.named or self.provider is not None

    @property
    def title(self) -> str:
        """What is drawn, as far as it is known: the prompt, or what its message announces in its first line."""
        first = html.unescape(self.text.partition("\n")[0])
        return self.prompt or re.sub(r"^[^:\uff1a]*[:\uff1a]\s*(?=\S)", "", first)

    def seconds(self) -> dict[str, float]:
        """Stage by stage, how many seconds after the ask (or after the first thing seen) it was reached."""
        start = min(self.marks.values(), default=0.0)
        return {stage.value: round(self.marks[stage] - start, 3) for stage in Stage if stage in self.marks}

    def json(self) -> dict[str, Any]:
        """Plain values for the page."""
        return {
            "key": self.key,
            "channel": self.channel,
            "thread": self.thread,
            "user": self.user,
            "again": self.again,
            "prompt": self.title,
            "provider": self.provider,
            "certain": self.certain,
            "submits": self.submits,
            "polls": self.polls,
            "expected": self.expected,
            "pictures": len(self.files),
            "copies": self.copies,
            "problem": self.problem,
            "marks": {stage.value: self.marks[stage] for stage in Stage if stage in self.marks},
            "seconds": self.seconds(),
        }


def plain(text: str) -> str:
    """A form of `text` in which a prompt and its echo compare equal: unescaped, NFKC, one space, no case."""
    return " ".join(unicodedata.normalize("NFKC", html.unescape(text)).casefold().split())


def words_of(command: str) -> str:
    """The prompt as it was typed: without `/imagine` or a mention before it, up to the first flag."""
    text = re.sub(r"^\s*(/\S+|<@\w+>)\s*", "", html.unescape(command).replace("\u2014", "--"))
    return f" {text}".split(" --")[0].strip()


def job_id(metadata: dict[str, Any] | None) -> str | None:
    """The job that a message's metadata names, if it is the bot's own kind of metadata."""
    if not metadata or metadata.get("event_type") != "imagine_job":
        return None
    payload = metadata.get("event_payload") or {}
    found = payload.get("job_id") or payload.get("job") or payload.get("id")
    return str(found) if found is not None else None
