"""The app as an agent: sessions, Stop, suggested prompts; and the older assistant threads."""

from __future__ import annotations

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import SlackSandbox
from tests.sandbox_slack.conftest import ADA, ADAS_IM, PICTURES, Clock
from tests.sandbox_slack.form_bot import MANIFEST

Json = dict[str, Any]
PLAIN = MANIFEST | {"features": {key: it for key, it in MANIFEST["features"].items() if key != "agent_view"}}
ASSISTANT = PLAIN | {
    "features": PLAIN["features"] | {"assistant_view": {"assistant_description": "Draws"}},
    "settings": MANIFEST["settings"] | {"event_subscriptions": {"bot_events": ["assistant_thread_started"]}},
}
PROMPTS = [{"title": "Fox", "message": "a fox"}]


@pytest.fixture
def manifest() -> Json:
    return MANIFEST


async def test_a_session_works_until_stop_and_only_the_app_ends_it(
    sandbox: SlackSandbox, client: AsyncWebClient
) -> None:
    ts = await sandbox.dm(user=ADA, text="a fox")
    where = {"channel_id": ADAS_IM, "thread_ts": ts}
    begun = await client.agents_sessions_setStatus(**where, status="processing", title="Foxes")
    assert (begun["status"], begun["title"], "warning" in begun.data) == ("processing", "Foxes", False)
    await sandbox.stop_session(user=ADA, channel=ADAS_IM, thread_ts=ts)
    event = sandbox.slack.events.sent[-1]["event"]
    assert (event["type"], event["thread_ts"], event["user"]) == ("agent_session_stopped", ts, ADA)
    assert event["streaming_message_ts"] == []
    assert sandbox.snapshot(viewer=ADA)["sessions"][0]["status"] == "processing"
    await client.agents_sessions_setStatus(**where, status="active", title="too late for a title")
    await client.agents_sessions_rename(**where, title="Two foxes")
    assert sandbox.snapshot(viewer=ADA)["sessions"][0] | {"set_at": 0} == {
        "channel": ADAS_IM, "thread_ts": ts, "status": "active", "title": "Two foxes", "words": "", "loading": [],
        "set_at": 0}  # fmt: skip
    with pytest.raises(LookupError, match="nothing is being worked on"):
        await sandbox.stop_session(user=ADA, channel=ADAS_IM, thread_ts=ts)


async def test_a_session_that_nobody_renews_is_active_again_after_an_hour(
    sandbox: SlackSandbox, client: AsyncWebClient, clock: Clock
) -> None:
    ts = await sandbox.say(user=ADA, channel=PICTURES, text="a fox")
    await client.agents_sessions_setStatus(channel_id=PICTURES, thread_ts=ts, status="processing")
    clock.now += 3599
    sandbox.run_due()
    assert sandbox.snapshot(viewer=ADA)["sessions"][0]["status"] == "processing"
    clock.now += 1
    assert sandbox.snapshot(viewer=ADA)["sessions"][0]["status"] == "active"


async def test_who_does_not_listen_for_stop_is_warned_and_has_no_button(
    sandbox: SlackSandbox, client: AsyncWebClient
) -> None:
    events = MANIFEST["settings"] | {"event_subscriptions": {"bot_events": ["message.im"]}}
    sandbox.reconfigure(MANIFEST | {"settings": events})
    ts = await sandbox.dm(user=ADA, text="a fox")
    answer = await client.agents_sessions_setStatus(channel_id=ADAS_IM, thread_ts=ts, status="processing")
    assert answer["warning"] == "missing_agent_session_stopped_event_subscription"
    with pytest.raises(LookupError, match="no Stop button"):
        await sandbox.stop_session(user=ADA, channel=ADAS_IM, thread_ts=ts)


async def test_prompts_of_the_app_replace_those_of_the_manifest(sandbox: SlackSandbox, client: AsyncWebClient) -> None:
    assert sandbox.snapshot(viewer=ADA)["prompts"]["prompts"][0]["title"] == "A fox in the rain"
    await client.assistant_threads_setSuggestedPrompts(channel_id=ADAS_IM, title="Try", prompts=PROMPTS)
    assert sandbox.snapshot(viewer=ADA)["prompts"] == {"title": "Try", "prompts": PROMPTS, "thread_ts": None}


async def refused(call: Any) -> str:
    """The error code of a call that must fail."""
    with pytest.raises(SlackApiError) as raised:
        await call
    return str(raised.value.response["error"])


async def test_what_does_not_fit_is_refused(sandbox: SlackSandbox, client: AsyncWebClient) -> None:
    ts = await sandbox.dm(user=ADA, text="a fox")
    where = {"channel_id": ADAS_IM, "thread_ts": ts}
    assert await refused(client.agents_sessions_setStatus(**where, status="busy")) == "invalid_arguments"
    long = client.agents_sessions_setStatus(**where, status="active", title="x" * 201)
    assert await refused(long) == "invalid_arguments"
    elsewhere = client.agents_sessions_setStatus(channel_id=ADAS_IM, thread_ts="1.000000", status="active")
    assert await refused(elsewhere) == "thread_not_found"
    assert await refused(client.agents_sessions_rename(**where, title="x")) == "not_found"
    many = client.assistant_threads_setSuggestedPrompts(channel_id=ADAS_IM, prompts=PROMPTS * 5)
    assert await refused(many) == "invalid_arguments"
    public = client.assistant_threads_setSuggestedPrompts(channel_id=PICTURES, prompts=PROMPTS)
    assert await refused(public) == "method_not_supported_for_channel_type"


@pytest.mark.parametrize("manifest", [PLAIN])
async def test_an_app_that_is_no_agent_has_no_sessions(sandbox: SlackSandbox, client: AsyncWebClient) -> None:
    ts = await sandbox.dm(user=ADA, text="a fox")
    call = client.agents_sessions_setStatus(channel_id=ADAS_IM, thread_ts=ts, status="active")
    assert await refused(call) == "missing_scope"
    with pytest.raises(LookupError, match="no assistant"):
        await sandbox.open_assistant(user=ADA)


@pytest.mark.parametrize("manifest", [ASSISTANT])
async def test_an_assistants_thread_has_a_status_that_its_answer_takes_away(
    sandbox: SlackSandbox, client: AsyncWebClient, clock: Clock
) -> None:
    ts = await sandbox.open_assistant(user=ADA)
    started = sandbox.slack.events.sent[-1]["event"]
    assert (started["type"], started["assistant_thread"]["thread_ts"]) == ("assistant_thread_started", ts)
    where: Json = {"channel_id": ADAS_IM, "thread_ts": ts}
    await client.assistant_threads_setTitle(**where, title="Foxes")
    await client.assistant_threads_setStatus(**where, status="is drawing…")
    session = sandbox.snapshot(viewer=ADA)["sessions"][0]
    assert (session["words"], session["title"]) == ("is drawing…", "Foxes")
    await client.chat_postMessage(channel=ADAS_IM, thread_ts=ts, text="here it is")
    assert sandbox.snapshot(viewer=ADA)["sessions"][0]["words"] == ""
    await client.assistant_threads_setStatus(**where, status="is thinking…")
    clock.now += 120
    assert sandbox.snapshot(viewer=ADA)["sessions"][0]["words"] == ""
