"""What a text can be found by: words without endings, emoji by name, scripts without blanks by pairs. Pure.

The same is done to what is stored and to what is looked for. Once that changes, what was stored before is not found any
more: it needs a migration that stores it anew, as `store/migrations/versions/0005_terms_anew.py` does.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

MOST_TERMS = 2400
"""More than the longest prompt has, two for each of its characters; what the provider made of it comes after that."""
MOST_TERM = 64
"""Characters of a term: longer words are known by their beginning."""

_PAIRED = (
    "\u1100-\u11ff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
_PICTURED = (
    "\u2190-\u21ff\u2300-\u23ff\u2460-\u27bf\u2900-\u297f\u2b00-\u2bff"
    "\U0001f000-\U0001f1e5\U0001f200-\U0001f3fa\U0001f400-\U0001faff"
)
_LETTERS = "\U0001f1e6-\U0001f1ff"
_TONES = "\U0001f3fb-\U0001f3ff"
_DRESS = f"[{_TONES}\ufe0e\ufe0f\U000e0020-\U000e007f]*"
_ONE = f"[{_PICTURED}]{_DRESS}"
_RUN = re.compile(
    f"(?P<paired>[{_PAIRED}]+)|(?P<emoji>[{_LETTERS}]{{2}}|{_ONE}(?:\u200d{_ONE})*)|(?P<word>[^\\W_{_PAIRED}]+)"
)
_SKIN = re.compile(":skin-tone-[2-6]:")
_UNDRESSED = re.compile(f"[{_TONES}\ufe0e\ufe0f]")
_ACCENTS = re.compile("[\u0300-\u036f]")
_SHOWN = re.compile(f"[{_PICTURED}]")
_ENGLISH = re.compile("[a-z]{3,}")
_NAME = re.compile("[a-z0-9]+")
_VOWEL = re.compile("[aeiouy]")
_UNSAID = frozenset({"face", "with", "of", "and", "sign", "symbol"})
"""In the name of an emoji, not always in Slack's name for it (🐱 is CAT FACE and `:cat:`)."""


def terms(text: str) -> tuple[str, ...]:
    """The terms to store for a text, each once, in order: `雨竹, foxes 🦊` is 雨 雨竹 竹 fox 🦊 fac."""
    found: dict[str, None] = {}
    for kind, run in _runs(text):
        if kind == "paired":
            for i in range(len(run)):
                found |= {run[i]: None, run[i : i + 2]: None}
        elif kind == "emoji":
            found |= dict.fromkeys((run, *map(_stem, _named(run))))
        else:
            found[run] = None
    return tuple(found)[:MOST_TERMS]


def wanted(text: str) -> tuple[str, ...]:
    """The terms that a text must have to be found by this one.

    An emoji is looked for by the words of its name, if it is a simple one: Slack writes `:fox_face:` for it, too.
    """
    found: dict[str, None] = {}
    for kind, run in _runs(text):
        if kind == "paired" and len(run) > 1:
            found |= dict.fromkeys(run[i : i + 2] for i in range(len(run) - 1))
        elif kind == "emoji" and len(run) == 1:
            found |= dict.fromkeys([_stem(name) for name in _named(run) if name not in _UNSAID] or [run])
        else:
            found[run] = None
    return tuple(found)


def _runs(text: str) -> Iterator[tuple[str, str]]:
    """Each word as its term, each emoji without its tone, each stretch of a script without blanks."""
    for found in _RUN.finditer(_plain(_SKIN.sub("", text))):
        kind, run = found.lastgroup or "", found[0]
        if kind == "word":
            yield kind, _stem(run)[:MOST_TERM]
        else:
            yield kind, (_UNDRESSED.sub("", run)[:MOST_TERM] if kind == "emoji" else run)


def _plain(text: str) -> str:
    """In one spelling, without capitals and accents."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFD", folded)))


def _named(emoji: str) -> tuple[str, ...]:
    """The words of the names that Unicode gives its parts; none for a flag, and for one newer than our tables."""
    names = " ".join(unicodedata.name(part, "") for part in _SHOWN.findall(emoji))
    return tuple(_NAME.findall(names.casefold()))


def _stem(word: str) -> str:
    """An English word without -s, -es, -ies, -ing, -ed; others as they are. It need not be one: `citi`, `danc`."""
    if not _ENGLISH.fullmatch(word):
        return word
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ing", "ed"):
        rest = word.removesuffix(ending)
        if rest != word and len(rest) > 2 and _VOWEL.search(rest):
            word = rest
            break
    if word.endswith("e") and len(word) > 3:
        word = word[:-1]
    if len(word) > 3 and word[-1] == word[-2]:
        word = word[:-1]
    return word[:-1] + "i" if word.endswith("y") else word
