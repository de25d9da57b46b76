"""Which part of which list of pictures is shown, as the buttons under it carry it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.slack.elements import units

MOST_VALUE = 1500
"""Slack takes 2000 characters; as many as that might be too much beside the list itself."""
_MOST_SHOWN = 10_000
_VALUE = re.compile(r"(\w+) ([0-9a-f]{1,32}|-) ?(.*)", re.DOTALL)


class Which(StrEnum):
    """The lists that have pages."""

    HISTORY = "history"
    WORDS = "words"
    WEEK = "week"
    MONTH = "month"


_COUNTED = frozenset({Which.WEEK, Which.MONTH})
"""Their order changes with every star: what comes next is told by how many were shown, not by which was the last."""


@dataclass(frozen=True, slots=True)
class Page:
    """A list from its beginning, or from what comes `after` a job (its id), or after so many of them."""

    which: Which
    words: str = ""
    after: str = ""

    @property
    def skipped(self) -> int:
        """How many were shown before, of a list that is counted."""
        is_number = self.which in _COUNTED and self.after.isdecimal()
        return min(int(self.after), _MOST_SHOWN) if is_number else 0

    def following(self, last: str, *, shown: int) -> Page:
        """What comes after this page, of which so many are shown, the last of that id."""
        return replace(self, after=str(self.skipped + shown) if self.which in _COUNTED else last)

    @property
    def first(self) -> Page:
        """The beginning of the same list."""
        return replace(self, after="")

    @property
    def value(self) -> str:
        """What a button carries; nothing for words too many to be carried."""
        value = f"{self.which} {self.after or '-'} {' '.join(self.words.split())}".rstrip()
        return value if units(value) <= MOST_VALUE else ""


def page_from(value: str) -> Page | None:
    """The page that a button carries, or None for what no button of ours carries."""
    found = _VALUE.fullmatch(value)
    if found is None or found[1] not in set(Which):
        return None
    return Page(Which(found[1]), found[3], "" if found[2] == "-" else found[2])
