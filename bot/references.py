"""Reference pictures: what the provider draws after, checked before anything is spent. Pure.

Its limits are those of API page 1729/105969: JPG or PNG, each side under 5000 pixels, base64 under 8 MB, and only the
first four of its shapes beside one.
"""

from __future__ import annotations

import struct
from dataclasses import replace

from bot import shapes
from bot.errors import Cause, Rejected
from bot.form import WITH_REFERENCE
from bot.parsed import Note, Parsed, Problem, PromptError, Remark, Trouble, listed
from bot.request import Request

MOST_SIDE = 4999
MOST_BYTES = 8_000_000 // 4 * 3 - 3
"""Base64 makes four characters of three bytes; the smaller way to read "8 MB" is on the safe side."""

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_END = b"IEND\xaeB`\x82"
_JPEG = b"\xff\xd8\xff"
_JPEG_END = b"\xff\xd9"
_FRAMES = frozenset({0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF})
_BARE = frozenset({0x01, *range(0xD0, 0xD9)})  # markers without a length


def after(parsed: Parsed, file_id: str) -> Parsed:
    """The same ask, drawn after a picture. Raises `PromptError` for a shape that the provider does not draw so."""
    request = replace(parsed.request, reference=file_id)
    if not fits(request):
        raise PromptError((Problem(Trouble.SHAPE_WITH_REFERENCE, listed("legal", map(shapes.name, WITH_REFERENCE))),))
    return replace(parsed, request=request, notes=(*parsed.notes, *remarks(request)), like=False)


def remarks(request: Request) -> tuple[Note, ...]:
    """What its asker should know: beside a picture the provider rewrites every prompt, whatever it is told."""
    is_ignored = bool(request.reference) and (request.raw or request.seed is not None)
    return (Note(Remark.REFERENCE_REWRITES),) if is_ignored else ()


def fits(request: Request) -> bool:
    """Whether the request can be drawn after its reference picture, if it has one."""
    return not request.reference or request.shape in WITH_REFERENCE


def check_shape(request: Request) -> None:
    """Raise `Rejected`, cause `REFERENCE_SHAPE`, for what the provider would draw in another shape."""
    if not fits(request):
        raise Rejected("reference_shape", cause=Cause.REFERENCE_SHAPE)


def check(data: bytes) -> None:
    """Raise `Rejected` with a cause `REFERENCE_…` for what the provider does not take; told by the content alone."""
    if len(data) > MOST_BYTES:
        raise Rejected("reference_too_long", cause=Cause.REFERENCE_TOO_LARGE)
    size = _size(data)
    if size is None or min(size) < 1:
        raise Rejected("reference_not_a_picture", cause=Cause.REFERENCE_NOT_A_PICTURE)
    if max(size) > MOST_SIDE:
        raise Rejected("reference_too_wide", cause=Cause.REFERENCE_TOO_LARGE)


def _size(data: bytes) -> tuple[int, int] | None:
    """Width and height of a whole PNG or JPEG, from its header; None for anything else."""
    try:
        if data.startswith(_PNG) and data[12:16] == b"IHDR" and _PNG_END in data:
            width, height = struct.unpack_from(">II", data, 16)
            return width, height
        if data.startswith(_JPEG) and _JPEG_END in data:
            return _jpeg_size(data)
    except struct.error:
        return None
    return None


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    """From segment to segment until the one that opens the frame."""
    at = 2
    while data[at : at + 1] == b"\xff":
        marker = data[at + 1] if at + 1 < len(data) else 0
        if marker in _FRAMES:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return width, height
        if marker == 0xFF:
            at += 1
        elif marker in _BARE:
            at += 2
        else:
            at += 2 + int(struct.unpack_from(">H", data, at + 2)[0])
    return None
