"""Bolt over Socket Mode: commands, clicks, modals and events."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.feed import Feed
from sandbox.slack import SlackSandbox
from tests.sandbox_slack.conftest import ADA, ADAS_IM, BEN, EVERYTHING, MANIFEST, PICTURES, RANDOM, Clock

BUTTONS = [
    {
        "type": "actions",
        "block_id": "row",
        "elements": [
            {"type": "button", "action_id": "again", "text": {"type": "plain_text", "text": "Again"}, "value": "1"}
        ],
    }
]
MODAL = {
    "type": "modal",
    "callback_id": "ask",
    "title": {"type": "plain_text", "text": "Ask"},
    "submit": {"type": "plain_text", "text": "Go"},
    "blocks": [
        {
            "type": "input",
            "block_id": "what",
            "label": {"type": "plain_text", "text": "What"},
            "element": {"type": "plain_text_input", "action_id": "prompt"},
        }
    ],
}


async def test_a_command_reaches_bolt_and_its_answer_the_person(
    sandbox: SlackSandbox, app: AsyncApp, connected: AsyncSocketModeHandler, feed: Feed
) -> None:
    seen: list[dict[str, Any]] = []

    @app.command("/imagine")
    async def imagine(ack: Any, body: dict[str, Any]) -> None:
        seen.append(body)
        await ack(f"drawing {body['text']}")

    answer = await sandbox.command(user=ADA, channel=PICTURES, text="a fox & <!channel>")
    assert (answer.ok, answer.error) == (True, None)
    assert seen[0]["text"] == "a fox &amp; &lt;!channel&gt;"
    assert (seen[0]["channel_name"], seen[0]["user_id"], "thread_ts" in seen[0]) == ("pictures", ADA, False)
    assert sandbox.snapshot(viewer=ADA)["messages"][PICTURES][0]["is_ephemeral"]
    assert sandbox.snapshot(viewer=BEN)["messages"][PICTURES] == []
    told = feed.of("slack.command_answer")[0].data
    assert (told["trigger_id"], told["ok"]) == (seen[0]["trigger_id"], True)


async def test_names_and_links_in_a_command_are_escaped(
    sandbox: SlackSandbox, app: AsyncApp, connected: AsyncSocketModeHandler
) -> None:
    seen: list[str] = []

    @app.command("/imagine")
    async def imagine(ack: Any, body: dict[str, Any]) -> None:
        seen.append(body["text"])
        await ack()

    answer = await sandbox.command(user=ADA, channel=PICTURES, text="@ben in #random and #design at https://a.b/c?d")
    assert (answer.ok, answer.text) == (True, None)
    assert seen == [f"<@{BEN}|ben> in <#{RANDOM}|random> and <#C0DESIGN001|> at <https://a.b/c?d>"]


async def test_a_command_the_manifest_does_not_name_is_not_sent(sandbox: SlackSandbox) -> None:
    answer = await sandbox.command(user=ADA, channel=PICTURES, text="", command="/draw")
    assert (answer.ok, answer.error) == (False, "unknown_command")


async def test_a_click_carries_the_message_and_its_thread(
    sandbox: SlackSandbox, app: AsyncApp, client: AsyncWebClient, connected: AsyncSocketModeHandler
) -> None:
    seen: list[dict[str, Any]] = []

    @app.action("again")
    async def again(ack: Any, body: dict[str, Any]) -> None:
        seen.append(body)
        await ack()

    root = await client.chat_postMessage(channel=PICTURES, text="root")
    posted = await client.chat_postMessage(channel=PICTURES, text="b", blocks=BUTTONS, thread_ts=root["ts"])
    assert (await sandbox.click(user=BEN, channel=PICTURES, ts=posted["ts"], action_id="again")).ok
    container = seen[0]["container"]
    assert (container["message_ts"], container["thread_ts"]) == (posted["ts"], root["ts"])
    assert (seen[0]["user"]["id"], seen[0]["actions"][0]["value"]) == (BEN, "1")


@pytest.mark.parametrize("manifest", [MANIFEST | {"settings": {}}])
async def test_without_interactivity_in_the_manifest_a_click_fails(
    sandbox: SlackSandbox, client: AsyncWebClient
) -> None:
    posted = await client.chat_postMessage(channel=PICTURES, text="b", blocks=BUTTONS)
    answer = await sandbox.click(user=BEN, channel=PICTURES, ts=posted["ts"], action_id="again")
    assert (answer.ok, answer.error) == (False, "interactivity_disabled")


async def test_a_trigger_opens_one_modal_and_the_modal_is_submitted(
    sandbox: SlackSandbox, app: AsyncApp, connected: AsyncSocketModeHandler, clock: Clock
) -> None:
    opened_views: list[str] = []
    errors: list[str] = []
    asked: list[str] = []

    @app.command("/imagine")
    async def imagine(ack: Any, body: dict[str, Any], client: AsyncWebClient) -> None:
        clock.now += 4 if body["text"] == "late" else 0
        for _ in range(2):
            try:
                opened_views.append((await client.views_open(trigger_id=body["trigger_id"], view=MODAL))["view"]["id"])
            except SlackApiError as error:
                errors.append(error.response["error"])
        await ack()

    @app.view("ask")
    async def submitted(ack: Any, view: dict[str, Any]) -> None:
        prompt = view["state"]["values"]["what"]["prompt"]["value"]
        asked.append(prompt)
        await (ack() if prompt else ack(response_action="errors", errors={"what": "say something"}))

    await sandbox.command(user=ADA, channel=PICTURES, text="")
    assert errors == ["exchanged_trigger_id"]
    await sandbox.command(user=ADA, channel=PICTURES, text="late")
    assert errors[1:] == ["expired_trigger_id"] * 2
    view_id = opened_views[0]
    empty = {"what": {"prompt": {"type": "plain_text_input", "value": ""}}}
    refused = await sandbox.submit_view(user=ADA, view_id=view_id, values=empty)
    assert (refused.ok, refused.text) == (False, "say something")
    assert [view["id"] for view in sandbox.snapshot(viewer=ADA)["views"]] == [view_id]
    fox = {"what": {"prompt": {"type": "plain_text_input", "value": "a fox"}}}
    assert (await sandbox.submit_view(user=ADA, view_id=view_id, values=fox)).ok
    assert asked == ["", "a fox"]
    assert sandbox.snapshot(viewer=ADA)["views"] == []


async def test_a_reaction_names_channel_and_ts_but_no_thread(
    sandbox: SlackSandbox, app: AsyncApp, client: AsyncWebClient, connected: AsyncSocketModeHandler
) -> None:
    seen: list[dict[str, Any]] = []

    @app.event("reaction_added")
    async def reacted(event: dict[str, Any]) -> None:
        seen.append(event)

    root = await client.chat_postMessage(channel=PICTURES, text="root")
    reply = await client.chat_postMessage(channel=PICTURES, text="reply", thread_ts=root["ts"])
    await sandbox.react(user=ADA, channel=PICTURES, ts=reply["ts"], name=":repeat:")
    await sandbox.react(user=ADA, channel=PICTURES, ts=reply["ts"], name="repeat")
    await sandbox.settled()
    assert len(seen) == 1
    assert seen[0]["item"] == {"type": "message", "channel": PICTURES, "ts": reply["ts"]}
    assert (seen[0]["item_user"], seen[0]["reaction"]) == (sandbox.bot_user_id, "repeat")
    assert "thread_ts" not in seen[0]
    assert sandbox.snapshot(viewer=BEN)["messages"][PICTURES][1]["reactions"] == [
        {"name": "repeat", "users": [ADA], "count": 1}
    ]


async def test_only_subscribed_events_of_conversations_with_the_bot_are_sent(sandbox: SlackSandbox) -> None:
    inside = await sandbox.say(user=ADA, channel=PICTURES, text="hi @imagine")
    outside = await sandbox.say(user=ADA, channel=RANDOM, text="hi")
    await sandbox.react(user=ADA, channel=RANDOM, ts=outside, name="repeat")
    await sandbox.react(user=ADA, channel=PICTURES, ts=inside, name="repeat")
    await sandbox.unreact(user=ADA, channel=PICTURES, ts=inside, name="repeat")
    await sandbox.open_home(user=ADA)
    assert [each["event"]["type"] for each in sandbox.slack.events.sent] == ["reaction_added", "app_home_opened"]


@pytest.mark.parametrize("manifest", [EVERYTHING])
async def test_a_mention_and_a_direct_message_arrive_as_events(sandbox: SlackSandbox) -> None:
    await sandbox.say(user=ADA, channel=PICTURES, text="@imagine a fox & a <hen>")
    await sandbox.say(user=ADA, channel=ADAS_IM, text="a fox")
    sandbox.invite_bot(RANDOM)
    events = [each["event"] for each in sandbox.slack.events.sent]
    assert [each["type"] for each in events] == ["app_mention", "message", "member_joined_channel"]
    assert events[0]["text"] == f"<@{sandbox.bot_user_id}> a fox &amp; a &lt;hen&gt;"
    assert (events[1]["channel_type"], events[1]["channel"]) == ("im", ADAS_IM)


async def test_an_acknowledged_event_is_not_repeated_unless_a_test_asks(
    sandbox: SlackSandbox, app: AsyncApp, connected: AsyncSocketModeHandler, clock: Clock
) -> None:
    seen: list[str] = []
    all_six = asyncio.Event()  # Bolt acknowledges an event before its listener has run

    @app.event("app_home_opened")
    async def home(body: dict[str, Any]) -> None:
        seen.append(body["event_id"])
        if len(seen) == 6:
            all_six.set()

    await sandbox.open_home(user=ADA)
    await sandbox.settled()
    clock.now += 3600
    sandbox.run_due()
    await sandbox.settled()
    await sandbox.redeliver(times=2)
    await sandbox.redeliver(times=3, concurrently=True)
    await asyncio.wait_for(all_six.wait(), 5)
    assert set(seen) == {seen[0]}
