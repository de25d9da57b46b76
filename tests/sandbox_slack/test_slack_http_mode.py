"""HTTP mode: signed requests, retries by header, the handshake; and response_urls."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.signature import Clock as SignatureClock
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from sandbox.feed import Feed
from sandbox.slack import FaultKind, SlackSandbox
from tests.sandbox_slack.conftest import ADA, BEN, PICTURES, Clock

Answering = Callable[[web.Request], web.Response]
BUTTONS = [
    {
        "type": "actions",
        "elements": [{"type": "button", "action_id": "again", "text": {"type": "plain_text", "text": "Again"}}],
    }
]


@dataclass
class Endpoint:
    """An app's request URL: keeps what came and answers as told."""

    answer: Answering = lambda _request: web.Response()
    requests: list[tuple[dict[str, str], str]] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.Response:
        self.requests.append((dict(request.headers), await request.text()))
        return self.answer(request)


@pytest.fixture
async def endpoint(sandbox: SlackSandbox) -> AsyncIterator[Endpoint]:
    told = Endpoint()
    app = web.Application()
    app.router.add_post("/slack/events", told.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sandbox.settings.request_url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    yield told
    await runner.cleanup()


async def test_everything_is_signed_as_slack_signs(
    sandbox: SlackSandbox, endpoint: Endpoint, client: AsyncWebClient, clock: Clock
) -> None:
    class Now(SignatureClock):
        def now(self) -> float:
            return clock()

    posted = await client.chat_postMessage(channel=PICTURES, text="b", blocks=BUTTONS)
    await sandbox.command(user=ADA, channel=PICTURES, text="雨中竹林 & co")
    await sandbox.click(user=ADA, channel=PICTURES, ts=posted["ts"], action_id="again")
    await sandbox.react(user=ADA, channel=PICTURES, ts=posted["ts"], name="repeat")
    await sandbox.settled()
    verifier = SignatureVerifier(sandbox.signing_secret, clock=Now())
    assert [verifier.is_valid_request(body, headers) for headers, body in endpoint.requests] == [True] * 3
    command, click, event = (body for _, body in endpoint.requests)
    assert parse_qs(command)["text"] == ["雨中竹林 &amp; co"]
    assert parse_qs(command)["is_enterprise_install"] == ["false"]
    assert json.loads(parse_qs(click)["payload"][0])["type"] == "block_actions"
    assert json.loads(event)["event"]["type"] == "reaction_added"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (lambda _: web.Response(text="on it"), (True, None, "on it")),
        (lambda _: web.json_response({"text": "all", "response_type": "in_channel"}), (True, None, "all")),
        (lambda _: web.Response(), (True, None, None)),
        (lambda _: web.Response(status=500), (False, "dispatch_failed", None)),
        (lambda _: web.json_response({"blocks": [{"type": "x"}]}), (False, "invalid_command_response", None)),
    ],
)
async def test_a_command_shows_what_the_app_answered(
    sandbox: SlackSandbox, endpoint: Endpoint, answer: Answering, expected: tuple[bool, str | None, str | None]
) -> None:
    endpoint.answer = answer
    got = await sandbox.command(user=ADA, channel=PICTURES, text="x")
    assert (got.ok, got.error) == expected[:2]
    if got.ok:
        assert got.text == expected[2]
        seen_by_ben = [each["text"] for each in sandbox.snapshot(viewer=BEN)["messages"][PICTURES]]
        assert seen_by_ben == (["all"] if got.text == "all" else [])


async def test_a_command_to_nobody_fails(sandbox: SlackSandbox) -> None:
    sandbox.settings.request_url = "http://127.0.0.1:1/slack/events"
    assert (await sandbox.command(user=ADA, channel=PICTURES, text="x")).error == "dispatch_failed"


async def test_a_command_to_a_sleeper_times_out(sandbox: SlackSandbox, endpoint: Endpoint) -> None:
    sandbox.settings.ack_window = 0.05
    gate = asyncio.Event()

    async def asleep(_: web.Request) -> web.Response:
        await gate.wait()
        return web.Response()

    app = web.Application()
    app.router.add_post("/", asleep)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sandbox.settings.request_url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    assert (await sandbox.command(user=ADA, channel=PICTURES, text="x")).error == "operation_timeout"
    gate.set()
    await runner.cleanup()


