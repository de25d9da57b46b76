"""The less travelled ways in which the local Slack says no, and what people can and cannot do."""

from __future__ import annotations

import struct
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import SlackSandbox
from sandbox.slack.delivery import Envelope, Outcome
from sandbox.slack.pictures import kind_of, size_of
from tests.sandbox_slack.conftest import ADA, ADAS_IM, BEN, CHEN, DESIGN, EVERYTHING, PICTURES, RANDOM, png
from tests.sandbox_slack.uploading import upload

HOME_VIEW = {"type": "home", "blocks": []}
TITLE = {"type": "plain_text", "text": "Ask"}
MODAL: dict[str, Any] = {"type": "modal", "title": TITLE, "blocks": [], "callback_id": "ask"}
DIVIDER = {"type": "divider"}
HUGE = {"event_type": "job", "event_payload": {"x": "y" * 9_000}}
STAMP = "1800000000.000001"


@pytest.fixture
def manifest() -> dict[str, Any]:
    return EVERYTHING


CALLS: list[tuple[str, dict[str, Any], str]] = [
    ("conversations.open", {}, "users_list_not_supplied"),
    ("conversations.open", {"users": f"{ADA},{BEN}"}, "method_not_supported_for_channel_type"),
    ("conversations.open", {"users": "U0NOBODY001"}, "user_not_found"),
    ("conversations.open", {"channel": PICTURES}, "method_not_supported_for_channel_type"),
    ("conversations.join", {"channel": ADAS_IM}, "method_not_supported_for_channel_type"),
    ("conversations.members", {"channel": PICTURES, "limit": 1001}, "invalid_limit"),
    ("conversations.info", {"channel": DESIGN}, "channel_not_found"),
    ("reactions.add", {"name": "eyes"}, "no_item_specified"),
    ("reactions.add", {"name": "eyes", "channel": PICTURES, "timestamp": "soon"}, "bad_timestamp"),
    ("reactions.add", {"name": "eyes", "channel": PICTURES, "timestamp": STAMP}, "message_not_found"),
    ("reactions.add", {"name": "eyes", "channel": RANDOM, "timestamp": STAMP}, "not_in_channel"),
    ("users.info", {"user": "U0NOBODY001"}, "user_not_found"),
    ("views.open", {"view": MODAL}, "invalid_trigger_id"),
    ("views.open", {"view": HOME_VIEW, "trigger_id": "1"}, "invalid_arguments"),
    ("views.open", {"view": "[]", "trigger_id": "1"}, "invalid_arguments"),
    ("views.open", {"view": MODAL | {"private_metadata": "x" * 250_000}, "trigger_id": "1"}, "view_too_large"),
    ("views.update", {"view": MODAL, "view_id": "V0"}, "not_found"),
    ("views.publish", {"view": HOME_VIEW, "user_id": "U0NOBODY001"}, "user_not_found"),
    ("chat.postMessage", {"channel": PICTURES, "markdown_text": "a", "text": "b"}, "markdown_text_conflict"),
    ("chat.postMessage", {"channel": PICTURES, "markdown_text": "a" * 12_001}, "msg_too_long"),
    ("chat.postMessage", {"channel": PICTURES, "attachments": [{}] * 101}, "too_many_attachments"),
    ("chat.postMessage", {"channel": PICTURES, "text": "a", "metadata": HUGE}, "metadata_too_large"),
    ("files.completeUploadExternal", {"files": []}, "invalid_arguments"),
    ("files.completeUploadExternal", {"files": [{"id": "F0"}]}, "file_not_found"),
    ("files.completeUploadExternal", {"files": [{"id": "F0"}], "channels": "C0," * 101}, "channels_limit_exceeded"),
    ("files.info", {"file": "F0"}, "file_not_found"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "args", "expected"), CALLS)
async def test_a_call_slack_cannot_serve_says_why(
    client: AsyncWebClient, method: str, args: dict[str, Any], expected: str
) -> None:
    with pytest.raises(SlackApiError) as raised:
        await client.api_call(method, json=args)
    assert raised.value.response["error"] == expected


async def refusal(call: Any) -> str:
    with pytest.raises(SlackApiError) as raised:
        await call
    return str(raised.value.response["error"])


async def test_an_archived_channel_takes_no_reaction_and_no_member(
    sandbox: SlackSandbox, client: AsyncWebClient
) -> None:
    ts = await sandbox.say(user=ADA, channel=PICTURES, text="a")
    for channel in (PICTURES, RANDOM):
        sandbox.workspace.channels[channel].is_archived = True
    assert await refusal(client.reactions_add(channel=PICTURES, timestamp=ts, name="eyes")) == "is_archived"
    assert await refusal(client.conversations_join(channel=RANDOM)) == "is_archived"


