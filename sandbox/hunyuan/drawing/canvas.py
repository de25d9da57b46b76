"""A picture in the making: soft gradients, shapes with smooth edges, light, haze and grain, all repeatable by seed."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from sandbox.hunyuan.drawing.colour import Colour, mix

Point = tuple[float, float]
FINE: Final = 2
"""Shapes are drawn this much larger and then reduced, so that their edges are smooth."""


@dataclass(slots=True)
class Canvas:
    """`unit` is the shorter side in pixels; sizes are best given in it, so that every shape of picture looks alike."""

    width: int
    height: int
    chance: random.Random
    image: Image.Image = field(init=False)
    unit: float = field(init=False)

    def __post_init__(self) -> None:
        self.image = Image.new("RGB", (self.width, self.height))
        self.unit = float(min(self.width, self.height))

    def gradient(self, stops: Sequence[tuple[float, Colour]]) -> Image.Image:
        """Return a vertical gradient of the picture's size; stops are parts of its height, from 0 to 1."""
        return self.spread(column(stops))

    def spread(self, strip: Image.Image) -> Image.Image:
        """Stretch a gradient one pixel wide to the picture's size."""
        tall = strip.resize((1, self.height), Image.Resampling.BICUBIC)
        return tall.resize((self.width, self.height), Image.Resampling.NEAREST)

    def fill(self, draw: Callable[[Pen], None], colour: Colour, *, opacity: float = 1.0, blur: float = 0.0) -> None:
        """Draw shapes in one colour; `blur` is a part of the unit."""
        self.image.paste(colour, mask=self.mask(draw, opacity=opacity, blur=blur))

    def pour(self, draw: Callable[[Pen], None], stops: Sequence[tuple[float, Colour]]) -> None:
        """Draw shapes filled with a vertical gradient of the whole picture."""
        self.image.paste(self.gradient(stops), mask=self.mask(draw))

    def mask(self, draw: Callable[[Pen], None], *, opacity: float = 1.0, blur: float = 0.0) -> Image.Image:
        """Return what `draw` leaves on an empty sheet; what is blurred anyway needs no smooth edges first."""
        fine = 1 if blur else FINE
        sheet = Image.new("L", (self.width * fine, self.height * fine))
        draw(Pen(ImageDraw.Draw(sheet), fine))
        reduced = sheet.filter(ImageFilter.GaussianBlur(blur * self.unit)) if blur else sheet.reduce(fine)
        return reduced if opacity >= 1.0 else reduced.point(lambda level: level * opacity)

    def polygon(self, points: Sequence[Point], colour: Colour, *, opacity: float = 1.0) -> None:
        """Draw one small shape; only its surroundings are touched, which makes many of them cheap."""
        left, top = (math.floor(min(axis)) - 1 for axis in zip(*points, strict=True))
        right, bottom = (math.ceil(max(axis)) + 1 for axis in zip(*points, strict=True))
        if right <= 0 or bottom <= 0 or left >= self.width or top >= self.height:
            return
        fine = FINE * 2
        sheet = Image.new("L", ((right - left) * fine, (bottom - top) * fine))
        moved = [((x - left) * fine, (y - top) * fine) for x, y in points]
        ImageDraw.Draw(sheet).polygon(moved, fill=round(255 * opacity))
        self.image.paste(colour, (left, top), sheet.reduce(fine))

    def ellipse(self, centre: Point, radius: Point, colour: Colour, *, opacity: float = 1.0) -> None:
        """Draw one ellipse."""
        self.polygon(ring(centre, radius), colour, opacity=opacity)

    def glow(self, centre: Point, radius: float, colour: Colour, *, strength: float = 1.0) -> None:
        """Add light that fades with the distance from `centre`."""
        side = max(2, round(radius * 2))
        light = Image.radial_gradient("L").point(lambda level: max(0.0, 1 - level / 178) ** 2 * 255 * strength)
        left, top = round(centre[0] - radius), round(centre[1] - radius)
        box = (max(left, 0), max(top, 0), min(left + side, self.width), min(top + side, self.height))
        if box[0] >= box[2] or box[1] >= box[3]:
            return
        spot = light.resize((side, side), Image.Resampling.BICUBIC)
        spot = spot.crop((box[0] - left, box[1] - top, box[2] - left, box[3] - top))
        lit = ImageChops.screen(self.image.crop(box), Image.new("RGB", spot.size, colour))
        self.image.paste(lit, box[:2], spot)

    def noise(self, columns: int, rows: int, *, octaves: int = 3) -> Image.Image:
        """Return smooth clouds in grey: coarse random spots, with finer ones upon them."""
        clouds = self._spots(columns, rows)
        for octave in range(1, octaves):
            finer = self._spots(columns * 2**octave, rows * 2**octave)
            clouds = Image.blend(clouds, finer, 0.5 / (octave + 0.4))
        return clouds.resize((self.width, self.height), Image.Resampling.BICUBIC)

    def haze(self, top: float, bottom: float, colour: Colour, *, strength: float = 0.6) -> None:
        """Lay a bank of mist between two heights (parts of the picture's height)."""
        span = column([(0.0, (0, 0, 0)), (top, (0, 0, 0)), ((top + bottom) / 2, (255, 255, 255)), (bottom, (0, 0, 0))])
        band = self.spread(span.convert("L"))
        mist = ImageChops.multiply(band, self.noise(5, 9).point(lambda level: min(255, level * 1.5)))
        self.image.paste(colour, mask=mist.point(lambda level: level * strength))

    def grain(self, amount: int = 2) -> None:
        """Lay fine grain over the whole picture, which also hides the steps of the gradients."""
        random_bytes = self.chance.randbytes(self.width * self.height)
        levels = Image.frombytes("L", (self.width, self.height), random_bytes)
        levels = levels.point(lambda level: level * (2 * amount + 1) // 256)
        self.image = ImageChops.add(self.image, Image.merge("RGB", (levels,) * 3), offset=-amount)

    def _spots(self, columns: int, rows: int) -> Image.Image:
        spots = Image.frombytes("L", (columns, rows), self.chance.randbytes(columns * rows))
        return spots.resize((self.width // 4, self.height // 4), Image.Resampling.BICUBIC)


@dataclass(frozen=True, slots=True)
class Pen:
    """Draws on a mask in the picture's own coordinates."""

    draw: ImageDraw.ImageDraw
    scale: int

    def polygon(self, points: Sequence[Point], level: int = 255) -> None:
        """Fill a polygon."""
        self.draw.polygon([(x * self.scale, y * self.scale) for x, y in points], fill=level)

    def ellipse(self, centre: Point, radius: Point, level: int = 255) -> None:
        """Fill an ellipse."""
        (x, y), (across, down) = centre, radius
        box = (x - across, y - down, x + across, y + down)
        self.draw.ellipse([each * self.scale for each in box], fill=level)

    def line(self, points: Sequence[Point], width: float, level: int = 255) -> None:
        """Draw a line with round joints."""
        scaled = [(x * self.scale, y * self.scale) for x, y in points]
        self.draw.line(scaled, fill=level, width=max(1, round(width * self.scale)), joint="curve")

    def box(self, left: float, top: float, right: float, bottom: float, level: int = 255) -> None:
        """Fill an upright rectangle."""
        self.draw.rectangle([each * self.scale for each in (left, top, max(left, right), max(top, bottom))], fill=level)


def area(points: Sequence[Point]) -> Callable[[Pen], None]:
    """Return what draws one polygon."""
    return lambda pen: pen.polygon(points)


def column(stops: Sequence[tuple[float, Colour]], *, steps: int = 128) -> Image.Image:
    """Return a gradient one pixel wide."""
    rows = (_colour_at(stops, row / (steps - 1)) for row in range(steps))
    return Image.frombytes("RGB", (1, steps), bytes(part for colour in rows for part in colour))


def _colour_at(stops: Sequence[tuple[float, Colour]], place: float) -> Colour:
    before = stops[0]
    for stop in stops:
        if place <= stop[0]:
            span = stop[0] - before[0]
            return mix(before[1], stop[1], (place - before[0]) / span if span > 0 else 1.0)
        before = stop
    return before[1]


def ring(centre: Point, radius: Point, *, steps: int = 40) -> list[Point]:
    """Return the outline of an ellipse."""
    angles = (2 * math.pi * step / steps for step in range(steps))
    return [(centre[0] + radius[0] * math.cos(angle), centre[1] + radius[1] * math.sin(angle)) for angle in angles]


def smooth(points: Sequence[Point], *, steps: int = 8, closed: bool = True) -> list[Point]:
    """Return a soft curve through the points (Catmull-Rom)."""
    count = len(points)
    spans = count if closed else count - 1

    def at(index: int) -> Point:
        return points[index % count] if closed else points[min(max(index, 0), count - 1)]

    curve: list[Point] = []
    for index in range(spans):
        corners = at(index - 1), at(index), at(index + 1), at(index + 2)
        curve += [_between(corners, step / steps) for step in range(steps)]
    return curve if closed else [*curve, points[-1]]


def _between(corners: tuple[Point, Point, Point, Point], t: float) -> Point:
    a, b, c, d = corners
    x, y = (
        0.5 * (2 * b[i] + (c[i] - a[i]) * t + (2 * a[i] - 5 * b[i] + 4 * c[i] - d[i]) * t**2)
        + 0.5 * (3 * b[i] - a[i] - 3 * c[i] + d[i]) * t**3
        for i in (0, 1)
    )
    return x, y
