"""Fetches a result picture: from where it may come, within a time and a size, and checked before anybody sees it."""

from __future__ import annotations

import asyncio

import aiohttp

from bot.errors import Cause, LinksExpired, Patience, Rejected, Unavailable
from bot.images.links import usable
from bot.images.photos import bad_picture, photo_of
from bot.images.wire import Limits, read_capped
from bot.ports import Photo

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

    async def fetch(self, link: str) -> Photo:
        """The picture. Bytes that are none are fetched once more, then refused with the cause `BAD_PICTURE`.

        Raises `LinksExpired`, `Unavailable` or `Rejected`.
        """
        try:
            return await self._fetch_once(link)
        except Rejected as fault:
            if fault.code == "link_refused":
                raise
        return await self._fetch_once(link)

    async def _fetch_once(self, link: str) -> Photo:
        data = await self._bytes_of(link)
        return await asyncio.to_thread(photo_of, data)

    async def _bytes_of(self, link: str) -> bytes:
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
            ) as response:
                return await self._body_of(response)
        except TimeoutError as error:
            raise Unavailable("download_timeout", cause=Cause.PROVIDER_STUMBLED, patience=_AWAY) from error
        except aiohttp.ClientPayloadError as error:
            raise Unavailable("download_cut", cause=Cause.BAD_PICTURE, patience=_CUT) from error
        except aiohttp.ClientError as error:
            raise Unavailable("download_failed", cause=Cause.PROVIDER_STUMBLED, patience=_AWAY) from error

    async def _body_of(self, response: aiohttp.ClientResponse) -> bytes:
        status = response.status
        if status in {408, 429} or status >= 500:
            raise Unavailable(f"download_http_{status}", cause=Cause.PROVIDER_STUMBLED, patience=_AWAY)
        if status >= 300:
            # 403 is what an expired signature gets; a redirect is never followed: it leads away from the storage.
            raise LinksExpired(f"link_http_{status}", cause=Cause.JOB_LOST)
        if status != 200:
            raise bad_picture(f"picture_http_{status}")
        data = await read_capped(response, self._cap)
        if data is None:
            raise bad_picture("picture_too_large")
        return data
