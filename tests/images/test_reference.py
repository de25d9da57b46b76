"""A picture to draw after travels with its submit, or nothing travels."""

from __future__ import annotations

import base64

import pytest

from bot.errors import Cause, Rejected, Throttled, Unavailable
from bot.images.hunyuan import Hunyuan
from bot.job import FileId
from bot.request import Request
from tests.images.conftest import Make, Provider, answer, error


async def test_a_reference_picture_is_sent_along_in_base64(make: Make, provider: Provider) -> None:
    async def read(file_id: FileId) -> bytes:
        return f"the bytes of {file_id}".encode()

    provider.will(answer(JobId="job-1"))
    await make(reference=read).submit(Request("a fox", reference="F1"))
    image = provider.seen[0].said["ContentImage"]
    assert base64.b64decode(image["ImageBase64"]) == b"the bytes of F1"


async def test_nothing_is_sent_for_a_picture_that_is_gone_and_a_refused_one_is_named_as_the_cause(
    make: Make, provider: Provider
) -> None:
    async def read(_file_id: FileId) -> bytes:
        raise Rejected("file_not_found", cause=Cause.REFERENCE_GONE)

    with pytest.raises(Rejected) as gone:
        await make(reference=read).submit(Request("a fox", reference="F1"))
    assert (gone.value.cause, provider.seen) == (Cause.REFERENCE_GONE, [])

    async def refused(_file_id: FileId) -> bytes:
        return b"picture"

    provider.will(error("OperationDenied.ImageIllegalDetected"))
    with pytest.raises(Rejected) as illegal:
        await make(reference=refused).submit(Request("a fox", reference="F1"))
    assert illegal.value.cause is Cause.REFERENCE_REFUSED


async def test_slack_being_too_busy_for_a_reference_picture_does_not_slow_the_lane(
    make: Make, provider: Provider
) -> None:
    async def read(_file_id: FileId) -> bytes:
        raise Throttled("ratelimited", retry_after=60.0)

    with pytest.raises(Unavailable):
        await make(reference=read).submit(Request("a fox", reference="F1"))
    assert provider.seen == []


async def test_without_the_label_the_mark_is_not_asked_for(images: Hunyuan, provider: Provider) -> None:
    provider.will(answer(JobId="job-1"))
    await images.submit(Request("a fox", label=False))
    assert provider.seen[0].said["LogoAdd"] == 0
