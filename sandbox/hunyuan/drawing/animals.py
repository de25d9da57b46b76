"""Animals that sit in the foreground and look at us, all built on one body."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sandbox.hunyuan.drawing.canvas import Canvas, Point, ring, smooth
from sandbox.hunyuan.drawing.colour import Colour, Palette, mix, of
from sandbox.hunyuan.drawing.land import shade

INK: Final = (38, 28, 30)
WHITE: Final = (255, 255, 255)


@dataclass(frozen=True, slots=True)
class Kind:
    """An animal's colours and parts."""

    coats: tuple[str, ...]
    pale: str
    dark: str
    ears: str
    tail: str
    cheeks: float = 0.22
    """Half the head's width."""
    chin: float = 0.53


KINDS: Final[Mapping[str, Kind]] = {
    "fox": Kind(("e07b35", "d96a2b", "e88c45"), "fff3e2", "4a2c2a", "pointed", "bushy", cheeks=0.28, chin=0.5),
    "cat": Kind(("8d8f98", "e0a458", "4a4a55", "d9cbb8", "f2ece2"), "fdf6ea", "3a3238", "pointed", "thin"),
    "dog": Kind(("d9a05b", "b97a4a", "e3c9a0"), "fff6e6", "5a3b2a", "hanging", "curl", cheeks=0.21),
    "rabbit": Kind(("f3eee8", "cbb8a5", "b9b4b8"), "ffffff", "8a6f6a", "long", "none", cheeks=0.2),
    "panda": Kind(("f7f3ec",), "ffffff", "2c2a30", "round", "none", cheeks=0.25),
    "bear": Kind(("8a5a3a", "6d4630", "a8744a"), "e3c39a", "3c2a22", "round", "none", cheeks=0.24),
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a figure stands and how tall it is, in pixels. In its own coordinates the feet are at 0, the head at -1."""

    canvas: Canvas
    feet: Point
    size: float
    flip: int = 1

    def at(self, x: float, y: float) -> Point:
        """Return the pixel of a point of the figure."""
        return self.feet[0] + x * self.size * self.flip, self.feet[1] + y * self.size

    def shape(self, points: Sequence[Point], colour: Colour, *, soft: bool = True, opacity: float = 1.0) -> None:
        """Fill an outline, rounded unless told otherwise."""
        outline = smooth(points) if soft else list(points)
        self.canvas.polygon([self.at(x, y) for x, y in outline], colour, opacity=opacity)

    def twice(self, points: Sequence[Point], colour: Colour, *, soft: bool = True, opacity: float = 1.0) -> None:
        """Fill an outline and its mirror image."""
        self.shape(points, colour, soft=soft, opacity=opacity)
        self.shape([(-x, y) for x, y in points], colour, soft=soft, opacity=opacity)

    def dot(
        self, x: float, y: float, radius: float, colour: Colour, *, tall: float = 1.0, opacity: float = 1.0
    ) -> None:
        """Fill a circle, or an ellipse `tall` times as high as wide."""
        self.shape(ring((x, y), (radius, radius * tall)), colour, soft=False, opacity=opacity)


def paint_animal(name: str, place: Place, palette: Palette, chance: random.Random) -> None:
    """Paint one animal of KINDS, sitting, with its shadow on the ground."""
    kind = KINDS[name]
    coat = shade(of(chance.choice(kind.coats)), palette)
    pale, dark = shade(of(kind.pale), palette), shade(of(kind.dark), palette)
    place.dot(0.04, 0.0, 0.38, mix(palette.near, INK, 0.6), tall=0.13, opacity=0.5)
    _tail(kind, place, coat, pale)
    _body(name, place, coat, pale, dark)
    _ears(kind, place, coat, pale, dark)
    _head(kind, place, coat)
    _face(name, place, pale, dark)


_BUSHY_TAIL: Final = (
    (0.1, -0.04),
    (0.34, 0.0),
    (0.56, -0.12),
    (0.63, -0.36),
    (0.52, -0.6),
    (0.43, -0.4),
    (0.36, -0.24),
    (0.14, -0.18),
)
_BUSHY_TIP: Final = ((0.63, -0.38), (0.52, -0.61), (0.43, -0.42), (0.49, -0.45), (0.54, -0.38), (0.58, -0.42))
_THIN_TAIL: Final = (
    (0.15, 0.0),
    (0.36, -0.02),
    (0.46, -0.16),
    (0.42, -0.36),
    (0.5, -0.46),
    (0.53, -0.42),
    (0.49, -0.36),
    (0.53, -0.16),
    (0.42, 0.03),
    (0.2, 0.05),
)
_CURLED_TAIL: Final = (
    (0.16, -0.1),
    (0.3, -0.12),
    (0.38, -0.26),
    (0.3, -0.36),
    (0.22, -0.28),
    (0.28, -0.24),
    (0.26, -0.19),
    (0.16, -0.18),
)


def _tail(kind: Kind, place: Place, coat: Colour, pale: Colour) -> None:
    if kind.tail == "bushy":
        place.shape(_BUSHY_TAIL, mix(coat, INK, 0.08))
        place.shape(_BUSHY_TIP, pale)
    elif kind.tail == "thin":
        place.shape(_THIN_TAIL, mix(coat, INK, 0.12))
    elif kind.tail == "curl":
        place.shape(_CURLED_TAIL, coat)


def _body(name: str, place: Place, coat: Colour, pale: Colour, dark: Colour) -> None:
    half = 0.29 if name in {"panda", "bear"} else 0.235
    body = [
        (-0.1, -0.6),
        (-0.18, -0.36),
        (-half, -0.12),
        (-0.17, 0.0),
        (0.17, 0.0),
        (half, -0.12),
        (0.18, -0.36),
        (0.1, -0.6),
    ]
    place.shape(body, coat)
    place.twice([(0.1, -0.02), (half - 0.01, -0.03), (half, -0.16), (0.17, -0.2)], mix(coat, INK, 0.1))
    if name == "panda":
        place.shape([(-0.16, -0.56), (-0.22, -0.36), (0, -0.38), (0.22, -0.36), (0.16, -0.56)], dark)
    bib = [(-0.1, -0.57), (-0.13, -0.42), (-0.05, -0.24), (0.05, -0.24), (0.13, -0.42), (0.1, -0.57)]
    if name != "panda":
        place.shape(bib, pale)
    limb = dark if name in {"fox", "panda"} else mix(coat, pale, 0.25)
    place.twice(
        [(0.03, -0.3), (0.02, -0.08), (0.015, 0.0), (0.12, 0.005), (0.115, -0.08), (0.11, -0.3)], mix(coat, INK, 0.03)
    )
    place.twice([(0.022, -0.13), (0.015, -0.03), (0.03, 0.012), (0.11, 0.012), (0.125, -0.03), (0.113, -0.13)], limb)


def _head(kind: Kind, place: Place, coat: Colour) -> None:
    wide, chin = kind.cheeks, -kind.chin
    right = [(wide * 0.5, chin - 0.06), (wide, -0.69), (wide * 0.82, -0.82), (wide * 0.42, -0.91)]
    left = [(-x, y) for x, y in reversed(right)]
    place.shape([(0.0, chin), *right, (0.0, -0.925), *left], coat)


def _ears(kind: Kind, place: Place, coat: Colour, pale: Colour, dark: Colour) -> None:
    wide = kind.cheeks
    if kind.ears == "pointed":
        place.twice([(wide * 0.3, -0.88), (wide * 0.82, -1.08), (wide * 0.93, -0.76)], coat, soft=False)
        place.twice(
            [(wide * 0.45, -0.89), (wide * 0.78, -1.02), (wide * 0.84, -0.8)], mix(dark, coat, 0.25), soft=False
        )
    elif kind.ears == "long":
        place.twice([(0.03, -0.88), (0.03, -1.15), (0.09, -1.34), (0.15, -1.18), (0.14, -0.86)], coat)
        place.twice(
            [(0.06, -0.92), (0.065, -1.13), (0.09, -1.26), (0.12, -1.14), (0.11, -0.92)],
            mix((240, 170, 175), coat, 0.3),
        )
    elif kind.ears == "hanging":
        place.twice(
            [(0.12, -0.9), (0.24, -0.88), (0.3, -0.68), (0.26, -0.55), (0.2, -0.64), (0.17, -0.8)],
            mix(coat, dark, 0.55),
        )
    else:
        ear = dark if kind is KINDS["panda"] else coat
        for side in (-1, 1):
            place.dot(side * wide * 0.72, -0.9, 0.085, ear)
            place.dot(side * wide * 0.72, -0.9, 0.045, mix(ear, pale, 0.2))


def _face(name: str, place: Place, pale: Colour, dark: Colour) -> None:
    if name == "fox":
        place.twice([(0.275, -0.685), (0.16, -0.735), (0.05, -0.65), (0.0, -0.51), (0.13, -0.56)], pale)
    elif name == "panda":
        place.twice([(0.05, -0.73), (0.08, -0.79), (0.15, -0.78), (0.16, -0.69), (0.1, -0.65)], dark)
    else:
        place.shape([(-0.11, -0.62), (0.0, -0.68), (0.11, -0.62), (0.08, -0.545), (0.0, -0.53), (-0.08, -0.545)], pale)
    if name == "cat":
        for x in (-0.06, 0.0, 0.06):
            place.shape([(x - 0.012, -0.91), (x + 0.012, -0.91), (x * 0.9, -0.82)], mix(dark, pale, 0.25), opacity=0.6)
    _eyes(name, place)
    nose = (0.0, -0.535) if name == "fox" else (0.0, -0.635)
    place.shape(
        [(nose[0] - 0.028, nose[1] - 0.015), (nose[0] + 0.028, nose[1] - 0.015), (nose[0], nose[1] + 0.02)], INK
    )
    for side in (-1, 1):
        place.dot(side * 0.155, -0.645, 0.035, (240, 130, 120), tall=0.6, opacity=0.35)


def _eyes(name: str, place: Place) -> None:
    pupil = (58, 110, 84) if name == "cat" else INK
    for side in (-1, 1):
        x, y = side * 0.1, -0.722
        place.dot(x, y, 0.031, INK, tall=1.15)
        place.dot(x, y, 0.024, pupil, tall=1.15)
        place.dot(x, y, 0.014, INK, tall=1.4)
        place.dot(x + 0.011, y - 0.014, 0.009, WHITE)


def paint_owl(place: Place, palette: Palette, chance: random.Random) -> None:
    """Paint an owl."""
    coat = shade(of(chance.choice(("8a6a52", "6f6a7a", "a5835f"))), palette)
    pale = mix(coat, (255, 246, 230), 0.72)
    place.dot(0.0, 0.0, 0.34, mix(palette.near, INK, 0.6), tall=0.13, opacity=0.5)
    place.shape(
        [
            (0.0, 0.0),
            (-0.24, -0.06),
            (-0.31, -0.42),
            (-0.27, -0.8),
            (-0.24, -0.98),
            (-0.1, -0.9),
            (0.1, -0.9),
            (0.24, -0.98),
            (0.27, -0.8),
            (0.31, -0.42),
            (0.24, -0.06),
        ],
        coat,
    )
    place.shape([(0.0, -0.03), (-0.16, -0.12), (-0.17, -0.4), (0.0, -0.5), (0.17, -0.4), (0.16, -0.12)], pale)
    for row in range(4):
        for step in range(-1, 2):
            x = step * 0.09 + (row % 2) * 0.045 - 0.02
            place.shape([(x - 0.03, -0.4 + row * 0.08), (x + 0.03, -0.4 + row * 0.08), (x, -0.355 + row * 0.08)], coat)
    place.twice([(0.24, -0.5), (0.33, -0.3), (0.22, -0.08), (0.2, -0.3)], mix(coat, INK, 0.25))
    for side in (-1, 1):
        place.dot(side * 0.11, -0.7, 0.115, pale)
        place.dot(side * 0.11, -0.7, 0.075, (247, 190, 70))
        place.dot(side * 0.11, -0.7, 0.045, INK)
        place.dot(side * 0.11 + 0.02, -0.72, 0.015, WHITE)
        place.dot(side * 0.08, 0.0, 0.05, (232, 160, 60), tall=0.5)
    place.shape([(-0.035, -0.66), (0.035, -0.66), (0.0, -0.57)], (232, 160, 60))


def paint_robot(place: Place, palette: Palette, chance: random.Random) -> None:
    """Paint a small friendly robot."""
    steel = shade(of(chance.choice(("dfe7ec", "9fc5c8", "f0c987"))), palette)
    dim = mix(steel, INK, 0.22)
    glow = chance.choice(((126, 240, 255), (255, 196, 92)))
    place.dot(0.0, 0.0, 0.34, mix(palette.near, INK, 0.6), tall=0.13, opacity=0.5)
    place.twice([(0.05, -0.2), (0.05, 0.0), (0.17, 0.0), (0.16, -0.2)], dim)
    place.twice([(0.2, -0.46), (0.33, -0.4), (0.34, -0.2), (0.27, -0.18), (0.26, -0.36)], dim)
    place.shape([(-0.2, -0.5), (-0.22, -0.14), (0.22, -0.14), (0.2, -0.5)], steel)
    place.shape([(-0.3, -0.94), (-0.31, -0.56), (0.31, -0.56), (0.3, -0.94)], steel)
    place.shape([(-0.24, -0.87), (-0.245, -0.64), (0.245, -0.64), (0.24, -0.87)], (32, 42, 58))
    place.shape([(-0.012, -1.1), (-0.012, -0.93), (0.012, -0.93), (0.012, -1.1)], dim, soft=False)
    place.dot(0.0, -1.1, 0.04, glow)
    for side in (-1, 1):
        place.dot(side * 0.11, -0.76, 0.045, glow)
        place.dot(side * 0.33, -0.75, 0.04, dim, tall=1.6)
    place.dot(0.0, -0.33, 0.06, glow, opacity=0.9)
    place.canvas.glow(place.at(0.0, -0.76), place.size * 0.5, glow, strength=0.35)
