"""A picture without things: flowing bands of colour, soft discs and thin lines."""

from __future__ import annotations

import math

from sandbox.hunyuan.drawing.canvas import Canvas, Pen, Point, area
from sandbox.hunyuan.drawing.colour import Colour, Palette, mix, turned


def paint_abstract(canvas: Canvas, palette: Palette) -> None:
    """Paint bands that flow over each other like dunes of light."""
    chance = canvas.chance
    hue = chance.choice((0.08, -0.12, 0.42, 0.5))
    ends = (mix(palette.top, palette.middle, 0.3), turned(palette.accent, hue=hue * 0.2), palette.low)
    canvas.image = canvas.gradient(
        [(0.0, palette.low), (0.55, mix(palette.low, palette.middle, 0.6)), (1.0, palette.top)]
    )
    _discs(canvas, palette)
    bands = chance.randrange(8, 12)
    phase = [chance.uniform(0, 6.28) for _ in range(3)]
    for index in range(bands):
        share = index / (bands - 1)
        colour = mix(ends[2], ends[1], share * 2) if share < 0.5 else mix(ends[1], ends[0], share * 2 - 1)
        line = _flow(canvas, share, phase)
        top = min(y for _, y in line) / canvas.height
        edge = mix(colour, (255, 255, 255), 0.42)
        below: list[Point] = [*line, (canvas.width, canvas.height), (0, canvas.height)]
        shadow = [(x, y - canvas.unit * 0.012) for x, y in below]
        canvas.fill(area(shadow), mix(palette.near, palette.top, 0.4), opacity=0.2, blur=0.016)
        canvas.pour(
            area(below),
            [(0.0, edge), (max(0.0, top), edge), (min(1.0, top + 0.34), colour), (1.0, colour)],
        )
    _lines(canvas, palette)


def _flow(canvas: Canvas, share: float, phase: list[float]) -> list[Point]:
    level = 0.36 + 0.62 * share**1.1

    def at(part: float) -> Point:
        angle = part * canvas.width / canvas.unit
        rise = 0.1 * math.sin(2.1 * angle + phase[0] + share * 2.6) + 0.045 * math.sin(
            4.3 * angle + phase[1] - share * 4
        )
        return part * canvas.width, (level - rise * (1 - 0.4 * share)) * canvas.height

    return [at(step / 140) for step in range(141)]


def _discs(canvas: Canvas, palette: Palette) -> None:
    chance = canvas.chance
    for index in range(3):
        radius = canvas.unit * (0.24, 0.1, 0.05)[index] * chance.uniform(0.85, 1.15)
        centre = chance.uniform(0.18, 0.82) * canvas.width, chance.uniform(0.14, 0.36) * canvas.height
        colour: Colour = (palette.light, palette.accent, palette.top)[index]
        canvas.glow(centre, radius * 2.2, colour, strength=0.4)
        canvas.ellipse(centre, (radius, radius), colour, opacity=0.92)


def _lines(canvas: Canvas, palette: Palette) -> None:
    chance = canvas.chance
    centre = chance.uniform(0.2, 0.8) * canvas.width, chance.uniform(0.15, 0.4) * canvas.height

    def circles(pen: Pen) -> None:
        for step in range(5):
            radius = canvas.unit * (0.16 + 0.05 * step)
            around = [
                (centre[0] + radius * math.cos(a / 40), centre[1] + radius * math.sin(a / 40)) for a in range(252)
            ]
            pen.line(around, canvas.unit * 0.0016)

    canvas.fill(circles, palette.light, opacity=0.5)
