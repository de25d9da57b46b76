"""Puts a scene together from back to front, as a theme asks."""

from __future__ import annotations

from sandbox.hunyuan.drawing import things
from sandbox.hunyuan.drawing.abstract import paint_abstract
from sandbox.hunyuan.drawing.animals import Place, paint_animal, paint_owl, paint_robot
from sandbox.hunyuan.drawing.canvas import Canvas, Point
from sandbox.hunyuan.drawing.colour import PALETTES, Palette, mix, of
from sandbox.hunyuan.drawing.land import (
    Ridge,
    below,
    line_at,
    paint_dunes,
    paint_ground,
    paint_hills,
    paint_ridges,
    paint_water,
    rolling,
)
from sandbox.hunyuan.drawing.plants import paint_bamboo, paint_blossom_tree, paint_flowers, paint_grass, paint_trees
from sandbox.hunyuan.drawing.sky import paint_sky
from sandbox.hunyuan.drawing.weather import darken_edges, paint_petals, paint_rain, paint_snowfall
from sandbox.hunyuan.drawing.words import Theme

FIGURE_SIZE = 0.4
"""Height of an animal in units."""


def paint_scene(canvas: Canvas, theme: Theme) -> None:
    """Paint everything that the theme names."""
    palette = canvas.chance.choice(PALETTES[theme.mood]).varied(canvas.chance)
    if "abstract" in theme and not theme.animals:
        paint_abstract(canvas, palette)
        darken_edges(canvas, strength=0.12)
        return
    horizon = canvas.chance.uniform(0.56, 0.64)
    light = paint_sky(canvas, theme, palette, horizon=horizon)
    if "bird" in theme:
        things.paint_birds(canvas, palette, horizon=horizon)
    _balloons(canvas, theme, palette)
    spot = canvas.chance.choice((0.34, 0.5, 0.64)) + canvas.chance.uniform(-0.04, 0.04)
    _middle(canvas, theme, palette, horizon=horizon, light=light)
    ground = _foreground(canvas, theme, palette, spot=spot)
    _figures(canvas, theme, palette, ground, spot=spot)
    _weather(canvas, theme, palette)
    darken_edges(canvas)


def _middle(canvas: Canvas, theme: Theme, palette: Palette, *, horizon: float, light: Point) -> None:
    """Paint what stands between the sky and the near ground."""
    wet = "sea" in theme or "lake" in theme or "boat" in theme
    snowy = theme.mood in {"snow", "day", "dawn"} or "snow" in theme
    if "city" in theme:
        things.paint_city(canvas, palette, base=horizon + 0.02 if wet else 0.84)
    elif "desert" in theme:
        paint_dunes(canvas, palette, top=horizon - 0.05)
    elif "mountain" in theme or ("lake" in theme and "forest" not in theme):
        low = horizon - 0.02 if wet else 0.78
        paint_ridges(canvas, palette, top=horizon - 0.14, bottom=low, count=3 if wet else 4, snowy=snowy)
    elif "sea" in theme:
        _islands(canvas, palette, horizon=horizon)
    elif "bamboo" not in theme:
        paint_ridges(canvas, palette, top=horizon - 0.08, bottom=horizon, count=2, snowy=snowy)
    if "forest" in theme:
        _woods(canvas, theme, palette, horizon=horizon, rows=1 if wet else 3)
    if wet and "bamboo" not in theme:
        paint_water(canvas, palette, horizon=horizon, light=light, waves="sea" in theme)
        _afloat(canvas, theme, palette, horizon=horizon)
    elif "city" not in theme and "desert" not in theme and "forest" not in theme and "bamboo" not in theme:
        paint_hills(canvas, palette, top=0.7, count=3)


def _islands(canvas: Canvas, palette: Palette, *, horizon: float) -> None:
    paint_ridges(canvas, palette, top=horizon - 0.005, bottom=horizon + 0.02, count=1)
    canvas.haze(horizon - 0.1, horizon + 0.06, palette.low, strength=0.8)


def _woods(canvas: Canvas, theme: Theme, palette: Palette, *, horizon: float, rows: int) -> None:
    """Paint rows of trees, each nearer, darker and taller."""
    pines = theme.mood != "autumn" and (palette.dark or canvas.chance.random() < 0.6)
    for row in range(rows):
        near = row / max(rows - 1, 1) if rows > 1 else 0.4
        leaf = mix(palette.far, palette.accent, 0.6) if theme.mood == "autumn" else palette.far
        colour = mix(leaf, palette.near, 0.2 + 0.6 * near)
        line = rolling(canvas, horizon + 0.02 + 0.15 * near, 0.014 if rows > 1 else 0.0)
        if rows > 1:
            canvas.fill(below(canvas, line), colour)
        count = round((52 - 26 * near) * canvas.width / canvas.unit)
        paint_trees(canvas, line, colour, count=count, size=0.15 + 0.24 * near, pines=pines)
        canvas.haze(horizon - 0.06 + 0.1 * near, horizon + 0.22 + 0.14 * near, palette.low, strength=0.5 - 0.25 * near)


