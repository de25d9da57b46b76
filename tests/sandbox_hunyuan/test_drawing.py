"""The pictures: right size, the same for the same recipe, another for another seed, and honest about their maker."""

from __future__ import annotations

import io
import random
from dataclasses import replace

import pytest
from PIL import Image, ImageChops

from sandbox.hunyuan.catalogue import RESOLUTIONS, STYLES
from sandbox.hunyuan.drawing import Recipe, draw
from sandbox.hunyuan.drawing.colour import PALETTES
from sandbox.hunyuan.drawing.words import ELEMENTS, read_theme
from sandbox.hunyuan.gallery import Gallery

SMALL = Recipe("a fox in the rain", "", "", 256, 192, 1, 7)


def opened(recipe: Recipe) -> Image.Image:
    picture = Image.open(io.BytesIO(draw(recipe)))
    assert picture.format == "PNG"
    return picture.convert("RGB")


def test_the_same_recipe_gives_the_same_bytes() -> None:
    assert draw(SMALL) == draw(replace(SMALL))


def test_every_seed_gives_another_picture() -> None:
    assert len({draw(replace(SMALL, seed=seed)) for seed in range(12)}) == 12


@pytest.mark.parametrize("resolution", RESOLUTIONS)
def test_every_resolution_has_its_size(resolution: str) -> None:
    width, height = RESOLUTIONS[resolution]
    assert opened(replace(SMALL, width=width, height=height, plain=True)).size == (width, height)


@pytest.mark.parametrize("clarity", [2, 4])
def test_upscaling_multiplies_the_size_of_the_same_scene(clarity: int) -> None:
    large, small = opened(replace(SMALL, clarity=clarity)), opened(SMALL)
    assert large.size == (256 * clarity, 192 * clarity)
    difference = ImageChops.difference(large.resize(small.size), small).convert("L").crop((0, 0, 256, 160))
    assert max(difference.resize((8, 8), Image.Resampling.BOX).tobytes()) < 12


@pytest.mark.parametrize("style", STYLES)
def test_every_style_changes_the_picture(style: str) -> None:
    styled = opened(replace(SMALL, style=style))
    difference = ImageChops.difference(styled, opened(SMALL)).convert("L")
    assert difference.resize((1, 1), Image.Resampling.BOX).tobytes()[0] > 2


SAMPLES = {
    "fox": "狐狸",
    "cat": "小猫",
    "dog": "柴犬",
    "rabbit": "兔子",
    "panda": "熊猫",
    "bear": "棕熊",
    "owl": "猫头鹰",
    "robot": "机器人",
    "bird": "仙鹤",
    "boat": "小船",
    "house": "木屋",
    "balloon": "热气球",
    "whale": "鲸鱼",
    "lantern": "灯笼",
    "umbrella": "雨伞",
    "rain": "下雨",
    "snow": "雪",
    "bamboo": "竹",
    "sea": "海边",
    "lake": "湖",
    "mountain": "远山",
    "city": "城市",
    "forest": "森林",
    "flower": "花",
    "moon": "明月",
    "star": "星空",
    "aurora": "极光",
    "sun": "太阳",
    "sunset": "夕阳",
    "dawn": "清晨",
    "night": "夜",
    "autumn": "秋天",
    "spring": "春天",
    "desert": "沙漠",
    "fog": "雾",
    "neon": "霓虹",
    "abstract": "抽象",
}


def test_there_is_a_sample_for_every_element() -> None:
    assert set(SAMPLES) == set(ELEMENTS)


@pytest.mark.parametrize("element", SAMPLES)
def test_every_element_can_be_drawn(element: str) -> None:
    prompt = SAMPLES[element]
    theme = read_theme(prompt, chance=random.Random(1))
    assert element in theme
    assert theme.mood in PALETTES
    assert len(opened(replace(SMALL, prompt=prompt)).getcolors(100_000) or ()) > 500


@pytest.mark.parametrize(
    ("prompt", "elements"),
    [
        ("A Fox in the RAIN", {"fox", "rain"}),
        ("雨中竹林", {"rain", "bamboo"}),
        ("城市夜晚的月亮", {"city", "night", "moon"}),
        ("水墨山水", {"mountain", "lake"}),
        ("熊猫", {"panda"}),
        ("猫头鹰", {"owl"}),
        ("concatenate", set()),
    ],
)
def test_words_are_found_in_both_languages(prompt: str, elements: set[str]) -> None:
    theme = read_theme(prompt, chance=random.Random(1))
    assert elements <= theme.elements
    assert "cat" not in theme
    assert ("bear" in theme) is False


def test_what_the_negative_prompt_names_is_left_out() -> None:
    theme = read_theme("a fox and a cat in the rain", negative="cat, 雨", chance=random.Random(1))
    assert theme.animals == ("fox",)
    assert "rain" not in theme


def test_a_prompt_without_known_words_still_gets_varied_scenes() -> None:
    themes = {read_theme("qwertz", chance=random.Random(seed)).elements for seed in range(40)}
    assert len(themes) >= 6


def test_the_notice_stands_in_the_corner() -> None:
    flat = opened(replace(SMALL, width=768, height=768, plain=True))
    signed, bare = (flat.crop((left, 740, left + 208, 768)).convert("L").tobytes() for left in (560, 0))
    assert max(signed) - min(signed) > 40 > max(bare) - min(bare)


@pytest.mark.parametrize("prompt", ["a fox in the rain", "雨中竹林", "an abstract dream"])
def test_a_wide_picture_has_the_weight_of_a_real_one(prompt: str) -> None:
    assert 300_000 < len(draw(Recipe(prompt, "", "", 1280, 720, 1, 5))) < 2_000_000


async def test_a_picture_that_was_dropped_is_drawn_again_the_same() -> None:
    gallery = Gallery(keep=1)
    first = await gallery.picture(SMALL)
    await gallery.picture(replace(SMALL, seed=8))
    assert await gallery.picture(SMALL) == first
    gallery.close()
