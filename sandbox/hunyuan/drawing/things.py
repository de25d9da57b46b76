"""Things people make, from an umbrella to a city, and the birds and whales beside them."""

from __future__ import annotations

import math
from functools import partial

from sandbox.hunyuan.drawing.animals import INK, Place
from sandbox.hunyuan.drawing.canvas import Canvas, Pen, Point, smooth
from sandbox.hunyuan.drawing.colour import Colour, Palette, mix, turned
from sandbox.hunyuan.drawing.land import shade

WARM = (255, 214, 130)
CREAM = (252, 240, 220)


def paint_umbrella(place: Place, palette: Palette) -> None:
    """Hold an umbrella over a figure."""
    red = shade(palette.accent, palette)
    place.shape([(0.3, -1.3), (0.3, -0.05), (0.325, -0.05), (0.325, -1.3)], mix(INK, red, 0.2), soft=False)
    top = [(0.31 + 0.78 * math.cos(a), -1.05 - 0.44 * math.sin(a)) for a in (math.pi * k / 20 for k in range(21))]
    hem = [(-0.47 + 1.56 * k / 24, -1.05 - 0.045 * abs(math.sin(math.pi * k / 6))) for k in range(25)]
    place.shape([*top, *hem], red, soft=False)
    for share, tone in ((0.5, 0.14), (0.16, 0.28)):
        gore = [(0.31 + (x - 0.31) * share, y) for x, y in top]
        place.shape(
            [*gore, (0.31 - 0.78 * share, -1.07), (0.31 + 0.78 * share, -1.07)], mix(red, CREAM, tone), soft=False
        )
    place.shape([(0.3, -1.56), (0.32, -1.56), (0.33, -1.46), (0.29, -1.46)], INK, soft=False)


def paint_house(place: Place, palette: Palette) -> None:
    """Build a cottage with lit windows and smoke from its chimney."""
    wall, roof = shade(CREAM, palette), shade(mix(palette.accent, (120, 50, 40), 0.45), palette)
    place.dot(0.0, 0.0, 0.8, INK, tall=0.08, opacity=0.25)
    for index in range(7):
        size = 0.06 + 0.025 * index
        place.dot(
            0.36 + 0.05 * index + 0.04 * math.sin(index), -1.12 - 0.13 * index, size, CREAM, opacity=0.2 - 0.02 * index
        )
    place.shape([(0.28, -1.1), (0.28, -0.6), (0.42, -0.6), (0.42, -1.1)], mix(wall, INK, 0.35), soft=False)
    place.shape([(-0.6, 0.0), (-0.6, -0.5), (0.6, -0.5), (0.6, 0.0)], wall, soft=False)
    place.shape([(0.2, 0.0), (0.2, -0.5), (0.6, -0.5), (0.6, 0.0)], mix(wall, INK, 0.12), soft=False)
    place.shape([(-0.72, -0.46), (-0.46, -0.98), (0.5, -0.98), (0.72, -0.46)], roof, soft=False)
    place.shape([(0.1, -0.46), (0.42, -0.98), (0.5, -0.98), (0.72, -0.46)], mix(roof, INK, 0.18), soft=False)
    place.shape([(-0.12, 0.0), (-0.12, -0.33), (0.08, -0.33), (0.08, 0.0)], mix(roof, INK, 0.35), soft=False)
    for x in (-0.45, 0.3):
        place.shape([(x, -0.16), (x, -0.36), (x + 0.2, -0.36), (x + 0.2, -0.16)], WARM, soft=False)
        place.shape(
            [(x + 0.09, -0.16), (x + 0.09, -0.36), (x + 0.11, -0.36), (x + 0.11, -0.16)],
            mix(wall, INK, 0.4),
            soft=False,
        )
        place.canvas.glow(place.at(x + 0.1, -0.26), place.size * 0.42, WARM, strength=0.5)


def paint_boat(place: Place, palette: Palette) -> None:
    """Sail a small boat, with its image in the water."""
    sail, hull = shade(CREAM, palette), mix(shade(palette.accent, palette), INK, 0.4)
    for mirror, opacity in ((-0.55, 0.3), (1.0, 1.0)):

        def part(points: list[Point], colour: Colour, up: float = mirror, solid: float = opacity) -> None:
            place.shape([(x, y * up) for x, y in points], colour, soft=False, opacity=solid)

        part(smooth([(-0.5, -0.13), (0.55, -0.13), (0.4, 0.0), (-0.35, 0.0)], steps=6), hull)
        part([(-0.01, -1.1), (0.015, -1.1), (0.015, -0.1), (-0.01, -0.1)], INK)
        part(smooth([(0.03, -1.05), (0.28, -0.6), (0.46, -0.2), (0.03, -0.2)], steps=6), sail)
        part([(-0.03, -0.95), (-0.36, -0.2), (-0.03, -0.2)], mix(sail, palette.accent, 0.32))
    place.dot(0.02, 0.012, 0.55, CREAM, tall=0.02, opacity=0.5)