async def test_a_failed_event_comes_again_with_retry_headers_until_the_app_says_stop(
    sandbox: SlackSandbox, endpoint: Endpoint, clock: Clock
) -> None:
    sandbox.settings.event_retries = (1.0, 1.0, 1.0)
    stop = {"X-Slack-No-Retry": "1"}
    endpoint.answer = lambda request: web.Response(
        status=500, headers=stop if request.headers.get("X-Slack-Retry-Num") == "2" else {}
    )
    await sandbox.open_home(user=ADA)
    for _ in range(4):
        await sandbox.settled()
        clock.now += 1
        sandbox.run_due()
    heads = [(h.get("X-Slack-Retry-Num"), h.get("X-Slack-Retry-Reason")) for h, _ in endpoint.requests]
    assert heads == [(None, None), ("1", "http_error"), ("2", "http_error")]


async def test_the_request_url_is_verified_by_a_challenge(sandbox: SlackSandbox, endpoint: Endpoint) -> None:
    assert not await sandbox.verify_request_url()
    endpoint.answer = lambda _: web.Response(text=json.loads(endpoint.requests[-1][1])["challenge"])
    assert await sandbox.verify_request_url()


async def response_url(sandbox: SlackSandbox, endpoint: Endpoint) -> str:
    await sandbox.command(user=ADA, channel=PICTURES, text="x")
    return parse_qs(endpoint.requests[-1][1])["response_url"][0]


async def test_a_response_url_takes_five_posts_in_half_an_hour(
    sandbox: SlackSandbox, endpoint: Endpoint, clock: Clock, feed: Feed
) -> None:
    url = await response_url(sandbox, endpoint)
    answers = [await AsyncWebhookClient(url).send(text=f"say {n}") for n in range(6)]
    assert [(each.status_code, each.body) for each in answers[:5]] == [(200, "ok")] * 5
    assert answers[5].status_code == 404
    assert "used_url" in answers[5].body
    assert len(sandbox.snapshot(viewer=ADA)["messages"][PICTURES]) == 5
    assert sandbox.snapshot(viewer=BEN)["messages"][PICTURES] == []
    old = await response_url(sandbox, endpoint)
    clock.now += 1801
    late = await AsyncWebhookClient(old).send(text="late")
    assert (late.status_code, "expired_url" in late.body) == (404, True)


async def test_a_public_answer_can_be_reacted_to_but_not_found_again(
    sandbox: SlackSandbox, endpoint: Endpoint, client: AsyncWebClient
) -> None:
    url = await response_url(sandbox, endpoint)
    await AsyncWebhookClient(url).send(text="for all", response_type="in_channel")
    (ts,) = sandbox.workspace.channels[PICTURES].messages
    await sandbox.react(user=ADA, channel=PICTURES, ts=ts, name="repeat")
    assert "item_user" not in sandbox.slack.events.sent[-1]["event"]
    answer = await client.api_call("chat.getPermalink", params={"channel": PICTURES, "message_ts": ts})
    assert answer["ok"]


async def test_an_empty_or_broken_answer_is_refused(
    sandbox: SlackSandbox, endpoint: Endpoint, session: aiohttp.ClientSession
) -> None:
    url = await response_url(sandbox, endpoint)
    for body, expected in ({}, "no_text"), ({"blocks": [{"type": "x"}]}, "invalid_blocks"), ([], "invalid_payload"):
        async with session.post(url, json=body) as answer:
            assert (answer.status, (await answer.json())["error"]) == (400, expected)


async def test_a_click_can_replace_and_delete_its_message(
    sandbox: SlackSandbox, endpoint: Endpoint, client: AsyncWebClient
) -> None:
    posted = await client.chat_postMessage(channel=PICTURES, text="b", blocks=BUTTONS)
    await sandbox.click(user=ADA, channel=PICTURES, ts=posted["ts"], action_id="again")
    payload: dict[str, Any] = json.loads(parse_qs(endpoint.requests[-1][1])["payload"][0])
    hook = AsyncWebhookClient(payload["response_url"])
    await hook.send(text="replaced", replace_original=True)
    message = sandbox.workspace.message(PICTURES, posted["ts"])
    assert message is not None
    assert (message.text, message.blocks) == ("replaced", None)
    await hook.send(delete_original=True)
    assert sandbox.workspace.message(PICTURES, posted["ts"]) is None


async def test_a_response_url_has_faults_too(sandbox: SlackSandbox, endpoint: Endpoint) -> None:
    url = await response_url(sandbox, endpoint)
    sandbox.settings.fail("response_url", FaultKind.STATUS, status=500)
    assert (await AsyncWebhookClient(url, retry_handlers=[]).send(text="a")).status_code == 500
    assert (await AsyncWebhookClient(url).send(text="a")).status_code == 200
