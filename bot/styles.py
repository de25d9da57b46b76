"""The 18 styles of the image API, under the names that people call them. Pure data.

Codes: the vendor's page 1729/105846; the English names are ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.spelling import fold, strangeness

MOST_WORDS = 6


@dataclass(frozen=True, slots=True)
class Style:
    """One look: the provider's code, its names, and what else it is called."""

    code: str
    chinese: str
    english: str
    aliases: tuple[str, ...] = ()


STYLES = (
    Style("riman", "日漫动画", "anime", ("japanese anime", "japanese animation", "日漫", "日本动漫", "日系")),
    Style("shuimo", "水墨画", "ink wash", ("ink", "ink painting", "ink wash painting", "chinese ink", "水墨", "国画")),
    Style("monai", "莫奈", "monet", ("claude monet", "impressionist", "impressionism", "印象派")),
    Style("bianping", "扁平插画", "flat illustration", ("flat", "flat design", "扁平", "扁平化")),
    Style("xiangsu", "像素插画", "pixel art", ("pixel", "pixels", "8 bit", "像素", "像素画")),
    Style("ertonghuiben", "儿童绘本", "picture book", ("storybook", "children's book", "绘本", "童书")),
    Style("3dxuanran", "3D 渲染", "3d render", ("3d", "3d rendering", "render", "渲染")),
    Style("manhua", "漫画", "comic", ("comics", "comic book")),
    Style("heibaimanhua", "黑白漫画", "black-and-white comic", ("bw comic", "black white comic", "manga", "黑白")),
    Style("xieshi", "写实", "realistic", ("real", "realism", "photo", "photorealistic", "写真", "照片")),
    Style("dongman", "动漫", "cartoon", ("animation", "animated", "卡通", "动画")),
    Style("bijiasuo", "毕加索", "picasso", ("pablo picasso", "cubist", "cubism", "立体主义")),
    Style("saibopengke", "赛博朋克", "cyberpunk", ("cyber", "赛博")),
    Style("youhua", "油画", "oil painting", ("oil", "oils")),
    Style("masaike", "马赛克", "mosaic", ("mosaics", "tiles")),
    Style(
        "qinghuaci",
        "青花瓷",
        "blue-and-white porcelain",
        ("porcelain", "blue and white", "blue white porcelain", "青花"),
    ),
    Style(
        "xinnianjianzhi",
        "新年剪纸画",
        "new year paper-cut",
        ("paper cut", "paper cutting", "剪纸", "剪纸画", "新年剪纸"),
    ),
    Style("xinnianhuayi", "新年花艺", "new year floral", ("floral", "flowers", "花艺")),
)

BY_CODE = {style.code: style for style in STYLES}
NO_STYLE = frozenset({"none", "default", "无", "默认"})
_ENDINGS = ("style", "风格", "风")
_KNOWN = {fold(name): style for style in STYLES for name in (style.code, style.chinese, style.english, *style.aliases)}


@dataclass(frozen=True, slots=True)
class Match:
    """What the first `used` words name: a style, or (`code` None) explicitly none."""

    code: str | None
    used: int


@dataclass(frozen=True, slots=True)
class Guess:
    """What may have been meant by the first `used` words."""

    style: Style
    used: int


def slug(code: str) -> str:
    """The English name as one word, as it stands in a recipe: `ink-wash`. An unknown code stands for itself."""
    style = BY_CODE.get(code)
    return code if style is None else style.english.replace(" ", "-")


def match(words: Sequence[str]) -> Match | None:
    """The style that the most of the first words name."""
    for used in range(min(len(words), MOST_WORDS), 0, -1):
        name = fold(" ".join(words[:used]))
        if name in NO_STYLE:
            return Match(None, used)
        style = _find(name)
        if style is not None:
            return Match(style.code, used)
    return None


def guess(words: Sequence[str]) -> Guess:
    """The style whose name is nearest to the first word, or to the first two or three; there must be a word."""
    best, found = 2.0, Guess(STYLES[0], 1)
    for used in range(1, min(len(words), 3) + 1):
        typed = fold(" ".join(words[:used]))
        for name, style in _KNOWN.items():
            if abs(len(typed) - len(name)) < best * max(len(typed), len(name)):  # else it cannot be nearer
                far = strangeness(typed, name)
                best, found = min((best, found), (far, Guess(style, used)), key=lambda chance: chance[0])
    return found


def _find(name: str) -> Style | None:
    """By its name, or its name with a word like "style" behind it."""
    for ending in ("", *_ENDINGS):
        style = _KNOWN.get(name.removesuffix(ending))
        if style is not None:
            return style
    return None
