"""Where bytes wait between the provider and Slack: a folder (`file://`) or a bucket (`s3://`), by one API."""

from __future__ import annotations

import asyncio
import hashlib
import re
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO, cast
from urllib.parse import unquote, urlsplit

import obstore
import structlog
from obstore.exceptions import BaseError
from obstore.store import from_url

from bot.errors import Fault, Gone, Misconfigured, Unavailable
from bot.job import Picture

log = structlog.get_logger(__name__)

PART = ".part"
"""How the name of a draft ends; one that a crash left behind is swept like anything old."""
PIECE = 64 * 1024
"""Bytes read, summed and sent in one go: few enough that nobody else on the event loop waits for it."""
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

    @asynccontextmanager
    async def draft(self) -> AsyncIterator[BinaryIO]:
        """A file for bytes on their way here, on the disk of the folder if there is one; what is not put is gone."""
        try:
            file = self._open()  # here and not in a thread: the hop takes longer, and the first byte waits for it
        except OSError as error:
            raise _fault(error) from error
        try:
            yield file
        finally:
            self._close(file)

    def _open(self) -> BinaryIO:
        if self._folder is None:
            return cast("BinaryIO", TemporaryFile())
        self._folder.mkdir(parents=True, exist_ok=True)
        return (self._folder / f"{secrets.token_hex(8)}{PART}").open("x+b")

    def _close(self, file: BinaryIO) -> None:
        with suppress(OSError):  # bytes for which there was no room are still in its buffer, and are tried once more
            file.close()
        if self._folder is not None:
            Path(file.name).unlink(missing_ok=True)

    async def put(self, key: str, draft: BinaryIO) -> None:
        """Have the draft's bytes found under the key: in a folder by a new name for the file, which copies nothing.

        Not forced to the disk: that costs more than it keeps. After a power cut `read` finds out, and a free query
        brings the picture once more.
        """
        _check(key)
        try:
            draft.flush()
            if self._folder is None:
                draft.seek(0)
                await obstore.put_async(self._store, key, draft)
            else:
                await asyncio.to_thread(_move, Path(draft.name), self._folder / key)
        except (BaseError, OSError) as error:
            raise _fault(error) from error

    async def read(self, picture: Picture) -> AsyncIterator[bytes]:
        """The bytes, in pieces. The last one is given only if all are what they were; else raises `Gone`."""
        _check(picture.key)
        total, last = hashlib.sha256(), b""
        try:
            answer = await obstore.get_async(self._store, picture.key)
            if answer.meta["size"] != picture.size:
                raise Gone("spool_altered")
            async for piece in answer.stream(min_chunk_size=PIECE):
                total.update(piece)
                if last:
                    yield last
                last = bytes(piece)
        except FileNotFoundError as error:
            raise Gone("spool_gone") from error
        except (BaseError, OSError) as error:
            raise _fault(error) from error
        if total.hexdigest() != picture.sha256:
            raise Gone("spool_altered")
        yield last

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


def _move(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    source.replace(target)


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
