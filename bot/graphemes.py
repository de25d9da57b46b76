"""Where a text can be cut: never inside what its reader sees as one character. Pure.

The part of Unicode's rules (UAX 29) that people's texts meet: marks, joiners, skin tones, flags, tags, Korean and
Indic syllables.
"""

from __future__ import annotations

import unicodedata

_LONGEST = 32
"""Code points of the longest character that is kept whole; emoji have ten at most."""
_JOINERS = frozenset("\u200c\u200d")
_MARKS = frozenset({"Mn", "Mc", "Me"})
_VIRAMA = 9
_EXTENDING = ((0x1F3FB, 0x1F3FF), (0xE0020, 0xE007F))  # skin tones, tags
_FLAGS = (0x1F1E6, 0x1F1FF)
_LEADING = ((0x1100, 0x115F), (0xA960, 0xA97C))
_TRAILING = ((0x1160, 0x11FF), (0xD7B0, 0xD7FB))
_SYLLABLES = (0xAC00, 0xD7A3)


def cut(text: str, at: int) -> str:
    """The first `at` code points, less those of a character that would be broken; of an endless one, all of them."""
    if at >= len(text):
        return text
    end = at
    while end > max(0, at - _LONGEST) and _is_inside(text, end):
        end -= 1
    return text[:at] if end == 0 or _is_inside(text, end) else text[:end]


def clipped(text: str, most: int) -> str:
    """The text in `most` code points, with an ellipsis if it was longer."""
    return text if len(text) <= most else cut(text, most - 1) + "…"


def _is_inside(text: str, at: int) -> bool:
    """Whether one character stands on both sides of this place."""
    before, after = text[at - 1], text[at]
    if before.isascii() and after.isascii():
        return before == "\r" and after == "\n"
    return _clings(after) or _draws(before, after) or _halves_flag(text, at)


def _clings(after: str) -> bool:
    """Whether it belongs to whatever stands before it."""
    return after in _JOINERS or unicodedata.category(after) in _MARKS or _among(after, *_EXTENDING, *_TRAILING)


def _draws(before: str, after: str) -> bool:
    """Whether it draws to itself what comes next."""
    if before == "\u200d":
        return True
    if _among(before, *_LEADING):
        return _among(after, *_LEADING, _SYLLABLES)
    return unicodedata.combining(before) == _VIRAMA and after.isalpha()


def _halves_flag(text: str, at: int) -> bool:
    """Flags are pairs, counted from where their row begins."""
    if not (_among(text[at], _FLAGS) and _among(text[at - 1], _FLAGS)):
        return False
    begin = at
    while begin > 0 and _among(text[begin - 1], _FLAGS):
        begin -= 1
    return (at - begin) % 2 == 1


def _among(char: str, *ranges: tuple[int, int]) -> bool:
    return any(first <= ord(char) <= last for first, last in ranges)
