"""Three steps to a picture in a thread, and everything that goes wrong on the way."""

from __future__ import annotations

import contextlib
import io

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.feed import Feed
from sandbox.slack import FaultKind, SlackSandbox
from tests.sandbox_slack.conftest import ADAS_IM, DESIGN, PICTURES, RANDOM, Clock, png
from tests.sandbox_slack.uploading import complete, upload


def land(sandbox: SlackSandbox, clock: Clock) -> None:
    clock.now += sandbox.settings.share_delay
    sandbox.run_due()


def error(raised: pytest.ExceptionInfo[SlackApiError]) -> str:
    return str(raised.value.response["error"])


async def test_the_share_comes_late_and_files_info_is_empty_until_then(
    sandbox: SlackSandbox, client: AsyncWebClient, session: aiohttp.ClientSession, clock: Clock, feed: Feed
) -> None:
    root = await client.chat_postMessage(channel=PICTURES, text="root")
    file = await upload(client, session)
    answer = await complete(client, file, thread_ts=root["ts"], initial_comment="here")
    assert answer["files"][0]["mimetype"] == ""
    assert (await client.files_info(file=file))["file"]["shares"] == {}
    land(sandbox, clock)
    shown = (await client.files_info(file=file))["file"]
    share = shown["shares"]["public"][PICTURES][0]
    assert share["thread_ts"] == root["ts"]
    assert shown["mimetype"] == "image/png"
    assert (shown["original_w"], shown["original_h"]) == (4, 3)
    message = sandbox.workspace.message(PICTURES, share["ts"])
    assert message is not None
    assert (message.thread_ts, message.files, message.text) == (root["ts"], [file], "here")
    assert feed.of("slack.share")[0].data["ts"] == share["ts"]


async def test_a_share_into_an_im_is_private(
    sandbox: SlackSandbox, client: AsyncWebClient, session: aiohttp.ClientSession, clock: Clock
) -> None:
    file = await upload(client, session)
    await complete(client, file, channel=ADAS_IM)
    land(sandbox, clock)
    shown = (await client.files_info(file=file))["file"]
    assert list(shown["shares"]) == ["private"]
    assert (shown["ims"], shown["channels"]) == ([ADAS_IM], [])


async def test_ten_files_become_one_message(
    sandbox: SlackSandbox, client: AsyncWebClient, session: aiohttp.ClientSession, clock: Clock
) -> None:
    files = [await upload(client, session) for _ in range(10)]
    await complete(client, *files)
    land(sandbox, clock)
    assert [each.files for each in sandbox.workspace.channels[PICTURES].messages.values()] == [files]


async def test_completing_twice_fails_with_the_error_of_the_settings(
    sandbox: SlackSandbox, client: AsyncWebClient, session: aiohttp.ClientSession
) -> None:
    sandbox.settings.second_complete_error = "file_update_failed"
    file = await upload(client, session)
    await complete(client, file)
    with pytest.raises(SlackApiError) as raised:
        await complete(client, file)
    assert error(raised) == "file_update_failed"


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"channel": RANDOM}, "not_in_channel"),
        ({"channel": DESIGN}, "channel_not_found"),
        ({"channel": None, "thread_ts": "1.000000"}, "invalid_arguments"),
        ({"channel": None, "channels": f"{PICTURES},{ADAS_IM}", "thread_ts": "1.000000"}, "invalid_arguments"),
        ({"thread_ts": "1.000000"}, "cannot_reply_to_message"),
        ({"blocks": [{"type": "markdown", "text": "hi"}]}, "internal_error"),
        ({"blocks": [{"type": "nonsense"}]}, "invalid_blocks"),
    ],
)
async def test_a_completion_slack_refuses_leaves_the_upload_usable(
    client: AsyncWebClient, session: aiohttp.ClientSession, more: dict[str, object], expected: str
) -> None:
    file = await upload(client, session)
    with pytest.raises(SlackApiError) as raised:
        await complete(client, file, **more)  # type: ignore[arg-type]
    assert error(raised) == expected
    assert (await complete(client, file))["ok"]


