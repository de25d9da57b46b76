"""Posting, editing, deleting, whispering: who may, and what becomes of text, blocks and metadata."""

from __future__ import annotations

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import SlackSandbox
from tests.sandbox_slack.conftest import ADA, ADAS_IM, CHEN, DESIGN, MANIFEST, PICTURES, RANDOM, with_grants

SECTION = {"type": "section", "text": {"type": "plain_text", "text": "hello"}}
RICH = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "hi"}]}]}


async def refused(call: Any) -> str:
    with pytest.raises(SlackApiError) as raised:
        await call
    return str(raised.value.response["error"])


@pytest.mark.parametrize(
    ("channel", "expected"),
    [(RANDOM, "not_in_channel"), (DESIGN, "channel_not_found"), ("C0NOWHERE01", "channel_not_found"),
     ("U0NOBODY001", "channel_not_found")],
)  # fmt: skip
async def test_the_bot_cannot_post_where_it_is_not(client: AsyncWebClient, channel: str, expected: str) -> None:
    assert await refused(client.chat_postMessage(channel=channel, text="hi")) == expected


@pytest.mark.parametrize("manifest", [with_grants(scopes=("chat:write.public",))])
async def test_chat_write_public_opens_public_channels_for_posts(client: AsyncWebClient) -> None:
    assert (await client.chat_postMessage(channel=RANDOM, text="hi"))["channel"] == RANDOM
    assert await refused(client.chat_postMessage(channel=DESIGN, text="hi")) == "channel_not_found"


async def test_a_user_id_as_channel_opens_the_im(client: AsyncWebClient) -> None:
    answer = await client.chat_postMessage(channel=ADA, text="psst")
    assert answer["channel"] == ADAS_IM
    assert await refused(client.chat_update(channel=ADA, ts=answer["ts"], text="no")) == "channel_not_found"


@pytest.mark.parametrize("manifest", [MANIFEST | {"features": {"app_home": {"messages_tab_enabled": False}}}])
async def test_without_a_messages_tab_there_are_no_direct_messages(client: AsyncWebClient) -> None:
    assert await refused(client.chat_postMessage(channel=ADA, text="psst")) == "messages_tab_disabled"


async def test_archived_and_restricted_channels_refuse(sandbox: SlackSandbox, client: AsyncWebClient) -> None:
    sandbox.settings.restricted_channels.add(PICTURES)
    assert await refused(client.chat_postMessage(channel=PICTURES, text="hi")) == "restricted_action"
    sandbox.workspace.channels[PICTURES].is_archived = True
    assert await refused(client.chat_postMessage(channel=PICTURES, text="hi")) == "is_archived"


async def test_a_post_answers_channel_ts_and_message(client: AsyncWebClient, sandbox: SlackSandbox) -> None:
    metadata = {"event_type": "job", "event_payload": {"id": "7"}}
    answer = await client.chat_postMessage(channel=PICTURES, text="hi", blocks=[SECTION], metadata=metadata)
    assert answer["message"]["user"] == sandbox.bot_user_id
    assert answer["message"]["metadata"] == metadata
    assert answer["message"]["blocks"][0]["block_id"]
    message = sandbox.workspace.message(PICTURES, answer["ts"])
    assert message is not None
    assert message.metadata == metadata


async def test_empty_posts_are_refused(client: AsyncWebClient) -> None:
    assert await refused(client.api_call("chat.postMessage", json={"channel": PICTURES})) == "no_text"
    missing = client.api_call("chat.postMessage", json={"text": "hi"})
    assert await refused(missing) == "invalid_arguments"


async def test_long_posts_are_cut_and_long_updates_refused(sandbox: SlackSandbox, client: AsyncWebClient) -> None:
    answer = await client.chat_postMessage(channel=PICTURES, text="x" * 40_001)
    assert len(answer["message"]["text"]) == 40_000
    long = client.chat_update(channel=PICTURES, ts=answer["ts"], text="x" * 4_001)
    assert await refused(long) == "msg_too_long"
    assert (await client.chat_update(channel=PICTURES, ts=answer["ts"], text="x" * 4_000))["ok"]


async def test_replies_go_under_roots_only(client: AsyncWebClient, sandbox: SlackSandbox) -> None:
    root = await client.chat_postMessage(channel=PICTURES, text="root")
    reply = await client.chat_postMessage(channel=PICTURES, text="reply", thread_ts=root["ts"])
    below = client.chat_postMessage(channel=PICTURES, text="below", thread_ts=reply["ts"])
    assert await refused(below) == "cannot_reply_to_message"
    shown = sandbox.snapshot(viewer=ADA)["messages"][PICTURES]
    assert (shown[0]["reply_count"], shown[0]["thread_ts"]) == (1, root["ts"])
    assert (shown[1]["thread_ts"], "reply_count" in shown[1]) == (root["ts"], False)


