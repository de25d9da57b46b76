"""Everything above the horizon: the sky's colours, sun and moon, stars, clouds, aurora."""

from __future__ import annotations

from PIL import Image, ImageChops

from sandbox.hunyuan.drawing.canvas import Canvas, Pen, Point, column
from sandbox.hunyuan.drawing.colour import Palette, mix
from sandbox.hunyuan.drawing.words import Theme

WHITE = (255, 255, 255)


def paint_sky(canvas: Canvas, theme: Theme, palette: Palette, *, horizon: float) -> Point:
    """Paint the sky down to `horizon` (a part of the height) and return where its light comes from."""
    canvas.image = canvas.gradient(
        [(0.0, palette.top), (horizon * 0.55, palette.middle), (horizon, palette.low), (1.0, palette.low)]
    )
    if palette.dark or "star" in theme:
        _stars(canvas, horizon)
    if "star" in theme:
        _milky_way(canvas, palette)
    if "aurora" in theme:
        _aurora(canvas)
    clouded = "rain" in theme or "snow" in theme
    centre = _light(canvas, theme, palette, horizon=horizon)
    _clouds(canvas, palette, horizon=horizon, strength=0.75 if clouded else 0.42)
    return centre


def _light(canvas: Canvas, theme: Theme, palette: Palette, *, horizon: float) -> Point:
    """Paint the sun or the moon with the glow around it."""
    chance, unit = canvas.chance, canvas.unit
    moon = "moon" in theme or theme.mood == "night"
    low = theme.mood in {"sunset", "dawn", "neon"} and not moon
    side = chance.choice((chance.uniform(0.2, 0.38), chance.uniform(0.62, 0.8)))
    height = horizon * (chance.uniform(0.66, 0.86) if low else chance.uniform(0.24, 0.45))
    centre = (side * canvas.width, height * canvas.height)
    radius = unit * (chance.uniform(0.085, 0.12) if low or moon else chance.uniform(0.05, 0.065))
    canvas.glow(centre, unit * (1.0 if low else 0.75), palette.light, strength=0.5)
    canvas.glow(centre, radius * 3.4, palette.light, strength=0.8)
    if "rain" in theme and not moon:
        return centre
    canvas.ellipse(centre, (radius, radius), palette.light, opacity=0.96)
    if moon:
        _craters(canvas, centre, radius, palette)
    return centre


def _craters(canvas: Canvas, centre: Point, radius: float, palette: Palette) -> None:
    shade = mix(palette.light, palette.middle, 0.28)
    for across, down, size in ((-0.3, -0.25, 0.24), (0.28, 0.1, 0.17), (-0.12, 0.36, 0.13), (0.3, -0.4, 0.09)):
        place = (centre[0] + across * radius, centre[1] + down * radius)
        canvas.ellipse(place, (size * radius, size * radius), shade, opacity=0.55)


def _stars(canvas: Canvas, horizon: float) -> None:
    chance, fine = canvas.chance, canvas.unit / 720

    def dots(pen: Pen) -> None:
        for _ in range(round(canvas.width * canvas.height / 3600)):
            place = (chance.uniform(0, canvas.width), canvas.height * horizon * chance.random() ** 1.3)
            size = fine * (0.5 + 1.1 * chance.random() ** 4)
            pen.ellipse(place, (size, size), chance.randrange(70, 256))

    canvas.fill(dots, (255, 250, 235))
    for _ in range(7):
        place = (chance.uniform(0, canvas.width), canvas.height * horizon * 0.8 * chance.random())
        canvas.glow(place, 11 * fine, (225, 232, 255), strength=0.8)
        canvas.ellipse(place, (1.7 * fine, 1.7 * fine), WHITE)


def _milky_way(canvas: Canvas, palette: Palette) -> None:
    """Lay a slanting band of bright haze over the stars."""
    band = column([(0.0, (0, 0, 0)), (0.3, (0, 0, 0)), (0.5, WHITE), (0.7, (0, 0, 0)), (1.0, (0, 0, 0))]).convert("L")
    wide = band.resize((canvas.width * 2, canvas.height), Image.Resampling.BICUBIC)
    slant = wide.rotate(canvas.chance.choice((-28, 28)), Image.Resampling.BILINEAR)
    slant = slant.crop((canvas.width // 2, 0, canvas.width // 2 + canvas.width, canvas.height))
    cloud = ImageChops.multiply(slant, canvas.noise(12, 8, octaves=4))
    glow = mix(palette.low, (235, 220, 255), 0.5)
    lit = ImageChops.screen(canvas.image, Image.new("RGB", canvas.image.size, glow))
    canvas.image.paste(lit, mask=cloud.point(lambda level: min(255, level * 1.1)))


def _aurora(canvas: Canvas) -> None:
    """Hang two curtains of green and violet light."""
    chance = canvas.chance
    for tint in ((90, 255, 180), (150, 110, 255)):
        folds = Image.frombytes("L", (28, 1), chance.randbytes(28)).resize(canvas.image.size, Image.Resampling.BICUBIC)
        top = chance.uniform(0.02, 0.12)
        fade = column([(0.0, (0, 0, 0)), (top, (0, 0, 0)), (top + 0.3, WHITE), (top + 0.42, (0, 0, 0))]).convert("L")
        veil = ImageChops.multiply(folds, canvas.spread(fade))
        lit = ImageChops.screen(canvas.image, Image.new("RGB", canvas.image.size, tint))
        canvas.image.paste(lit, mask=veil.point(lambda level: level * 0.8))


def _clouds(canvas: Canvas, palette: Palette, *, horizon: float, strength: float) -> None:
    """Lay soft bands of cloud, denser where the sky is grey."""
    streaks = canvas.noise(4, 11, octaves=4).point(lambda level: max(0, min(255, (level - 118) * 3.4)))
    fade = column([(0.0, (150, 150, 150)), (horizon * 0.6, WHITE), (horizon, (40, 40, 40)), (1.0, (0, 0, 0))])
    mask = ImageChops.multiply(streaks, canvas.spread(fade.convert("L")))
    colour = mix(palette.low, palette.middle, 0.35) if palette.dark else mix(palette.low, WHITE, 0.55)
    weight = strength * (0.45 if palette.dark else 1.0)
    canvas.image.paste(colour, mask=mask.point(lambda level: level * weight))
