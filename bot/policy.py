"""Who may, and what counts as the same wish. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from bot.form import WITH_REFERENCE
from bot.job import Job, Kind, State, TeamId, UserId
from bot.request import Clarity, Request, Shape

TWIN = timedelta(seconds=3)
"""Two clicks by one person for the same thing within this time are one double click."""

_SKIN_TONE = re.compile(r"::skin-tone-\d$")


class Wish(StrEnum):
    """What a reaction asks for."""

    REROLL = "reroll"
    CANCEL = "cancel"
    ILLUSTRATE = "illustrate"
    STAR = "star"
    VOTE = "vote"


@dataclass(frozen=True, slots=True)
class Reactions:
    """Which emoji names mean what; a workspace may have its own."""

    reroll: frozenset[str]
    cancel: frozenset[str]
    illustrate: frozenset[str] = frozenset()
    star: frozenset[str] = frozenset()
    vote: frozenset[str] = frozenset()

    def wish(self, name: str) -> Wish | None:
        """What the emoji asks for, its skin tone aside."""
        plain = _SKIN_TONE.sub("", name)
        if plain in self.reroll:
            return Wish.REROLL
        if plain in self.illustrate:
            return Wish.ILLUSTRATE
        if plain in self.star:
            return Wish.STAR
        if plain in self.vote:
            return Wish.VOTE
        return Wish.CANCEL if plain in self.cancel else None


def owns(job: Job, *, team_id: TeamId, user_id: UserId) -> bool:
    """Whether the job is this person's: only they may cancel or delete it."""
    return job.team_id == team_id and job.user_id == user_id


def is_unasked(job: Job) -> bool:
    """Whether nobody waits for it: a copy that a star or a vote had made, not somebody's press."""
    return job.kind is Kind.COPY and job.reply_url is None


def may_hang(job: Job, *, by: UserId) -> bool:
    """Whether this person's star may show it to everybody: what all can see anyway, or what is their own."""
    return job.public or job.user_id == by


NEVER_SHOWN = frozenset({State.FAILED, State.CANCELLED})
"""Ends of a copy after which it may be tried again, though it is to be shown once."""
SHOWN_NO_MORE = NEVER_SHOWN | {State.DELETING, State.DELETED}
"""The same for what its owner shows again after having deleted it."""


def again(request: Request, *, exact: bool) -> Request:
    """The same wish for another picture: a new seed, and the exact words if asked for (or if they were before)."""
    return replace(request, seed=None, raw=request.raw or exact)


def varied(request: Request, reference: str) -> Request:
    """One picture of the same wish, drawn after a picture, in the nearest shape that the provider draws so.

    Beside a reference the provider always rewrites, so no word is said of exact ones.
    """
    shape = request.shape if request.shape in WITH_REFERENCE else _NEAREST[request.shape]
    return replace(request, seed=None, reference=reference, shape=shape, count=1, raw=False)


def may_be_exact(request: Request) -> bool:
    """Whether exact words would change anything: beside a reference picture the provider always rewrites."""
    return not request.raw and not request.reference


def sharpened(request: Request) -> Request | None:
    """The same picture with more pixels; None where it would be another: only a seed in exact words draws it again."""
    if request.seed is None or not request.raw or request.clarity is not None or request.reference:
        return None
    return replace(request, clarity=Clarity.X2)


_NEAREST = {
    Shape.TALL_9_16: Shape.PORTRAIT_3_4,
    Shape.TALL_3_5: Shape.PORTRAIT_3_4,
    Shape.WIDE_16_9: Shape.LANDSCAPE_4_3,
    Shape.WIDE_5_3: Shape.LANDSCAPE_4_3,
}
