"""Our own uploader: get an address, send the bytes, complete once, look whether it landed.

Not `files_upload_v2`: it loses the file ids when a step fails, sends one file after the other and puts the caption into
the URL. https://docs.slack.dev/messaging/working-with-files
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import aiohttp
import structlog

from bot.errors import Cause, Fault, Gone, Rejected, Throttled, Unavailable
from bot.job import FileId, Job, Picture, Ts
from bot.ports import Landed, Read
from bot.slack import captions
from bot.slack.client import SlackClient
from bot.slack.codes import BAD_BLOCKS, NO_THREAD
from bot.slack.tickets import Parcel, Tickets
from bot.slack.wording import Words

_log = structlog.get_logger(__name__)

AT_ONCE = 24
"""Uploads under way. Each has one piece of its picture in memory."""
_LIMIT = aiohttp.ClientTimeout(total=40.0, connect=5.0)
_MOST_REPLY = 4096
_TOO_MUCH = frozenset({413, 415})
_SPENT = frozenset({"file_not_found", "files_not_found", "file_deleted", "already_completed", "upload_not_found"})
"""What completing says to ids that it does not know (any more), or that were completed before."""


class Uploader:
    """Brings pictures into a thread. `with_alt_text`: see python-slack-sdk#1818, where it made shares vanish."""

    def __init__(self, client: SlackClient, *, with_alt_text: bool = True) -> None:
        self._client = client
        self._with_alt_text = with_alt_text
        self._tickets = Tickets(client)
        self._width = asyncio.Semaphore(AT_ONCE)

    async def close(self) -> None:
        """Stop asking for addresses."""
        await self._tickets.close()

    def expect(self, job: Job, words: Words, *, number: int, of: int, length: int, mime: str) -> None:
        """Ask for an address while the bytes are on their way."""
        self._tickets.expect(self._parcel(job, words, number=number, of=of, length=length, mime=mime))

    def _parcel(self, job: Job, words: Words, *, number: int, of: int, length: int, mime: str) -> Parcel:
        """What Slack is told of a picture.

        Without a description if a share of this job was never seen before (`job.uploads`).
        """
        described = self._with_alt_text and not job.uploads
        alt_text = captions.alt_text(words, job, number=number, n=of) if described else None
        return Parcel(job.id, captions.filename(job, number=number, mime=mime), length, alt_text)

    async def upload(self, job: Job, read: Read, words: Words) -> tuple[FileId, ...]:
        """Give Slack the bytes of the job's pictures, in order, unshared; what is never completed Slack discards."""
        parcels = [
            self._parcel(job, words, number=number, of=len(job.pictures), length=picture.size, mime=picture.mime)
            for number, picture in enumerate(job.pictures, 1)
        ]
        try:
            async with asyncio.TaskGroup() as group:
                sending = map(self._one, job.pictures, parcels, [read] * len(parcels))
                tasks = [group.create_task(each) for each in sending]
        except BaseExceptionGroup as several:
            raise _first(several) from None
        finally:
            self._tickets.forget(job.id)
        return tuple(task.result() for task in tasks)

    async def _one(self, picture: Picture, parcel: Parcel, read: Read) -> FileId:
        ticket = await self._tickets.take(parcel)
        async with self._width:
            await self._send(ticket.url, picture, read)
        return ticket.file_id

    async def _send(self, url: str, picture: Picture, read: Read) -> None:
        """POST the bytes; unseen as they are, once more to the same address is harmless (python-slack-sdk#1853)."""
        try:
            await self._post(url, picture.size, _Body(read(picture)))
        except Unavailable as fault:
            _log.info("upload_again", code=fault.code)
            await self._post(url, picture.size, _Body(read(picture)))

    async def _post(self, url: str, length: int, body: _Body) -> None:
        await self._client.piece()
        try:
            async with self._client.session.post(
                url,
                data=body,
                timeout=_LIMIT,
                allow_redirects=False,
                proxy=self._client.proxy,
                headers={"Content-Type": "application/octet-stream", "Content-Length": str(length)},
            ) as response:
                reply = await response.content.read(_MOST_REPLY)
        except (aiohttp.ClientError, TimeoutError, OSError) as broken:
            raise body.fault or Unavailable("upload_broken", type(broken).__name__, cause=Cause.SLACK_DOWN) from None
        _check_reply(response.status, reply, length)

    async def share(self, job: Job, words: Words) -> None:
        """Complete the uploads into the thread: one call, one message.

        Raises `Gone` if Slack knows these uploads no more (or completed them before), `Unavailable` or
        `OutcomeUnknown` if only a look can tell.
        """
        whole = {"thread_ts": job.thread_ts, "blocks": captions.caption(words, job)}
        try:
            await self._complete(job, whole)
        except Rejected as refused:
            simpler = _simpler(refused, job, words, whole)
            if simpler is None:
                raise
            _log.warning("share_simplified", job=job.id, code=refused.code)
            await self._complete(job, simpler)

    async def _complete(self, job: Job, how: Mapping[str, Any]) -> None:
        files = [{"id": file_id, "title": captions.title(job)} for file_id in job.file_ids]
        try:
            await self._client.call("files.completeUploadExternal", files=files, channel_id=job.channel_id, **how)
        except Rejected as refused:
            if refused.code in _SPENT:
                raise Gone(refused.code, refused.detail) from None
            raise

    async def landed(self, job: Job) -> Landed | None:
        """The message in the job's conversation that shows the first file; None if there is none (yet).

        Raises `Misconfigured` where `files:read` was not granted, `Gone` if the file does not exist.
        """
        if not job.file_ids:
            raise Gone("no_files")
        try:
            answer = await self._client.call("files.info", file=job.file_ids[0])
        except Rejected as refused:
            if refused.code in _SPENT:
                raise Gone(refused.code) from None
            raise
        file = answer.get("file")
        if not isinstance(file, dict) or file.get("mode") == "tombstone":
            raise Gone("file_deleted")
        return _shared_at(file, job)

    async def delete(self, job: Job) -> None:
        """Delete the files; those that are gone already are deleted."""
        for file_id in job.file_ids:
            try:
                await self._client.call("files.delete", file=file_id)
            except Rejected as refused:
                if refused.code not in _SPENT:
                    raise