async def test_a_reaction_needs_a_possible_name_and_room_on_the_message(
    sandbox: SlackSandbox, client: AsyncWebClient
) -> None:
    ts = await sandbox.say(user=ADA, channel=PICTURES, text="a")
    assert await refusal(client.reactions_add(channel=PICTURES, timestamp=ts, name="No Such")) == "invalid_name"
    for number in range(23):
        await sandbox.react(user=ADA, channel=PICTURES, ts=ts, name=f"custom-{number}")
    assert await refusal(client.reactions_add(channel=PICTURES, timestamp=ts, name="eyes")) == "too_many_emoji"


async def test_modals_stack_three_high_with_their_own_external_ids(
    sandbox: SlackSandbox, client: AsyncWebClient
) -> None:
    def trigger() -> str:
        return sandbox.slack.triggers.issue(ADA)

    assert await refusal(client.views_push(trigger_id=trigger(), view=MODAL)) == "not_found"
    named = MODAL | {"external_id": "one"}
    await client.views_open(trigger_id=trigger(), view=named)
    assert await refusal(client.views_push(trigger_id=trigger(), view=named)) == "duplicate_external_id"
    for _ in range(2):
        await client.views_push(trigger_id=trigger(), view=MODAL)
    assert await refusal(client.views_push(trigger_id=trigger(), view=MODAL)) == "push_limit_reached"
    assert (await client.views_update(external_id="one", view=named))["ok"]
    assert len(sandbox.snapshot(viewer=ADA)["views"]) == 3
    await client.views_open(trigger_id=trigger(), view=MODAL)
    assert len(sandbox.snapshot(viewer=ADA)["views"]) == 1


async def test_a_hash_guards_a_home_tab_against_races(client: AsyncWebClient) -> None:
    first = await client.views_publish(user_id=ADA, view=HOME_VIEW)
    old = first["view"]["hash"]
    assert (await client.views_publish(user_id=ADA, view=HOME_VIEW, hash=old))["ok"]
    assert await refusal(client.views_publish(user_id=ADA, view=HOME_VIEW, hash=old)) == "hash_conflict"


async def test_a_person_acts_only_on_what_the_person_sees(sandbox: SlackSandbox, client: AsyncWebClient) -> None:
    posted = await client.chat_postEphemeral(channel=PICTURES, user=ADA, text="a")
    with pytest.raises(LookupError):
        await sandbox.click(user=BEN, channel=PICTURES, ts=posted["message_ts"], action_id="again")
    with pytest.raises(LookupError):
        await sandbox.click(user=ADA, channel=PICTURES, ts=posted["message_ts"], action_id="again")
    with pytest.raises(LookupError):
        await sandbox.command(user=CHEN, channel=DESIGN, text="a")
    with pytest.raises(LookupError):
        await sandbox.react(user=ADA, channel=PICTURES, ts=STAMP, name="eyes")
    assert DESIGN not in sandbox.snapshot(viewer=CHEN)["messages"]


class Modal:
    """An app that answers every submitted modal in one way."""

    def __init__(self, answer: dict[str, Any]) -> None:
        self.answer = answer

    async def send(self, kind: Envelope, payload: Any, *, attempt: int, reason: str) -> Outcome:
        return Outcome(acked=True, body=self.answer)


@pytest.mark.parametrize(
    ("answer", "titles"),
    [
        ({}, []),
        ({"response_action": "clear"}, []),
        ({"response_action": "update", "view": MODAL | {"title": TITLE | {"text": "Next"}}}, ["Next"]),
        ({"response_action": "push", "view": MODAL | {"title": TITLE | {"text": "Next"}}}, ["Ask", "Next"]),
    ],
)
async def test_the_answer_to_a_submitted_modal_closes_replaces_or_stacks(
    sandbox: SlackSandbox, client: AsyncWebClient, answer: dict[str, Any], titles: list[str]
) -> None:
    sandbox.slack.delivery.sockets = Modal(answer)
    opened = await client.views_open(trigger_id=sandbox.slack.triggers.issue(ADA), view=MODAL)
    assert (await sandbox.submit_view(user=ADA, view_id=opened["view"]["id"], values={})).ok
    assert [view["title"]["text"] for view in sandbox.snapshot(viewer=ADA)["views"]] == titles


