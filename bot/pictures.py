"""The steps that carry pictures: from where they are into the spool, and from there to Slack, with their recipe."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import BinaryIO

from bot import stamp
from bot.errors import Cause, Fault, Gone, LinksExpired, Rejected
from bot.events import BytesGone, Event, Fetched, LinksDied, Uploaded
from bot.job import FileId, Job, Kind, Picture
from bot.ports import Photo
from bot.prompt import recipe
from bot.work import Work


async def fetch(job: Job, work: Work, _fresh: bool) -> Event:
    """Download every picture while its link lives; unusable ones are left out as long as one is good."""
    if job.kind is Kind.COPY:
        return await _fetch_copy(job, work)
    async with AsyncExitStack() as stack:
        drafts = [await stack.enter_async_context(work.spool.draft()) for _ in job.links]
        tries = (_fetch_one(job, number, draft, work) for number, draft in enumerate(drafts, 1))
        found = await asyncio.gather(*tries, return_exceptions=True)
        for outcome in found:
            if isinstance(outcome, BaseException) and not isinstance(outcome, Fault):
                raise outcome
        faults = [outcome for outcome in found if isinstance(outcome, Fault)]
        if any(isinstance(fault, LinksExpired) for fault in faults):
            return LinksDied()
        for fault in faults:
            if not isinstance(fault, Rejected):
                raise fault
        kept = [(draft, photo) for draft, photo in zip(drafts, found, strict=True) if isinstance(photo, Photo)]
        if not kept:
            raise faults[0] if faults else Rejected("no_links")
        return Fetched(await _keep(job, kept, work))


async def _fetch_copy(job: Job, work: Work) -> Event:
    """The pictures of a copy lie at Slack. Where it goes is found out here, too, before anything is uploaded."""
    channel_id = await work.chat.direct(job) if job.by_message else None
    async with AsyncExitStack() as stack:
        kept = []
        for file_id in job.source:
            draft = await stack.enter_async_context(work.spool.draft())
            kept.append((draft, await _collected(file_id, draft, work)))
        return Fetched(await _keep(job, kept, work), channel_id)


async def _collected(file_id: FileId, draft: BinaryIO, work: Work) -> Photo:
    try:
        return await work.chat.collect(file_id, draft)
    except Gone as gone:
        raise Rejected(gone.code, cause=Cause.COPY_GONE) from None


async def _fetch_one(job: Job, number: int, draft: BinaryIO, work: Work) -> Photo:
    """Download one; as soon as its length is known, Slack is asked where to put it."""

    def sized(length: int, mime: str) -> None:
        whole = length + stamp.room(mime, _line(job))
        work.chat.expect(job, number=number, of=len(job.links), length=whole, mime=mime)

    await work.piece()
    return await work.images.fetch(job.links[number - 1], draft, sized=sized)


async def _keep(job: Job, photos: Sequence[tuple[BinaryIO, Photo]], work: Work) -> tuple[Picture, ...]:
    """Only when all downloads are over, so that a step that failed leaves nothing in the spool."""
    pictures = []
    for number, (draft, photo) in enumerate(photos, 1):
        key = f"{job.id}/{number}"
        await work.spool.put(key, draft)
        pictures.append(Picture(key, photo.sha256, photo.size, photo.width, photo.height, photo.mime))
    return tuple(pictures)


async def upload(job: Job, work: Work, _fresh: bool) -> Event:
    """Give Slack the bytes, not shared yet. Bytes that are gone or not what they were are fetched again.

    Each file gets its recipe on the way; what lies in the spool is what came.
    """
    line = _line(job)
    kept = {picture.key: picture for picture in job.pictures}
    longer = tuple(replace(each, size=each.size + stamp.room(each.mime, line)) for each in job.pictures)

    def read(picture: Picture) -> AsyncIterator[bytes]:
        return stamp.stamped(work.spool.read(kept[picture.key]), line)

    try:
        return Uploaded(await work.chat.upload(replace(job, pictures=longer), read))
    except Gone:
        return BytesGone()


def _line(job: Job) -> str:
    """What its picture files say: how to ask for them again. A copy's files say it already."""
    return recipe(job.request) if job.kind is Kind.DRAW else ""
