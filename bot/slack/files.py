"""Files that lie at Slack: what they are, and their bytes, fetched with the bot's own right to read them."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from typing import Any, BinaryIO

import aiohttp

from bot.errors import Cause, Gone, Rejected, Throttled, Unavailable
from bot.job import FileId
from bot.slack.client import SlackClient
from bot.slack.hosts import may_fetch_from

MOST_BYTES = 64 * 1024 * 1024
"""No picture of ours is longer."""
AT_ONCE = 4
_BLOCK = 256 * 1024
_LIMIT = aiohttp.ClientTimeout(total=40.0, connect=5.0)
_NOT_THERE = frozenset({"file_not_found", "files_not_found", "file_deleted"})


@dataclass(frozen=True, slots=True)
class SlackFile:
    """What Slack says of a file; sizes of a picture are 0 where it does not say."""

    id: FileId
    url: str
    mime: str
    size: int
    width: int
    height: int


class SlackFiles:
    """Reads files that were shared where the bot is. Raises `Gone` for what is not there (any more)."""

    def __init__(self, client: SlackClient) -> None:
        self._client = client
        self._width = asyncio.Semaphore(AT_ONCE)

    async def look(self, file_id: FileId) -> SlackFile:
        """What the file is. Raises `Gone`, `Misconfigured` without the scope `files:read`, `Unavailable`."""
        try:
            answer = await self._client.call("files.info", file=file_id)
        except Rejected as refused:
            if refused.code in _NOT_THERE:
                raise Gone(refused.code) from None
            raise
        file = answer.get("file")
        if not isinstance(file, dict) or file.get("mode") in {"tombstone", "hidden_by_limit"}:
            raise Gone("file_deleted")
        url = str(file.get("url_private_download") or file.get("url_private") or "")
        if file.get("is_external") or not url:
            raise Rejected("file_not_hosted", cause=Cause.SLACK_REFUSED)
        width, height = _number(file, "original_w"), _number(file, "original_h")
        return SlackFile(file_id, url, str(file.get("mimetype") or ""), _number(file, "size"), width, height)

    async def fetch(self, file: SlackFile, into: BinaryIO, *, most: int = MOST_BYTES) -> str:
        """The bytes, into the file; their SHA-256. Nothing longer than `most` is read to its end.

        Raises `Gone`, `Rejected` (too long, or an address that is not Slack's), `Throttled`, `Unavailable`.
        """
        if not may_fetch_from(file.url, api_url=self._client.api_url):
            raise Rejected("file_url_foreign", cause=Cause.SLACK_REFUSED)
        if file.size > most:
            raise Rejected("file_too_large", cause=Cause.SLACK_REFUSED)
        try:
            async with self._width:
                return await self._pour(file, into, most)
        except (aiohttp.ClientError, TimeoutError, OSError) as broken:
            raise Unavailable("file_broken", type(broken).__name__, cause=Cause.SLACK_DOWN) from None

    async def _pour(self, file: SlackFile, into: BinaryIO, most: int) -> str:
        await asyncio.to_thread(_empty, into)
        digest, length = hashlib.sha256(), 0
        headers = {"Authorization": f"Bearer {self._client.once.token}", "Accept-Encoding": "identity"}
        async with self._client.session.get(
            file.url, headers=headers, timeout=_LIMIT, allow_redirects=False, proxy=self._client.proxy
        ) as response:
            _check(response)
            async for piece in response.content.iter_chunked(_BLOCK):
                length += len(piece)
                if length > most:
                    raise Rejected("file_too_large", cause=Cause.SLACK_REFUSED)
                digest.update(piece)
                await asyncio.to_thread(into.write, piece)
        if file.size and length != file.size:
            raise Unavailable("file_cut", cause=Cause.SLACK_DOWN)
        return digest.hexdigest()


def _empty(file: BinaryIO) -> None:
    file.seek(0)
    file.truncate()


def _check(response: aiohttp.ClientResponse) -> None:
    """Slack answers with a page to sign in, not with a refusal, where the token may not read a file."""
    if response.status == 429:
        raise Throttled("ratelimited", "file", cause=Cause.SLACK_DOWN)
    if response.status >= 500:
        raise Unavailable(f"file_http_{response.status}", cause=Cause.SLACK_DOWN)
    if response.status in {404, 410}:
        raise Gone(f"file_http_{response.status}")
    if response.status != 200 or response.content_type == "text/html":
        raise Rejected(f"file_http_{response.status}", cause=Cause.SLACK_REFUSED)


def _number(file: dict[str, Any], name: str) -> int:
    value = file.get(name)
    return value if isinstance(value, int) else 0
