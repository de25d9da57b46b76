"""The Web API client: nothing twice unasked, no prompt in an address, and no foreign exception."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.errors import Fault, Misconfigured, NotInChannel, OutcomeUnknown, Rejected, Throttled, Unavailable
from bot.slack.client import IDEMPOTENT, MOST_BYTES, SlackClient
from sandbox.feed import Feed
from sandbox.slack import FaultKind, SlackSandbox
from tests.slack.conftest import PICTURES, RANDOM, Clock, calls

POST = {"channel": PICTURES, "text": "hello"}
Reply = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Odd:
    """A server that answers whatever it is told, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str]] = []
        self.reply: Reply = self.fine

    async def fine(self, _request: web.Request) -> web.StreamResponse:
        return web.json_response({"ok": True})

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append((request.path_qs, request.content_type, await request.text()))
        return await self.reply(request)


@pytest.fixture
async def odd() -> Odd:
    return Odd()


@pytest.fixture
async def speaking(odd: Odd, session: aiohttp.ClientSession, clock: Clock) -> AsyncIterator[SlackClient]:
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", odd.handle)
    async with TestServer(app) as server:
        yield SlackClient(session, token="xoxb-test", api_url=str(server.make_url("/api/")), now=clock.now)


def saying(status: int = 200, text: str = "", content_type: str = "application/json", **headers: str) -> Reply:
    async def reply(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, text=text, content_type=content_type, headers=headers)

    return reply


async def cut(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def test_a_post_arrives(client: SlackClient, sandbox: SlackSandbox) -> None:
    answer = await client.call("chat.postMessage", **POST)
    assert sandbox.workspace.message(PICTURES, answer["ts"]) is not None


async def test_a_post_whose_answer_is_lost_is_sent_once_and_its_outcome_is_unknown(
    client: SlackClient, sandbox: SlackSandbox
) -> None:
    sandbox.settings.fail("chat.postMessage", FaultKind.CUT, after=True)
    with pytest.raises(OutcomeUnknown):
        await client.call("chat.postMessage", **POST)
    assert len(sandbox.workspace.channels[PICTURES].messages) == 1


async def test_a_look_whose_answer_is_lost_is_repeated(speaking: SlackClient, odd: Odd) -> None:
    async def once(request: web.Request) -> web.StreamResponse:
        odd.reply = odd.fine
        return await cut(request)

    odd.reply = once
    assert (await speaking.call("users.info", user="U1"))["ok"]
    assert len(odd.asked) == 2


async def test_nothing_reached_means_nothing_done(session: aiohttp.ClientSession, clock: Clock) -> None:
    nobody = SlackClient(session, token="xoxb-test", api_url="http://127.0.0.1:9/api/", now=clock.now)
    with pytest.raises(Unavailable):
        await nobody.call("chat.postMessage", **POST)


async def test_no_argument_ever_travels_in_the_address(speaking: SlackClient, odd: Odd) -> None:
    for method in (*sorted(IDEMPOTENT), "chat.postMessage", "chat.update", "files.completeUploadExternal"):
        await speaking.call(method, alt_txt="a secret fox", blocks=[{"text": "a secret fox"}], flag=True)
    assert all("?" not in path and "secret" not in path for path, _, _ in odd.asked)
    assert all("secret" in body for _, _, body in odd.asked)


async def test_completing_sends_json(speaking: SlackClient, odd: Odd) -> None:
    await speaking.call("files.completeUploadExternal", files=[{"id": "F1"}])
    assert odd.asked[0][1] == "application/json"


async def test_methods_that_take_no_json_get_a_form(speaking: SlackClient, odd: Odd) -> None:
    await speaking.call("users.info", user="U1", include_locale=True)
    assert odd.asked[0][1:] == ("application/x-www-form-urlencoded", "user=U1&include_locale=true")


async def test_arguments_that_are_none_are_left_out(speaking: SlackClient, odd: Odd) -> None:
    await speaking.call("chat.postMessage", text="x", thread_ts=None)
    assert odd.asked[0][2] == '{"text": "x"}'


async def test_a_throttled_method_is_not_called_again_before_its_time(
    client: SlackClient, sandbox: SlackSandbox, feed: Feed, clock: Clock
) -> None:
    sandbox.settings.fail("chat.update", FaultKind.THROTTLE, seconds=30)
    for _ in range(3):
        with pytest.raises(Throttled) as throttled:
            await client.call("chat.update", channel=PICTURES, ts="1.0", text="x")
        assert throttled.value.retry_after == pytest.approx(30)
    assert len(calls(feed, "chat.update")) == 1
    clock.forward(30)
    with pytest.raises(Rejected, match="message_not_found"):
        await client.call("chat.update", channel=PICTURES, ts="1.0", text="x")


async def test_ratelimited_in_a_200_counts_as_throttled(speaking: SlackClient, odd: Odd) -> None:
    odd.reply = saying(text='{"ok": false, "error": "ratelimited"}')
    with pytest.raises(Throttled) as throttled:
        await speaking.call("chat.postMessage", **POST)
    assert throttled.value.retry_after == 1.0


@pytest.mark.parametrize("said", ["30", "1", "300"])
async def test_the_wait_is_the_one_slack_names(speaking: SlackClient, odd: Odd, said: str) -> None:
    odd.reply = saying(429, "", "text/plain", **{"Retry-After": said})
    with pytest.raises(Throttled) as throttled:
        await speaking.call("chat.postMessage", **POST)
    assert throttled.value.retry_after == float(said)


@pytest.mark.parametrize("said", ["soon", "-5", "nan", "inf", ""])
async def test_a_wait_that_makes_no_sense_is_a_second(speaking: SlackClient, odd: Odd, said: str) -> None:
    odd.reply = saying(429, "", "text/plain", **{"Retry-After": said})
    with pytest.raises(Throttled) as throttled:
        await speaking.call("chat.postMessage", **POST)
    assert throttled.value.retry_after == 1.0


GARBLED = {
    "text": saying(200, "OK", "text/plain"),
    "html": saying(200, "<html>", "text/html"),
    "list": saying(200, "[1]"),
    "number": saying(200, "7"),
    "null": saying(200, "null"),
    "nothing": saying(200, ""),
    "half": saying(200, '{"ok": tr'),
    "no verdict": saying(200, "{}"),
    "server error": saying(500, "oops", "text/plain"),
    "gateway": saying(502, "<html>", "text/html"),
    "unavailable": saying(503, '{"ok": false, "error": "service_unavailable"}'),
    "cut": cut,
    "bytes": saying(200, "{}", "application/gzip"),
    "too long": saying(200, '"' + "x" * (MOST_BYTES + 1) + '"'),
}


@pytest.mark.parametrize("kind", GARBLED)
async def test_an_answer_that_makes_no_sense_leaves_a_post_in_doubt_and_a_look_undone(
    speaking: SlackClient, odd: Odd, kind: str
) -> None:
    odd.reply = GARBLED[kind]
    with pytest.raises(OutcomeUnknown):
        await speaking.call("chat.postMessage", **POST)
    assert len(odd.asked) == 1
    with pytest.raises(Unavailable):
        await speaking.call("files.info", file="F1")


async def test_bytes_that_are_no_text_are_no_answer(speaking: SlackClient, odd: Odd) -> None:
    async def reply(_request: web.Request) -> web.StreamResponse:
        return web.Response(body=b'{"ok": "\xff\xfe"}', content_type="application/json", charset="utf-8")

    odd.reply = reply
    with pytest.raises(OutcomeUnknown):
        await speaking.call("chat.postMessage", **POST)


async def test_an_error_page_of_something_in_between_proves_that_nothing_was_done(
    speaking: SlackClient, odd: Odd
) -> None:
    odd.reply = saying(403, "<html>", "text/html")
    with pytest.raises(Unavailable):
        await speaking.call("chat.postMessage", **POST)


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ('{"ok": false, "error": "invalid_auth"}', Misconfigured),
        ('{"ok": false, "error": "missing_scope", "needed": "chat:write", "provided": "x"}', Misconfigured),
        ('{"ok": false, "error": "channel_not_found"}', NotInChannel),
        ('{"ok": false, "error": "internal_error"}', Unavailable),
        ('{"ok": false, "error": "invalid_blocks", "response_metadata": {"messages": ["[ERROR] x"]}}', Rejected),
        ('{"ok": false, "error": "invalid_blocks", "response_metadata": "odd"}', Rejected),
    ],
)
async def test_a_refusal_becomes_its_fault(speaking: SlackClient, odd: Odd, body: str, fault: type[Fault]) -> None:
    odd.reply = saying(text=body)
    with pytest.raises(Fault) as refused:
        await speaking.call("chat.postMessage", **POST)
    assert type(refused.value) is fault


