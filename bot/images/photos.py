"""Whether fetched bytes are a picture that a person may be shown, told from the headers: nothing is decoded or copied.

What the sender calls it does not count. Pixels are never touched: what is checked here is what is delivered.
"""

from __future__ import annotations

import mmap
import os
import struct
import zlib
from collections.abc import Callable, Mapping
from typing import BinaryIO

from bot.errors import Cause, Rejected
from bot.ports import Photo

PIXELS = 64_000_000
"""The most pixels a picture may claim."""

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_END = b"\x00\x00\x00\x00IEND\xaeB`\x82"
_JPEG = b"\xff\xd8\xff"
_JPEG_END = b"\xff\xd9"
_OTHER_FILES = (b"PK\x03\x04", b"<", b"%PDF", b"%!", b"MZ", b"\x7fELF", b"#!", b"Rar!", b"7z\xbc\xaf")
_HEAD = 12
_HEADER_FAULTS = (SyntaxError, OSError, EOFError, ValueError, IndexError, KeyError, TypeError, struct.error, zlib.error)


def photo_in(file: BinaryIO, *, sha256: str) -> Photo:
    """What picture the file holds; its pages are looked at where they lie. Raises `Rejected`, cause `BAD_PICTURE`."""
    size = file.seek(0, os.SEEK_END)
    if not size:
        raise bad_picture("picture_empty")
    file.flush()
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        file.seek(0)
        mime = kind_of(data[:_HEAD])
        if mime is None:
            raise bad_picture("picture_wrong_type")
        width, height = _CHECKS[mime](data, file)
    return Photo(mime, width, height, size, sha256)


def kind_of(head: bytes) -> str | None:
    """The type of a picture by its first 12 bytes, if it is one of those that are delivered."""
    if head.startswith(_PNG):
        return "image/png"
    if head.startswith(_JPEG):
        return "image/jpeg"
    return "image/webp" if head[:4] == b"RIFF" and head[8:12] == b"WEBP" else None


def bad_picture(code: str) -> Rejected:
    """The fault of a picture that cannot be used."""
    return Rejected(code, cause=Cause.BAD_PICTURE)


def _png(data: mmap.mmap, file: BinaryIO) -> tuple[int, int]:
    end = data.rfind(_PNG_END)
    if end < 0:
        raise bad_picture("picture_truncated")
    _check_tail(data, end + len(_PNG_END))
    from PIL.PngImagePlugin import PngImageFile  # loaded when the bot is at work, see app

    try:
        # The class itself, not Image.open: that warns of large pictures instead of refusing them.
        with PngImageFile(file) as image:
            size = _checked_size(*image.size)
            if image.n_frames > 1:
                raise bad_picture("picture_animated")
        _check_sums(data)
    except _HEADER_FAULTS as error:
        raise bad_picture("picture_damaged") from error
    return size


def _check_sums(data: mmap.mmap) -> None:
    """Every chunk has its checksum right. Pillow's own `verify` reads each chunk into memory, twice if it is large."""
    at, kind = len(_PNG), b""
    with memoryview(data) as view:
        while kind != b"IEND":
            length, kind = struct.unpack_from(">I4s", view, at)
            said = struct.unpack_from(">I", view, at + 8 + length)[0]
            if zlib.crc32(view[at + 4 : at + 8 + length]) != said:
                raise bad_picture("picture_damaged")
            at += 12 + length


def _jpeg(data: mmap.mmap, file: BinaryIO) -> tuple[int, int]:
    from PIL.JpegImagePlugin import JpegImageFile  # loaded when the bot is at work, see app

    try:
        with JpegImageFile(file) as image:
            size = _checked_size(*image.size)
            scan = file.tell()
    except _HEADER_FAULTS as error:
        raise bad_picture("picture_damaged") from error
    # A thumbnail in the header has an end of its own, so the end is looked for behind the start of the scan.
    end = data.find(_JPEG_END, scan)
    if end < 0:
        raise bad_picture("picture_truncated")
    _check_tail(data, end + len(_JPEG_END))
    return size


def _webp(data: mmap.mmap, _file: BinaryIO) -> tuple[int, int]:
    """By hand: Pillow's reader makes room for the whole canvas before it tells the size."""
    end = 8 + int.from_bytes(data[4:8], "little")
    if len(data) < max(end, 30):
        raise bad_picture("picture_truncated")
    _check_tail(data, end)
    kind, head = data[12:16], data[20:30]
    if kind == b"VP8X":
        if head[0] & 0x02:
            raise bad_picture("picture_animated")
        return _checked_size(*(1 + int.from_bytes(head[at : at + 3], "little") for at in (4, 7)))
    if kind == b"VP8L" and head[0] == 0x2F:
        bits = int.from_bytes(head[1:5], "little")
        return _checked_size(1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
    if kind == b"VP8 " and head[3:6] == b"\x9d\x01\x2a":
        return _checked_size(*(int.from_bytes(head[at : at + 2], "little") & 0x3FFF for at in (6, 8)))
    raise bad_picture("picture_damaged")


_CHECKS: Mapping[str, Callable[[mmap.mmap, BinaryIO], tuple[int, int]]] = {
    "image/png": _png,
    "image/jpeg": _jpeg,
    "image/webp": _webp,
}


def _checked_size(width: int, height: int) -> tuple[int, int]:
    if width < 1 or height < 1:
        raise bad_picture("picture_damaged")
    if width * height > PIXELS:
        raise bad_picture("picture_too_many_pixels")
    return width, height


def _check_tail(data: mmap.mmap, end: int) -> None:
    """Labels may follow a picture; another file that hides behind one may not."""
    if data[end : end + 64].lstrip(b"\0 \r\n\t").startswith(_OTHER_FILES):
        raise bad_picture("picture_hides_a_file")
