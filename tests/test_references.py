"""What may be a reference picture is told by its bytes."""

from __future__ import annotations

import io
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bot import references
from bot.errors import Cause, Rejected
from bot.parsed import PromptError, Remark, Trouble
from bot.prompt import parse
from bot.request import Shape


def picture(kind: str, size: tuple[int, int] = (40, 30)) -> bytes:
    """A picture of that kind."""
    made = io.BytesIO()
    Image.new("RGB", size, "teal").save(made, kind)
    return made.getvalue()


def refused(data: bytes) -> Cause:
    """Why these bytes are no reference picture."""
    with pytest.raises(Rejected) as found:
        references.check(data)
    return found.value.cause


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize("size", [(1, 1), (40, 30), (4999, 2)])
def test_a_whole_png_or_jpeg_within_the_limits_is_one(kind: str, size: tuple[int, int]) -> None:
    references.check(picture(kind, size))


def test_a_jpeg_with_a_thumbnail_in_its_header_has_the_size_of_its_own_frame() -> None:
    thumbnail = picture("JPEG", (4, 4))
    segment = b"\xff\xe1" + (len(thumbnail) + 2).to_bytes(2, "big") + thumbnail
    whole = picture("JPEG", (5000, 8))
    assert refused(whole[:2] + segment + whole[2:]) is Cause.REFERENCE_TOO_LARGE


def test_a_jpeg_may_be_filled_up_between_its_segments() -> None:
    whole = picture("JPEG", (5000, 8))
    assert refused(whole[:2] + b"\xff\xff" + whole[2:]) is Cause.REFERENCE_TOO_LARGE


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "BMP", "TIFF"])
def test_pictures_of_other_kinds_are_none(kind: str) -> None:
    assert refused(picture(kind)) is Cause.REFERENCE_NOT_A_PICTURE


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_half_a_picture_is_none(kind: str) -> None:
    whole = picture(kind)
    assert refused(whole[: len(whole) // 2]) is Cause.REFERENCE_NOT_A_PICTURE


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize("size", [(5000, 2), (2, 5000)])
def test_a_side_of_five_thousand_pixels_is_too_large(kind: str, size: tuple[int, int]) -> None:
    assert refused(picture(kind, size)) is Cause.REFERENCE_TOO_LARGE


def test_what_would_be_eight_megabytes_of_base64_is_too_large() -> None:
    whole = picture("PNG")
    references.check(whole + b"\0" * (references.MOST_BYTES - len(whole)))
    assert refused(whole + b"\0" * (references.MOST_BYTES + 1 - len(whole))) is Cause.REFERENCE_TOO_LARGE
    assert (references.MOST_BYTES + 2) // 3 * 4 < 8_000_000


@given(st.binary(max_size=200), st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"\xff\xd8\xff\xff\xd9"]))
def test_any_bytes_at_all_are_judged_without_an_accident(data: bytes, head: bytes) -> None:
    with suppress(Rejected):
        references.check(head + data)


def test_exact_words_beside_a_picture_are_said_to_have_no_effect() -> None:
    assert [note.key for note in references.after(parse("a fox --raw"), "F1").notes] == [Remark.REFERENCE_REWRITES]
    assert not references.after(parse("a fox"), "F1").notes
    assert not references.remarks(parse("a fox --raw").request)


@pytest.mark.parametrize("shape", list(Shape))
def test_only_four_shapes_are_drawn_after_a_picture(shape: Shape) -> None:
    parsed = parse("a fox")
    wanted = replace(parsed, request=replace(parsed.request, shape=shape))
    if shape in {Shape.SQUARE, Shape.SQUARE_SMALL, Shape.PORTRAIT_3_4, Shape.LANDSCAPE_4_3}:
        assert references.after(wanted, "F1").request.reference == "F1"
        references.check_shape(references.after(wanted, "F1").request)
        return
    with pytest.raises(PromptError) as found:
        references.after(wanted, "F1")
    assert [problem.key for problem in found.value.problems] == [Trouble.SHAPE_WITH_REFERENCE]
    with pytest.raises(Rejected):
        references.check_shape(replace(wanted.request, reference="F1"))
