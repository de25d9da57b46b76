"""The forms in which a person says how they like their pictures, and a conversation what its house style is. Pure.

Blocks and actions keep their names for ever: what was typed survives an error only under the same names.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from bot import plain, shapes, styles
from bot.parsed import Problem, Trouble
from bot.request import MAX_TEXT, Shape
from bot.shelf import Preferences, Scope
from bot.slack.elements import Json, plain_text, typed
from bot.slack.wording import Words
from bot.values import MAX_COUNT

DEFAULTS = "defaults"
HOUSE = "house"
CALLBACKS: Mapping[str, Scope] = {DEFAULTS: Scope.PERSON, HOUSE: Scope.CHANNEL}
MOST_PREFIX = 300
"""Characters of a prefix: most of a prompt is to be its asker's own."""
_MOST_TITLE = 24
_MOST_OPTION = 75
_MOST_LABEL = 2000
_NONE = "-"  # Slack wants a value for "no choice" too


class Wish(StrEnum):
    """The fields, by the names that they keep."""

    PREFIX = "prefix"
    NEGATIVE = "negative"
    STYLE = "style"
    SHAPE = "shape"
    COUNT = "count"
    RAW = "raw"
    LABEL = "label"


def defaults(words: Words, kept: Preferences) -> Json:
    """How a person likes their pictures."""
    return _modal(words, DEFAULTS, "defaults.title", "defaults.intro", _fields(words, kept), channel="")


def house(words: Words, kept: Preferences, *, channel: str) -> Json:
    """What holds for everybody in a conversation."""
    fields = [*_fields(words, kept), _list(words, Wish.LABEL, _labels(words), _said(kept.label))]
    return _modal(words, HOUSE, "house.title", "house.intro", fields, channel=channel)


def channel_of(view: Mapping[str, Any]) -> str:
    """The conversation whose house style it is."""
    return str(json.loads(view.get("private_metadata") or "{}").get("channel") or "")


def answer(view: Mapping[str, Any]) -> Preferences:
    """What stands in the submitted form; anything that no list of ours offers is no wish."""
    style, shape, count = (_chosen(view, wish) for wish in (Wish.STYLE, Wish.SHAPE, Wish.COUNT))
    return Preferences(
        prefix=plain.tidy(_typed(view, Wish.PREFIX)),
        negative=plain.tidy(_typed(view, Wish.NEGATIVE)),
        style=style if style in styles.BY_CODE else None,
        shape=Shape(shape) if shape in set(Shape) else None,
        count=int(count) if count in map(str, range(1, MAX_COUNT + 1)) else None,
        raw=_meant(_chosen(view, Wish.RAW)),
        label=_meant(_chosen(view, Wish.LABEL)),
    )


def problems(preferences: Preferences) -> dict[Wish, Problem]:
    """What cannot be kept so."""
    long = (
        (Wish.PREFIX, preferences.prefix, MOST_PREFIX, Trouble.PREFIX_TOO_LONG),
        (Wish.NEGATIVE, preferences.negative, MAX_TEXT, Trouble.NEGATIVE_TOO_LONG),
    )
    return {
        wish: Problem(trouble, {"n": str(len(text)), "limit": str(most)})
        for wish, text, most, trouble in long
        if len(text) > most
    }


def errors(words: Words, found: Mapping[Wish, Problem]) -> dict[str, str]:
    """A sentence beside each field that is wrong, as the acknowledgement of a submission takes it."""
    return {wish.value: words.say(f"trouble.{problem.key}", **problem.params) for wish, problem in found.items()}


def _modal(words: Words, callback: str, title: str, intro: str, fields: list[Json], *, channel: str) -> Json:
    said = {"type": "section", "text": plain_text(words.say(intro), _MOST_LABEL)}
    return {
        "type": "modal",
        "callback_id": callback,
        "private_metadata": json.dumps({"channel": channel}),
        "title": plain_text(words.say(title), _MOST_TITLE),
        "submit": plain_text(words.say("customs.submit"), _MOST_TITLE),
        "close": plain_text(words.say("form.close"), _MOST_TITLE),
        "blocks": [said, *fields],
    }


def _fields(words: Words, kept: Preferences) -> list[Json]:
    return [
        _text(words, Wish.PREFIX, kept.prefix, most=MOST_PREFIX),
        _text(words, Wish.NEGATIVE, kept.negative, most=MAX_TEXT),
        _list(words, Wish.STYLE, _styles(words), kept.style or _NONE),
        _list(words, Wish.SHAPE, _shapes(words), kept.shape or _NONE),
        _list(words, Wish.COUNT, _counts(words), str(kept.count or _NONE)),
        _list(words, Wish.RAW, _wordings(words), _said(kept.raw)),
    ]


def _text(words: Words, wish: Wish, value: str, *, most: int) -> Json:
    return _input(words, wish, typed(value, most))


def _list(words: Words, wish: Wish, options: list[Json], value: str) -> Json:
    chosen = next((option for option in options if option["value"] == value), options[0])
    return _input(words, wish, {"type": "static_select", "options": options, "initial_option": chosen})


def _input(words: Words, wish: Wish, element: Json) -> Json:
    return {
        "type": "input",
        "block_id": wish.value,
        "optional": True,
        "label": plain_text(words.say(f"customs.{wish}"), _MOST_LABEL),
        "element": {**element, "action_id": wish.value},
    }


def _option(text: str, value: str) -> Json:
    return {"text": plain_text(text, _MOST_OPTION), "value": value}


def _open(words: Words) -> Json:
    return _option(words.say("customs.open"), _NONE)


def _styles(words: Words) -> list[Json]:
    return [_open(words), *(_option(f"{style.english} · {style.chinese}", style.code) for style in styles.STYLES)]


def _shapes(words: Words) -> list[Json]:
    said = (
        _option(words.say(f"form.shape.{shape.name.lower()}", shape=shapes.name(shape)), shape.value) for shape in Shape
    )
    return [_open(words), *said]


def _counts(words: Words) -> list[Json]:
    return [_open(words), *(_option(str(count), str(count)) for count in range(1, MAX_COUNT + 1))]


def _wordings(words: Words) -> list[Json]:
    return [_open(words), _option(words.say("customs.raw.yes"), "yes"), _option(words.say("customs.raw.no"), "no")]


def _labels(words: Words) -> list[Json]:
    return [_open(words), _option(words.say("customs.label.yes"), "yes"), _option(words.say("customs.label.no"), "no")]


def _said(wish: bool | None) -> str:
    return _NONE if wish is None else "yes" if wish else "no"


def _meant(value: str) -> bool | None:
    return {"yes": True, "no": False}.get(value)


def _element(view: Mapping[str, Any], wish: Wish) -> Mapping[str, Any]:
    found: Mapping[str, Any] = (view["state"]["values"].get(wish.value) or {}).get(wish.value) or {}
    return found


def _typed(view: Mapping[str, Any], wish: Wish) -> str:
    return str(_element(view, wish).get("value") or "")


def _chosen(view: Mapping[str, Any], wish: Wish) -> str:
    return str((_element(view, wish).get("selected_option") or {}).get("value") or "")
