"""Who may, and what counts as the same wish. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from bot.job import Job, TeamId, UserId
from bot.request import Request

TWIN = timedelta(seconds=3)
"""Two clicks by one person for the same thing within this time are one double click."""

_SKIN_TONE = re.compile(r"::skin-tone-\d$")


class Wish(StrEnum):
    """What a reaction asks for."""

    REROLL = "reroll"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Reactions:
    """Which emoji names mean what; a workspace may have its own."""

    reroll: frozenset[str]
    cancel: frozenset[str]

    def wish(self, name: str) -> Wish | None:
        """What the emoji asks for, its skin tone aside."""
        plain = _SKIN_TONE.sub("", name)
        if plain in self.reroll:
            return Wish.REROLL
        return Wish.CANCEL if plain in self.cancel else None


def owns(job: Job, *, team_id: TeamId, user_id: UserId) -> bool:
    """Whether the job is this person's: only they may cancel or delete it."""
    return job.team_id == team_id and job.user_id == user_id


def again(request: Request, *, exact: bool) -> Request:
    """The same wish for another picture: a new seed, and the exact words if asked for (or if they were before)."""
    return replace(request, seed=None, raw=request.raw or exact)
