"""Small rules from which the Block Kit checks are made; each yields complaints in Slack's own words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Rule = Callable[[Any, str], Iterator[str]]
"""Takes a value and its JSON pointer and yields what is wrong with it."""


def complaint(text: str, pointer: str) -> str:
    """One line of `response_metadata.messages`."""
    return f"[ERROR] {text} [json-pointer:{pointer or '/'}]"


def string(most: int, *, least: int = 0) -> Rule:
    """A string of at least `least` and at most `most` characters."""

    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield complaint("must be a string", at)
        elif len(value) > most:
            yield complaint(f"must be less than {most + 1} characters", at)
        elif len(value) < least:
            yield complaint(f"must be more than {least - 1} characters", at)

    return check


def matching(pattern: str, what: str) -> Rule:
    """A string of a certain form; `what` says which."""
    form = re.compile(pattern)

    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, str) or not form.fullmatch(value):
            yield complaint(f"must be {what}", at)

    return check


def choice(*values: str) -> Rule:
    """One of a few strings."""

    def check(value: Any, at: str) -> Iterator[str]:
        if value not in values:
            yield complaint(f"value must be one of {', '.join(values)}", at)

    return check


def boolean(value: Any, at: str) -> Iterator[str]:
    """True or false."""
    if not isinstance(value, bool):
        yield complaint("must be a boolean", at)


def integer(least: int, most: int) -> Rule:
    """A whole number in a range."""

    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            yield complaint(f"must be an integer from {least} to {most}", at)

    return check


def anything(_value: Any, _at: str) -> Iterator[str]:
    """No check: the local Slack does not know this part."""
    yield from ()


def listing(rule: Rule, *, most: int, least: int = 1) -> Rule:
    """A list of `least` to `most` items that each obey `rule`."""

    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield complaint("must be an array", at)
            return
        if len(value) > most:
            yield complaint(f"no more than {most} items allowed", at)
        if len(value) < least:
            yield complaint(f"no fewer than {least} items allowed", at)
        for number, item in enumerate(value):
            yield from rule(item, f"{at}/{number}")

    return check


def shape(required: Mapping[str, Rule], optional: Mapping[str, Rule] | None = None) -> Rule:
    """An object with these fields and no others (`type` is allowed everywhere)."""
    known = {**required, **(optional or {})}

    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield complaint("must be an object", at)
            return
        for name in required:
            if name not in value:
                yield complaint(f"missing required field: {name}", at)
        for name, item in value.items():
            if name in known:
                yield from known[name](item, f"{at}/{name}")
            elif name != "type":
                yield complaint(f"invalid additional property: {name}", at)

    return check


def typed(table: Mapping[str, Rule]) -> Rule:
    """An object whose `type` picks its rule."""

    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield complaint("must be an object", at)
        elif not isinstance(value.get("type"), str) or value["type"] not in table:
            yield complaint(f"unsupported type: {value.get('type')}", f"{at}/type")
        else:
            yield from table[value["type"]](value, at)

    return check


def text_object(*kinds: str, most: int) -> Rule:
    """A `plain_text` or `mrkdwn` object; `emoji` belongs to the first, `verbatim` to the second."""
    rules: dict[str, Rule] = {
        "plain_text": shape({"text": string(most, least=1)}, {"emoji": boolean}),
        "mrkdwn": shape({"text": string(most, least=1)}, {"verbatim": boolean}),
    }
    return typed({kind: rules[kind] for kind in kinds})
