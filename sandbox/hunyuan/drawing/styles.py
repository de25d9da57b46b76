"""Gives a finished scene the look of one of the API's styles."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from sandbox.hunyuan.drawing.brushes import blossom, clipped, dabs, dots, frame, lines, pixel, shards, torn
from sandbox.hunyuan.drawing.canvas import Canvas, Pen, Point, area

PAPER: Final = (244, 238, 224)
WHITE: Final = (255, 255, 255)
BLACK: Final = (0, 0, 0)


def apply_style(canvas: Canvas, style: str) -> None:
    """Change the canvas's picture into the style's look; no style leaves it as it is."""
    change = _STYLES.get(style)
    if change is not None:
        change(canvas)


def _ink_wash(canvas: Canvas) -> None:
    """Grey ink on rice paper, bleeding a little, with a red seal."""
    grey = ImageOps.autocontrast(canvas.image.convert("L"), cutoff=1)
    bled = Image.blend(
        grey.filter(ImageFilter.GaussianBlur(canvas.unit * 0.005)), grey.filter(ImageFilter.MinFilter(5)), 0.45
    )
    pale = bled.point(lambda level: 255 * (level / 255) ** 0.8)
    fibre = canvas.noise(40, 40, octaves=3).point(lambda level: 226 + level // 9)
    canvas.image = ImageOps.colorize(ImageChops.multiply(pale, fibre), (26, 28, 32), PAPER, mid=(140, 144, 142))
    side = canvas.unit * 0.055
    left, top = canvas.width * 0.05, canvas.height * 0.06
    canvas.polygon(
        [(left, top), (left + side, top), (left + side, top + side), (left, top + side)], (178, 44, 38), opacity=0.9
    )
    for row in range(3):
        for step in range(3):
            x, y = left + side * (0.16 + 0.25 * step), top + side * (0.16 + 0.25 * row)
            wide, tall = canvas.chance.choice(((0.2, 0.06), (0.06, 0.2), (0.18, 0.18)))
            canvas.polygon(
                [(x, y), (x + side * wide, y), (x + side * wide, y + side * tall), (x, y + side * tall)],
                PAPER,
                opacity=0.9,
            )


def _pixels(canvas: Canvas) -> None:
    """Large pixels of few colours."""
    size = max(4, round(canvas.unit / 96))
    small = canvas.image.resize((canvas.width // size, canvas.height // size), Image.Resampling.BOX)
    few = (
        ImageEnhance.Color(small)
        .enhance(1.25)
        .quantize(48, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    )
    canvas.image = few.convert("RGB").resize((canvas.width, canvas.height), Image.Resampling.NEAREST)


def _flat(canvas: Canvas) -> None:
    """A few even colours without gradients."""
    soft = (
        canvas.image.reduce(2).filter(ImageFilter.MedianFilter(5)).resize(canvas.image.size, Image.Resampling.BICUBIC)
    )
    few = (
        ImageEnhance.Color(soft).enhance(1.3).quantize(26, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    )
    canvas.image = few.convert("RGB")


def _monet(canvas: Canvas) -> None:
    """Short broken dabs, bright and violet in the shade."""
    canvas.image = ImageEnhance.Color(canvas.image).enhance(1.25)
    dabs(canvas, count=13_000, length=0.007, width=0.006, jitter=22)


def _oil(canvas: Canvas) -> None:
    """Long strokes with the light on their ridges."""
    dabs(canvas, count=9_000, length=0.014, width=0.009, jitter=12)
    relief = canvas.image.convert("L").filter(ImageFilter.EMBOSS)
    canvas.image = ImageChops.overlay(canvas.image, Image.merge("RGB", (relief,) * 3))


def _cubist(canvas: Canvas) -> None:
    """Break the picture into slanting shards, each shifted and tinted, with black joints."""
    chance, tints = canvas.chance, ((232, 168, 92), (80, 118, 156), (190, 86, 66), (226, 214, 180), (70, 96, 84))
    source = ImageEnhance.Contrast(canvas.image).enhance(1.2)
    joints: list[tuple[Point, ...]] = []
    for shard in shards(canvas):
        left, top = (math.floor(min(axis)) for axis in zip(*shard, strict=True))
        right, bottom = (math.ceil(max(axis)) for axis in zip(*shard, strict=True))
        aside, down = round(chance.gauss(0, 0.016) * canvas.unit), round(chance.gauss(0, 0.016) * canvas.unit)
        x = left + (aside if left + aside >= 0 and right + aside <= canvas.width else 0)
        y = top + (down if top + down >= 0 and bottom + down <= canvas.height else 0)
        piece = source.crop((x, y, x + right - left, y + bottom - top))
        tinted = Image.blend(piece, Image.new("RGB", piece.size, chance.choice(tints)), chance.uniform(0.08, 0.4))
        mask = Image.new("L", piece.size)
        ImageDraw.Draw(mask).polygon([(x - left, y - top) for x, y in shard], fill=255)
        canvas.image.paste(tinted, (left, top), mask)
        joints.append((*shard, shard[0]))

    def draw_joints(pen: Pen) -> None:
        for joint in joints:
            pen.line(joint, canvas.unit * 0.0035)

    canvas.fill(draw_joints, (28, 24, 26))


def _neon(canvas: Canvas) -> None:
    """Deep contrast, glowing lights, fine scan lines."""
    glow = canvas.image.filter(ImageFilter.GaussianBlur(canvas.unit * 0.012))
    lit = ImageChops.screen(canvas.image, glow.point(lambda level: max(0, level - 70)))
    four = Image.new("L", (1, 4), 255)
    four.putpixel((0, 3), 214)
    rows = Image.new("L", (1, canvas.height))
    for y in range(0, canvas.height, 4):
        rows.paste(four, (0, y))
    wide = rows.resize((canvas.width, canvas.height), Image.Resampling.NEAREST)
    canvas.image = ImageChops.multiply(ImageEnhance.Color(lit).enhance(1.3), Image.merge("RGB", (wide,) * 3))


def _mosaic(canvas: Canvas) -> None:
    """Small square stones with grout between them, no two quite alike."""
    stone = max(8, round(canvas.unit / 56))
    columns, rows = -(-canvas.width // stone), -(-canvas.height // stone)
    colours = canvas.image.resize((columns, rows), Image.Resampling.BOX).tobytes()
    canvas.image = Image.new("RGB", (canvas.width, canvas.height), (190, 182, 172))
    pen, chance = ImageDraw.Draw(canvas.image), canvas.chance
    for row in range(rows):
        for place in range(columns):
            red, green, blue = pixel(colours, columns, place, row)
            shift = chance.randrange(-16, 17)
            left, top = place * stone, row * stone
            corners = [
                (left + a * (stone - 2) + chance.random() * 2, top + b * (stone - 2) + chance.random() * 2)
                for a, b in ((0, 0), (1, 0), (1, 1), (0, 1))
            ]
            pen.polygon(corners, fill=clipped((red + shift, green + shift, blue + shift)))


def _porcelain(canvas: Canvas) -> None:
    """Cobalt blue on white glaze, with a double ring as on a plate's edge."""
    grey = ImageOps.autocontrast(canvas.image.convert("L"), cutoff=2).filter(ImageFilter.GaussianBlur(1.2))
    canvas.image = ImageOps.colorize(grey, (18, 44, 120), (250, 251, 248), mid=(112, 148, 206), midpoint=120)
    canvas.glow((canvas.width * 0.3, canvas.height * 0.25), canvas.unit * 0.6, WHITE, strength=0.35)
    for inset, thick in ((0.03, 0.008), (0.047, 0.003)):
        frame(canvas, (24, 54, 132), inset=inset, thick=thick)


