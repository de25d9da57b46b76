"""What stands behind a flag: how many of the next words are its value, and what they say. Pure.

Every reader answers with a `Value`; `text` is canonical, or empty where the words say nothing legal.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from bot import shapes

MAX_COUNT = 4
MAX_REPEAT = 16
MAX_SEED = 4_294_967_295

_ENDS = "\"'“”‘’„「」『』,.;。、"
_COUNTS = {"one": "1", "two": "2", "three": "3", "four": "4", "一": "1", "二": "2", "两": "2", "三": "3", "四": "4"}
_COUNT = re.compile(r"[x×]?(\d{1,9}|[一二两三四]|one|two|three|four)[x×张幅]?")
_FACTOR = re.compile(r"[x×]?([24])[x×倍]?")
_LIKE_FACTOR = re.compile(r"[x×]?\d.*")
_QUOTES = (('"“”„＂', '"“”＂'), ("'‘’＇", "'‘’＇"), ("「", "」"), ("『", "』"))
_WRAPPED = re.compile(r"(\\*)(?:" + "|".join(f"[{opening}](.*)[{closing}]" for opening, closing in _QUOTES) + ")")


@dataclass(frozen=True, slots=True)
class Value:
    """The canonical text of a value (empty: not legal), and how many words it takes."""

    text: str
    used: int = 1


def folded(word: str) -> str:
    """A word without width, case, quotes and what ends a clause: `１６：９，` is `16:9`."""
    return unicodedata.normalize("NFKC", word).casefold().strip(_ENDS)


def sides(words: Sequence[str]) -> Value:
    """The fewest words that are a ratio or a size (`16:9`, `16 : 9`), else the first word; folded, legal or not."""
    for used in range(1, min(len(words), 3) + 1):
        value = folded("".join(words[:used]))
        if shapes.is_sides(value):
            return Value(value, used)
    return Value(folded(words[0]))


def count(word: str) -> Value:
    """How many pictures, 1 to 4, in figures or words."""
    found = _COUNT.fullmatch(folded(word))
    if found is None:
        return Value("")
    number = int(_COUNTS.get(found[1], found[1]))
    return Value(str(number) if 1 <= number <= MAX_COUNT else "")


def times(word: str) -> Value:
    """How many jobs, 1 to 16, in figures, or up to four in words."""
    found = re.fullmatch(r"[x×]?(\d{1,9}|[一二两三四]|one|two|three|four)[x×次]?", folded(word))
    if found is None:
        return Value("")
    number = int(_COUNTS.get(found[1], found[1]))
    return Value(str(number) if 1 <= number <= MAX_REPEAT else "")


def seed(word: str) -> Value:
    """A positive number that the provider takes."""
    value = folded(word)
    number = int(value) if re.fullmatch(r"\d{1,10}", value) else 0
    return Value(str(number) if 1 <= number <= MAX_SEED else "")


def factor(words: Sequence[str]) -> Value:
    """`x2` or `x4`; no words used if the first is nothing like a factor, as in `--hd in the rain`."""
    value = folded(words[0]) if words else ""
    if not _LIKE_FACTOR.fullmatch(value):
        return Value("x2", 0)
    found = _FACTOR.fullmatch(value)
    return Value(f"x{found[1]}" if found else "")


def unwrapped(text: str) -> str:
    r"""A text without the quotes around all of it. `\"so\"` is guarded: it keeps its quotes and loses the guard."""
    found = _WRAPPED.fullmatch(text)
    if found is None:
        return text
    if found[1]:
        return text[1:]
    return next(inner for inner in found.groups()[1:] if inner is not None).strip()


def wrapped_guarded(text: str) -> str:
    r"""The text with a `\` before quotes that `unwrapped` would take off."""
    return "\\" + text if _WRAPPED.fullmatch(text) else text
