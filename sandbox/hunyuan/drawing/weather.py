"""What lies over the whole scene: rain with rings on the ground, snow, petals, mist, a darkening towards the edges."""

from __future__ import annotations

import math

from PIL import Image

from sandbox.hunyuan.drawing.canvas import Canvas, Pen, ring
from sandbox.hunyuan.drawing.colour import Colour, Palette, mix


def paint_rain(canvas: Canvas, palette: Palette) -> None:
    """Let it rain in three planes, with small rings where the drops fall."""
    chance = canvas.chance
    slant = chance.uniform(-0.28, 0.28)
    colour = mix(palette.light, palette.low, 0.2)
    for near in (0.0, 0.5, 1.0):

        def drops(pen: Pen, near: float = near) -> None:
            for _ in range(round((420 - 250 * near) * canvas.width / canvas.unit)):
                x, y = chance.uniform(-0.1, 1.1) * canvas.width, chance.uniform(-0.1, 1.0) * canvas.height
                length = canvas.unit * (0.022 + 0.055 * near) * chance.uniform(0.6, 1.3)
                pen.line([(x, y), (x - slant * length, y + length)], canvas.unit * (0.0009 + 0.0013 * near))

        canvas.fill(drops, colour, opacity=0.26 + 0.12 * near)
    for _ in range(30):
        near = chance.random()
        centre = chance.uniform(0, canvas.width), canvas.height * (0.9 + 0.1 * near)
        radius = canvas.unit * (0.008 + 0.02 * near) * chance.uniform(0.5, 1.2)
        outer, inner = ring(centre, (radius, radius * 0.28)), ring(centre, (radius * 0.86, radius * 0.22))
        canvas.polygon([*outer, outer[0], inner[0], *reversed(inner)], colour, opacity=0.5)


def paint_snowfall(canvas: Canvas) -> None:
    """Let it snow: small flakes far away, a few large soft ones near."""
    chance = canvas.chance
    for near, count in ((0.0, 420), (0.5, 130), (1.0, 26)):

        def flakes(pen: Pen, near: float = near, count: int = count) -> None:
            for _ in range(round(count * canvas.width / canvas.unit)):
                place = chance.uniform(0, canvas.width), chance.uniform(0, canvas.height)
                size = canvas.unit * (0.0014 + 0.0065 * near) * chance.uniform(0.6, 1.4)
                pen.ellipse(place, (size, size), chance.randrange(150, 256))

        canvas.fill(flakes, (255, 255, 255), opacity=0.9 - 0.25 * near, blur=0.0012 * near)


def paint_petals(canvas: Canvas, colour: Colour) -> None:
    """Let petals or leaves drift through the air."""
    chance = canvas.chance
    for _ in range(46):
        x, y = chance.uniform(0, canvas.width), chance.uniform(0, canvas.height * 0.95)
        size, turn = canvas.unit * chance.uniform(0.005, 0.014), chance.uniform(0, 6.28)
        leaf = [(0.0, -0.9), (0.45, 0.0), (0.0, 0.9), (-0.45, 0.0)]
        turned_leaf = [
            (x + size * (a * math.cos(turn) - b * math.sin(turn)), y + size * (a * math.sin(turn) + b * math.cos(turn)))
            for a, b in leaf
        ]
        canvas.polygon(
            turned_leaf, mix(colour, (255, 255, 255), chance.uniform(0, 0.35)), opacity=chance.uniform(0.55, 0.95)
        )


def darken_edges(canvas: Canvas, *, strength: float = 0.3) -> None:
    """Darken the corners a little, which gathers the eye."""
    circle = Image.radial_gradient("L").crop((38, 38, 218, 218)).resize(canvas.image.size, Image.Resampling.BICUBIC)
    canvas.image.paste((12, 12, 24), mask=circle.point(lambda level: max(0, level - 70) * strength))
