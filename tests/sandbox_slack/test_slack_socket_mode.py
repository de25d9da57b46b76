"""Sockets: tickets, retries, acknowledgements, and every way a socket can end."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp

from sandbox.feed import Feed
from sandbox.slack import FaultKind, SlackSandbox
from tests.sandbox_slack.conftest import ADA, PICTURES, Clock


async def opened(sandbox: SlackSandbox, session: aiohttp.ClientSession) -> aiohttp.ClientWebSocketResponse:
    """A bare socket, past its hello."""
    async with session.post(
        sandbox.api_url + "apps.connections.open", headers={"Authorization": f"Bearer {sandbox.app_token}"}
    ) as answer:
        url = (await answer.json())["url"]
    socket = await session.ws_connect(url)
    assert (await socket.receive_json())["type"] == "hello"
    return socket


async def silent(sandbox: SlackSandbox, socket: aiohttp.ClientWebSocketResponse) -> None:
    """Nothing came over this socket before what is sent to it now."""
    await sandbox.disconnect_sockets("warning")
    assert (await socket.receive_json(timeout=5))["type"] == "disconnect"
    await socket.close()


async def test_without_a_socket_a_command_fails_and_is_never_sent_again(
    sandbox: SlackSandbox, session: aiohttp.ClientSession
) -> None:
    answer = await sandbox.command(user=ADA, channel=PICTURES, text="a fox")
    assert (answer.ok, answer.error) == (False, "dispatch_failed")
    assert answer.text == '/imagine failed with the error "dispatch_failed"'
    socket = await opened(sandbox, session)
    await silent(sandbox, socket)


async def test_a_command_nobody_acknowledges_times_out(sandbox: SlackSandbox, session: aiohttp.ClientSession) -> None:
    sandbox.settings.ack_window = 0.05
    socket = await opened(sandbox, session)
    answer = await sandbox.command(user=ADA, channel=PICTURES, text="a fox")
    assert (answer.ok, answer.error) == (False, "operation_timeout")
    await socket.close()


async def test_an_event_nobody_acknowledges_comes_three_times_more(
    sandbox: SlackSandbox, session: aiohttp.ClientSession, clock: Clock
) -> None:
    sandbox.settings.ack_window = 0.01
    socket = await opened(sandbox, session)
    await sandbox.open_home(user=ADA)
    seen: list[tuple[int, str, str]] = []
    for wait in (0, 0, 60, 300):
        clock.now += wait
        sandbox.run_due()
        envelope = await socket.receive_json(timeout=5)
        seen.append((envelope["retry_attempt"], envelope["retry_reason"], envelope["payload"]["event_id"]))
        await sandbox.settled()
    event_id = sandbox.slack.events.sent[0]["event_id"]
    assert seen == [(0, "", event_id), *((attempt, "timeout", event_id) for attempt in (1, 2, 3))]
    clock.now += 3600
    sandbox.run_due()
    await silent(sandbox, socket)


async def test_an_event_sent_while_no_socket_was_open_arrives_as_a_retry(
    sandbox: SlackSandbox, session: aiohttp.ClientSession, clock: Clock
) -> None:
    sandbox.settings.event_retries = (60.0,)
    await sandbox.open_home(user=ADA)
    await sandbox.settled()
    socket = await opened(sandbox, session)
    clock.now += 60
    sandbox.run_due()
    envelope = await socket.receive_json(timeout=5)
    assert (envelope["retry_attempt"], envelope["retry_reason"]) == (1, "connection_failed")
    await socket.send_json({"envelope_id": envelope["envelope_id"]})
    await sandbox.settled()
    await socket.close()


async def test_a_ticket_opens_one_socket(sandbox: SlackSandbox, session: aiohttp.ClientSession, clock: Clock) -> None:
    headers = {"Authorization": f"Bearer {sandbox.app_token}"}
    urls = []
    for _ in range(2):
        async with session.post(sandbox.api_url + "apps.connections.open", headers=headers) as answer:
            urls.append((await answer.json())["url"])
    async with session.ws_connect(urls[0]) as socket:
        hello = await socket.receive_json()
        assert (hello["num_connections"], hello["debug_info"]["approximate_connection_time"]) == (1, 18_060)
        clock.now += sandbox.settings.ticket_life + 1
        for url in urls:
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await session.ws_connect(url)


async def test_the_eleventh_socket_is_sent_away(sandbox: SlackSandbox, session: aiohttp.ClientSession) -> None:
    sockets = [await opened(sandbox, session) for _ in range(10)]
    headers = {"Authorization": f"Bearer {sandbox.app_token}"}
    async with session.post(sandbox.api_url + "apps.connections.open", headers=headers) as answer:
        url = (await answer.json())["url"]
    async with session.ws_connect(url) as socket:
        assert (await socket.receive_json())["reason"] == "too_many_websockets"
    assert sandbox.sockets.connections == 10
    for each in sockets:
        await each.close()


async def test_a_ping_is_answered_unless_the_socket_is_mute(
    sandbox: SlackSandbox, session: aiohttp.ClientSession
) -> None:
    url = sandbox.api_url.replace("http", "ws").replace("/api/", f"/socket?ticket={sandbox.sockets.issue_ticket()}")
    async with session.ws_connect(url, autoping=False) as socket:
        await socket.receive_json()
        await socket.ping(b"1")
        assert (await socket.receive()).data == b"1"
        sandbox.settings.mute_sockets = True
        await socket.ping(b"2")
        sandbox.settings.ack_window = 0.05
        assert (await sandbox.command(user=ADA, channel=PICTURES, text="x")).error == "operation_timeout"
        sandbox.settings.mute_sockets = False
        await socket.ping(b"3")
        assert (await socket.receive()).data == b"3"


async def test_bolt_comes_back_after_a_refresh_and_after_a_cut(
    sandbox: SlackSandbox, app: AsyncApp, connected: AsyncSocketModeHandler, feed: Feed
) -> None:
    @app.command("/imagine")
    async def imagine(ack: Any) -> None:
        await ack("here")

    await sandbox.disconnect_sockets("warning")
    assert sandbox.sockets.connections == 1
    for leave in (sandbox.disconnect_sockets, cut(sandbox)):
        await leave()
        await sandbox.connected(timeout=10)
        assert (await sandbox.command(user=ADA, channel=PICTURES, text="x")).text == "here"
    assert [each.data["connections"] for each in feed.of("slack.socket")].count(0) >= 2


def cut(sandbox: SlackSandbox) -> Any:
    async def leave() -> None:
        sandbox.drop_sockets()

    return leave


async def test_an_ack_counts_on_whichever_socket_it_comes(
    sandbox: SlackSandbox, session: aiohttp.ClientSession
) -> None:
    first, second = await opened(sandbox, session), await opened(sandbox, session)
    typing = asyncio.create_task(sandbox.command(user=ADA, channel=PICTURES, text="x"))
    reads = {asyncio.create_task(each.receive_json()): each for each in (first, second)}
    done, pending = await asyncio.wait(reads, return_when=asyncio.FIRST_COMPLETED)
    envelope = done.pop().result()
    other = reads[pending.pop()]
    await other.send_str(json.dumps({"envelope_id": envelope["envelope_id"], "payload": {"text": "late but here"}}))
    assert (await typing).text == "late but here"
    await first.close()
    await second.close()


async def test_two_handlers_share_the_work(sandbox: SlackSandbox, session: aiohttp.ClientSession) -> None:
    sockets = [await opened(sandbox, session) for _ in range(2)]
    got = [0, 0]

    async def serve(number: int) -> None:
        async for frame in sockets[number]:
            got[number] += 1
            await sockets[number].send_str(json.dumps({"envelope_id": json.loads(frame.data)["envelope_id"]}))

    serving = [asyncio.create_task(serve(number)) for number in range(2)]
    for _ in range(60):
        assert (await sandbox.command(user=ADA, channel=PICTURES, text="x")).ok
    for each in sockets:
        await each.close()
    await asyncio.gather(*serving)
    assert sum(got) == 60
    assert min(got) > 0


async def test_a_refused_connection_open_is_what_the_fault_says(
    sandbox: SlackSandbox, session: aiohttp.ClientSession
) -> None:
    sandbox.settings.fail("apps.connections.open", FaultKind.STATUS, status=500)
    headers = {"Authorization": f"Bearer {sandbox.app_token}"}
    async with session.post(sandbox.api_url + "apps.connections.open", headers=headers) as answer:
        assert answer.status == 500