def paint_balloon(place: Place, palette: Palette) -> None:
    """Let a hot-air balloon fly, striped in the accent colours."""
    hues = [shade(turned(palette.accent, hue=turn), palette) for turn in (0.0, 0.5, 0.08)]
    colours = [hues[0], CREAM, hues[1], CREAM, hues[2], CREAM, hues[0]]
    for index, colour in enumerate(colours):
        left, right = -1 + 2 * index / 7, -1 + 2 * (index + 1) / 7
        edge = [_on_balloon(left, step / 16) for step in range(17)] + [
            _on_balloon(right, 1 - step / 16) for step in range(17)
        ]
        dimmed = mix(colour, INK, 0.03 + 0.22 * max(0.0, right) ** 2)
        place.shape(edge, dimmed, soft=False)
    place.shape(
        [(-0.085, -0.16), (0.085, -0.16), (0.07, -0.01), (-0.07, -0.01)],
        mix((150, 96, 52), palette.near, 0.2),
        soft=False,
    )
    for side in (-1, 1):
        place.shape(
            [(side * 0.1, -0.34), (side * 0.107, -0.34), (side * 0.08, -0.15), (side * 0.072, -0.15)],
            INK,
            soft=False,
            opacity=0.8,
        )
    place.canvas.glow(place.at(-0.14, -0.8), place.size * 0.34, (255, 255, 240), strength=0.4)


def _on_balloon(across: float, down: float) -> Point:
    """Return a point of the envelope: `across` from -1 to 1, `down` from its top to its mouth."""
    angle = down * math.pi
    radius = 0.36 * math.sin(angle) if down < 0.55 else 0.36 * math.sin(0.55 * math.pi) * (1 - (down - 0.55) / 0.62)
    bulge = math.sin(across * math.pi / 2)
    return bulge * radius, -1.0 + 0.68 * (1 - math.cos(angle)) / 2


def paint_lanterns(canvas: Canvas, palette: Palette) -> None:
    """Let sky lanterns rise, small ones far and large ones near."""
    chance = canvas.chance
    for index in range(26):
        near = (index / 25) ** 1.8
        size = canvas.unit * (0.010 + 0.045 * near)
        x, y = chance.uniform(0.03, 0.97) * canvas.width, chance.uniform(0.06, 0.66) * canvas.height
        canvas.glow((x, y), size * 4.2, (255, 150, 60), strength=0.5)
        body = [
            (x - size * 0.62, y - size),
            (x + size * 0.62, y - size),
            (x + size * 0.5, y + size * 0.8),
            (x - size * 0.5, y + size * 0.8),
        ]
        canvas.polygon(smooth(body, steps=5), mix((255, 138, 60), palette.near, 0.12))
        canvas.ellipse((x, y + size * 0.45), (size * 0.36, size * 0.4), (255, 232, 170), opacity=0.9)


def paint_birds(canvas: Canvas, palette: Palette, *, horizon: float) -> None:
    """Send a loose flock across the sky."""
    chance = canvas.chance
    centre = chance.uniform(0.25, 0.75) * canvas.width, horizon * chance.uniform(0.25, 0.55) * canvas.height

    def flock(pen: Pen) -> None:
        for _ in range(9):
            x, y = centre[0] + chance.gauss(0, 0.16) * canvas.unit, centre[1] + chance.gauss(0, 0.06) * canvas.unit
            span, lift = canvas.unit * chance.uniform(0.014, 0.032), chance.uniform(0.25, 0.6)
            wings = [
                (x - span, y - span * lift),
                (x - span * 0.45, y - span * lift * 0.95),
                (x, y),
                (x + span * 0.45, y - span * lift * 0.95),
                (x + span, y - span * lift),
            ]
            under = [
                (x + span * 0.4, y - span * lift * 0.6),
                (x, y + span * 0.2),
                (x - span * 0.4, y - span * lift * 0.6),
            ]
            pen.polygon([*smooth(wings, closed=False, steps=5), *smooth(under, closed=False, steps=5)])

    canvas.fill(flock, palette.light if palette.dark else mix(palette.near, palette.far, 0.15), opacity=0.85)