def _simpler(refused: Rejected, job: Job, words: Words, whole: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What to try once after a refusal that proves that nothing was shared.

    Without blocks the comment is ours alone: as mrkdwn, no user text may stand in it.
    """
    if refused.code in BAD_BLOCKS:
        plain = words.say("caption.plain")
        return {"thread_ts": whole["thread_ts"], "initial_comment": f"<@{job.user_id}> {plain}"}
    if refused.code in NO_THREAD:
        return {"blocks": whole["blocks"]}
    return None


def _shared_at(file: Mapping[str, Any], job: Job) -> Landed | None:
    """In the job's thread if it is there, else standing alone in its conversation (the root was deleted)."""
    alone: Landed | None = None
    shares = file.get("shares")
    for kind in ("public", "private"):
        rooms = shares.get(kind) if isinstance(shares, dict) else None
        entries = rooms.get(job.channel_id) if isinstance(rooms, dict) else None
        for entry in entries if isinstance(entries, list) else []:
            here = Landed(Ts(entry["ts"]), public=kind == "public")
            if entry.get("thread_ts") == job.thread_ts:
                return here
            alone = alone or (here if not entry.get("thread_ts") else None)
    return alone


class _Body:
    """The pieces of a request's body; keeps the fault that broke them off, which the HTTP library would hide."""

    def __init__(self, pieces: AsyncIterator[bytes]) -> None:
        self._pieces = pieces
        self.fault: Fault | None = None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for piece in self._pieces:
                yield piece
        except Fault as fault:
            self.fault = fault
            raise


def _check_reply(status: int, reply: bytes, length: int) -> None:
    if status == 429:
        raise Throttled("ratelimited", "upload", cause=Cause.SLACK_DOWN)
    if status in _TOO_MUCH:
        raise Rejected(f"upload_http_{status}", cause=Cause.SLACK_REFUSED)
    if status != 200:
        raise Unavailable(f"upload_http_{status}", cause=Cause.SLACK_DOWN)
    if not _is_receipt(reply, length):
        raise Unavailable("upload_not_acknowledged", cause=Cause.SLACK_DOWN)


def _is_receipt(reply: bytes, length: int) -> bool:
    """Slack says `OK - 12345`."""
    said = reply.decode("ascii", "replace").strip()
    return said in {"OK", f"OK - {length}"}


def _first(several: BaseExceptionGroup[BaseException]) -> BaseException:
    """The one of several failures that is acted on: a defect or a cancellation first, then the most final fault."""
    flat: list[BaseException] = []
    for each in several.exceptions:
        flat += [_first(each)] if isinstance(each, BaseExceptionGroup) else [each]
    ranks = (Rejected, Throttled, Fault)
    return min(flat, key=lambda it: next((1 + at for at, kind in enumerate(ranks) if isinstance(it, kind)), 0))
