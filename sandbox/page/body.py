"""Reading the JSON that the browser sent with a deed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Body = Mapping[str, Any]


class DeedError(Exception):
    """The JSON does not hold what the deed needs; the message says what."""


def text(body: Body, key: str) -> str:
    """A text that has to be there."""
    value = body.get(key)
    if not isinstance(value, str):
        raise DeedError(f"{key} is needed, as text")
    return value


def maybe(body: Body, key: str) -> str | None:
    """A text that may be absent or null."""
    return None if body.get(key) is None else text(body, key)


def mapping(body: Body, key: str) -> Mapping[str, Any]:
    """An object; an empty one if it is absent."""
    value = body.get(key, {})
    if not isinstance(value, dict):
        raise DeedError(f"{key} is needed, as an object")
    return value


def names(body: Body, key: str) -> Sequence[str]:
    """A list of texts; an empty one if it is absent."""
    value = body.get(key, [])
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise DeedError(f"{key} is needed, as a list of texts")
    return value