async def test_fifteen_files_are_an_internal_error(client: AsyncWebClient, session: aiohttp.ClientSession) -> None:
    files = [await upload(client, session) for _ in range(15)]
    with pytest.raises(SlackApiError) as raised:
        await complete(client, *files)
    assert error(raised) == "internal_error"


async def test_a_comment_beats_blocks(
    sandbox: SlackSandbox, client: AsyncWebClient, session: aiohttp.ClientSession, clock: Clock
) -> None:
    blocks = [{"type": "section", "text": {"type": "plain_text", "text": "from blocks"}}]
    await complete(client, await upload(client, session), initial_comment="said", blocks=blocks)
    await complete(client, await upload(client, session), blocks=blocks)
    land(sandbox, clock)
    first, second = sandbox.workspace.channels[PICTURES].messages.values()
    assert (first.text, first.blocks) == ("said", None)
    assert second.text == "from blocks"
    assert second.blocks
    assert second.blocks[0]["type"] == "section"


async def test_a_dropped_share_answers_ok_and_never_lands(
    sandbox: SlackSandbox, client: AsyncWebClient, session: aiohttp.ClientSession, clock: Clock
) -> None:
    sandbox.settings.drop_shares = 1
    lost, kept = await upload(client, session), await upload(client, session)
    assert (await complete(client, lost))["ok"]
    await complete(client, kept)
    land(sandbox, clock)
    assert (await client.files_info(file=lost))["file"]["shares"] == {}
    assert (await client.files_info(file=kept))["file"]["shares"]


async def test_alt_text_makes_the_share_vanish_when_the_switch_says_so(
    sandbox: SlackSandbox, client: AsyncWebClient, session: aiohttp.ClientSession, clock: Clock
) -> None:
    sandbox.settings.alt_txt_drops_share = True
    described, bare = await upload(client, session, alt_txt="a fox"), await upload(client, session)
    await complete(client, described)
    await complete(client, bare)
    land(sandbox, clock)
    assert [each.files for each in sandbox.workspace.channels[PICTURES].messages.values()] == [[bare]]


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ({"filename": "a.png", "length": 0}, "missing_argument"),
        ({"filename": "a.png", "length": 10**9}, "file_upload_size_restricted"),
        ({"filename": "a.png", "length": 9, "alt_txt": "x" * 1001}, "alt_txt_too_large"),
        ({"filename": "a.png", "length": "nine"}, "invalid_arguments"),
        ({"length": 9}, "invalid_arguments"),
    ],
)
async def test_an_upload_address_is_refused(client: AsyncWebClient, args: dict[str, object], expected: str) -> None:
    with pytest.raises(SlackApiError) as raised:
        await client.api_call("files.getUploadURLExternal", params=args)
    assert error(raised) == expected


async def test_bytes_of_another_length_are_refused_and_the_right_ones_still_welcome(
    client: AsyncWebClient, session: aiohttp.ClientSession
) -> None:
    promised = await client.files_getUploadURLExternal(filename="fox.png", length=len(png()))
    async with session.post(promised["upload_url"], data=b"short") as answer:
        assert answer.status == 400
    form = aiohttp.FormData()
    form.add_field("file", png(), filename="fox.png")
    async with session.post(promised["upload_url"], data=form) as answer:
        assert await answer.text() == f"OK - {len(png())}"


async def test_an_upload_without_bytes_cannot_be_completed(client: AsyncWebClient) -> None:
    promised = await client.files_getUploadURLExternal(filename="fox.png", length=9)
    with pytest.raises(SlackApiError) as raised:
        await complete(client, promised["file_id"])
    assert error(raised) == "file_not_found"


async def test_an_upload_nobody_completes_is_thrown_away(
    sandbox: SlackSandbox, client: AsyncWebClient, session: aiohttp.ClientSession, clock: Clock
) -> None:
    file = await upload(client, session)
    clock.now += sandbox.settings.upload_life
    with pytest.raises(SlackApiError) as raised:
        await complete(client, file)
    assert error(raised) == "file_not_found"


