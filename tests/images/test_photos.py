"""Bytes are a picture only if they are one: whole, still, of a sane size; told without decoding a pixel."""

from __future__ import annotations

import contextlib
import tracemalloc
from io import BytesIO
from tempfile import TemporaryFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bot.errors import Cause, Rejected
from bot.images.photos import photo_in
from bot.ports import Photo
from tests.images.pictures import animated, chunk, jpeg_claiming, picture, png_claiming, webp_claiming


def photo_of(data: bytes) -> Photo:
    """What a file with these bytes is; looking leaves them as they are."""
    with TemporaryFile() as file:
        file.write(data)
        photo = photo_in(file, sha256="5a")
        file.seek(0)
        assert file.read() == data
    return photo


def why_not(data: bytes) -> str:
    with pytest.raises(Rejected) as caught:
        photo_of(data)
    assert caught.value.cause is Cause.BAD_PICTURE
    assert caught.value.patience is None
    return caught.value.code


GOOD = {
    "png": (picture("PNG"), "image/png"),
    "palette-png": (picture("PNG", optimize=True), "image/png"),
    "jpeg": (picture("JPEG"), "image/jpeg"),
    "progressive-jpeg": (picture("JPEG", progressive=True), "image/jpeg"),
    "webp": (picture("WEBP"), "image/webp"),
    "lossless-webp": (picture("WEBP", lossless=True), "image/webp"),
    "extended-webp": (picture("WEBP", exif=b"Exif\0\0label"), "image/webp"),
}


@pytest.mark.parametrize("name", GOOD)
def test_a_good_picture_is_kept_as_it_is(name: str) -> None:
    data, mime = GOOD[name]
    assert photo_of(data) == Photo(mime, 48, 32, len(data), "5a")


WRONG = {
    "nothing": (b"", "picture_empty"),
    "html": (b"<!doctype html><html>expired</html>", "picture_wrong_type"),
    "xml": (b"<?xml version='1.0'?><Error/>", "picture_wrong_type"),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "picture_wrong_type"),
    "text-before-a-png": (b" " + picture(), "picture_wrong_type"),
    "gif": (picture("GIF"), "picture_wrong_type"),
    "bmp": (picture("BMP"), "picture_wrong_type"),
    "tiff": (picture("TIFF"), "picture_wrong_type"),
    "wav": (b"RIFF\x24\0\0\0WAVEfmt ", "picture_wrong_type"),
    "magic-only-png": (b"\x89PNG\r\n\x1a\n", "picture_truncated"),
    "magic-only-jpeg": (b"\xff\xd8\xff", "picture_damaged"),
    "magic-only-webp": (b"RIFF\x04\0\0\0WEBP", "picture_truncated"),
    "animated-png": (animated("PNG"), "picture_animated"),
    "animated-webp": (animated("WEBP"), "picture_animated"),
    "bomb-png": (png_claiming(30_000, 30_000), "picture_too_many_pixels"),
    "just-too-many": (png_claiming(8_001, 8_000), "picture_too_many_pixels"),
    "bomb-jpeg": (jpeg_claiming(65_000, 65_000), "picture_too_many_pixels"),
    "bomb-webp": (webp_claiming(16_000, 16_000), "picture_too_many_pixels"),
    "flat-png": (png_claiming(0, 5), "picture_damaged"),
    "no-pixels-png": (b"\x89PNG\r\n\x1a\n" + chunk(b"IEND", b""), "picture_damaged"),
    "odd-webp": (b"RIFF" + (40).to_bytes(4, "little") + b"WEBPxxxx" + b"\0" * 32, "picture_damaged"),
    "flat-webp": (
        b"RIFF" + (22).to_bytes(4, "little") + b"WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a\0\0\1\0",
        "picture_damaged",
    ),
    "zip-behind-png": (picture() + b"PK\x03\x04zip", "picture_hides_a_file"),
    "page-behind-png": (picture() + b"\n<script>alert(1)</script>", "picture_hides_a_file"),
    "zip-behind-jpeg": (picture("JPEG") + b"PK\x03\x04zip", "picture_hides_a_file"),
    "zip-behind-webp": (picture("WEBP") + b"PK\x03\x04zip", "picture_hides_a_file"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_picture_is_refused_with_the_reason(name: str) -> None:
    data, code = WRONG[name]
    assert why_not(data) == code


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_cut_anywhere_is_refused(kind: str) -> None:
    data = picture(kind)
    for length in range(12, len(data) - 2, 97):
        assert why_not(data[:length]) in {"picture_truncated", "picture_damaged"}


def test_the_end_of_a_thumbnail_is_not_the_end_of_a_jpeg() -> None:
    thumbnail = picture("JPEG", size=(8, 8))
    data = picture("JPEG", exif=b"Exif\0\0" + thumbnail)
    assert photo_of(data).width == 48
    assert why_not(data[:-200]) == "picture_truncated"


def test_a_flipped_bit_in_a_png_is_noticed() -> None:
    data = bytearray(picture())
    data[len(data) // 2] ^= 1
    assert why_not(bytes(data)) == "picture_damaged"


def test_a_label_inside_or_behind_a_picture_stays() -> None:
    for data in (picture() + b"\0AIGC label", picture("JPEG") + b"AIGC label", picture("JPEG", comment=b"AIGC")):
        assert photo_of(data).size == len(data)


def peak_of(data: bytes) -> int:
    """The most memory that judging it took."""
    with TemporaryFile() as file:
        file.write(data)
        tracemalloc.start()
        try:
            photo_in(file, sha256="5a")
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()


def test_a_large_picture_is_judged_without_decoding_it() -> None:
    stream = BytesIO()
    Image.new("L", (7_500, 8_500)).save(stream, "PNG")  # 64 million pixels in some 60 kB
    assert peak_of(stream.getvalue()) < 1_000_000


def test_a_long_picture_is_judged_without_a_copy_of_it() -> None:
    data = picture()
    label = chunk(b"tEXt", b"AIGC\0" + bytes(8_000_000))
    for long in (data[:-12] + label + data[-12:], picture("JPEG") + bytes(8_000_000)):
        assert peak_of(long) < 1_000_000


@given(st.sampled_from([data for data, _ in GOOD.values()]), st.data())
def test_any_damage_is_a_picture_or_a_refusal(good: bytes, draw: st.DataObject) -> None:
    at = draw.draw(st.integers(0, min(len(good), 120)))
    data = good[:at] + draw.draw(st.binary(max_size=8)) + good[at + draw.draw(st.integers(0, 8)) :]
    with contextlib.suppress(Rejected):
        assert photo_of(data).size == len(data)
