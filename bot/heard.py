"""A command as it came, stored and acknowledged before anybody looked into it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.job import TeamId


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What Slack said, and when we heard it. `(team_id, kind, key)` says which of Slack's deliveries it is.

    `form`: the fields as Slack writes them, `application/x-www-form-urlencoded`. `mark` tells two tries to store the
    same delivery apart. `number`: its place among all that was heard, once it is stored.
    """

    team_id: TeamId
    enterprise_id: str | None
    kind: str
    key: str
    at: datetime
    form: str
    mark: str
    number: int = 0


class HeardStore(Protocol):
    """The rows of what was heard. Every write is on disk when the call returns."""

    async def hear(self, heard: Heard) -> None:
        """Commit it; the same delivery again changes nothing.

        Raises `NotAccepted` if it could not be committed in time (1.5 s); then it is not and will not be stored.
        """

    async def claim(self, now: datetime, *, owner: str, lease: timedelta, limit: int) -> Sequence[Heard]:
        """Take a lease on what was heard first and nobody looks into; in the order in which it was heard."""

    async def settle(self, heard: Heard) -> None:
        """Forget it: what it asked for was done, or its asker was told why not."""