async def test_a_select_sends_the_option_that_was_picked(sandbox: SlackSandbox, client: AsyncWebClient) -> None:
    seen: list[Any] = []

    class Keeper(Modal):
        async def send(self, kind: Envelope, payload: Any, *, attempt: int, reason: str) -> Outcome:
            seen.append(payload)
            return Outcome(acked=False, failure="timeout")

    sandbox.slack.delivery.sockets = Keeper({})
    options = [{"text": {"type": "plain_text", "text": each}, "value": each} for each in ("ink", "oil")]
    pick = {"type": "static_select", "action_id": "style", "options": options}
    button = {"type": "button", "action_id": "style", "text": TITLE, "value": "no"}
    blocks = [{"type": "actions", "elements": [button]}, {"type": "actions", "elements": [pick]}]
    posted = await client.chat_postMessage(channel=PICTURES, text="a", blocks=blocks)
    answer = await sandbox.click(user=ADA, channel=PICTURES, ts=posted["ts"], action_id="style", value="oil")
    assert (answer.ok, answer.error) == (False, "operation_timeout")
    assert seen[0]["actions"][0]["selected_option"] == options[1]


async def test_leaving_a_channel_is_an_event_too_late_for_more(sandbox: SlackSandbox) -> None:
    sandbox.invite_bot(RANDOM, by=ADA)
    sandbox.remove_bot(RANDOM)
    await sandbox.say(user=ADA, channel=RANDOM, text="@imagine are you there")
    sent = [each["event"] for each in sandbox.slack.events.sent]
    assert [(each["type"], each["inviter"]) for each in sent] == [("member_joined_channel", ADA)]


async def test_edits_and_deletions_in_an_im_are_events(sandbox: SlackSandbox, client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel=ADAS_IM, text="a")
    await client.chat_update(channel=ADAS_IM, ts=posted["ts"], text="b")
    await client.chat_delete(channel=ADAS_IM, ts=posted["ts"])
    events = [each["event"] for each in sandbox.slack.events.sent]
    assert [each.get("subtype") for each in events] == [None, "message_changed", "message_deleted"]
    assert (events[1]["message"]["text"], events[2]["deleted_ts"]) == ("b", posted["ts"])


async def test_a_socket_that_talks_nonsense_is_ignored(sandbox: SlackSandbox, session: aiohttp.ClientSession) -> None:
    sandbox.settings.connection_time = 0.0
    ticket = sandbox.sockets.issue_ticket()
    url = sandbox.api_url.replace("http", "ws").replace("/api/", f"/socket?ticket={ticket}")
    async with session.ws_connect(url) as socket:
        for nonsense in ("{", "[]", '{"envelope_id": "unknown"}'):
            await socket.send_str(nonsense)
        said = [await socket.receive_json(timeout=5) for _ in range(3)]
    assert [each.get("reason") for each in said] == [None, "warning", "refresh_requested"]


@pytest.mark.parametrize(
    ("data", "kind", "size"),
    [
        (png(7, 5), "image/png", (7, 5)),
        (b"GIF89a" + struct.pack("<HH", 7, 5), "image/gif", (7, 5)),
        (b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x11\x08" + struct.pack(">HH", 5, 7) + b"\x03", "image/jpeg", (7, 5)),
        (b"\xff\xd8\xff\xe0\x00\x04ab", "image/jpeg", None),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp", None),
        (b"\x89PNG\r\n\x1a\n", "image/png", None),
        (b"hello", "application/octet-stream", None),
    ],
)
def test_kind_and_size_come_from_the_bytes(data: bytes, kind: str, size: tuple[int, int] | None) -> None:
    assert (kind_of(data)[0], size_of(data)) == (kind, size)


async def test_an_upload_address_nobody_was_given_is_unknown_and_a_flood_is_cut(
    sandbox: SlackSandbox, client: AsyncWebClient, session: aiohttp.ClientSession
) -> None:
    async with session.post(sandbox.api_url.replace("/api/", "/upload/v1/none"), data=b"x") as answer:
        assert answer.status == 404
    promised = await client.files_getUploadURLExternal(filename="a.png", length=100)
    sandbox.settings.upload_cap = 50
    async with session.post(promised["upload_url"], data=b"x" * 100) as answer:
        assert answer.status == 413


async def test_deleting_a_message_takes_its_files_shares_away(
    sandbox: SlackSandbox, client: AsyncWebClient, session: aiohttp.ClientSession
) -> None:
    file = await upload(client, session)
    sandbox.settings.share_delay = 0.0
    await client.api_call("files.completeUploadExternal", json={"files": [{"id": file}], "channel_id": PICTURES})
    sandbox.run_due()
    (ts,) = sandbox.workspace.channels[PICTURES].messages
    await client.chat_delete(channel=PICTURES, ts=ts)
    assert (await client.files_info(file=file))["file"]["shares"] == {}
