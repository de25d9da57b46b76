"""Where bytes wait between the provider and Slack: a folder (`file://`) or a bucket (`s3://`), by one API."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import obstore
import structlog
from obstore.exceptions import BaseError
from obstore.store import from_url

from bot.errors import Fault, Gone, Misconfigured, Unavailable

log = structlog.get_logger(__name__)

KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")


class ObjectSpool:
    """Bytes by key. Keys are made by us alone; one that could leave the folder is a bug and raises `ValueError`."""

    def __init__(self, url: str, *, options: Mapping[str, Any] | None = None) -> None:
        """Open the spool at `url`; a local folder is made. `options` go to the bucket's client (keys, endpoint)."""
        self._folder = _folder_of(url)
        settings: dict[str, Any] = {"mkdir": True} if self._folder is not None else dict(options or {})
        try:
            self._store = from_url(url, **settings)
        except (BaseError, ValueError, OSError) as error:
            raise Misconfigured("spool_url", f"the spool cannot be opened: {type(error).__name__}") from error

    async def put(self, key: str, data: bytes) -> None:
        """Store it durably under the key: what returned is there after a power cut."""
        _check(key)
        try:
            await obstore.put_async(self._store, key, data)
            if self._folder is not None:
                await asyncio.to_thread(_sync, self._folder / key, self._folder)
        except (BaseError, OSError) as error:
            raise _fault(error) from error

    async def get(self, key: str) -> bytes:
        """The bytes. Raises `Gone` if there are none."""
        _check(key)
        try:
            answer = await obstore.get_async(self._store, key)
            return bytes(await answer.bytes_async())
        except FileNotFoundError as error:
            raise Gone("spool_gone") from error
        except (BaseError, OSError) as error:
            raise _fault(error) from error

    async def drop(self, prefix: str) -> None:
        """Forget everything under the prefix, which is a whole key or a folder of keys; nothing there is fine."""
        _check(prefix)
        try:
            under = [found["path"] async for page in obstore.list(self._store, prefix=prefix) for found in page]
            for path in under or [prefix]:  # on a disk, a key with others under it is a folder and no object
                await self._delete(path)
        except (BaseError, OSError) as error:
            raise _fault(error) from error

    async def sweep(self, before: datetime) -> int:
        """Forget what was stored before then and nobody dropped; how many objects that were."""
        swept = 0
        try:
            async for page in obstore.list(self._store):
                for old in (found for found in page if found["last_modified"] < before):
                    await self._delete(old["path"])
                    swept += 1
        except (BaseError, OSError) as error:
            raise _fault(error) from error
        return swept

    async def _delete(self, key: str) -> None:
        try:
            await obstore.delete_async(self._store, key)
        except FileNotFoundError:
            return
        if self._folder is not None:
            await asyncio.to_thread(_prune, self._folder / key, self._folder)


def _folder_of(url: str) -> Path | None:
    parts = urlsplit(url)
    return Path(unquote(parts.path)) if parts.scheme == "file" else None


def _check(key: str) -> None:
    if not KEY.fullmatch(key):
        raise ValueError("not a key of ours")


def _sync(path: Path, top: Path) -> None:
    """Put the file, and each folder's entry for what lies in it, on the disk."""
    while True:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if path == top:
            return
        path = path.parent


def _prune(path: Path, top: Path) -> None:
    """Remove the folders that the path leaves empty; one into which something just came stays."""
    for folder in path.parents:
        if folder == top:
            return
        try:
            folder.rmdir()
        except OSError:
            return


def _fault(error: Exception) -> Fault:
    full = "No space left" in str(error)
    log.warning("spool_failed", code="disk_full" if full else "spool_failed", error=type(error).__name__)
    return Unavailable("disk_full" if full else "spool_failed", type(error).__name__)
