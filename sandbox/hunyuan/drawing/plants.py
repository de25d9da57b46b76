"""What grows: bamboo, pines and round trees, grass and flowers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

from sandbox.hunyuan.drawing.canvas import Canvas, Pen, Point
from sandbox.hunyuan.drawing.colour import Colour, Palette, mix, turned
from sandbox.hunyuan.drawing.land import Ridge, line_at, shade


def paint_bamboo(canvas: Canvas, palette: Palette, *, keep_clear: tuple[float, float] | None = None) -> None:
    """Paint a bamboo grove in four planes; the near stems leave `keep_clear` (parts of the width) free."""
    for plane in range(4):
        near = plane / 3
        colour = mix(mix(palette.far, palette.low, 0.35), palette.near, 0.1 + 0.75 * near)
        colour = mix(colour, (74, 132, 84), 0.22 + 0.3 * near)
        count = round((19, 13, 9, 5)[plane] * canvas.width / canvas.height / 1.2) + 1
        stems = [_stem(canvas, near, keep_clear) for _ in range(count)]
        canvas.fill(partial(_stems, canvas, stems=stems, near=near), colour, blur=0.002 * (plane == 0))
        if plane > 1:
            gloss = mix(colour, palette.light, 0.4)
            canvas.fill(partial(_gloss, stems=stems), gloss, opacity=0.25 + 0.2 * near)
        leaf = mix(colour, palette.near, 0.2)
        canvas.fill(partial(_bamboo_leaves, canvas, stems=stems, near=near), leaf)
        if plane < 3:
            canvas.haze(0.2, 1.0, palette.low, strength=0.42 - 0.1 * plane)


def _stem(canvas: Canvas, near: float, keep_clear: tuple[float, float] | None) -> tuple[Point, Point, float]:
    chance = canvas.chance
    part = chance.uniform(-0.02, 1.02)
    if keep_clear and near > 0.5 and keep_clear[0] < part < keep_clear[1]:
        part = chance.choice((chance.uniform(-0.02, keep_clear[0]), chance.uniform(keep_clear[1], 1.02)))
    lean = chance.gauss(0, 0.03) * canvas.unit
    x = part * canvas.width
    return (x, canvas.height * 1.02), (x + lean, -0.05 * canvas.height), canvas.unit * (0.006 + 0.013 * near)


def _along(stem: tuple[Point, Point, float], part: float) -> Point:
    (x0, y0), (x1, y1), _ = stem
    return x0 + (x1 - x0) * part, y0 + (y1 - y0) * part


def _stems(canvas: Canvas, pen: Pen, *, stems: Sequence[tuple[Point, Point, float]], near: float) -> None:
    for stem in stems:
        width = stem[2]
        joints = 9 - round(3 * near)
        offset = canvas.chance.random() / joints
        for joint in range(joints + 1):
            low, high = _along(stem, joint / joints - offset), _along(stem, (joint + 1) / joints - offset)
            gap = width * 0.28
            pen.polygon(
                [
                    (low[0] - width * 1.08, low[1] - gap),
                    (low[0] + width * 1.08, low[1] - gap),
                    (high[0] + width * 0.92, high[1] + gap),
                    (high[0] - width * 0.92, high[1] + gap),
                ]
            )
            pen.ellipse(low, (width * 1.2, width * 0.3), 235)


def _gloss(pen: Pen, *, stems: Sequence[tuple[Point, Point, float]]) -> None:
    for (x0, y0), (x1, y1), width in stems:
        pen.line([(x0 - width * 0.35, y0), (x1 - width * 0.35, y1)], width * 0.4)


def _bamboo_leaves(canvas: Canvas, pen: Pen, *, stems: Sequence[tuple[Point, Point, float]], near: float) -> None:
    chance = canvas.chance
    for stem in stems:
        for _ in range(3 + round(2 * near)):
            x, y = _along(stem, chance.uniform(0.35, 1.0))
            side = chance.choice((-1, 1))
            reach = canvas.unit * (0.03 + 0.05 * near)
            tip = (x + side * reach, y - reach * chance.uniform(0.0, 0.5))
            pen.line([(x, y), tip], max(1.0, stem[2] * 0.14))
            for _ in range(4):
                angle = math.pi / 2 - side * chance.uniform(0.1, 1.15)
                _leaf(pen, tip, angle, reach * chance.uniform(0.7, 1.3))


def _leaf(pen: Pen, root: Point, angle: float, length: float) -> None:
    """Draw one slender leaf from its root; the angle turns clockwise from pointing right."""
    ahead, across = (math.cos(angle), math.sin(angle)), (-math.sin(angle), math.cos(angle))
    outline = ((0.0, 0.0), (0.3, 0.085), (0.65, 0.06), (1.0, 0.0), (0.65, -0.06), (0.3, -0.085))
    pen.polygon(
        [
            (root[0] + length * (a * ahead[0] + b * across[0]), root[1] + length * (a * ahead[1] + b * across[1]))
            for a, b in outline
        ]
    )


def paint_trees(canvas: Canvas, ground: Ridge, colour: Colour, *, count: int, size: float, pines: bool) -> None:
    """Plant trees along a line; `size` is their height in units."""
    chance = canvas.chance

    def trees(pen: Pen) -> None:
        for _ in range(count):
            x = chance.uniform(-0.03, 1.03) * canvas.width
            height = canvas.unit * size * chance.uniform(0.6, 1.25)
            root = (x, line_at(ground, x) + height * 0.1)
            (_pine if pines else _round_tree)(canvas, pen, root, height)

    canvas.fill(trees, colour)


def _pine(canvas: Canvas, pen: Pen, root: Point, height: float) -> None:
    x, y = root
    pen.box(x - height * 0.02, y - height * 0.2, x + height * 0.02, y)
    for tier in range(6):
        top = y - height * (0.16 + 0.17 * (tier + 0.55))
        low = y - height * (0.04 + 0.155 * tier)
        half = height * 0.215 * (1 - tier / 6.6) * canvas.chance.uniform(0.9, 1.1)
        pen.polygon(
            [
                (x, top),
                (x + half, low),
                (x + half * 0.3, low - height * 0.02),
                (x - half * 0.3, low - height * 0.02),
                (x - half, low),
            ]
        )


def _round_tree(canvas: Canvas, pen: Pen, root: Point, height: float) -> None:
    chance, (x, y) = canvas.chance, root
    pen.polygon(
        [
            (x - height * 0.035, y),
            (x - height * 0.015, y - height * 0.6),
            (x + height * 0.015, y - height * 0.6),
            (x + height * 0.035, y),
        ]
    )
    for _ in range(9):
        across, up = chance.gauss(0, 0.14), chance.uniform(0.3, 0.86)
        radius = height * chance.uniform(0.11, 0.18)
        pen.ellipse((x + across * height, y - up * height), (radius, radius * 0.92))


def paint_blossom_tree(canvas: Canvas, palette: Palette, ground: Ridge, *, part: float, blossom: Colour) -> None:
    """Grow one large tree with a branching trunk and clouds of blossom or leaves."""
    x = part * canvas.width
    root = (x, line_at(ground, x) + canvas.unit * 0.02)
    tips: list[Point] = []

    def branches(pen: Pen) -> None:
        _branch(canvas, pen, root, angle=-math.pi / 2, length=canvas.unit * 0.17, width=canvas.unit * 0.028, tips=tips)

    canvas.fill(branches, mix(palette.near, (62, 36, 30), 0.5))
    for layer in range(3):
        colour = mix(mix(blossom, palette.near, 0.28), mix(blossom, palette.light, 0.45), layer / 2)
        radius = canvas.unit * (0.05, 0.036, 0.02)[layer]
        canvas.fill(partial(_crown, canvas, tips=tips, radius=radius), colour, opacity=0.9)


def _branch(
    canvas: Canvas, pen: Pen, start: Point, *, angle: float, length: float, width: float, tips: list[Point]
) -> None:
    end = (start[0] + math.cos(angle) * length, start[1] + math.sin(angle) * length)
    pen.line([start, end], width)
    pen.ellipse(end, (width / 2, width / 2))
    if length < canvas.unit * 0.05:
        tips.append(end)
        return
    for turn in (-1, 1):
        bend = angle + turn * canvas.chance.uniform(0.22, 0.62)
        shorter = length * canvas.chance.uniform(0.68, 0.82)
        _branch(canvas, pen, end, angle=bend, length=shorter, width=width * 0.66, tips=tips)


def _crown(canvas: Canvas, pen: Pen, *, tips: Sequence[Point], radius: float) -> None:
    chance = canvas.chance
    for x, y in tips:
        for _ in range(2):
            size = radius * chance.uniform(0.5, 1.1)
            pen.ellipse(
                (x + chance.gauss(0, 1) * radius * 0.8, y + chance.gauss(0, 1) * radius * 0.7), (size, size * 0.9)
            )


def paint_grass(canvas: Canvas, ground: Ridge, colour: Colour, *, height: float = 0.035) -> None:
    """Let blades grow along the near ground."""
    chance = canvas.chance

    def blades(pen: Pen) -> None:
        for step in range(round(canvas.width / canvas.unit * 260)):
            x = canvas.width * step / (canvas.width / canvas.unit * 260)
            y = line_at_fast(ground, x, canvas.width) + canvas.unit * 0.012
            tall = canvas.unit * height * chance.uniform(0.3, 1.0)
            bend = chance.gauss(0, 0.35) * tall
            half = canvas.unit * 0.0022
            pen.polygon([(x - half, y), (x + bend, y - tall), (x + half, y)])

    canvas.fill(blades, colour)


def line_at_fast(ground: Ridge, x: float, width: float) -> float:
    """Return the height of an evenly spaced line at `x` without looking for it."""
    index = round(x / width * (len(ground) - 1))
    return ground[min(max(index, 0), len(ground) - 1)][1]


def paint_flowers(canvas: Canvas, palette: Palette, ground: Ridge, *, count: int = 150) -> None:
    """Scatter flowers over the near ground, larger towards the viewer."""
    chance = canvas.chance
    hues = [turned(palette.accent, hue=turn) for turn in (0.0, 0.06, -0.08, 0.5)] + [(255, 250, 240)]
    for _ in range(count):
        x = chance.uniform(0, canvas.width)
        top = line_at_fast(ground, x, canvas.width)
        near = chance.random() ** 0.8
        place = (x, top + near * (canvas.height - top))
        size = canvas.unit * (0.005 + 0.013 * near)
        _flower(canvas, place, size, shade(chance.choice(hues), palette))


def _flower(canvas: Canvas, place: Point, size: float, colour: Colour) -> None:
    turn = canvas.chance.random() * 6.28
    petals = canvas.chance.choice((5, 5, 6))
    outline: list[Point] = []
    for step in range(petals * 6):
        angle = turn + 2 * math.pi * step / (petals * 6)
        reach = size * (0.62 + 0.38 * abs(math.cos(petals * (angle - turn) / 2)))
        outline.append((place[0] + reach * math.cos(angle), place[1] + reach * 0.72 * math.sin(angle)))
    canvas.polygon(outline, colour)
    canvas.ellipse(place, (size * 0.28, size * 0.2), (255, 214, 102))