async def test_one_504_on_the_bytes_and_the_same_address_works_again(
    sandbox: SlackSandbox, client: AsyncWebClient, session: aiohttp.ClientSession
) -> None:
    sandbox.settings.fail("upload", FaultKind.STATUS, status=504)
    promised = await client.files_getUploadURLExternal(filename="fox.png", length=len(png()))
    statuses = []
    for _ in range(2):
        async with session.post(promised["upload_url"], data=png()) as answer:
            statuses.append(answer.status)
    assert statuses == [504, 200]
    assert (await complete(client, promised["file_id"]))["ok"]


@pytest.mark.parametrize("kind", [FaultKind.SLOW, FaultKind.STATUS, FaultKind.CUT])
async def test_a_big_picture_survives_a_fault_of_the_upload(
    sandbox: SlackSandbox, client: AsyncWebClient, session: aiohttp.ClientSession, kind: FaultKind
) -> None:
    big = png() + b"\0" * 6_000_000
    promised = await client.files_getUploadURLExternal(filename="fox.png", length=len(big))
    sandbox.settings.fail("upload", kind, seconds=0.0)
    with contextlib.suppress(aiohttp.ClientError):
        async with session.post(promised["upload_url"], data=io.BytesIO(big)) as answer:
            assert answer.status == (200 if kind is FaultKind.SLOW else 503)
    form = aiohttp.FormData()
    form.add_field("file", io.BytesIO(big), filename="fox.png")
    async with session.post(promised["upload_url"], data=form) as answer:
        assert await answer.text() == f"OK - {len(big)}"


async def test_what_is_stored_can_be_shorter_than_what_was_sent(
    sandbox: SlackSandbox, client: AsyncWebClient, session: aiohttp.ClientSession
) -> None:
    sandbox.settings.upload_skew, sandbox.settings.upload_skew_times = 3, 1
    promised = await client.files_getUploadURLExternal(filename="fox.png", length=len(png()))
    async with session.post(promised["upload_url"], data=png()) as answer:
        assert await answer.text() == f"OK - {len(png()) - 3}"


async def test_deleting_a_file_leaves_a_tombstone_in_the_message(
    sandbox: SlackSandbox, client: AsyncWebClient, session: aiohttp.ClientSession, clock: Clock
) -> None:
    file = await upload(client, session)
    await complete(client, file)
    land(sandbox, clock)
    await client.files_delete(file=file)
    message = sandbox.snapshot(viewer="U0ADA00AAA1")["messages"][PICTURES][0]
    assert message["files"] == [{"id": file, "mode": "tombstone"}]
    for method in (client.files_info, client.files_delete):
        with pytest.raises(SlackApiError) as raised:
            await method(file=file)
        assert error(raised) == "file_deleted"


async def test_bytes_need_a_token_or_the_key(
    sandbox: SlackSandbox, client: AsyncWebClient, session: aiohttp.ClientSession, clock: Clock
) -> None:
    file = await upload(client, session)
    await complete(client, file)
    land(sandbox, clock)
    private = (await client.files_info(file=file))["file"]["url_private"]
    async with session.get(private) as answer:
        assert answer.status == 404
    async with session.get(private, headers={"Authorization": f"Bearer {sandbox.bot_token}"}) as answer:
        assert await answer.read() == png()
    with_key = sandbox.snapshot(viewer="U0ADA00AAA1")["files"][file]["url"]
    async with session.get(with_key) as answer:
        assert (answer.headers["X-Content-Type-Options"], await answer.read()) == ("nosniff", png())


async def test_slacks_own_uploader_works(sandbox: SlackSandbox, client: AsyncWebClient, clock: Clock) -> None:
    await client.files_upload_v2(content=png(), filename="fox.png", channel=PICTURES, initial_comment="hi")
    land(sandbox, clock)
    assert [each.text for each in sandbox.workspace.channels[PICTURES].messages.values()] == ["hi"]
