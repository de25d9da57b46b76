"""The tools of the styles: brush strokes, shards, outlines, printing dots, frames and blossoms."""

from __future__ import annotations

import math

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from sandbox.hunyuan.drawing.canvas import Canvas, Point
from sandbox.hunyuan.drawing.colour import Colour


def dabs(canvas: Canvas, *, count: int, length: float, width: float, jitter: int) -> None:
    """Paint the picture anew with short strokes that follow its slopes, large ones first."""
    source = canvas.image.filter(ImageFilter.GaussianBlur(canvas.unit * 0.003))
    pixels = source.tobytes()
    slopes = source.convert("L").resize((canvas.width // 8, canvas.height // 8))
    levels = slopes.tobytes()
    pen, chance = ImageDraw.Draw(canvas.image), canvas.chance
    for index in range(count):
        size = 2.2 - 1.8 * index / count
        x, y = chance.randrange(canvas.width), chance.randrange(canvas.height)
        angle = _slope(levels, slopes.width, x // 8, min(y // 8, slopes.height - 1)) + chance.gauss(0, 0.35)
        shift = chance.randrange(-jitter, jitter + 1)
        red, green, blue = pixel(pixels, canvas.width, x, y)
        colour = (red + shift, green + chance.randrange(-jitter, jitter + 1) // 2, blue - shift)
        reach = canvas.unit * length * size
        dx, dy = math.cos(angle) * reach, math.sin(angle) * reach
        pen.line(
            [(x - dx, y - dy), (x + dx, y + dy)], fill=clipped(colour), width=max(2, round(canvas.unit * width * size))
        )
    canvas.image = Image.blend(canvas.image, source, 0.25)


def pixel(data: bytes, width: int, x: int, y: int) -> Colour:
    """Return one pixel of the bytes of an RGB picture."""
    start = (y * width + x) * 3
    return data[start], data[start + 1], data[start + 2]


def _slope(levels: bytes, width: int, x: int, y: int) -> float:
    """Return the direction along which the brightness stays the same, near level where there is none."""
    place, last = y * width + min(x, width - 1), len(levels) - 1
    across = levels[min(place + 1, last)] - levels[max(place - 1, 0)]
    down = levels[min(place + width, last)] - levels[max(place - width, 0)]
    return math.atan2(across, -down - 4)


def clipped(colour: Colour) -> Colour:
    """Return the nearest colour that there is."""
    red, green, blue = (min(255, max(0, part)) for part in colour)
    return red, green, blue


def shards(canvas: Canvas) -> list[tuple[Point, Point, Point]]:
    """Cover the picture with triangles of uneven size."""
    chance, step = canvas.chance, canvas.unit / 4.2
    columns, rows = math.ceil(canvas.width / step), math.ceil(canvas.height / step)
    corners = {
        (i, j): ((i + chance.uniform(-0.38, 0.38)) * step, (j + chance.uniform(-0.38, 0.38)) * step)
        for i in range(-1, columns + 2)
        for j in range(-1, rows + 2)
    }
    found: list[tuple[Point, Point, Point]] = []
    for i in range(-1, columns + 1):
        for j in range(-1, rows + 1):
            a, b, c, d = corners[i, j], corners[i + 1, j], corners[i + 1, j + 1], corners[i, j + 1]
            found += [(a, b, c), (a, c, d)] if chance.random() < 0.5 else [(a, b, d), (b, c, d)]
    return found


def frame(canvas: Canvas, colour: Colour, *, inset: float, thick: float) -> None:
    """Draw a line with round corners along the edges."""
    pen, gap = ImageDraw.Draw(canvas.image), canvas.unit * inset
    box = (gap, gap, canvas.width - gap, canvas.height - gap)
    pen.rounded_rectangle(box, radius=canvas.unit * 0.04, outline=colour, width=max(1, round(canvas.unit * thick)))


def lines(canvas: Canvas, *, weight: float) -> Image.Image:
    """Return dark outlines on white, found where colours change."""
    plain = canvas.image.convert("L").reduce(2).filter(ImageFilter.MedianFilter(5))
    edges = plain.filter(ImageFilter.FIND_EDGES).point(lambda level: min(255, max(0, level - 14) * weight))
    ImageDraw.Draw(edges).rectangle((0, 0, edges.width - 1, edges.height - 1), outline=0, width=2)
    return ImageChops.invert(edges.resize((canvas.width, canvas.height), Image.Resampling.BICUBIC))


def dots(canvas: Canvas, *, step: int) -> Image.Image:
    """Return a screen of printing dots, darker where the picture is darker."""
    cell = Image.radial_gradient("L").resize((step, step))
    screen = Image.new("L", (canvas.width, canvas.height))
    for y in range(0, canvas.height, step):
        for x in range(-(y // step % 2) * step // 2, canvas.width, step):
            screen.paste(cell, (x, y))
    grey = canvas.image.convert("L").point(lambda level: level * 0.85 + 36)
    return ImageChops.add(grey, screen, offset=-118).point(lambda level: min(255, max(0, (level - 96) * 6)))


def torn(canvas: Canvas) -> list[Point]:
    """Return the uneven edge of a painted area inside its margin."""
    gap, chance, edge = canvas.unit * 0.045, canvas.chance, []
    corners = [
        (gap, gap),
        (canvas.width - gap, gap),
        (canvas.width - gap, canvas.height - gap),
        (gap, canvas.height - gap),
    ]
    for (x0, y0), (x1, y1) in zip(corners, [*corners[1:], corners[0]], strict=True):
        for step in range(90):
            part, waver = step / 90, chance.gauss(0, 0.0022) * canvas.unit
            edge.append((x0 + (x1 - x0) * part + waver, y0 + (y1 - y0) * part + waver))
    return edge


def blossom(canvas: Canvas, place: Point, size: float, colour: Colour) -> None:
    """Draw one flower of five petals."""
    turn = canvas.chance.random() * 6.28
    for share, tone in ((1.0, 0.82), (0.72, 1.0)):
        shade = clipped((round(colour[0] * tone), round(colour[1] * tone), round(colour[2] * tone)))
        reach = [size * share * (0.66 + 0.34 * abs(math.cos(2.5 * k * 6.28 / 40))) for k in range(40)]
        canvas.polygon(
            [
                (place[0] + r * math.cos(turn + k * 6.28 / 40), place[1] + r * math.sin(turn + k * 6.28 / 40))
                for k, r in enumerate(reach)
            ],
            shade,
        )
    canvas.ellipse(place, (size * 0.2, size * 0.2), (255, 224, 130))
