"""Fetches a result picture: from where it may come, within a time and a size, and checked before anybody sees it.

The bytes go to a file as they come; no more than a block of each picture is ever in memory.
"""

from __future__ import annotations

import asyncio
import errno
import hashlib
from typing import BinaryIO

import aiohttp

from bot.errors import Cause, LinksExpired, Patience, Rejected, Unavailable
from bot.images.links import usable
from bot.images.photos import bad_picture, kind_of, photo_in
from bot.images.wire import Limits
from bot.ports import Photo, Sized

AT_ONCE = 24
"""Downloads under way; with `BLOCK` and `BUFFER` for each, that bounds the bytes in flight."""
BLOCK = 256 * 1024
"""Bytes of a picture that are gathered in memory before they are written."""
BUFFER = 64 * 1024
"""Bytes that the HTTP library holds ready; at twice that it stops reading from the socket."""

_AWAY = Patience(first=1.0, cap=30.0, lasting=3600.0)
"""The picture is paid for and its link lives an hour; when it dies, a query signs a fresh one."""
_CUT = Patience(first=1.0, cap=20.0, tries=8)


class Downloader:
    """Downloads pictures from the vendor's storage (`stores`) or, if `local`, from this machine."""

    def __init__(self, session: aiohttp.ClientSession, *, stores: tuple[str, ...], local: bool, limits: Limits) -> None:
        self._session = session
        self._stores = stores
        self._local = local
        self._cap = limits.picture
        self._timeout = aiohttp.ClientTimeout(
            total=limits.download, connect=limits.connect, sock_connect=limits.connect
        )
        self._width = asyncio.Semaphore(AT_ONCE)

    async def fetch(self, link: str, into: BinaryIO, *, sized: Sized) -> Photo:
        """The picture, its bytes in the file. What is none is fetched once more, then refused: `BAD_PICTURE`.

        Raises `LinksExpired`, `Unavailable` or `Rejected`.
        """
        try:
            return await self._fetch_once(link, into, sized)
        except Rejected as fault:
            if fault.code == "link_refused":
                raise
        return await self._fetch_once(link, into, sized)

    async def _fetch_once(self, link: str, into: BinaryIO, sized: Sized) -> Photo:
        sink = _Sink(into, cap=self._cap)
        async with self._width:
            await self._pour(link, sink, sized)
        return await asyncio.to_thread(photo_in, into, sha256=sink.digest())

    async def _pour(self, link: str, sink: _Sink, sized: Sized) -> None:
        url = usable(link, stores=self._stores, local=self._local)
        if url is None:
            raise bad_picture("link_refused")
        try:
            async with self._session.get(
                url,
                headers={"Accept-Encoding": "identity"},
                timeout=self._timeout,
                allow_redirects=False,
                auto_decompress=False,
                read_bufsize=BUFFER,
            ) as response:
                _check_status(response.status)
                await sink.take(response, sized)
        except TimeoutError as error:
            raise Unavailable("download_timeout", cause=Cause.PROVIDER_STUMBLED, patience=_AWAY) from error
        except aiohttp.ClientPayloadError as error:
            raise Unavailable("download_cut", cause=Cause.BAD_PICTURE, patience=_CUT) from error
        except aiohttp.ClientError as error:
            raise Unavailable("download_failed", cause=Cause.PROVIDER_STUMBLED, patience=_AWAY) from error


def _check_status(status: int) -> None:
    if status in {408, 429} or status >= 500:
        raise Unavailable(f"download_http_{status}", cause=Cause.PROVIDER_STUMBLED, patience=_AWAY)
    if status >= 300:
        # 403 is what an expired signature gets; a redirect is never followed: it leads away from the storage.
        raise LinksExpired(f"link_http_{status}", cause=Cause.JOB_LOST)
    if status != 200:
        raise bad_picture(f"picture_http_{status}")


class _Sink:
    """Takes a body into a file, block by block, and adds up its SHA-256."""

    def __init__(self, into: BinaryIO, *, cap: int) -> None:
        into.seek(0)
        into.truncate()
        self._into = into
        self._cap = cap
        self._sum = hashlib.sha256()
        self._block: list[bytes] = []

    def digest(self) -> str:
        """The SHA-256 of all that was taken."""
        return self._sum.hexdigest()

    async def take(self, response: aiohttp.ClientResponse, sized: Sized) -> None:
        """Take the whole body. Raises `Rejected` as soon as it is too long."""
        length, size = response.content_length, 0
        if length is not None and length > self._cap:
            raise bad_picture("picture_too_large")
        async for chunk in response.content.iter_any():
            if not size and length and (mime := kind_of(chunk)) is not None:
                sized(length, mime)
            size += len(chunk)
            if size > self._cap:
                raise bad_picture("picture_too_large")
            await self._add(chunk)
        await asyncio.to_thread(self._write)

    async def _add(self, chunk: bytes) -> None:
        self._block.append(chunk)
        if sum(map(len, self._block)) >= BLOCK:
            await asyncio.to_thread(self._write)

    def _write(self) -> None:
        """Write what was gathered; the pieces are never joined, which would be one more copy."""
        try:
            for chunk in self._block:
                self._sum.update(chunk)
                self._into.write(chunk)
            self._into.flush()
        except OSError as error:
            code = "disk_full" if error.errno == errno.ENOSPC else "spool_failed"
            raise Unavailable(code, type(error).__name__) from error
        self._block.clear()