async def test_text_without_blocks_takes_the_blocks_away_and_metadata_stays(
    client: AsyncWebClient, sandbox: SlackSandbox
) -> None:
    metadata = {"event_type": "job", "event_payload": {}}
    posted = await client.chat_postMessage(channel=PICTURES, text="a", blocks=[SECTION], metadata=metadata)
    answer = await client.chat_update(channel=PICTURES, ts=posted["ts"], text="b")
    assert answer["text"] == "b"
    message = sandbox.workspace.message(PICTURES, posted["ts"])
    assert message is not None
    assert (message.blocks, message.metadata) == (None, metadata)
    assert message.edited is not None
    await client.chat_update(channel=PICTURES, ts=posted["ts"], text="b", metadata={})
    assert message.metadata is None


async def test_a_refused_update_changes_nothing(client: AsyncWebClient, sandbox: SlackSandbox) -> None:
    posted = await client.chat_postMessage(channel=PICTURES, text="a", blocks=[SECTION])
    bad = [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}]
    assert (
        await refused(client.chat_update(channel=PICTURES, ts=posted["ts"], text="b", blocks=bad)) == "invalid_blocks"
    )
    message = sandbox.workspace.message(PICTURES, posted["ts"])
    assert message is not None
    assert (message.text, message.edited) == ("a", None)
    assert message.blocks


async def test_rich_text_cannot_become_plain(client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel=PICTURES, text="a", blocks=[RICH])
    change = client.chat_update(channel=PICTURES, ts=posted["ts"], text="b", blocks=[SECTION])
    assert await refused(change) == "block_mismatch"


async def test_only_own_messages_can_be_changed_or_deleted(client: AsyncWebClient, sandbox: SlackSandbox) -> None:
    ts = await sandbox.say(user=ADA, channel=PICTURES, text="mine")
    assert await refused(client.chat_update(channel=PICTURES, ts=ts, text="no")) == "cant_update_message"
    assert await refused(client.chat_delete(channel=PICTURES, ts=ts)) == "cant_delete_message"
    assert await refused(client.chat_update(channel=PICTURES, ts="1.000001", text="no")) == "message_not_found"


async def test_deleting_a_root_with_replies_leaves_a_tombstone(client: AsyncWebClient, sandbox: SlackSandbox) -> None:
    root = await client.chat_postMessage(channel=PICTURES, text="root")
    reply = await client.chat_postMessage(channel=PICTURES, text="reply", thread_ts=root["ts"])
    await client.chat_delete(channel=PICTURES, ts=root["ts"])
    left = sandbox.workspace.channels[PICTURES].messages
    assert (left[root["ts"]].subtype, left[reply["ts"]].text) == ("tombstone", "reply")
    await client.chat_delete(channel=PICTURES, ts=reply["ts"])
    assert list(left) == [root["ts"]]


async def test_whispers_reach_one_reader_only(client: AsyncWebClient, sandbox: SlackSandbox) -> None:
    answer = await client.chat_postEphemeral(channel=PICTURES, user=ADA, text="psst")
    assert [m["text"] for m in sandbox.snapshot(viewer=ADA)["messages"][PICTURES]] == ["psst"]
    assert sandbox.snapshot(viewer=CHEN)["messages"][PICTURES] == []
    change = client.chat_update(channel=PICTURES, ts=answer["message_ts"], text="no")
    assert await refused(change) == "message_not_found"


@pytest.mark.parametrize("manifest", [MANIFEST])
async def test_a_whisper_needs_a_reader_in_the_channel(client: AsyncWebClient, sandbox: SlackSandbox) -> None:
    sandbox.invite_bot(DESIGN)
    whisper = client.chat_postEphemeral(channel=DESIGN, user=CHEN, text="psst")
    assert await refused(whisper) == "user_not_in_channel"


async def test_bad_metadata_is_refused(client: AsyncWebClient) -> None:
    bad: list[object] = [{"event_type": "job"}, {"event_payload": {}}, "{"]
    for metadata in bad:
        call = client.api_call("chat.postMessage", json={"channel": PICTURES, "text": "a", "metadata": metadata})
        assert await refused(call) == "invalid_metadata_format"


async def test_a_permalink_of_a_reply_names_its_thread(client: AsyncWebClient) -> None:
    root = await client.chat_postMessage(channel=PICTURES, text="root")
    reply = await client.chat_postMessage(channel=PICTURES, text="reply", thread_ts=root["ts"])
    link = (await client.chat_getPermalink(channel=PICTURES, message_ts=reply["ts"]))["permalink"]
    assert link.endswith(f"/p{reply['ts'].replace('.', '')}?thread_ts={root['ts']}&cid={PICTURES}")
