"""Custom workflow steps: run with inputs, completed with outputs, or failed with words."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import RunState, SlackSandbox
from tests.sandbox_slack.conftest import ADA
from tests.sandbox_slack.form_bot import MANIFEST, Seen, form_app

Json = dict[str, Any]


@pytest.fixture
def manifest() -> Json:
    return MANIFEST


@pytest.fixture
def app(client: AsyncWebClient) -> AsyncApp:
    return form_app(client, Seen())


async def test_a_step_ends_with_the_outputs_that_the_app_gives(
    sandbox: SlackSandbox, connected: AsyncSocketModeHandler
) -> None:
    run = await sandbox.run_step(user=ADA, callback_id="make", inputs={"prompt": "a fox"})
    assert await asyncio.wait_for(run.finished(), 5) is RunState.COMPLETED
    assert run.outputs == {"permalink": "link to a fox"}
    shown = sandbox.snapshot(viewer=ADA)["runs"]
    assert [(each["step"], each["state"]) for each in shown] == [("make", "completed")]


async def test_a_step_fails_with_the_apps_own_words(sandbox: SlackSandbox, connected: AsyncSocketModeHandler) -> None:
    run = await sandbox.run_step(user=ADA, callback_id="make", inputs={"prompt": "no"})
    assert await asyncio.wait_for(run.finished(), 5) is RunState.FAILED
    assert run.error == "no"


@pytest.mark.parametrize(
    ("inputs", "why"),
    [({}, "prompt is required"), ({"prompt": "a", "n": 1}, "n is not a parameter"), ({"prompt": 5}, "type string")],
)
async def test_inputs_that_are_not_the_manifests_are_refused(sandbox: SlackSandbox, inputs: Json, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        await sandbox.run_step(user=ADA, callback_id="make", inputs=inputs)


async def test_a_step_can_be_ended_once_and_only_with_fitting_outputs(
    sandbox: SlackSandbox, client: AsyncWebClient
) -> None:
    run = await sandbox.run_step(user=ADA, callback_id="make", inputs={"prompt": "a fox"})
    fitting, errors = {"permalink": "x"}, []
    for run_id, outputs in ((run.id, {}), ("Fx0NOBODY", fitting), (run.id, fitting), (run.id, fitting)):
        try:
            await client.functions_completeSuccess(function_execution_id=run_id, outputs=outputs)
        except SlackApiError as error:
            errors.append(error.response["error"])
    assert errors == ["parameter_validation_failed", "function_execution_not_found", "execution_not_in_running_state"]
    assert run.outputs == {"permalink": "x"}


async def test_the_token_of_a_step_works_until_the_step_ends(sandbox: SlackSandbox, client: AsyncWebClient) -> None:
    run = await sandbox.run_step(user=ADA, callback_id="make", inputs={"prompt": "a fox"})
    inside = AsyncWebClient(token=run.token, base_url=sandbox.api_url, session=client.session, retry_handlers=[])
    assert (await inside.auth_test())["ok"]
    await inside.functions_completeError(function_execution_id=run.id, error="tired")
    with pytest.raises(SlackApiError) as raised:
        await inside.auth_test()
    assert raised.value.response["error"] == "invalid_auth"


@pytest.mark.parametrize(
    "settings",
    [
        MANIFEST["settings"] | {"event_subscriptions": {"bot_events": []}},
        MANIFEST["settings"] | {"function_runtime": "slack"},
        MANIFEST["settings"] | {"org_deploy_enabled": False},
    ],
)
async def test_without_the_event_the_runtime_and_org_deployment_there_is_no_step(
    sandbox: SlackSandbox, settings: Json
) -> None:
    sandbox.reconfigure(MANIFEST | {"settings": settings})
    with pytest.raises(LookupError, match="offers no step make"):
        await sandbox.run_step(user=ADA, callback_id="make", inputs={"prompt": "a"})
    assert sandbox.snapshot(viewer=ADA)["app"]["steps"] == []


async def test_the_older_way_to_write_parameters_is_understood(sandbox: SlackSandbox) -> None:
    flat = {"prompt": {"type": "string", "is_required": True}, "count": {"type": "integer"}}
    step = MANIFEST["functions"]["make"] | {"input_parameters": flat}
    sandbox.reconfigure(MANIFEST | {"functions": {"make": step}})
    with pytest.raises(ValueError, match="count must be of the type integer"):
        await sandbox.run_step(user=ADA, callback_id="make", inputs={"prompt": "a", "count": "2"})
    run = await sandbox.run_step(user=ADA, callback_id="make", inputs={"prompt": "a", "count": 2})
    event = sandbox.slack.events.sent[-1]["event"]
    assert (event["function_execution_id"], event["inputs"]) == (run.id, {"prompt": "a", "count": 2})
    assert [each["is_required"] for each in event["function"]["input_parameters"]] == [True, False]
