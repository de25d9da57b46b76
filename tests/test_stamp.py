"""A picture that carries its recipe is the same picture, and says the recipe to anybody who opens it."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bot.stamp import HEAD, insertion, room
from bot.stamp import stamped as stream

RECIPE = "/imagine 雨中竹林 --ar 16:9 --no text"


def drawn(form: str) -> bytes:
    out = io.BytesIO()
    Image.effect_noise((60, 40), 80).convert("RGB").save(out, form, comment=b"made by AI")
    return out.getvalue()


def stamped(data: bytes, text: str) -> bytes:
    found = insertion(data[:HEAD], text)
    assert found is not None
    return data[: found.offset] + found.data + data[found.offset :]


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_the_picture_stays_the_same_to_the_last_pixel(form: str) -> None:
    data = drawn(form)
    before, after = Image.open(io.BytesIO(data)), Image.open(io.BytesIO(stamped(data, RECIPE)))
    assert before.tobytes() == after.tobytes()


def test_a_png_says_its_recipe() -> None:
    assert Image.open(io.BytesIO(stamped(drawn("PNG"), RECIPE))).info["Description"] == RECIPE


def test_a_jpeg_says_its_recipe_and_keeps_what_was_written_there() -> None:
    data = stamped(drawn("JPEG"), RECIPE)
    assert RECIPE.encode() in data
    assert b"made by AI" in data
    Image.open(io.BytesIO(data)).load()


def test_a_kind_without_a_place_for_it_is_left_alone() -> None:
    assert insertion(drawn("WEBP")[:HEAD], RECIPE) is None
    assert insertion(b"", RECIPE) is None


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
@given(text=st.text(max_size=2000))
def test_any_text_can_be_carried(form: str, text: str) -> None:
    clean = text.encode(errors="ignore").decode()
    Image.open(io.BytesIO(stamped(drawn(form), clean))).load()


def test_in_a_jpeg_that_does_not_begin_as_most_do_the_recipe_comes_first() -> None:
    whole = drawn("JPEG")
    bare = whole[:2] + whole[4 + int.from_bytes(whole[4:6], "big") :]
    for data in (bare, whole[:2] + b"\xff\xe0\xff\xff" + whole[2:]):
        found = insertion(data[:HEAD], RECIPE)
        assert found is not None
        assert found.offset == 2
    Image.open(io.BytesIO(stamped(bare, RECIPE))).load()


def test_a_comment_too_long_for_a_segment_is_cut_at_a_character() -> None:
    Image.open(io.BytesIO(stamped(drawn("JPEG"), "雨" * 40_000))).load()


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("size", [1, 7, 5000])
async def test_a_file_that_comes_in_pieces_is_as_long_as_was_promised(form: str, size: int) -> None:
    data = drawn(form)

    async def pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(data), size):
            yield data[at : at + size]

    whole = b"".join([piece async for piece in stream(pieces(), RECIPE)])
    assert len(whole) == len(data) + room(f"image/{form.lower()}", RECIPE)
    found = insertion(data[:HEAD], RECIPE)
    assert whole == (data if found is None else stamped(data, RECIPE))


async def test_without_a_recipe_a_file_passes_as_it_is() -> None:
    data = drawn("PNG")

    async def pieces() -> AsyncIterator[bytes]:
        yield data

    assert b"".join([piece async for piece in stream(pieces(), "")]) == data
    assert room("image/png", "") == 0
