"""Opens the pictures a client sends along, in base64 or by a link on this machine; nothing else is ever fetched."""

from __future__ import annotations

import base64
import binascii
import io
import ipaddress
from typing import Final
from urllib.parse import urlsplit

import aiohttp
from PIL import Image

from sandbox.hunyuan import catalogue
from sandbox.hunyuan.parameters import Reference
from sandbox.hunyuan.refusals import Refusal

_FETCH_TIMEOUT: Final = aiohttp.ClientTimeout(total=5)
_KINDS: Final = ("PNG", "JPEG")


async def check_reference(reference: Reference) -> tuple[int, int]:
    """Return the size of the picture, or refuse with the code for what is wrong with it. A URL goes before base64."""
    content = await _fetch(reference.url) if reference.url else _decode(reference.base64)
    return _open(content)


def nearest_resolution(size: tuple[int, int]) -> str:
    """Return the one of the four sizes allowed beside a reference picture whose shape is nearest to `size`."""
    ratio = size[0] / size[1]
    return min(reversed(catalogue.REFERENCE_RESOLUTIONS), key=lambda name: abs(_ratio(name) - ratio))


def _ratio(resolution: str) -> float:
    width, height = catalogue.RESOLUTIONS[resolution]
    return width / height


def _decode(text: str) -> bytes:
    if len(text) > catalogue.MAX_IMAGE_BASE64:
        raise Refusal("FailedOperation.ImageSizeExceed")
    try:
        return base64.b64decode(text.partition("base64,")[2] if text.startswith("data:") else text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refusal("FailedOperation.ImageDecodeFailed") from error


def _open(content: bytes) -> tuple[int, int]:
    """Look at the header first, so that a huge picture is refused before a pixel of it is decoded."""
    try:
        with Image.open(io.BytesIO(content), formats=_KINDS) as picture:
            if max(picture.size) >= catalogue.MAX_IMAGE_SIDE:
                raise Refusal("FailedOperation.ImageResolutionExceed")
            picture.load()
            return picture.size
    except Image.DecompressionBombError as error:
        raise Refusal("FailedOperation.ImageResolutionExceed") from error
    except (OSError, SyntaxError, ValueError) as error:
        raise Refusal("FailedOperation.ImageDecodeFailed") from error


async def _fetch(url: str) -> bytes:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise Refusal("InvalidParameterValue.UrlIllegal")
    if not _is_loopback(parts.hostname):
        raise Refusal("FailedOperation.ImageDownloadError")
    try:
        async with (
            aiohttp.ClientSession(timeout=_FETCH_TIMEOUT) as session,
            session.get(url, allow_redirects=False) as answer,
        ):
            if answer.status != 200:
                raise Refusal("FailedOperation.ImageDownloadError")
            return await _read_all(answer)
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise Refusal("FailedOperation.ImageDownloadError") from error


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


async def _read_all(answer: aiohttp.ClientResponse) -> bytes:
    content = bytearray()
    async for chunk in answer.content.iter_chunked(65_536):
        content += chunk
        if len(content) > catalogue.MAX_BODY:
            raise Refusal("FailedOperation.ImageSizeExceed")
    return bytes(content)
