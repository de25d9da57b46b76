"""Colours and the palettes of each mood."""

from __future__ import annotations

import colorsys
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

Colour = tuple[int, int, int]


def of(text: str) -> Colour:
    """Return the colour of six hexadecimal digits."""
    return int(text[0:2], 16), int(text[2:4], 16), int(text[4:6], 16)


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """Return a colour between two; 0 is the first and 1 the second."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def turned(colour: Colour, *, hue: float, saturation: float = 1.0, value: float = 1.0) -> Colour:
    """Return a colour with its hue turned by a part of the circle, and its saturation and value multiplied."""
    h, s, v = colorsys.rgb_to_hsv(*(part / 255 for part in colour))
    red, green, blue = colorsys.hsv_to_rgb((h + hue) % 1.0, min(s * saturation, 1.0), min(v * value, 1.0))
    return round(red * 255), round(green * 255), round(blue * 255)


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of a scene: the sky from top to horizon, land from far to near, water, light and an accent."""

    top: Colour
    middle: Colour
    low: Colour
    far: Colour
    near: Colour
    light: Colour
    accent: Colour
    dark: bool = False

    def varied(self, chance: random.Random) -> Palette:
        """Return a near relative of this palette."""
        hue, saturation = chance.uniform(-0.025, 0.025), chance.uniform(0.88, 1.12)
        value = chance.uniform(0.95, 1.04)

        def turn(colour: Colour) -> Colour:
            return turned(colour, hue=hue, saturation=saturation, value=value)

        return Palette(
            top=turn(self.top),
            middle=turn(self.middle),
            low=turn(self.low),
            far=turn(self.far),
            near=turn(self.near),
            light=self.light,
            accent=turn(self.accent),
            dark=self.dark,
        )


def _palette(*colours: str, dark: bool = False) -> Palette:
    top, middle, low, far, near, light, accent = (of(each) for each in colours)
    return Palette(top, middle, low, far, near, light, accent, dark)


PALETTES: Final[Mapping[str, tuple[Palette, ...]]] = {
    "dawn": (
        _palette("6f8fc9", "f1c0bb", "fde8cb", "b9a6c9", "3b3a5e", "fff3d6", "e8837a"),
        _palette("7a9bb5", "e8c9c9", "fbe9dd", "a9a7c0", "41456b", "fff4e0", "d98a8f"),
    ),
    "day": (
        _palette("4b97d2", "a3d2ea", "eef7ef", "9dc3cd", "2c6a5a", "fffbe6", "f2b84b"),
        _palette("5aa7c7", "b7dfdf", "f5f5e1", "a7c9b8", "33684a", "fffbe6", "ee8a5a"),
    ),
    "sunset": (
        _palette("3a2f6c", "d45a7c", "ffc583", "a7557f", "27193c", "ffe8b0", "ff8b5c"),
        _palette("31426f", "e07a5f", "fbd38d", "9a5a6b", "2a1f33", "fff0c2", "f2a65a"),
    ),
    "night": (
        _palette("081029", "18295c", "47609c", "2d4276", "070d20", "f7f2d8", "f5c86a", dark=True),
        _palette("0a0f2c", "2a2560", "6a5a9c", "3d3a78", "0a0a22", "f4eedc", "f7b267", dark=True),
    ),
    "rain": (
        _palette("4c6577", "8aa3ad", "cbd6d3", "8fa6ab", "20383d", "eef3ee", "e07a4b"),
        _palette("3f5468", "7a94a0", "b9c9c8", "7f989f", "1c2f38", "e6efec", "e8a33d"),
    ),
    "snow": (
        _palette("86a4c4", "c6d7e6", "f5f7f9", "b3c4d6", "4a6384", "ffffff", "c9485b"),
        _palette("8c9cc0", "d3d3e6", "faf3f1", "b9bfd8", "4f5b80", "fff8ee", "d06a4a"),
    ),
    "autumn": (
        _palette("7aa0b4", "f0d5ab", "fae9c9", "cf9f6c", "54291f", "fff4d2", "d9572b"),
        _palette("8a9bb0", "ecc9a0", "f7e3c4", "bf8560", "472a2c", "fff0d0", "c8452f"),
    ),
    "spring": (
        _palette("86c1d6", "d3ebe0", "fdf0f0", "abd0c0", "3d7a5c", "fffdf0", "f19ab2"),
        _palette("9ac6e0", "e3e6ee", "fdeef0", "b5cfc4", "4a7f6b", "fffdf0", "ee8fa8"),
    ),
    "forest": (
        _palette("8fb8a8", "cadfcc", "f1f4df", "9dbfa7", "12332a", "fffde0", "e6a23c"),
        _palette("7fae9e", "bcd8c2", "e9f1d3", "8fb594", "173c26", "fbffe0", "e07b39"),
    ),
    "desert": (
        _palette("569dbf", "f2d8ad", "fae8c6", "dcae7d", "87472d", "fff3cf", "c2573a"),
        _palette("6f86b8", "f1c7a4", "fbe3c0", "d3997a", "6f3a35", "fff0cc", "b8483f"),
    ),
    "neon": (
        _palette("0a0530", "461173", "f23f8f", "331a6e", "07031a", "7df3ff", "2de2e6", dark=True),
        _palette("050a2e", "1d1a6b", "a63fd6", "27206b", "05051a", "ffd1f5", "ff3f9f", dark=True),
    ),
}
