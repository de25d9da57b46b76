"""Socket Mode: two connections, back after whatever cut them, and nothing left behind."""

from __future__ import annotations

import asyncio
import gc
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import Misconfigured, Unavailable
from bot.slack.bolt import open_bolt
from bot.slack.client import open_session
from bot.slack.socket import SocketLines, Watch
from sandbox.slack import FaultKind
from tests.journeys.town import PATIENCE, Town

NEVER = 1e9
QUICK = Watch(ping=0.05, every=0.02, ticket=NEVER, patience=NEVER, closing=2.0)


@asynccontextmanager
async def lines(url: str, *, token: str, watch: Watch = QUICK) -> AsyncIterator[SocketLines]:
    """Connections to that Slack, not started yet; they are stopped at the end."""
    async with open_session() as session:
        client = AsyncWebClient(base_url=url, session=session)
        client.proxy = None
        app = open_bolt(dict, token="xoxb-1", signing_secret="unused", client=client)
        made = SocketLines(app, app_token=token, client=client, watch=watch)
        try:
            yield made
        finally:
            await made.stop()


@asynccontextmanager
async def up(place: Town, watch: Watch = QUICK) -> AsyncIterator[SocketLines]:
    """Connections that stand."""
    async with lines(place.slack.api_url, token=place.slack.app_token, watch=watch) as made:
        made.start()
        await place.until(lambda: place.slack.sockets.connections == 2)
        yield made


async def turns_true(holds: Callable[[], Awaitable[bool]]) -> None:
    """Look until it does; nobody tells of it."""
    async with asyncio.timeout(PATIENCE):
        while True:
            if await holds():
                return
            await asyncio.sleep(0)


async def no_ticket_is_left(place: Town) -> bool:
    """Each is gone once it was shown, and refused."""
    return not place.slack.sockets._tickets


async def stands(sockets: SocketLines) -> None:
    """Our side knows it a moment after theirs."""
    await turns_true(sockets.is_up)


async def test_there_are_two_connections_and_none_after_the_stop(place: Town) -> None:
    async with up(place) as sockets:
        await stands(sockets)
        await sockets.stop()
        assert not await sockets.is_up()
        await place.until(lambda: place.slack.sockets.connections == 0)


@pytest.mark.parametrize("reason", ["refresh_requested", "link_disabled"])
async def test_both_come_back_when_slack_asks_them_to_leave(place: Town, reason: str) -> None:
    async with up(place):
        await place.slack.disconnect_sockets(reason)
        assert place.slack.sockets.connections == 0
        await place.until(lambda: place.slack.sockets.connections == 2)


async def test_a_warning_brings_fresh_connections(place: Town) -> None:
    async with up(place) as sockets:
        await stands(sockets)
        await place.slack.disconnect_sockets("warning")
        await place.until(lambda: len(place.calls("apps.connections.open")) == 4)
        await place.until(lambda: place.slack.sockets.connections == 2)
        await stands(sockets)


async def test_both_come_back_when_they_are_cut_without_a_word(place: Town) -> None:
    async with up(place) as sockets:
        place.slack.drop_sockets()
        await place.until(lambda: place.slack.sockets.connections == 2)
        await stands(sockets)


async def connects_after_a_refused_handshake(place: Town, watch: Watch) -> None:
    """The client holds two tickets that were refused once; without help it tries them for ever."""
    place.slack.settings.ticket_life = -1.0
    async with lines(place.slack.api_url, token=place.slack.app_token, watch=watch) as sockets:
        sockets.start()
        await place.until(lambda: len(place.calls("apps.connections.open")) >= 2)
        await turns_true(lambda: no_ticket_is_left(place))
        place.slack.settings.ticket_life = 30.0
        await place.until(lambda: place.slack.sockets.connections == 2)


async def test_a_spent_ticket_is_taken_away(place: Town) -> None:
    await connects_after_a_refused_handshake(place, Watch(ping=0.02, every=0.02, ticket=0.1, patience=NEVER))


async def test_a_client_that_does_not_connect_is_replaced(place: Town) -> None:
    await connects_after_a_refused_handshake(place, Watch(ping=NEVER, every=0.02, ticket=NEVER, patience=0.2))


@contextmanager
def unclosed() -> Iterator[list[str]]:
    """Collects what was given up without being closed."""
    found: list[str] = []
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        yield found
        gc.collect()
    found += [str(each.message) for each in heard if each.category is ResourceWarning]


