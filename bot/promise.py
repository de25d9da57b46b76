"""What was told of where a job stands is a promise: it moves back only with a reason. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.errors import Cause

KEPT = timedelta(minutes=1)
"""So much later changes nothing of what was told: clock times are told to the minute."""


class Moved(StrEnum):
    """Why a place or a time is later than the one that was told before."""

    OTHERS = "others"
    SLOWER = "slower"
    PAUSED = "paused"
    RESTARTED = "restarted"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a job stands: place in line (1 is next), the time it will be about ready, or why the lane is paused.

    `is_rough`: the place was reckoned, not counted. `moved`: why that is later than what was told before.
    """

    place: int | None = None
    about: datetime | None = None
    paused: Cause | None = None
    is_rough: bool = False
    moved: Moved | None = None


def kept(told: Standing | None, found: Standing, now: datetime) -> Standing:
    """What to tell, after what was told: what is better as it was found, a little later as told, later with a reason.

    A reason stays until the time is better than it was told with it, or drawing begins.
    """
    if told is None or found.paused is not None:
        return found
    if _is_behind(told, found):
        return replace(found, moved=Moved.OTHERS)
    if _is_later(told, found, now):
        return replace(found, moved=Moved.SLOWER if told.paused is None else Moved.PAUSED)
    if told.about is None or found.about is None:
        return replace(found, moved=_lasting(told, found))
    if found.about <= told.about - KEPT:
        return found
    return replace(found, about=min(told.about, found.about), moved=_lasting(told, found))


def remembered(told: Standing | None, shown: Standing) -> Standing:
    """What counts as told from now on. While the lane is paused neither places nor times are told."""
    if shown.paused is None:
        return shown
    return replace(told or Standing(), paused=shown.paused)


def _is_behind(told: Standing, found: Standing) -> bool:
    return told.place is not None and found.place is not None and found.place > told.place


def _is_later(told: Standing, found: Standing, now: datetime) -> bool:
    if told.about is None:
        return False
    if found.about is None:
        return True
    is_over = told.about < now and _minute(found.about) > _minute(told.about)
    return is_over or found.about > told.about + KEPT


def _lasting(told: Standing, found: Standing) -> Moved | None:
    return told.moved if (told.place is None) == (found.place is None) else None


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)
