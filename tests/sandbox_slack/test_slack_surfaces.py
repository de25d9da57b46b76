"""The Home tab, the app's conversation, mentions, files of people, shortcuts: what the manifest grants, no more."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import SlackSandbox
from tests.sandbox_slack.conftest import ADA, ADAS_IM, BEN, EVERYTHING, PICTURES, RANDOM, Recorder, png
from tests.sandbox_slack.form_bot import MANIFEST, home

Json = dict[str, Any]
DESIGN = "C0DESIGN001"


@pytest.fixture
def manifest() -> Json:
    return MANIFEST


async def refused(call: Any) -> str:
    """The error code of a call that must fail."""
    with pytest.raises(SlackApiError) as raised:
        await call
    return str(raised.value.response["error"])


async def events(sandbox: SlackSandbox, recorder: Recorder) -> list[Json]:
    await sandbox.settled()
    return [each["event"] for each in recorder.payloads if each["type"] == "event_callback"]


async def test_opening_home_is_told_and_what_was_published_is_seen_by_its_owner_only(
    sandbox: SlackSandbox, client: AsyncWebClient, recorder: Recorder
) -> None:
    await sandbox.open_home(user=ADA)
    await client.views_publish(user_id=ADA, view=home(7))
    await sandbox.open_home(user=ADA)
    first, second = await events(sandbox, recorder)
    assert (first["tab"], first["channel"], "view" in first) == ("home", ADAS_IM, False)
    assert second["view"]["id"] == sandbox.snapshot(viewer=ADA)["home"]["id"]
    assert sandbox.snapshot(viewer=BEN)["home"] is None


async def test_a_button_on_home_carries_the_view_and_a_trigger_for_a_modal(
    sandbox: SlackSandbox, client: AsyncWebClient, recorder: Recorder
) -> None:
    view = (await client.views_publish(user_id=ADA, view=home(7)))["view"]
    assert (await sandbox.act(user=ADA, action_id="count", view_id=view["id"])).ok
    payload = recorder.payloads[-1]
    assert payload["container"] == {"type": "view", "view_id": view["id"]}
    assert (payload["view"]["type"], payload["actions"][0]["action_id"]) == ("home", "count")
    assert not {"channel", "message", "response_url"} & set(payload)
    opened = await client.views_open(
        trigger_id=payload["trigger_id"],
        view={"type": "modal", "title": {"type": "plain_text", "text": "x"}, "blocks": []},
    )
    assert opened["ok"]


@pytest.mark.parametrize("manifest", [MANIFEST | {"features": {"app_home": {"messages_tab_enabled": False}}}])
async def test_tabs_that_the_manifest_does_not_have_cannot_be_opened(
    sandbox: SlackSandbox, client: AsyncWebClient
) -> None:
    for tab in ("home", "messages", "about"):
        with pytest.raises(LookupError, match=f"the app has no {tab} tab"):
            await sandbox.open_home(user=ADA, tab=tab)
    assert await refused(client.views_publish(user_id=ADA, view=home(1))) == "not_enabled"
    with pytest.raises(LookupError, match="turned off"):
        await sandbox.dm(user=ADA, text="hi")


async def test_a_read_only_messages_tab_takes_no_words(sandbox: SlackSandbox) -> None:
    features = MANIFEST["features"] | {"app_home": {"messages_tab_read_only_enabled": True}}
    sandbox.reconfigure(MANIFEST | {"features": features})
    with pytest.raises(LookupError, match="turned off"):
        await sandbox.dm(user=ADA, text="hi")


async def test_a_direct_message_is_one_event_even_if_it_names_the_app(
    sandbox: SlackSandbox, recorder: Recorder
) -> None:
    ts = await sandbox.dm(user=ADA, text="@imagine a fox")
    await sandbox.dm(user=ADA, text="and a hen", thread_ts=ts)
    first, second = await events(sandbox, recorder)
    assert (first["type"], first["channel_type"], first["channel"]) == ("message", "im", ADAS_IM)
    assert (second["text"], second["thread_ts"]) == ("and a hen", ts)
    assert first["client_msg_id"] != second["client_msg_id"]


async def test_a_mention_in_a_reply_names_the_root_of_its_thread(sandbox: SlackSandbox, recorder: Recorder) -> None:
    root = await sandbox.say(user=ADA, channel=PICTURES, text="look")
    reply = await sandbox.say(user=BEN, channel=PICTURES, text="nice", thread_ts=root)
    await sandbox.mention(user=BEN, channel=PICTURES, text="draw that", thread_ts=reply)
    (event,) = await events(sandbox, recorder)
    assert (event["type"], event["thread_ts"], event["user"]) == ("app_mention", root, BEN)
    assert event["text"] == f"<@{sandbox.bot_user_id}> draw that"


async def test_a_mention_where_the_app_is_no_member_reaches_nobody(sandbox: SlackSandbox, recorder: Recorder) -> None:
    await sandbox.mention(user=ADA, channel=RANDOM, text="a fox")
    assert await events(sandbox, recorder) == []


@pytest.mark.parametrize("manifest", [EVERYTHING])
async def test_a_file_of_a_person_comes_with_its_message_and_can_be_fetched_with_the_token(
    sandbox: SlackSandbox, client: AsyncWebClient, session: aiohttp.ClientSession, recorder: Recorder
) -> None:
    picture = await sandbox.attach(user=ADA, name="ref.png", data=png(8, 6), alt_txt="a hen")
    assert await refused(client.files_info(file=picture)) == "file_not_found"
    ts = await sandbox.mention(user=ADA, channel=PICTURES, text="like this", files=[picture])
    mention, shared = await events(sandbox, recorder)
    assert (mention["subtype"], mention["files"][0]["id"]) == ("file_share", picture)
    assert (shared["type"], shared["file_id"], shared["user_id"]) == ("file_shared", picture, ADA)
    file = (await client.files_info(file=picture))["file"]
    assert (file["user"], file["mimetype"], file["original_w"]) == (ADA, "image/png", 8)
    assert file["shares"]["public"][PICTURES][0]["ts"] == ts
    for token, status in ((sandbox.bot_token, 200), ("xoxb-wrong", 404)):
        headers = {"Authorization": f"Bearer {token}"}
        async with session.get(mention["files"][0]["url_private"], headers=headers) as answer:
            assert answer.status == status
            assert status != 200 or await answer.read() == png(8, 6)
    assert await refused(client.files_delete(file=picture)) == "cant_delete_file"


async def test_a_file_in_a_conversation_without_the_app_does_not_exist_for_it(
    sandbox: SlackSandbox, client: AsyncWebClient, session: aiohttp.ClientSession
) -> None:
    picture = await sandbox.attach(user=ADA, name="secret.png", data=png())
    await sandbox.say(user=ADA, channel=DESIGN, text="secret", files=[picture])
    assert await refused(client.files_info(file=picture)) == "file_not_found"
    url = sandbox.slack.base_url + f"/files/{picture}/secret.png"
    async with session.get(url, headers={"Authorization": f"Bearer {sandbox.bot_token}"}) as answer:
        assert answer.status == 404


async def test_nobody_sends_the_file_of_somebody_else(sandbox: SlackSandbox) -> None:
    picture = await sandbox.attach(user=ADA, name="mine.png", data=png())
    with pytest.raises(LookupError, match="has no file"):
        await sandbox.say(user=BEN, channel=PICTURES, text="mine now", files=[picture])
    assert sandbox.snapshot(viewer=BEN)["messages"][PICTURES] == []


async def test_a_message_shortcut_carries_the_message_with_thread_and_files_anywhere(
    sandbox: SlackSandbox, session: aiohttp.ClientSession, recorder: Recorder
) -> None:
    picture = await sandbox.attach(user=ADA, name="ref.png", data=png())
    root = await sandbox.say(user=ADA, channel=DESIGN, text="root")
    ts = await sandbox.say(user=ADA, channel=DESIGN, text="a fox", thread_ts=root, files=[picture])
    assert (await sandbox.shortcut(user=BEN, callback_id="illustrate", channel=DESIGN, ts=ts)).ok
    payload = recorder.payloads[-1]
    assert (payload["type"], payload["callback_id"], payload["message_ts"]) == ("message_action", "illustrate", ts)
    assert (payload["message"]["thread_ts"], payload["message"]["files"][0]["id"]) == (root, picture)
    assert (payload["user"]["id"], payload["channel"]["name"]) == (BEN, "privategroup")
    async with session.post(payload["response_url"], json={"delete_original": True}) as answer:
        assert answer.status == 200
    assert ts in sandbox.workspace.channels[DESIGN].messages, "an app cannot take away what a person wrote"


async def test_a_global_shortcut_names_no_place(sandbox: SlackSandbox, recorder: Recorder) -> None:
    assert (await sandbox.shortcut(user=ADA, callback_id="ask")).ok
    payload = recorder.payloads[-1]
    assert (payload["type"], payload["callback_id"]) == ("shortcut", "ask")
    assert not {"channel", "message", "response_url"} & set(payload)
    assert payload["trigger_id"]


async def test_a_shortcut_that_the_manifest_does_not_have_there_cannot_be_started(sandbox: SlackSandbox) -> None:
    ts = await sandbox.say(user=ADA, channel=PICTURES, text="x")
    with pytest.raises(LookupError, match="no message shortcut ask"):
        await sandbox.shortcut(user=ADA, callback_id="ask", channel=PICTURES, ts=ts)
    with pytest.raises(LookupError, match="no global shortcut illustrate"):
        await sandbox.shortcut(user=ADA, callback_id="illustrate")
    sandbox.reconfigure(MANIFEST | {"oauth_config": {"scopes": {"bot": ["chat:write"]}}})
    with pytest.raises(LookupError, match="no global shortcut ask"):
        await sandbox.shortcut(user=ADA, callback_id="ask")
    assert sandbox.snapshot(viewer=ADA)["app"]["shortcuts"] == []


async def test_an_event_without_its_scope_is_not_sent(sandbox: SlackSandbox, recorder: Recorder) -> None:
    sandbox.reconfigure(MANIFEST | {"oauth_config": {"scopes": {"bot": ["chat:write"]}}})
    await sandbox.mention(user=ADA, channel=PICTURES, text="a fox")
    await sandbox.dm(user=ADA, text="a fox")
    assert await events(sandbox, recorder) == []


async def test_any_emoji_can_be_a_reaction_but_not_any_word(sandbox: SlackSandbox, recorder: Recorder) -> None:
    ts = await sandbox.say(user=ADA, channel=PICTURES, text="x")
    await sandbox.react(user=BEN, channel=PICTURES, ts=ts, name=":our-own_emoji:")
    (event,) = await events(sandbox, recorder)
    assert event["reaction"] == "our-own_emoji"
    with pytest.raises(ValueError, match="no emoji can be called"):
        await sandbox.react(user=BEN, channel=PICTURES, ts=ts, name="Two words")