def _afloat(canvas: Canvas, theme: Theme, palette: Palette, *, horizon: float) -> None:
    x = canvas.chance.uniform(0.22, 0.78) * canvas.width
    if "whale" in theme:
        things.paint_whale(
            Place(canvas, (x, (horizon + 0.16) * canvas.height), canvas.unit * 0.34, canvas.chance.choice((-1, 1))),
            palette,
        )
    elif "boat" in theme:
        things.paint_boat(
            Place(canvas, (x, (horizon + 0.11) * canvas.height), canvas.unit * 0.2, canvas.chance.choice((-1, 1))),
            palette,
        )


def _foreground(canvas: Canvas, theme: Theme, palette: Palette, *, spot: float) -> Ridge | None:
    """Paint the near ground and what grows there, and return its line; open water has none."""
    if "bamboo" in theme:
        paint_bamboo(canvas, palette, keep_clear=(spot - 0.13, spot + 0.16) if theme.animals else None)
    open_water = ("sea" in theme or "lake" in theme or "boat" in theme) and "bamboo" not in theme
    if open_water and not theme.animals and "flower" not in theme and "house" not in theme:
        return None
    level = 0.87 if theme.animals else 0.9
    ground = paint_ground(canvas, _ground_palette(theme, palette), level=level)
    if "house" in theme:
        part = canvas.chance.uniform(0.66, 0.8) if spot < 0.46 else canvas.chance.uniform(0.2, 0.32)
        x = part * canvas.width
        things.paint_house(Place(canvas, (x, line_at(ground, x) + canvas.unit * 0.015), canvas.unit * 0.24), palette)
    if "flower" in theme or "spring" in theme or "autumn" in theme:
        blossom = of("d9572b") if theme.mood == "autumn" else of("ef9db8") if palette.dark else palette.accent
        side = 0.15 if (spot > 0.45) != ("house" in theme) else 0.86
        paint_blossom_tree(canvas, palette, ground, part=side, blossom=blossom)
    if "desert" not in theme and "city" not in theme and "snow" not in theme:
        paint_grass(canvas, ground, mix(palette.near, palette.far, 0.12))
    if "flower" in theme:
        paint_flowers(canvas, palette, ground)
    return ground


def _ground_palette(theme: Theme, palette: Palette) -> Palette:
    """Return a palette whose near colour is snow where it snows."""
    if "snow" not in theme:
        return palette
    snow = mix((255, 255, 255), palette.middle, 0.55 if palette.dark else 0.2)
    return Palette(
        palette.top, palette.middle, palette.low, palette.far, snow, palette.light, palette.accent, palette.dark
    )


def _figures(canvas: Canvas, theme: Theme, palette: Palette, ground: Ridge | None, *, spot: float) -> None:
    for index, name in enumerate(theme.animals):
        if ground is None:
            return
        apart = 0.0 if len(theme.animals) == 1 else (-0.13, 0.13)[index] * canvas.unit / canvas.width * 1.6
        x = (spot + apart) * canvas.width
        size = canvas.unit * FIGURE_SIZE * (1.0 if len(theme.animals) == 1 else 0.86)
        place = Place(canvas, (x, line_at(ground, x) + canvas.unit * 0.05), size, canvas.chance.choice((-1, 1)))
        canvas.glow(place.at(0, -0.55), size * 1.1, palette.light, strength=0.2)
        if "umbrella" in theme and index == 0:
            things.paint_umbrella(place, palette)
        if name == "owl":
            paint_owl(place, palette, canvas.chance)
        elif name == "robot":
            paint_robot(place, palette, canvas.chance)
        else:
            paint_animal(name, place, palette, canvas.chance)


def _balloons(canvas: Canvas, theme: Theme, palette: Palette) -> None:
    if "balloon" not in theme:
        return
    thirds = canvas.chance.sample((0.2, 0.5, 0.8), 3)
    for third, size, height in zip(thirds, (0.1, 0.17, 0.36), (0.24, 0.34, 0.5), strict=True):
        x = (third + canvas.chance.uniform(-0.07, 0.07)) * canvas.width
        feet = canvas.height * (height + canvas.chance.uniform(-0.05, 0.05))
        things.paint_balloon(Place(canvas, (x, feet), canvas.unit * size), palette)


def _weather(canvas: Canvas, theme: Theme, palette: Palette) -> None:
    if "lantern" in theme:
        things.paint_lanterns(canvas, palette)
    if "fog" in theme:
        canvas.haze(0.45, 1.0, palette.low, strength=0.7)
    if "rain" in theme:
        paint_rain(canvas, palette)
    if "snow" in theme:
        paint_snowfall(canvas)
    elif theme.mood in {"spring", "autumn"} or ("flower" in theme and "rain" not in theme):
        paint_petals(canvas, palette.accent)
