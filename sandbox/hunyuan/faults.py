"""Faults on demand: what may go wrong with a call, with a job or with a picture, and how often it shall."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


class Trouble(StrEnum):
    """One way to go wrong. The first group strikes a call, the second a job, the third the download of a picture."""

    CODE = "code"
    HTML = "html"
    GARBAGE = "garbage"
    EMPTY = "empty"
    HUGE = "huge"
    CHARSET = "charset"
    HANG = "hang"
    CUT = "cut"

    FAIL = "fail"
    SLOW = "slow"
    STUCK_WAITING = "stuck-waiting"
    STUCK_RUNNING = "stuck-running"
    INT_STATUS = "int-status"
    UNKNOWN_STATUS = "unknown-status"
    GOES_BACK = "goes-back"
    FEWER = "fewer"
    NONE = "none"
    MIXED = "mixed"
    MIXED_SHORT = "mixed-short"
    NO_REVISED = "no-revised"
    EXPIRED_ONCE = "expired-once"
    EXPIRED_ALWAYS = "expired-always"
    BROKEN_PICTURE = "broken-picture"

    PICTURE_HTML = "picture-html"
    PICTURE_EMPTY = "picture-empty"
    PICTURE_TRUNCATED = "picture-truncated"
    PICTURE_TEXT = "picture-text"
    PICTURE_BOMB = "picture-bomb"
    PICTURE_REDIRECT = "picture-redirect"
    PICTURE_STATUS = "picture-status"
    PICTURE_CUT = "picture-cut"
    PICTURE_HANG = "picture-hang"


DESCRIPTIONS: Final[Mapping[Trouble, str]] = {
    Trouble.CODE: "answers with an error code",
    Trouble.HTML: "answers with an HTTP status and an HTML page",
    Trouble.GARBAGE: "answers 200 with a body that is not JSON",
    Trouble.EMPTY: "answers 200 with nothing",
    Trouble.HUGE: "answers 200 with 10 MB of JSON",
    Trouble.CHARSET: "adds a charset to the content type, which blinds the vendor's own SDK to errors",
    Trouble.HANG: "says nothing until it is released",
    Trouble.CUT: "cuts the connection",
    Trouble.FAIL: 'the job fails (status "4") with an error code',
    Trouble.SLOW: "the job takes six times as long",
    Trouble.STUCK_WAITING: "the job waits until it is released",
    Trouble.STUCK_RUNNING: "the job runs until it is released",
    Trouble.INT_STATUS: "the job's status code comes as a number",
    Trouble.UNKNOWN_STATUS: 'the job is in status "3" while it runs',
    Trouble.GOES_BACK: "the job is done, then runs again in the next answer, then is done",
    Trouble.FEWER: "the job is done with one picture too few",
    Trouble.NONE: "the job is done without pictures",
    Trouble.MIXED: "the job is done; the last picture failed and its link is empty",
    Trouble.MIXED_SHORT: "the job is done; the last picture failed and only the others have links",
    Trouble.NO_REVISED: "the job is done without rewritten prompts",
    Trouble.EXPIRED_ONCE: "the first links that are given have expired already",
    Trouble.EXPIRED_ALWAYS: "every link that is given has expired already",
    Trouble.BROKEN_PICTURE: "the first download of each picture is an HTML page",
    Trouble.PICTURE_HTML: "the picture is an HTML page",
    Trouble.PICTURE_EMPTY: "the picture has no bytes",
    Trouble.PICTURE_TRUNCATED: "the picture ends half-way",
    Trouble.PICTURE_TEXT: "the picture is plain text that calls itself a PNG",
    Trouble.PICTURE_BOMB: "the picture says that it is 30,000 pixels wide and high",
    Trouble.PICTURE_REDIRECT: "the link leads to another host",
    Trouble.PICTURE_STATUS: "the link answers with an HTTP status and an XML error",
    Trouble.PICTURE_CUT: "the connection is cut half-way through the picture",
    Trouble.PICTURE_HANG: "the link says nothing until it is released",
}

_MEMBERS: Final = tuple(Trouble)
CALL_TROUBLES: Final = frozenset(_MEMBERS[: _MEMBERS.index(Trouble.FAIL)])
JOB_TROUBLES: Final = frozenset(_MEMBERS[_MEMBERS.index(Trouble.FAIL) : _MEMBERS.index(Trouble.PICTURE_HTML)])
PICTURE_TROUBLES: Final = frozenset(_MEMBERS[_MEMBERS.index(Trouble.PICTURE_HTML) :])


@dataclass(frozen=True, slots=True)
class Fault:
    """A trouble, the `code` for CODE and FAIL, an HTTP `status`, and whether the call has its effect first."""

    trouble: Trouble
    code: str = "FailedOperation.InnerError"
    status: int = 502
    after: bool = False


@dataclass(slots=True)
class _Entry:
    fault: Fault
    action: str
    left: int | None


@dataclass(slots=True)
class Faults:
    """The faults that are waiting to happen. `times=None` means until they are cleared."""

    _entries: list[_Entry] = field(default_factory=list)
    holding: int = 0
    """How many calls and downloads hang at this moment."""
    _gate: asyncio.Event = field(default_factory=asyncio.Event)

    def on_calls(self, action: str, fault: Fault, *, times: int | None = 1) -> None:
        """Let the next `times` calls of `action` (`*` for any) meet `fault`."""
        self._add(fault, action, times, CALL_TROUBLES)

    def on_jobs(self, fault: Fault, *, times: int | None = 1) -> None:
        """Let the next `times` accepted jobs meet `fault`; several different faults may strike one job."""
        self._add(fault, "*", times, JOB_TROUBLES)

    def on_pictures(self, fault: Fault, *, times: int | None = 1) -> None:
        """Let the next `times` downloads meet `fault`."""
        self._add(fault, "*", times, PICTURE_TROUBLES)

    def on(self, fault: Fault, *, action: str = "*", times: int | None = 1) -> None:
        """Do whichever of the three fits the trouble; for a page that has one list of switches."""
        self._add(fault, action, times, frozenset(Trouble))

    def clear(self) -> None:
        """Forget every fault that has not happened yet."""
        self._entries.clear()

    def pending(self) -> list[dict[str, str | int | None]]:
        """Return what is still waiting to happen, as JSON values."""
        return [
            {"trouble": e.fault.trouble, "code": e.fault.code, "action": e.action, "left": e.left}
            for e in self._entries
        ]

    def for_call(self, action: str) -> Fault | None:
        """Take the fault that this call shall meet, if any."""
        return next(iter(self._take(CALL_TROUBLES, action, 1)), None)

    def for_job(self) -> tuple[Fault, ...]:
        """Take the faults that this job shall meet, one of each kind of trouble."""
        return tuple(self._take(JOB_TROUBLES, "*", None))

    def for_picture(self) -> Fault | None:
        """Take the fault that this download shall meet, if any."""
        return next(iter(self._take(PICTURE_TROUBLES, "*", 1)), None)

    async def held(self) -> None:
        """Wait until `release` is called."""
        self.holding += 1
        try:
            await self._gate.wait()
        finally:
            self.holding -= 1

    def release(self) -> None:
        """Let everything go on that hangs at this moment."""
        self._gate.set()
        self._gate = asyncio.Event()

    def _add(self, fault: Fault, action: str, times: int | None, allowed: Iterable[Trouble]) -> None:
        if fault.trouble not in allowed:
            raise ValueError(f"{fault.trouble} cannot happen there")
        self._entries.append(_Entry(fault, action, times))

    def _take(self, troubles: Iterable[Trouble], action: str, most: int | None) -> list[Fault]:
        taken: dict[Trouble, Fault] = {}
        for entry in tuple(self._entries):
            fits = entry.fault.trouble in troubles and entry.action in {"*", action}
            if not fits or entry.fault.trouble in taken:
                continue
            if most is not None and len(taken) >= most:
                break
            taken[entry.fault.trouble] = entry.fault
            self._count_down(entry)
        return list(taken.values())

    def _count_down(self, entry: _Entry) -> None:
        if entry.left is None:
            return
        entry.left -= 1
        if entry.left <= 0:
            self._entries.remove(entry)
