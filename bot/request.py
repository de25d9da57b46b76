"""What is asked of the provider. Pure data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

MAX_TEXT = 1024
"""Unicode code points, for the prompt and for the negative prompt."""


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
    """What is asked of the provider: all that a picture depends on. `seed` implies `raw` (no prompt rewriting).

    `reference`: the id of a picture at Slack that the provider draws after; `label`: whether it writes its mark into
    the picture. Neither stands in a recipe: the one means nothing elsewhere, the other is the conversation's policy.
    """

    prompt: str
    negative: str = ""
    style: str | None = None
    shape: Shape = Shape.SQUARE
    count: int = 1
    seed: int | None = None
    clarity: Clarity | None = None
    raw: bool = False
    reference: str = ""
    label: bool = True