async def test_a_slow_answer_is_not_waited_for(odd: Odd, clock: Clock) -> None:
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", odd.handle)

    gone = asyncio.Event()

    async def never(request: web.Request) -> web.StreamResponse:
        await request.content.read(1 << 20)
        response = web.StreamResponse()
        await response.prepare(request)
        await gone.wait()
        return response

    odd.reply = never
    timeout = aiohttp.ClientTimeout(total=0.05)
    async with TestServer(app) as server, aiohttp.ClientSession(timeout=timeout) as hasty:
        client = SlackClient(hasty, token="xoxb-test", api_url=str(server.make_url("/api/")), now=clock.now)
        with pytest.raises(OutcomeUnknown, match="timeout"):
            await client.call("chat.postMessage", **POST)
        gone.set()


async def test_where_the_bot_is_not_a_member_it_is_told_so(client: SlackClient) -> None:
    with pytest.raises(NotInChannel) as outside:
        await client.call("chat.postMessage", channel=RANDOM, text="x")
    assert outside.value.joinable


async def test_a_fault_never_repeats_what_was_said(speaking: SlackClient, odd: Odd) -> None:
    odd.reply = saying(text='{"ok": false, "error": "invalid_blocks"}')
    with pytest.raises(Rejected) as refused:
        await speaking.call("chat.postMessage", channel="C1", text="a secret fox")
    assert "secret" not in f"{refused.value!r}{refused.value.detail}"
    assert refused.value.__cause__ is None


def test_what_may_be_repeated_changes_nothing_when_it_is() -> None:
    posts: set[Any] = {"chat.postMessage", "chat.postEphemeral", "files.completeUploadExternal", "chat.update"}
    assert not posts & IDEMPOTENT


def test_a_real_slack_is_reached_by_the_way_out_that_the_environment_names(
    session: aiohttp.ClientSession, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    real = SlackClient(session, token="xoxb-test", api_url="https://slack.com/api/", now=clock.now)
    local = SlackClient(session, token="xoxb-test", api_url="http://127.0.0.1:1/api/", now=clock.now)
    assert real.proxy == "http://proxy.example:3128"
    assert local.proxy is None
