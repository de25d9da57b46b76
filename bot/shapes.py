"""The eight picture sizes of the image API, by ratio, size or word. Pure data.

Sizes: the vendor's page 1729/105969. A ratio within one per cent of a legal one is that one (1920x1080, 1.78:1).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cache

from bot.spelling import nearest

RATIOS = {
    "1:1": "1024:1024",
    "16:9": "1280:720",
    "9:16": "720:1280",
    "4:3": "1024:768",
    "3:4": "768:1024",
    "5:3": "1280:768",
    "3:5": "768:1280",
}
SMALL = {"768x768": "768:768"}
NAMES = (*RATIOS, *SMALL)
"""Every size, as it is written in a recipe."""
WORDS = {
    "square": "1:1",
    "wide": "16:9",
    "tall": "9:16",
    "landscape": "4:3",
    "portrait": "3:4",
    "horizontal": "16:9",
    "vertical": "9:16",
    **dict.fromkeys(("方", "方形", "方图", "正方形"), "1:1"),
    **dict.fromkeys(("横", "横版", "横屏", "横图", "横向", "宽"), "16:9"),
    **dict.fromkeys(("竖", "竖版", "竖屏", "竖图", "竖向", "高"), "9:16"),
}
_NUMBER = r"(\d{1,5}(?:\.\d{1,4})?)"
_SIDES = re.compile(_NUMBER + r"[:x×*/]" + _NUMBER + r"(?:px)?")
_SIZES = {resolution.replace(":", "x"): resolution for resolution in RATIOS.values()} | SMALL
_NAMES = {resolution: written for written, resolution in (RATIOS | SMALL).items()}
_SMALLEST_SIZE = 100.0  # two numbers from here on are pixels, below they are a ratio
_TOLERANCE = 0.01


@dataclass(frozen=True, slots=True)
class Reading:
    """What a value says: the provider's resolution (empty: not a legal one), or the nearest legal ratio.

    `scaled`: the value is a size in pixels of a legal ratio, but pictures of that size are not to be had.
    """

    resolution: str
    nearest: str
    scaled: bool = False


def name(resolution: str) -> str:
    """How a legal resolution is written in a recipe: `16:9`, or `768x768` for the small square."""
    return _NAMES[resolution]


def is_sides(value: str) -> bool:
    """Whether the value is two numbers at all."""
    return _SIDES.fullmatch(value) is not None


def read(value: str) -> Reading:
    """Understand a folded value (lower case, half width)."""
    ratio = WORDS.get(value, value)
    if ratio in RATIOS:
        return Reading(RATIOS[ratio], ratio)
    sides = _SIDES.fullmatch(value)
    if sides is None or not float(sides[1]) or not float(sides[2]):
        close = nearest(value, (*RATIOS, *WORDS))
        return Reading("", WORDS.get(close, close))
    return _read_sides(sides[1], sides[2])


def _read_sides(width: str, height: str) -> Reading:
    size = _SIZES.get(f"{width}x{height}")
    if size is not None:
        return Reading(size, name(size))
    asked = math.log(float(width) / float(height))
    ratio = min(RATIOS, key=lambda legal: abs(asked - _log(legal)))
    if abs(asked - _log(ratio)) > _TOLERANCE:
        return Reading("", ratio)
    return Reading(RATIOS[ratio], ratio, scaled=min(float(width), float(height)) >= _SMALLEST_SIZE)


@cache
def _log(ratio: str) -> float:
    width, height = ratio.split(":")
    return math.log(int(width) / int(height))
