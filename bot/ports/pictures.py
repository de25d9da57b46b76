"""Where pictures come from, and where their bytes wait."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Protocol

from bot.errors import Cause
from bot.job import Picture, ProviderJobId
from bot.request import Request


@dataclass(frozen=True, slots=True)
class Waiting:
    """The provider has the job and has not begun."""


@dataclass(frozen=True, slots=True)
class Running:
    """The provider draws."""


@dataclass(frozen=True, slots=True)
class Done:
    """The pictures exist. `links` may be fewer than asked for; they die at `die_at`."""

    links: tuple[str, ...]
    die_at: datetime
    revised: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Broken:
    """The provider gave up; `redraw` says whether one more try is worth its price."""

    code: str
    cause: Cause
    redraw: bool
    reference: str = ""


Progress = Waiting | Running | Done | Broken


@dataclass(frozen=True, slots=True)
class Photo:
    """What a fetched and checked picture is; its bytes lie where they were fetched to, as the provider made them."""

    mime: str
    width: int
    height: int
    size: int
    sha256: str


Sized = Callable[[int, str], None]
"""Hears how long a picture will be and of which type, as soon as its first bytes are here."""


class Images(Protocol):
    """An asynchronous image API."""

    async def submit(self, request: Request) -> ProviderJobId:
        """Send it once. Raises `SlotTaken`, `Throttled`, `Unavailable` (proven not created), `OutcomeUnknown`,
        `Rejected` or `LaneDown`.
        """

    async def query(self, job: ProviderJobId) -> Progress:
        """Look. Raises `Unavailable`, `Throttled`, `Rejected` (the job is lost) or `LaneDown`."""

    async def fetch(self, link: str, into: BinaryIO, *, sized: Sized) -> Photo:
        """Download one picture into a file and check it. `sized` is called at most once a try, if the length is known.

        Raises `LinksExpired`, `Unavailable`, or `Rejected` (not a picture).
        """

    async def probe(self) -> None:
        """Find out for free whether the account works: a query of a job that does not exist. Raises `LaneDown` or
        `Unavailable`.
        """


class Spool(Protocol):
    """Where bytes wait between the provider and Slack."""

    def draft(self) -> AbstractAsyncContextManager[BinaryIO]:
        """A file for bytes on their way here; what is not put is forgotten."""

    async def put(self, key: str, draft: BinaryIO) -> None:
        """Have the draft's bytes found under the key from now on: all of them, or those that were there before.

        A crash of the program cannot lose them; a power cut can, and is told by `read`.
        """

    def read(self, picture: Picture) -> AsyncIterator[bytes]:
        """The picture's bytes, in pieces. Raises `Gone` before the last piece if they are not what they were."""

    async def drop(self, prefix: str) -> None:
        """Forget everything under the prefix."""

    async def sweep(self, before: datetime) -> int:
        """Forget what was stored before then and nobody dropped; how many objects that were."""


Read = Callable[[Picture], AsyncIterator[bytes]]
"""Opens the bytes of a picture, in pieces; again for each try."""
