"""Every answer, event and payload has the fields and types of Slack's own recordings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import SlackSandbox
from sandbox.slack.dispatch import METHODS
from tests.sandbox_slack.conftest import ADA, ADAS_IM, BEN, EVERYTHING, PICTURES, RANDOM, Clock, Recorder
from tests.sandbox_slack.recordings import (
    SHAPES,
    Json,
    answer_shape,
    differences,
    merged,
    message_shape,
    recorded,
    view_shape,
)
from tests.sandbox_slack.uploading import complete, upload

pytestmark = [
    pytest.mark.skipif(not SHAPES.is_dir(), reason="Slack's recorded shapes are not beside the project"),
    pytest.mark.parametrize("manifest", [EVERYTHING]),
]
ESSENTIAL: dict[str, set[str]] = {
    "apps.connections.open": {"url"},
    "auth.test": {"url", "team", "user", "team_id", "user_id", "bot_id", "is_enterprise_install"},
    "chat.delete": {"channel", "ts"},
    "chat.getPermalink": {"channel", "permalink"},
    "chat.postEphemeral": {"message_ts"},
    "chat.postMessage": {"channel", "ts", "message"},
    "chat.update": {"channel", "ts", "text", "message"},
    "conversations.info": {"channel"},
    "conversations.join": {"channel", "warning", "response_metadata"},
    "conversations.members": {"members", "response_metadata"},
    "conversations.open": {"channel"},
    "files.completeUploadExternal": {"files"},
    "files.delete": set(),
    "files.getUploadURLExternal": {"upload_url", "file_id"},
    "files.info": {"file", "comments"},
    "reactions.add": set(),
    "reactions.get": {"type", "channel", "message"},
    "reactions.remove": set(),
    "users.info": {"user"},
    "views.open": {"view"},
    "views.publish": {"view"},
    "views.push": {"view"},
    "views.update": {"view"},
}
UNRECORDED = {name for name in METHODS if name.startswith(("agents.", "assistant."))}
"""Nobody has published recordings of these answers; test_slack_agents.py holds what the documentation says of them."""
WITH_STEPS = {"functions.completeError", "functions.completeSuccess"}
"""They need a running step; test_slack_steps.py calls them."""
TITLE = {"type": "plain_text", "text": "Ask", "emoji": True}
MODAL: Json = {"type": "modal", "title": TITLE, "blocks": [], "external_id": ""}
BUTTON = {"type": "button", "action_id": "again", "text": TITLE, "value": "1"}
BLOCKS = [{"type": "actions", "elements": [BUTTON]}]


@dataclass
class Calls:
    """Calls methods and keeps their answers by method."""

    sandbox: SlackSandbox
    session: aiohttp.ClientSession
    answers: dict[str, list[Json]] = field(default_factory=dict)

    async def __call__(self, method: str, /, **args: Any) -> Json:
        token = self.sandbox.app_token if METHODS[method].app_token else self.sandbox.bot_token
        headers = {"Authorization": f"Bearer {token}"}
        async with self.session.post(self.sandbox.api_url + method, json=args, headers=headers) as answer:
            data: Json = await answer.json()
        assert data["ok"], data
        self.answers.setdefault(method, []).append(data)
        return data


async def messages_and_files(call: Calls, client: AsyncWebClient, clock: Clock) -> None:
    metadata = {"event_type": "job", "event_payload": {"id": "7"}}
    root = await call("chat.postMessage", channel=PICTURES, text="a", blocks=BLOCKS, metadata=metadata)
    reply = await call("chat.postMessage", channel=PICTURES, text="a", thread_ts=root["ts"])
    file, loose = [await upload(client, call.session, alt_txt=alt) for alt in ("a fox", "")]
    shared = {"channel_id": PICTURES, "thread_ts": root["ts"], "blocks": BLOCKS}
    await call("files.completeUploadExternal", files=[{"id": file, "title": "A fox"}], **shared)
    await call("files.completeUploadExternal", files=[{"id": loose}])
    await call("files.getUploadURLExternal", filename="a.png", length=9)
    await call("files.info", file=file)
    clock.now += 60
    share = (await call("files.info", file=file))["file"]["shares"]["public"][PICTURES][0]
    for ts in (share["ts"], root["ts"]):
        await call("chat.update", channel=PICTURES, ts=ts, text="b", blocks=BLOCKS)
    await call("chat.postEphemeral", channel=PICTURES, user=ADA, text="a")
    await call("chat.getPermalink", channel=PICTURES, message_ts=reply["ts"])
    for method in ("reactions.add", "reactions.get", "reactions.remove"):
        await call(method, channel=PICTURES, timestamp=root["ts"], name="eyes")
    await call("chat.delete", channel=PICTURES, ts=reply["ts"])
    await call("files.delete", file=file)


async def people_and_views(call: Calls) -> None:
    await call("auth.test")
    await call("apps.connections.open")
    for channel in (PICTURES, ADAS_IM):
        await call("conversations.info", channel=channel, include_num_members=True, include_locale=True)
    await call("conversations.members", channel=PICTURES)
    for _ in range(2):
        await call("conversations.join", channel=RANDOM)
    await call("conversations.open", users=ADA, return_im=True)
    for user in (ADA, call.sandbox.bot_user_id):
        await call("users.info", user=user, include_locale=True)
    await call("views.publish", user_id=ADA, view={"type": "home", "blocks": BLOCKS})
    opened = await call("views.open", trigger_id=call.sandbox.slack.triggers.issue(ADA), view=MODAL)
    await call("views.push", trigger_id=call.sandbox.slack.triggers.issue(ADA), view=MODAL)
    await call("views.update", view_id=opened["view"]["id"], view=MODAL, hash=opened["view"]["hash"])


async def test_every_answer_has_the_recorded_fields_and_types(
    sandbox: SlackSandbox, client: AsyncWebClient, session: aiohttp.ClientSession, clock: Clock
) -> None:
    call = Calls(sandbox, session)
    await messages_and_files(call, client, clock)
    await people_and_views(call)
    answers = call.answers
    assert set(answers) == set(METHODS) - UNRECORDED - WITH_STEPS == set(ESSENTIAL)
    wrong = {
        method: found
        for method, sent in answers.items()
        if (found := [each for one in sent for each in differences(one, answer_shape(method))])
    }
    assert wrong == {}
    lacking = {method: lack for method, sent in answers.items() if (lack := ESSENTIAL[method] - set(sent[-1]))}
    assert lacking == {}


async def test_every_refusal_has_the_recorded_fields(sandbox: SlackSandbox, session: aiohttp.ClientSession) -> None:
    for method in METHODS:
        async with session.post(sandbox.api_url + method, data={"token": sandbox.bot_token}) as answer:
            sent = await answer.json()
        recorded_shape = answer_shape("chat.delete" if method in UNRECORDED else method)
        shape = recorded_shape | {"response_metadata": {"messages": [""]}}
        assert differences(sent, shape) == [], method


EVENTS = {
    "reaction_added": "ReactionAddedPayload",
    "reaction_removed": "ReactionRemovedPayload",
    "app_mention": "AppMentionPayload",
    "message": "MessagePayload",
    "app_home_opened": "AppHomeOpenedPayload",
    "file_shared": "FileSharedPayload",
    "app_uninstalled": "AppUninstalledPayload",
    "tokens_revoked": "TokensRevokedPayload",
}


async def test_every_event_has_the_recorded_fields_and_types(
    sandbox: SlackSandbox, client: AsyncWebClient, session: aiohttp.ClientSession, clock: Clock, recorder: Recorder
) -> None:
    ts = await sandbox.say(user=ADA, channel=PICTURES, text="@imagine hi")
    await sandbox.say(user=ADA, channel=PICTURES, text="@imagine hi", thread_ts=ts)
    direct = await sandbox.say(user=ADA, channel=ADAS_IM, text="hi")
    await client.chat_postMessage(channel=ADAS_IM, text="a", thread_ts=direct, blocks=BLOCKS)
    await sandbox.react(user=BEN, channel=PICTURES, ts=ts, name="repeat")
    await sandbox.unreact(user=BEN, channel=PICTURES, ts=ts, name="repeat")
    await client.views_publish(user_id=ADA, view={"type": "home", "blocks": BLOCKS})
    await sandbox.open_home(user=ADA)
    await complete(client, await upload(client, session), channel=ADAS_IM)
    clock.now += 60
    sandbox.run_due()
    sandbox.uninstall()
    await sandbox.settled()
    common = recorded("events/ReactionAddedPayload.json")
    seen = {each["event"]["type"] for each in recorder.payloads}
    assert seen == set(EVENTS)
    for payload in recorder.payloads:
        shape = merged(recorded(f"events/{EVENTS[payload['event']['type']]}.json"), common | {"event": {}})
        if payload["event"]["type"] == "message":
            shape["event"] = merged(shape["event"], message_shape())
        if payload["event"]["type"] == "app_home_opened":
            shape["event"]["view"] = merged(shape["event"]["view"], view_shape())
        assert differences(payload, shape) == []
        assert {"event_id", "team_id", "api_app_id", "authorizations", "event_time"} <= set(payload)


async def test_every_payload_has_the_recorded_fields_and_types(
    sandbox: SlackSandbox, client: AsyncWebClient, session: aiohttp.ClientSession, clock: Clock, recorder: Recorder
) -> None:
    await sandbox.command(user=ADA, channel=PICTURES, text="a fox")
    root = await client.chat_postMessage(channel=PICTURES, text="a", blocks=BLOCKS)
    await complete(client, await upload(client, session), thread_ts=root["ts"], blocks=BLOCKS)
    clock.now += 2
    sandbox.run_due()
    await sandbox.react(user=ADA, channel=PICTURES, ts=root["ts"], name="repeat")
    await sandbox.settled()
    whisper = await client.chat_postEphemeral(channel=PICTURES, user=ADA, text="a", blocks=BLOCKS)
    recorder.payloads[1:] = []
    for ts in (*sandbox.workspace.channels[PICTURES].messages, whisper["message_ts"]):
        await sandbox.click(user=ADA, channel=PICTURES, ts=ts, action_id="again")
    view = MODAL | {"notify_on_close": True}
    for _ in range(2):
        opened = await client.views_open(trigger_id=sandbox.slack.triggers.issue(ADA), view=view)
        state = {"what": {"prompt": {"type": "plain_text_input", "value": "a"}}}
        await sandbox.submit_view(user=ADA, view_id=opened["view"]["id"], values=state)
    closed = await client.views_open(trigger_id=sandbox.slack.triggers.issue(ADA), view=view)
    await sandbox.close_view(user=ADA, view_id=closed["view"]["id"])
    command, *clicks = recorder.payloads
    assert differences(command, recorded("payloads/slash-commands/SlashCommandPayload.json")) == []
    names = {
        "block_actions": "interactive-components/BlockActionPayload",
        "view_submission": "views/ViewSubmissionPayload",
        "view_closed": "views/ViewClosedPayload",
    }
    assert [each["type"] for each in clicks] == [*["block_actions"] * 3, *["view_submission"] * 2, "view_closed"]
    for payload in clicks:
        shape = recorded(f"payloads/{names[payload['type']]}.json")
        shape["state"] = {"values": {}}
        if "view" in shape:
            shape["view"] = merged(shape["view"], view_shape())
        if "message" in shape:
            shape["message"] = message_shape()
        assert differences(payload, shape) == []
    assert urlsplit(command["response_url"]).path.startswith("/response/")


SHORTCUTS = [{"name": kind, "type": kind, "callback_id": kind, "description": "x"} for kind in ("message", "global")]
SELECT = {"type": "users_select", "action_id": "who"}


async def test_shortcuts_and_clicks_in_views_have_the_recorded_fields_and_types(
    sandbox: SlackSandbox, client: AsyncWebClient, recorder: Recorder
) -> None:
    sandbox.reconfigure(EVERYTHING | {"features": EVERYTHING["features"] | {"shortcuts": SHORTCUTS}})
    ts = await sandbox.say(user=ADA, channel=PICTURES, text="a")
    await sandbox.shortcut(user=ADA, callback_id="message", channel=PICTURES, ts=ts)
    await sandbox.shortcut(user=ADA, callback_id="global")
    blocks = [{"type": "actions", "elements": [BUTTON, SELECT]}]
    home = (await client.views_publish(user_id=ADA, view={"type": "home", "blocks": blocks}))["view"]["id"]
    await client.views_open(trigger_id=sandbox.slack.triggers.issue(ADA), view=MODAL | {"blocks": blocks})
    for view_id in (home, None):
        await sandbox.act(user=ADA, action_id="again", view_id=view_id)
        await sandbox.act(user=ADA, action_id="who", value="ben", view_id=view_id)
    shortcut = recorded("payloads/interactive-components/MessageShortcutPayload.json") | {"message": message_shape()}
    click = recorded("payloads/interactive-components/BlockActionPayload.json")
    click["view"] = merged(click["view"], view_shape())
    payloads = [each for each in recorder.payloads if each["type"] != "event_callback"]
    assert [each["type"] for each in payloads] == ["message_action", "shortcut", *["block_actions"] * 4]
    assert differences(payloads[0], shortcut) == []
    assert differences(payloads[1], shortcut | {"user": click["user"]}) == []
    assert [found for payload in payloads[2:] for found in differences(payload, click)] == []


def test_the_comparison_sees_a_wrong_type_and_an_unknown_field(manifest: Json) -> None:
    shape = {"a": "", "b": [{"c": 1}]}
    assert differences({"a": 1, "b": [{"c": 2, "d": 3}]}, shape) == ["/a: int, recorded str", "/b/*/d: not recorded"]
