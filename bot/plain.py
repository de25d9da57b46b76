"""From what Slack hands us to plain text that nothing downstream takes for anything else. Pure.

Slack escapes exactly `&`, `<` and `>` of what a person typed; what stands between bare `<` and `>` is Slack's own
(a mention, a channel, a link). https://docs.slack.dev/messaging/formatting-message-text
"""

from __future__ import annotations

import re

_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"  # controls that are not blanks
    "\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # marks without width
    "\ud800-\udfff]"  # halves of characters
)
_JOINERS = re.compile("(?:^|(?<=[\x00-\x7f\\s]))[\u200c\u200d]+|(?<![\u200c\u200d])[\u200c\u200d]+(?=[\x00-\x7f\\s]|$)")
_BEGINS = r"(?:[@#!]|[A-Za-z][A-Za-z0-9+.-]*:)"
_SLACK = re.compile(rf"<(?={_BEGINS})([^<>|]*)(?:\|([^<>]*))?>|&(amp|lt|gt);")
_GUARDED = re.compile(rf"(?<=<)\\+(?={_BEGINS})|(?<=&)\\+(?=(?:amp|lt|gt);)")
_TO_GUARD = re.compile(rf"(?<=<)(?=\\*{_BEGINS})|(?<=&)(?=\\*(?:amp|lt|gt);)")
_ENTITIES = {"amp": "&", "lt": "<", "gt": ">"}


def tidy(text: str) -> str:
    """One line: blanks of any kind are one blank; what cannot be seen is gone, except what joins emoji and letters."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    seen = _UNSEEN.sub("", text)
    return " ".join(_JOINERS.sub("", seen).split())


def from_slack(text: str) -> str:
    """The plain text of a command or message: mentions and links as words, entities decoded once, tidy."""
    tidied = tidy(text)
    if "<" not in tidied and "&" not in tidied:
        return tidied
    return tidy(_GUARDED.sub(lambda guard: guard[0][1:], _SLACK.sub(_inert, tidied)))


def guarded(text: str) -> str:
    r"""The text with a `\` inside whatever `from_slack` would decode, so that it comes out as it went in."""
    return _TO_GUARD.sub(r"\\", text)


def _inert(found: re.Match[str]) -> str:
    """What a mention, a link or an entity is in words."""
    if found[3] is not None:
        return _ENTITIES[found[3]]
    target = _SLACK.sub(_inert, found[1])
    words = _SLACK.sub(_inert, found[2] or "").strip()
    kind, rest = target[0], target[1:]
    if kind == "#":
        return "#" + (words or rest).lstrip("#")
    if kind == "@" or (kind == "!" and not rest.startswith("date^")):
        return "@" + (words or rest.rpartition("^")[2]).lstrip("@")
    return words or target.removeprefix("mailto:").removeprefix("tel:")
