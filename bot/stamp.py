"""Writes a line of text into a picture file without touching the picture: what to insert, and where. Pure.

PNG: an `iTXt` chunk "Description" behind the header (PNG 3rd edition, 11.3.3). JPEG: a comment segment behind `SOI` and
`APP0`, which decoders want first (JFIF 1.02). Nothing that the provider wrote (its label, its own metadata) is changed.
"""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

HEAD = 4096
"""How many bytes of a file `insertion` wants to see."""
_MOST_JPEG = 65_533
_PNG_HEADER = 33
_SOI = b"\xff\xd8"
_APP0 = b"\xff\xe0"


@dataclass(frozen=True, slots=True)
class Insertion:
    """Bytes that go into a file at an offset."""

    offset: int
    data: bytes


def insertion(head: bytes, text: str) -> Insertion | None:
    """What makes the file carry the text; None for a kind of file that has no place for it."""
    if head.startswith(b"\x89PNG\r\n\x1a\n") and len(head) >= _PNG_HEADER:
        return Insertion(_PNG_HEADER, _itxt("Description", text))
    if head.startswith(_SOI):
        return Insertion(_behind_app0(head), _comment(text))
    return None


def room(mime: str, text: str) -> int:
    """How many bytes longer the text makes a file of that kind."""
    if not text:
        return 0
    match mime:
        case "image/png":
            return len(_itxt("Description", text))
        case "image/jpeg":
            return len(_comment(text))
        case _:
            return 0


async def stamped(pieces: AsyncIterator[bytes], text: str) -> AsyncIterator[bytes]:
    """The pieces of a file with the text put in on the way; no more than a piece and the file's head is held."""
    head = b""
    async for piece in pieces:
        head += piece
        if len(head) >= HEAD:
            break
    found = insertion(head[:HEAD], text) if text else None
    if found is None:
        yield head
    else:
        yield head[: found.offset] + found.data + head[found.offset :]
    async for piece in pieces:
        yield piece


def _itxt(keyword: str, text: str) -> bytes:
    body = keyword.encode("latin-1") + b"\0\0\0\0\0" + text.encode()
    chunk = b"iTXt" + body
    return len(body).to_bytes(4, "big") + chunk + zlib.crc32(chunk).to_bytes(4, "big")


def _comment(text: str) -> bytes:
    data = text.encode()[:_MOST_JPEG].decode(errors="ignore").encode()
    return b"\xff\xfe" + (len(data) + 2).to_bytes(2, "big") + data


def _behind_app0(head: bytes) -> int:
    if head[2:4] != _APP0 or len(head) < 6:
        return 2
    end = 4 + int.from_bytes(head[4:6], "big")
    return end if end <= len(head) else 2
