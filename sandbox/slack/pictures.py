"""What the first bytes of a file say: its type, and the size of a picture."""

from __future__ import annotations

import struct

MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png", "png"),
    (b"\xff\xd8\xff", "image/jpeg", "jpg"),
    (b"GIF8", "image/gif", "gif"),
    (b"%PDF", "application/pdf", "pdf"),
)
START_OF_FRAME = {0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF}


def kind_of(data: bytes) -> tuple[str, str]:
    """The MIME type and Slack's `filetype`, from the content and never from the name."""
    for magic, mimetype, filetype in MAGIC:
        if data.startswith(magic):
            return mimetype, filetype
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp", "webp"
    return "application/octet-stream", "binary"


def size_of(data: bytes) -> tuple[int, int] | None:
    """Width and height in pixels of a PNG, JPEG or GIF; None for anything else."""
    try:
        if data.startswith(MAGIC[0][0]):
            width, height = struct.unpack(">II", data[16:24])
        elif data.startswith(MAGIC[1][0]):
            return _jpeg_size(data)
        elif data.startswith(MAGIC[2][0]):
            width, height = struct.unpack("<HH", data[6:10])
        else:
            return None
    except struct.error:
        return None
    return width, height


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 < len(data):
        marker, length = data[at + 1], struct.unpack(">H", data[at + 2 : at + 4])[0]
        if marker in START_OF_FRAME:
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        at += 2 + length
    return None