def _comic(canvas: Canvas) -> None:
    """Strong colours, outlines and printing dots in the shade."""
    ink, screen = lines(canvas, weight=5), dots(canvas, step=8)
    few = ImageOps.posterize(ImageEnhance.Color(canvas.image).enhance(1.45), 3)
    soft = Image.blend(few, ImageEnhance.Color(canvas.image).enhance(1.45), 0.45)
    canvas.image = ImageChops.multiply(soft, Image.merge("RGB", (screen.point(lambda level: 206 + level // 5),) * 3))
    canvas.image.paste((24, 18, 28), mask=ImageChops.invert(ink))


def _black_and_white_comic(canvas: Canvas) -> None:
    """Ink, paper and dots, nothing else."""
    ink, screen = lines(canvas, weight=6), dots(canvas, step=7)
    canvas.image = Image.merge("RGB", (ImageChops.multiply(ink, screen),) * 3)


def _anime(canvas: Canvas) -> None:
    """Clear colours, fine outlines and a bloom of light."""
    ink = lines(canvas, weight=2.2)
    bright = ImageEnhance.Color(ImageEnhance.Brightness(canvas.image).enhance(1.06)).enhance(1.4)
    bloom = bright.filter(ImageFilter.GaussianBlur(canvas.unit * 0.02)).point(lambda level: max(0, level - 110))
    canvas.image = ImageChops.screen(bright, bloom)
    canvas.image.paste((52, 40, 70), mask=ImageChops.invert(ink).point(lambda level: level * 0.7))


def _cartoon(canvas: Canvas) -> None:
    """Even colours with bold outlines."""
    ink = lines(canvas, weight=5)
    _flat(canvas)
    canvas.image.paste((40, 28, 36), mask=ImageChops.invert(ink))


def _picture_book(canvas: Canvas) -> None:
    """Crayon on warm paper with a white margin."""
    warm = Image.blend(
        ImageEnhance.Color(canvas.image).enhance(1.15), Image.new("RGB", canvas.image.size, (255, 226, 180)), 0.14
    )
    wax = canvas.noise(240, 240, octaves=2).point(lambda level: min(255, 206 + level // 4))
    canvas.image = ImageChops.multiply(warm, Image.merge("RGB", (wax,) * 3))
    inner = canvas.mask(area(torn(canvas)))
    page = Image.new("RGB", canvas.image.size, (253, 248, 236))
    canvas.image = Image.composite(canvas.image, page, inner)


def _render(canvas: Canvas) -> None:
    """Soft studio light: raised shapes, wide shadows, a shallow depth of field."""
    height = canvas.image.convert("L").filter(ImageFilter.GaussianBlur(canvas.unit * 0.006))
    relief = ImageChops.subtract(height, ImageChops.offset(height, round(canvas.unit * 0.006)), scale=0.7, offset=128)
    lit = ImageChops.soft_light(canvas.image, Image.merge("RGB", (relief.filter(ImageFilter.GaussianBlur(2)),) * 3))
    bloom = lit.filter(ImageFilter.GaussianBlur(canvas.unit * 0.018)).point(lambda level: max(0, level - 130))
    canvas.image = ImageChops.screen(ImageEnhance.Color(lit).enhance(1.18), bloom)


def _realistic(canvas: Canvas) -> None:
    """The colours of a photograph: less of them, softer far away, with film grain."""
    muted = ImageEnhance.Color(canvas.image).enhance(0.78)
    far = Image.new("L", (1, 4))
    for row, level in enumerate((190, 150, 30, 0)):
        far.putpixel((0, row), level)
    canvas.image = muted
    canvas.image.paste(muted.filter(ImageFilter.GaussianBlur(canvas.unit * 0.003)), mask=canvas.spread(far))
    canvas.image = ImageEnhance.Contrast(canvas.image).enhance(1.08)
    canvas.grain(4)


def _paper_cut(canvas: Canvas) -> None:
    """Red and gold paper in layers, with the light from above."""
    steps = ImageOps.posterize(
        ImageOps.autocontrast(canvas.image.convert("L"), cutoff=1).filter(ImageFilter.MedianFilter(7)), 2
    )
    layered = ImageOps.colorize(steps, (122, 12, 18), (255, 214, 128), mid=(214, 44, 38), midpoint=110)
    shadow = ImageChops.offset(steps, round(canvas.unit * 0.004), round(canvas.unit * 0.006)).filter(
        ImageFilter.GaussianBlur(canvas.unit * 0.005)
    )
    depth = ImageChops.subtract(shadow, steps).point(lambda level: min(120, level))
    layered.paste((70, 4, 10), mask=depth)
    canvas.image = layered
    for inset, thick in ((0.025, 0.012), (0.05, 0.003)):
        frame(canvas, (255, 214, 128), inset=inset, thick=thick)


def _festive_flowers(canvas: Canvas) -> None:
    """Red and gold light within a wreath of blossoms."""
    warm = ImageOps.colorize(canvas.image.convert("L"), (96, 10, 24), (255, 240, 214), mid=(226, 92, 62))
    canvas.image = Image.blend(canvas.image, warm, 0.62)
    chance, hues = canvas.chance, ((214, 38, 52), (246, 120, 120), (255, 204, 112), (255, 240, 230), (186, 22, 40))
    for _ in range(170):
        along, side = chance.random(), chance.randrange(4)
        depth = abs(chance.gauss(0, 0.05)) * canvas.unit
        x = (along * canvas.width, along * canvas.width, depth, canvas.width - depth)[side]
        y = (depth, canvas.height - depth, along * canvas.height, along * canvas.height)[side]
        blossom(canvas, (x, y), canvas.unit * chance.uniform(0.016, 0.045), chance.choice(hues))


_STYLES: Final[Mapping[str, Callable[[Canvas], None]]] = {
    "riman": _anime,
    "shuimo": _ink_wash,
    "monai": _monet,
    "bianping": _flat,
    "xiangsu": _pixels,
    "ertonghuiben": _picture_book,
    "3dxuanran": _render,
    "manhua": _comic,
    "heibaimanhua": _black_and_white_comic,
    "xieshi": _realistic,
    "dongman": _cartoon,
    "bijiasuo": _cubist,
    "saibopengke": _neon,
    "youhua": _oil,
    "masaike": _mosaic,
    "qinghuaci": _porcelain,
    "xinnianjianzhi": _paper_cut,
    "xinnianhuayi": _festive_flowers,
}
