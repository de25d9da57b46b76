"""From "/imagine a cat --ar 16:9" to a Request, and back. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Shape(StrEnum):
    """The provider's `Resolution`, width:height in pixels."""

    SQUARE = "1024:1024"
    SQUARE_SMALL = "768:768"
    PORTRAIT_3_4 = "768:1024"
    LANDSCAPE_4_3 = "1024:768"
    TALL_9_16 = "720:1280"
    WIDE_16_9 = "1280:720"
    TALL_3_5 = "768:1280"
    WIDE_5_3 = "1280:768"


class Clarity(StrEnum):
    """The provider's upscaling factor."""

    X2 = "x2"
    X4 = "x4"


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of the provider: all that a picture depends on. `seed` implies `raw` (no prompt rewriting)."""

    prompt: str
    negative: str = ""
    style: str | None = None
    shape: Shape = Shape.SQUARE
    count: int = 1
    seed: int | None = None
    clarity: Clarity | None = None
    raw: bool = False
