"""How far one word is from another, and which known word a mistyped one is nearest to. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

LONGEST = 40  # characters that are compared; nobody mistypes more than that


def fold(text: str) -> str:
    """The letters and digits of a name, without width, case, blanks and punctuation: `Ink-Wash` is `inkwash`."""
    return "".join(char for char in unicodedata.normalize("NFKC", text).casefold() if char.isalnum())


def distance(one: str, other: str) -> int:
    """How many letters must be added, dropped, changed or swapped with their neighbour to get from one to the other."""
    one, other = one[:LONGEST], other[:LONGEST]
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, left in enumerate(one):
        oldest, before, row = before, row, [i + 1]
        for j, right in enumerate(other):
            step = min(before[j] + (left != right), before[j + 1] + 1, row[j] + 1)
            if i and j and left == other[j - 1] and one[i - 1] == right:
                step = min(step, oldest[j - 1] + 1)
            row.append(step)
    return row[-1]


def strangeness(word: str, known: str) -> float:
    """The distance in relation to the length: 0 is the same, 1 is nothing alike."""
    return distance(word, known) / max(len(word), len(known), 1)


def nearest(word: str, candidates: Iterable[str]) -> str:
    """The candidate that is nearest; the first of equals. There must be one."""
    return min(candidates, key=lambda known: strangeness(word, known))
