"""What a download of a result link gets: the picture, or something that is none."""

from __future__ import annotations

import struct
import zlib
from typing import Final

from sandbox.hunyuan.faults import Fault, Trouble

BOMB_SIDE: Final = 30_000
ELSEWHERE: Final = "https://pictures.invalid/elsewhere.png"
"""Where PICTURE_REDIRECT leads; the top-level domain exists nowhere."""

_PAGE: Final = b"<!doctype html><title>Sign in</title><p>Please sign in to see this picture.</p>"
_TEXT: Final = b"This is not a picture, whatever its content type says.\n"


def spoiled(png: bytes, fault: Fault) -> tuple[str, bytes]:
    """Return content type and body of a download that `fault` has spoiled."""
    if fault.trouble in {Trouble.PICTURE_HTML, Trouble.BROKEN_PICTURE}:
        return "text/html", _PAGE
    if fault.trouble is Trouble.PICTURE_EMPTY:
        return "image/png", b""
    if fault.trouble is Trouble.PICTURE_TRUNCATED:
        return "image/png", png[: len(png) // 2]
    if fault.trouble is Trouble.PICTURE_TEXT:
        return "image/png", _TEXT
    if fault.trouble is Trouble.PICTURE_BOMB:
        return "image/png", bomb()
    return "image/png", png


def bomb() -> bytes:
    """Return a small, well-formed PNG whose header promises 900 million pixels."""
    header = struct.pack(">IIBBBBB", BOMB_SIDE, BOMB_SIDE, 8, 2, 0, 0, 0)
    row = zlib.compress(bytes(1 + 3 * BOMB_SIDE) * 16)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", row) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
