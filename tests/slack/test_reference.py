"""A reference picture's bytes from the file at Slack, and what is said where they cannot be had."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from bot import references
from bot.errors import Cause, Fault, Rejected, Throttled, Unavailable
from bot.job import FileId
from bot.slack.posting import SlackChat
from sandbox.slack import FaultKind, SlackSandbox
from tests.slack.conftest import ADA, PICTURES, RANDOM


def picture(kind: str = "PNG") -> bytes:
    """A small picture."""
    made = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(made, kind)
    return made.getvalue()


async def shared(sandbox: SlackSandbox, data: bytes, *, where: str = PICTURES) -> FileId:
    """A file of Ada's in a conversation."""
    file = await sandbox.attach(user=ADA, name="mill.png", data=data)
    await sandbox.say(user=ADA, channel=where, text="my mill", files=[file])
    return FileId(file)


async def cause(chat: SlackChat, file: FileId) -> Cause:
    """Why the file is no reference picture."""
    with pytest.raises(Rejected) as refused:
        await chat.reference(file)
    return refused.value.cause


async def test_the_bytes_come_as_they_are(chat: SlackChat, sandbox: SlackSandbox) -> None:
    assert await chat.reference(await shared(sandbox, picture("JPEG"))) == picture("JPEG")


async def test_a_file_that_is_not_there_or_not_ours_to_read_is_gone(chat: SlackChat, sandbox: SlackSandbox) -> None:
    assert await cause(chat, FileId("F0NOBODYS")) is Cause.REFERENCE_GONE
    assert await cause(chat, await shared(sandbox, picture(), where=RANDOM)) is Cause.REFERENCE_GONE


async def test_a_file_by_the_name_of_a_picture_that_is_none_is_refused(chat: SlackChat, sandbox: SlackSandbox) -> None:
    assert await cause(chat, await shared(sandbox, b"%PDF-1.7 mill")) is Cause.REFERENCE_NOT_A_PICTURE


async def test_a_file_too_long_for_the_provider_is_refused_unread(chat: SlackChat, sandbox: SlackSandbox) -> None:
    long = await shared(sandbox, picture() + b"\0" * references.MOST_BYTES)
    assert await cause(chat, long) is Cause.REFERENCE_TOO_LARGE


@pytest.mark.parametrize("scopes", [("files:read",)])
async def test_without_the_scope_to_read_files_its_owner_is_told(chat: SlackChat, sandbox: SlackSandbox) -> None:
    assert await cause(chat, await shared(sandbox, picture())) is Cause.REFERENCE_GONE


@pytest.mark.parametrize(
    ("kind", "more", "expected"),
    [
        (FaultKind.STATUS, {"status": 503}, Unavailable),
        (FaultKind.THROTTLE, {"seconds": 3.0}, Throttled),
    ],
)
async def test_slack_stumbling_is_no_fault_of_the_picture(
    chat: SlackChat, sandbox: SlackSandbox, kind: FaultKind, more: dict[str, float], expected: type[Fault]
) -> None:
    file = await shared(sandbox, picture())
    sandbox.settings.fail("files.info", kind, **more)  # type: ignore[arg-type]
    with pytest.raises(expected):
        await chat.reference(file)
