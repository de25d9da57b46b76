"""Every sentence a person reads, in their language, from the catalogues in `locales/`.

A sentence holds `{places}`. What is put there is data: it is never read as a template or as markup.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TypeVar

LOCALES = ("en", "zh_CN")
_FOLDER = Path(__file__).with_name("locales")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_PLACE = re.compile(r"\{(\w+)\}")
_ENTRY = re.compile(r'^msgid ((?:".*"\n)+)msgstr ((?:".*"(?:\n|\Z))+)', re.MULTILINE)
P = TypeVar("P")


def locale_of(tag: str | None) -> str:
    """The catalogue for a language tag of Slack's: any Chinese reads the simplified one, everybody else English."""
    language = (tag or "").replace("_", "-").lower().split("-")[0]
    return "zh_CN" if language == "zh" else "en"


def language(text: str) -> str | None:
    """The language tag of something written, as far as its characters tell: Chinese, or unknown."""
    return "zh-CN" if _HAN.search(text) else None


@cache
def catalogue(locale: str) -> Mapping[str, str]:
    """Key to sentence. Read once; there are no compiled files to fall behind.

    Ours have keys and sentences and no more of what gettext can do, so they need no library (one takes longer to load
    than all else that is said takes); a test reads them with one.
    """
    text = (_FOLDER / locale / "LC_MESSAGES" / "messages.po").read_text(encoding="utf-8")
    return {key: _unquoted(sentence) for quoted, sentence in _ENTRY.findall(text) if (key := _unquoted(quoted))}


def _unquoted(lines: str) -> str:
    """What one or more quoted lines say together."""
    return "".join(json.loads(line) for line in lines.splitlines())


def places(sentence: str) -> list[str]:
    """The names in a sentence that something is put for, in order."""
    return _PLACE.findall(sentence)


class Words:
    """The sentences in one reader's language."""

    __slots__ = ("locale",)

    def __init__(self, tag: str | None) -> None:
        self.locale = locale_of(tag)

    @property
    def gap(self) -> str:
        """What stands between two sentences."""
        return "" if self.locale == "zh_CN" else " "

    def template(self, key: str, n: object = None) -> str:
        """The sentence with its places open; its `.one` form for `n` = 1, if there is one. Raises `KeyError`."""
        sentences = catalogue(self.locale)
        if n == 1 and f"{key}.one" in sentences:
            return sentences[f"{key}.one"]
        return sentences[key]

    def say(self, key: str, **params: object) -> str:
        """The sentence as plain text. Raises `KeyError` for a missing key or parameter."""
        return _PLACE.sub(lambda place: str(params[place[1]]), self.template(key, params.get("n")))

    def cut(self, key: str, params: Mapping[str, P]) -> Iterator[str | P]:
        """The sentence in pieces: its text, and what was given for its places, as it was given."""
        text, *rest = _PLACE.split(self.template(key, params.get("n")))
        yield text
        for name, after in zip(rest[::2], rest[1::2], strict=True):
            yield params[name]
            yield after
