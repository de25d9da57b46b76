"""What the steps of a job need of the world."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.clock import Clock
from bot.job import Job, JobId
from bot.ports import Chat, Images, Spool, Standing


@dataclass(frozen=True, slots=True)
class Work:
    """What the steps need."""

    chat: Chat
    images: Images
    spool: Spool
    clock: Clock
    standing: Callable[[Job], Awaitable[Standing]]
    job: Callable[[JobId], Awaitable[Job | None]]
    piece: Callable[[], Awaitable[None]]
    """Waited for before each of several things that could begin in the same moment."""
