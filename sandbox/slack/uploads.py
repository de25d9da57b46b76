"""The bytes: the upload address that takes them, the file address that gives them back."""

from __future__ import annotations

import hashlib

from aiohttp import BodyPartReader, web

from sandbox.slack.connection import interfered
from sandbox.slack.local import LocalSlack
from sandbox.slack.pictures import kind_of
from sandbox.slack.workspace import File, FileState

CHUNK = 256 * 1024
SHOWN_INLINE = ("image/png", "image/jpeg", "image/gif", "image/webp")


class Uploads:
    """Serves `/upload/v1/TICKET` and `/files/ID/NAME`."""

    def __init__(self, slack: LocalSlack) -> None:
        self._slack = slack

    async def receive(self, request: web.Request) -> web.StreamResponse:
        """Take the bytes of one upload, raw or as the first part of a form; may be repeated until completed."""
        return await interfered(self._slack.settings, "upload", request, lambda: self._received(request))

    async def _received(self, request: web.Request) -> web.StreamResponse:
        file = self._promised(request.match_info["ticket"])
        if file is None:
            return web.Response(status=404, text="no such upload")
        data = await _body(request, self._slack.settings.upload_cap)
        if data is None:
            return web.Response(status=413, text="too large")
        if len(data) != file.length:
            return web.Response(status=400, text=f"expected {file.length} bytes, got {len(data)}")
        file.data, file.state = self._stored(data), FileState.RECEIVED
        digest = hashlib.sha256(file.data).hexdigest()
        self._slack.feed.publish("slack.upload", file=file.id, size=len(file.data), sha256=digest, name=file.name)
        return web.Response(text=f"OK - {len(file.data)}")

    def _promised(self, ticket: str) -> File | None:
        waiting = {FileState.PROMISED, FileState.RECEIVED}
        files = self._slack.workspace.files.values()
        return next((each for each in files if each.ticket == ticket and each.state in waiting), None)

    def _stored(self, data: bytes) -> bytes:
        settings = self._slack.settings
        if settings.upload_skew and settings.upload_skew_times > 0:
            settings.upload_skew_times -= 1
            return data[: max(0, len(data) - settings.upload_skew)]
        return data

    async def give(self, request: web.Request) -> web.StreamResponse:
        """Give the bytes to whoever has the bot's token (with `files:read`) or the file's key."""
        file = self._slack.workspace.files.get(request.match_info["file"])
        if file is None or not file.data or not self._may_read(request, file):
            return web.Response(status=404, text="not found")
        mimetype = kind_of(file.data)[0]
        inline = mimetype in SHOWN_INLINE
        headers = {
            "Content-Type": mimetype if inline else "application/octet-stream",
            "Content-Disposition": "inline" if inline else "attachment",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cache-Control": "private, max-age=86400, immutable",
        }
        return web.Response(body=file.data, headers=headers)

    def _may_read(self, request: web.Request, file: File) -> bool:
        if request.query.get("key") == file.key:
            return True
        bearer = request.headers.get("Authorization") == f"Bearer {self._slack.bot_token}"
        return bearer and "files:read" in self._slack.manifest.scopes and self._slack.may_read(file)


async def _body(request: web.Request, cap: int) -> bytes | None:
    """The posted bytes, or None if there are more than `cap`."""
    source: web.BaseRequest | BodyPartReader = request
    if request.content_type == "multipart/form-data":
        part = await (await request.multipart()).next()
        if not isinstance(part, BodyPartReader):
            return b""
        source = part
    data = bytearray()
    while chunk := await (source.read_chunk(CHUNK) if isinstance(source, BodyPartReader) else _chunk(source)):
        data += chunk
        if len(data) > cap:
            return None
    return bytes(data)


async def _chunk(request: web.BaseRequest) -> bytes:
    return await request.content.readany()
