r"""One line that asks for several: `a {red, blue} fox` is `a red fox` and `a blue fox`. Pure.

Groups may hold flags and groups, and stand in any number; a pair of braces without a comma in it is text. `\{a, b}` is
the text `{a, b}`, `\\{a, b}` is `\{a, b}`, and so on. Full-width braces and Chinese commas count as well.
"""

from __future__ import annotations

import re

MOST = 16
"""Asks that one line may become."""

_OPEN, _CLOSE = "{｛", "}｝"
_GROUP = re.compile(rf"[{_OPEN}]([^{_OPEN}{_CLOSE}]*[,，、][^{_OPEN}{_CLOSE}]*)[{_CLOSE}]")
_SEPARATOR = re.compile("[,，、]")
_GUARDED = re.compile(rf"\\(\\*)([{_OPEN}{_CLOSE}])")
_BRACE = re.compile(rf"\\*[{_OPEN}{_CLOSE}]")
_HIDDEN = {ord(brace): chr(0xE000 + i) for i, brace in enumerate(_OPEN + _CLOSE)}
_SHOWN = {ord(hidden): chr(brace) for brace, hidden in _HIDDEN.items()}


class TooManyError(Exception):
    """The line asks for more than `MOST`."""


def expand(text: str) -> tuple[str, ...]:
    """Every line that the text stands for, the first alternatives first; itself alone if it holds no group.

    Raises `TooManyError`.
    """
    lines = {_GUARDED.sub(lambda guard: guard[1] + guard[2].translate(_HIDDEN), text): None}
    while any(_GROUP.search(line) for line in lines):
        lines = dict.fromkeys(variant for line in lines for variant in _variants(line))
        if len(lines) > MOST:
            raise TooManyError
    return tuple(line.translate(_SHOWN) for line in lines)


def guarded(text: str) -> str:
    r"""The text with a `\` before its braces if `expand` would otherwise change it."""
    if not _GROUP.search(text) and not _GUARDED.search(text):
        return text
    return _BRACE.sub(lambda brace: "\\" + brace[0], text)


def _variants(line: str) -> list[str]:
    """The line with its first innermost group replaced by each of its alternatives."""
    group = _GROUP.search(line)
    assert group is not None  # alternatives hold no comma, so all lines have as many groups
    before, after = line[: group.start()], line[group.end() :]
    return [before + each.strip() + after for each in _SEPARATOR.split(group[1])]
