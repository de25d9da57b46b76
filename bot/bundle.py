"""Several asks as the text of one draft, exactly as they will be drawn, and back. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from bot.request import Clarity, Request, Shape


@dataclass(frozen=True, slots=True)
class Bundle:
    """What one confirmation is about. `private`: only the asker is to see it."""

    requests: tuple[Request, ...]
    private: bool = False

    @property
    def pictures(self) -> int:
        """How many pictures it is in all."""
        return sum(request.count for request in self.requests)


def bundle(requests: Sequence[Request], *, private: bool = False) -> Bundle:
    """These together."""
    return Bundle(tuple(requests), private)


def written(it: Bundle) -> str:
    """The bundle as text; everything a picture depends on is in it."""
    document = {"requests": [asdict(request) for request in it.requests], "private": it.private}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def read(text: str) -> Bundle | None:
    """The bundle that `written` wrote; None for a draft of another kind."""
    try:
        document = json.loads(text)
        return Bundle(tuple(map(_request, document["requests"])), bool(document["private"]))
    except (ValueError, TypeError, KeyError):
        return None


def _request(fields: dict[str, object]) -> Request:
    shape, clarity = fields.pop("shape"), fields.pop("clarity")
    return Request(shape=Shape(shape), clarity=None if clarity is None else Clarity(clarity), **fields)  # type: ignore[arg-type]