def paint_whale(place: Place, palette: Palette) -> None:
    """Let a whale leap from the sea."""
    blue = shade(mix((52, 78, 120), palette.near, 0.3), palette)
    body = [
        (-0.75, 0.02),
        (-0.62, -0.42),
        (-0.2, -0.86),
        (0.28, -1.02),
        (0.6, -0.9),
        (0.62, -0.74),
        (0.36, -0.52),
        (0.06, -0.2),
        (-0.1, 0.04),
    ]
    place.shape(body, blue)
    place.shape(
        [(0.61, -0.8), (0.36, -0.62), (0.05, -0.3), (-0.12, 0.03), (0.06, -0.2), (0.36, -0.5), (0.6, -0.7)],
        mix(blue, CREAM, 0.72),
    )
    place.shape([(0.1, -0.42), (0.34, -0.26), (0.42, -0.02), (0.18, -0.16)], mix(blue, INK, 0.25))
    place.dot(0.4, -0.78, 0.022, INK)
    for index in range(34):
        angle = math.pi * (0.1 + 0.8 * place.canvas.chance.random())
        reach = 0.25 + 0.4 * place.canvas.chance.random()
        x, y = -0.42 + 0.75 * math.cos(angle) * (0.6 + reach), -reach * math.sin(angle)
        place.dot(x, y, 0.012 + 0.03 * (index % 4) / 4, CREAM, opacity=0.75)
    place.dot(-0.42, 0.02, 0.75, mix(CREAM, palette.middle, 0.5), tall=0.07, opacity=0.55)


def paint_city(canvas: Canvas, palette: Palette, *, base: float) -> None:
    """Raise a skyline in three planes with lit windows; `base` is where it stands (a part of the height)."""
    for plane in range(3):
        near = plane / 2
        colour = mix(mix(palette.far, palette.low, 0.25), palette.near, 0.15 + 0.72 * near)
        towers = _towers(canvas, base, near)
        foot = mix(colour, palette.low, 0.4 if plane < 2 else 0.05)
        canvas.pour(
            partial(_silhouette, canvas, towers=towers),
            [(0.0, colour), (base - 0.2, colour), (base, foot), (1.0, foot)],
        )
        lit = mix(WARM, palette.low, 0.25 * (1 - near))
        share = (0.5 if palette.dark else 0.24) * (0.5 + 0.5 * near)
        canvas.fill(
            partial(_windows, canvas, towers=towers, share=share),
            lit,
            opacity=0.55 + 0.35 * near,
        )
        if palette.dark and plane:
            for x, top, half in towers[::4]:
                canvas.glow(
                    (x, top + canvas.unit * 0.03),
                    canvas.unit * 0.09,
                    canvas.chance.choice((palette.accent, palette.light)),
                    strength=0.55,
                )
                canvas.polygon(
                    [
                        (x - half * 0.5, top + canvas.unit * 0.03),
                        (x + half * 0.5, top + canvas.unit * 0.03),
                        (x + half * 0.5, top + canvas.unit * 0.036),
                        (x - half * 0.5, top + canvas.unit * 0.036),
                    ],
                    palette.accent,
                )
        if plane < 2:
            canvas.haze(base - 0.22, base + 0.08, palette.low, strength=0.5)


def _towers(canvas: Canvas, base: float, near: float) -> list[tuple[float, float, float]]:
    """Return middle, top and half the width of each tower of one plane."""
    chance, towers, x = canvas.chance, [], -0.02 * canvas.width
    while x < canvas.width * 1.02:
        half = canvas.unit * chance.uniform(0.02, 0.036) * (0.7 + 0.7 * near)
        swell = 0.55 + 0.45 * math.sin(x / canvas.width * math.pi) ** 2
        height = canvas.height * chance.triangular(0.08, 0.46, 0.17) * swell * (1.05 - 0.35 * near)
        towers.append((x + half, base * canvas.height - height, half))
        x += half * chance.uniform(1.9, 2.5)
    return towers


def _silhouette(canvas: Canvas, pen: Pen, *, towers: list[tuple[float, float, float]]) -> None:
    for index, (x, top, half) in enumerate(towers):
        pen.box(x - half, top, x + half, canvas.height)
        if index % 3 == 0:
            pen.box(x - half * 0.55, top - half * 0.7, x + half * 0.55, top)
            pen.box(x - half * 0.06, top - half * 2.6, x + half * 0.06, top)
        elif index % 5 == 1:
            pen.polygon([(x - half, top), (x, top - half * 1.5), (x + half, top)])


def _windows(canvas: Canvas, pen: Pen, *, towers: list[tuple[float, float, float]], share: float) -> None:
    chance, fine = canvas.chance, canvas.unit / 720
    for x, top, half in towers:
        columns = max(2, round(half / (4.6 * fine)))
        step = 2 * half / (columns + 0.6)
        y = top + 9 * fine
        while y < canvas.height:
            for place in range(columns):
                if chance.random() < share:
                    left = x - half + step * (place + 0.45)
                    pen.box(left, y, left + step * 0.5, y + 4.2 * fine, chance.randrange(110, 256))
            y += 9.5 * fine