async def test_no_task_and_no_session_is_left_behind(place: Town) -> None:
    before = asyncio.all_tasks()
    async with up(place) as sockets:
        place.slack.drop_sockets()
        await place.until(lambda: place.slack.sockets.connections == 2)
        await place.slack.disconnect_sockets()
        await place.until(lambda: place.slack.sockets.connections == 2)
        with unclosed() as found:
            await sockets.stop()
    assert found == []
    left = {getattr(task.get_coro(), "__qualname__", "") for task in asyncio.all_tasks() - before}
    assert not {name for name in left if "Socket" in name and "Sockets" not in name}


@asynccontextmanager
async def deaf() -> AsyncIterator[tuple[str, asyncio.Event]]:
    """A Slack that opens sockets and then never answers, not even a goodbye; and the news that one is open."""
    opened, over = asyncio.Event(), asyncio.Event()

    async def ticket(request: web.Request) -> web.Response:
        return web.json_response({"ok": True, "url": f"ws://{request.host}/socket"})

    async def socket(request: web.Request) -> web.WebSocketResponse:
        answer = web.WebSocketResponse(autoping=False)
        await answer.prepare(request)
        opened.set()
        await over.wait()
        return answer

    app = web.Application()
    app.router.add_post("/api/apps.connections.open", ticket)
    app.router.add_get("/socket", socket)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/api/", opened
    finally:
        over.set()
        await runner.cleanup()


async def test_a_peer_that_never_says_goodbye_does_not_hold_up_the_end() -> None:
    watch = Watch(ping=60.0, every=60.0, closing=0.05)
    async with deaf() as (url, opened), lines(url, token="xapp-1", watch=watch) as sockets:
        sockets.start()
        await opened.wait()
        with unclosed() as found:
            async with asyncio.timeout(5.0):
                await sockets.stop()
        assert found == []


async def test_a_proxy_of_the_environment_is_not_asked_about_this_machine(
    place: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    async with up(place) as sockets:
        await stands(sockets)


async def preflight(place: Town, token: str) -> None:
    async with lines(place.slack.api_url, token=token) as sockets:
        await sockets.preflight()


async def test_a_good_app_token_passes(place: Town) -> None:
    await preflight(place, place.slack.app_token)


@pytest.mark.parametrize("code", ["invalid_auth", "token_revoked", "missing_scope", "not_allowed_token_type"])
async def test_a_refused_app_token_is_said_and_named(place: Town, code: str) -> None:
    place.slack.settings.fail("apps.connections.open", FaultKind.ERROR, error=code)
    with pytest.raises(Misconfigured) as refused:
        await preflight(place, place.slack.app_token)
    assert refused.value.detail == f"SLACK_APP_TOKEN: Slack refuses it ({code})"


@pytest.mark.parametrize("code", ["internal_error", "ratelimited", "fatal_error", "service_unavailable"])
async def test_a_slack_in_trouble_refuses_no_token(place: Town, code: str) -> None:
    place.slack.settings.fail("apps.connections.open", FaultKind.ERROR, error=code)
    with pytest.raises(Unavailable):
        await preflight(place, place.slack.app_token)


@pytest.mark.parametrize("kind", [FaultKind.STATUS, FaultKind.CUT, FaultKind.THROTTLE])
async def test_a_slack_that_is_away_refuses_no_token(place: Town, kind: FaultKind) -> None:
    place.slack.settings.fail("apps.connections.open", kind, times=3)
    with pytest.raises(Unavailable):
        await preflight(place, place.slack.app_token)


GARBLED = {
    "a page with status 503": (503, "<html>", "text/html"),
    "a page with status 200": (200, "<html>", "text/html"),
    "JSON that is none": (200, "{", "application/json"),
    "JSON that is none with status 500": (500, "{", "application/json"),
    "a list": (200, "[]", "application/json"),
    "plain text": (200, "ok", "text/plain"),
    "nothing": (200, "", "application/json"),
}


@pytest.mark.parametrize(("status", "text", "kind"), GARBLED.values(), ids=GARBLED.keys())
async def test_an_answer_that_is_not_slacks_refuses_no_token(status: int, text: str, kind: str) -> None:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=status, text=text, content_type=kind)

    app = web.Application()
    app.router.add_post("/api/apps.connections.open", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        async with lines(f"http://127.0.0.1:{runner.addresses[0][1]}/api/", token="xapp-1") as sockets:
            with pytest.raises(Unavailable):
                await sockets.preflight()
    finally:
        await runner.cleanup()


async def test_a_session_that_was_opened_for_slack_keeps_no_cookies(place: Town) -> None:
    async with open_session() as session:
        assert isinstance(session.cookie_jar, aiohttp.DummyCookieJar)
