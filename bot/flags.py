r"""Where the flags are in a line: `a cat --ar 16:9` is `a cat`, then `--ar` with ` 16:9` behind it. Pure.

A flag is two dashes, or one long one (telephones make `—` of `--`), and a name, at the start of a word; a known name
may also follow a Chinese character, a digit or a closing mark (`竹林--ar 16:9`), a Chinese name anything. A long dash
before what no flag is called is prose. `\--ar` is the text `--ar`, `\\--ar` is `\--ar`, and so on.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from bot.spelling import distance, nearest


class Flag(StrEnum):
    """What can be asked for, by the name that a recipe uses."""

    SHAPE = "ar"
    COUNT = "n"
    STYLE = "style"
    NEGATIVE = "no"
    SEED = "seed"
    CLARITY = "hd"
    RAW = "raw"
    REPEAT = "repeat"
    PRIVATE = "private"
    LIKE = "like"


ALIASES: dict[str, Flag] = {
    **dict.fromkeys(("ar", "aspect", "size", "shape", "ratio", "比例", "尺寸", "形状", "画幅"), Flag.SHAPE),
    **dict.fromkeys(("n", "count", "num", "number", "数量", "张数"), Flag.COUNT),
    **dict.fromkeys(("style", "风格", "画风"), Flag.STYLE),
    **dict.fromkeys(("no", "negative", "without", "不要", "反向"), Flag.NEGATIVE),
    **dict.fromkeys(("seed", "种子"), Flag.SEED),
    **dict.fromkeys(("hd", "clarity", "upscale", "高清", "清晰度"), Flag.CLARITY),
    **dict.fromkeys(("raw", "exact", "原话", "原文"), Flag.RAW),
    **dict.fromkeys(("repeat", "times", "重复", "次数"), Flag.REPEAT),
    **dict.fromkeys(("private", "secret", "私密", "仅自己"), Flag.PRIVATE),
    **dict.fromkeys(("like", "参考", "像"), Flag.LIKE),
}

CHINESE: dict[Flag, str] = {
    flag: next(name for name, known in ALIASES.items() if known is flag and not name.isascii()) for flag in Flag
}
"""What each is called to somebody who reads Chinese."""

_CHINESE = sorted((name for name in ALIASES if not name.isascii()), key=len, reverse=True)
_WIDTHS = {0xFF01 + i: 0x21 + i for i in range(94)}
_PLAIN = _WIDTHS | dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2212\ufe63\uff0d"), "-")
_PLAIN |= dict.fromkeys(map(ord, "–―⸺⸻﹘"), "—")  # each is one character for one: places stay the same
_MARK = re.compile(r"(?<!\\)(\\*)(?<![-—])(—|[-—]{2,})([^\W\d_]+(?:[-_][^\W\d_]+)*)")
_JOINERS = "\u200c\u200d"
_CLOSING = frozenset(",.;:!?)]}\"'”’」』】》，。；：！？、）…")


@dataclass(frozen=True, slots=True)
class Found:
    """A flag as typed, and the text from there to the next one. `assigned`: with `=`, as in `--n=2`."""

    name: str
    tail: str
    assigned: bool = False

    @property
    def flag(self) -> Flag | None:
        """Which one it is, if it is one."""
        return ALIASES.get(self.name.lower())


@dataclass(frozen=True, slots=True)
class Line:
    """The text before the first flag, and the flags in order."""

    head: str
    found: tuple[Found, ...]


def split(text: str) -> Line:
    """Take the line apart, guards off."""
    plain = text if text.isascii() else text.translate(_PLAIN)
    if "--" not in plain and "—" not in plain:
        return Line(text, ())
    pieces: list[str] = [""]
    names: list[str] = []
    at = 0
    for mark in _MARK.finditer(plain):
        name = _name(mark, plain)
        if not name:
            continue
        pieces[-1] += text[at : mark.start()]
        at = mark.start() + 1
        if not mark[1]:
            names.append(name)
            pieces.append("")
            at = mark.start(3) + len(name)
    pieces[-1] += text[at:]
    return Line(pieces[0], tuple(map(_found, names, pieces[1:])))


def guarded(text: str) -> str:
    r"""The text with a `\` before whatever `split` would take for a flag."""
    plain = text.translate(_PLAIN)
    starts = [mark.start() for mark in _MARK.finditer(plain) if _name(mark, plain)]
    ends = [*starts, len(text)]
    return "\\".join(text[start:end] for start, end in zip([0, *starts], ends, strict=True))


def suggestion(name: str) -> str:
    """The flag that an unknown one is nearest to, with its dashes."""
    lower = name.lower()
    first = re.split("[-_]", lower)[0]
    return "--" + (first if first in ALIASES else nearest(lower, ALIASES))


def _found(name: str, tail: str) -> Found:
    sign = tail[:1].translate(_PLAIN)
    if sign and sign in "=:":
        return Found(name, tail[1:], assigned=sign == "=")
    return Found(name, tail)


def _name(mark: re.Match[str], plain: str) -> str:
    """The name of the flag that stands there, known or not; empty if it is text."""
    before = plain[mark.start() - 1] if mark.start() else " "
    dashes, letters = mark[2], mark[3]
    known = _known(letters, plain[mark.end() : mark.end() + 1])
    if before == " ":
        return known or (letters if "-" in dashes or _is_near(letters.lower()) else "")
    if "—" in dashes and not known.isascii():
        return ""  # 他说——不要走
    return known if _may_end(before) or (known and not known.isascii() and before not in _JOINERS) else ""


def _may_end(before: str) -> bool:
    """Whether a flag may follow this character without a blank: `竹林--ar`, `fox,--ar`, `16:9--n 2`."""
    return before in _CLOSING or before.isdecimal() or unicodedata.east_asian_width(before) in "WF"


def _known(letters: str, after: str) -> str:
    """The part of the letters that is a flag's name: `hd` of `hdx` in `--hdx2`, `风格` of `风格水墨`."""
    lower = letters.lower()
    if lower in ALIASES:
        return letters
    if lower[-1] == "x" and lower[:-1] in ALIASES and after.isdecimal():
        return letters[:-1]
    return next((name for name in _CHINESE if lower.startswith(name)), "")


def _is_near(name: str) -> bool:
    """Whether a word is so much like a flag that it was hardly meant as prose."""
    return len(name) > 3 and any(distance(name, known) < 2 for known in ALIASES)
