"""Land and water: ridges that pale with distance, dunes, hills, lakes and seas with the sky in them."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

from PIL import Image, ImageFilter

from sandbox.hunyuan.drawing.canvas import Canvas, Pen, Point, area, column
from sandbox.hunyuan.drawing.colour import Colour, Palette, mix

Ridge = list[Point]
WHITE = (255, 255, 255)


def paint_ridges(
    canvas: Canvas, palette: Palette, *, top: float, bottom: float, count: int, snowy: bool = False
) -> None:
    """Paint `count` mountain ridges from far to near between two heights, with mist in the valleys."""
    for index in range(count):
        depth = index / max(count - 1, 1)
        level = top + (bottom - top) * depth
        height = (0.3 - 0.13 * depth) * min(1.0, 0.9 * canvas.height / canvas.width + 0.35)
        ridge = _jagged(canvas, level, height)
        colour = mix(palette.far, palette.near, 0.08 + 0.62 * depth**1.3)
        foot = mix(colour, palette.low, 0.62)
        base = min(1.0, level + 0.24)
        canvas.pour(below(canvas, ridge), [(0.0, colour), (max(0.0, level - 0.12), colour), (base, foot), (1.0, foot)])
        if snowy and depth < 0.4:
            _caps(canvas, palette, ridge, level)
        if index < count - 1:
            canvas.haze(level - 0.02, level + 0.2, palette.low, strength=0.55)


def paint_hills(canvas: Canvas, palette: Palette, *, top: float, count: int, first: float = 0.45) -> Ridge:
    """Paint rolling hills from `top` down to the lower edge and return the line of the nearest."""
    hill: Ridge = []
    for index in range(count):
        depth = index / max(count - 1, 1)
        level = top + (0.87 - top) * depth
        hill = rolling(canvas, level, 0.05 - 0.012 * depth)
        colour = mix(palette.far, palette.near, first + (1 - first) * depth)
        lit = mix(colour, palette.light, 0.16 * (1 - depth * 0.5))
        canvas.pour(
            below(canvas, hill), [(0.0, lit), (level - 0.03, lit), (min(1.0, level + 0.16), colour), (1.0, colour)]
        )
    return hill


def paint_dunes(canvas: Canvas, palette: Palette, *, top: float) -> Ridge:
    """Paint dunes, each with a bright and a shaded flank."""
    dune: Ridge = []
    for index in range(5):
        depth = index / 4
        level = top + (0.86 - top) * depth
        dune = rolling(canvas, level, 0.06 + 0.02 * depth)
        bright = mix(mix(palette.far, palette.light, 0.35), palette.near, 0.2 * depth)
        dark = mix(palette.far, palette.near, 0.35 + 0.3 * depth)
        canvas.pour(
            below(canvas, dune), [(0.0, bright), (level - 0.03, bright), (min(1.0, level + 0.17), dark), (1.0, dark)]
        )
    return dune


def paint_ground(canvas: Canvas, palette: Palette, *, level: float = 0.86) -> Ridge:
    """Paint the near ground that figures sit on, and return its line."""
    ground = rolling(canvas, level, 0.022)
    near = mix(palette.near, (0, 0, 0), 0.18)
    canvas.pour(below(canvas, ground), [(0.0, palette.near), (level - 0.02, palette.near), (1.0, near)])
    return ground


def paint_water(canvas: Canvas, palette: Palette, *, horizon: float, light: Point, waves: bool) -> None:
    """Mirror what is above `horizon` (a part of the height) into water, with ripples and a path of light."""
    line = round(horizon * canvas.height)
    depth = canvas.height - line
    above = canvas.image.crop((0, max(0, line - depth), canvas.width, line)).transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    mirrored = above.resize((canvas.width, depth)).filter(ImageFilter.GaussianBlur(canvas.unit * 0.006))
    deep = mix(palette.top, palette.near, 0.55)
    shade = column([(0.0, (55, 55, 55)), (1.0, (190, 190, 190))]).convert("L").resize((canvas.width, depth))
    mirrored.paste(deep, mask=shade)
    canvas.image.paste(mirrored, (0, line))
    bright = mix(palette.low, WHITE, 0.25)
    canvas.fill(_ripples(canvas, line, spread=None), bright, opacity=0.34 if waves else 0.2)
    canvas.fill(_ripples(canvas, line, spread=light[0]), palette.light, opacity=0.75)
    canvas.fill(lambda pen: pen.box(0, line - 1, canvas.width, line), bright, opacity=0.4)


def line_at(ridge: Ridge, x: float) -> float:
    """Return how high (in pixels from the top) a ridge is at `x`."""
    return min(ridge, key=lambda point: abs(point[0] - x))[1]


def _ripples(canvas: Canvas, line: int, *, spread: float | None) -> Callable[[Pen], None]:
    """Return strokes that grow longer towards the viewer; gathered below the light if `spread` says where it is."""
    chance, depth = canvas.chance, canvas.height - line

    def strokes(pen: Pen) -> None:
        for _ in range(150 if spread is None else 110):
            near = chance.random() ** 1.4
            y = line + 3 + near * depth
            length = canvas.unit * (0.01 + 0.09 * near) * chance.uniform(0.4, 1.2)
            reach = canvas.unit * (0.03 + 0.1 * near)
            x = chance.uniform(0, canvas.width) if spread is None else chance.gauss(spread, reach)
            thick = canvas.unit * (0.0008 + 0.0024 * near)
            pen.ellipse((x, y), (length, thick), chance.randrange(90, 256))

    return strokes


def below(canvas: Canvas, ridge: Ridge) -> Callable[[Pen], None]:
    """Return what draws everything under a line."""
    bottom = [(float(canvas.width), float(canvas.height)), (0.0, float(canvas.height))]
    return area([*ridge, *bottom])


def rolling(canvas: Canvas, level: float, height: float) -> Ridge:
    """Return a soft line of a few slow waves around `level`."""
    chance = canvas.chance
    waves = [(chance.uniform(0.6, 1.3) * 2**k, chance.uniform(0, 6.28), 0.62**k) for k in range(3)]
    aspect = canvas.width / canvas.unit

    def at(part: float) -> Point:
        rise = sum(size * math.sin(part * aspect * speed * 3.1 + phase) for speed, phase, size in waves)
        return part * canvas.width, (level - height * rise) * canvas.height

    return [at(step / 160) for step in range(161)]


def _jagged(canvas: Canvas, level: float, height: float) -> Ridge:
    """Return the line of a mountain range by halving spans and shifting their middles."""
    chance = canvas.chance
    spans = max(4, round(4.4 * canvas.width / canvas.unit))
    heights = [
        chance.uniform(0.55, 1.1) if k % 2 else chance.uniform(-0.1, 0.35) for k in range(spans + chance.randrange(2))
    ]
    rough = 0.24
    while len(heights) < 260:
        middles = [(a + b) / 2 + chance.uniform(-rough, rough) for a, b in pairwise(heights)]
        heights = [each for pair in zip(heights, middles, strict=False) for each in pair] + [heights[-1]]
        rough *= 0.48
    last = len(heights) - 1
    return [
        (canvas.width * i / last, (level + height * (0.35 - each)) * canvas.height) for i, each in enumerate(heights)
    ]


def _caps(canvas: Canvas, palette: Palette, ridge: Ridge, level: float) -> None:
    """Put snow on what rises high over the ridge's level."""
    chance = canvas.chance
    border = (level - 0.055) * canvas.height
    teeth = [chance.uniform(0.3, 0.8) for _ in range(len(ridge) // 5 + 2)]

    def hem(index: int, y: float) -> float:
        part = index / 5 - index // 5
        share = teeth[index // 5] * (1 - part) + teeth[index // 5 + 1] * part
        return max(y, y + (border - y) * share)

    lower = [(x, hem(index, y)) for index, (x, y) in enumerate(ridge)]
    canvas.fill(area([*ridge, *reversed(lower)]), mix(WHITE, palette.low, 0.15), opacity=0.85)


def shade(colour: Colour, palette: Palette) -> Colour:
    """Return how a colour looks in this scene's light: bluer and darker at night."""
    return mix(colour, palette.near, 0.42) if palette.dark else mix(colour, palette.low, 0.06)
