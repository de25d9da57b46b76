"""What a text can be found by: its words, and for scripts without blanks every pair of neighbours. Pure."""

from __future__ import annotations

import re
import unicodedata

MOST_TERMS = 400
_HAN = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_RUN = re.compile(rf"[{_HAN}]+|[^\W_{_HAN}]+")
_IS_HAN = re.compile(f"[{_HAN}]")


def terms(text: str) -> tuple[str, ...]:
    """The terms to store for a text, each once, in order: `雨中竹林 fox` is 雨 雨中 中 中竹 竹 竹林 林 fox."""
    found: dict[str, None] = {}
    for run in _runs(text):
        if _IS_HAN.match(run):
            for i, char in enumerate(run):
                found[char] = None
                if i + 1 < len(run):
                    found[run[i : i + 2]] = None
        else:
            found[run] = None
    return tuple(found)[:MOST_TERMS]


def wanted(text: str) -> tuple[str, ...]:
    """The terms that a text must have to be found by this one: its words, and its pairs of neighbours."""
    found: dict[str, None] = {}
    for run in _runs(text):
        if _IS_HAN.match(run) and len(run) > 1:
            found |= dict.fromkeys(run[i : i + 2] for i in range(len(run) - 1))
        else:
            found[run] = None
    return tuple(found)


def _runs(text: str) -> list[str]:
    return _RUN.findall(unicodedata.normalize("NFKC", text).casefold())
