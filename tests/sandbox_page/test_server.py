"""The page's server: what it shows, what it refuses, what a deed changes."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import aiohttp
import pytest

import sandbox.page
from sandbox.page.server import STATIC
from sandbox.world import World

ADA, BEN = "U0ADA00AAA1", "U0BEN00BBB2"
ROOM = "C0PICTURES1"
FOLDER = Path(sandbox.page.__file__).parent / "static"


async def do(client: aiohttp.ClientSession, deed: str, **body: Any) -> dict[str, Any]:
    async with client.post(f"/sandbox/{deed}", json={"as": ADA, **body}) as answer:
        found: dict[str, Any] = await answer.json()
        return found | {"status": answer.status}


async def state(client: aiohttp.ClientSession, viewer: str = ADA) -> dict[str, Any]:
    async with client.get("/sandbox/state", params={"as": viewer}) as answer:
        assert answer.status == 200
        found: dict[str, Any] = await answer.json()
        return found


async def test_the_page_and_everything_it_loads_is_served_and_nothing_comes_from_elsewhere(
    client: aiohttp.ClientSession,
) -> None:
    assert {path.name for path in FOLDER.iterdir()} == {*STATIC, "index.html"}
    for name, kind in STATIC.items():
        async with client.get(f"/static/{name}") as answer:
            assert (answer.status, answer.content_type) == (200, kind)
            text = (await answer.text()).replace("http://www.w3.org/2000/svg", "")
            assert "https://" not in text.replace("https?:", "")
    async with client.get("/") as answer:
        page = await answer.text()
        assert "http:" not in page
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "unsafe" not in answer.headers["Content-Security-Policy"]


def test_the_script_never_parses_text_as_html() -> None:
    for path in FOLDER.glob("*.js"):
        script = path.read_text("utf-8")
        for danger in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"):
            assert danger not in script, path.name


@pytest.mark.parametrize("name", ["../server.py", "..%2Fserver.py", "server.py", ""])
async def test_no_other_file_is_served(client: aiohttp.ClientSession, name: str) -> None:
    async with client.get(f"/static/{name}") as answer:
        assert answer.status == 404


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8765", "127.0.0.1.evil.example", "localhost.evil"])
async def test_another_host_name_is_refused_so_that_rebinding_does_not_work(
    client: aiohttp.ClientSession, host: str
) -> None:
    async with client.get("/sandbox/state", headers={"Host": host}) as answer:
        assert answer.status == 403


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}]
)
async def test_another_site_can_neither_act_nor_listen(client: aiohttp.ClientSession, headers: dict[str, str]) -> None:
    body = {"as": ADA, "channel": ROOM, "text": "hello"}
    async with client.post("/sandbox/say", json=body, headers=headers) as answer:
        assert answer.status == 403
    async with client.get("/sandbox/live", headers=headers | {"Upgrade": "websocket"}) as answer:
        assert answer.status == 403
    assert (await state(client))["slack"]["messages"][ROOM] == []


async def test_a_form_of_another_kind_is_refused(client: aiohttp.ClientSession) -> None:
    async with client.post("/sandbox/say", data="{}", headers={"Content-Type": "text/plain"}) as answer:
        assert answer.status == 403


async def test_too_large_a_body_is_refused(client: aiohttp.ClientSession) -> None:
    async with client.post("/sandbox/say", json={"text": "x" * 70_000}) as answer:
        assert answer.status == 413


async def test_what_somebody_says_is_seen_with_its_mention(client: aiohttp.ClientSession) -> None:
    assert (await do(client, "say", channel=ROOM, text="look <b> @Ben"))["ok"] is True
    (message,) = (await state(client, BEN))["slack"]["messages"][ROOM]
    assert (message["user"], message["text"]) == (ADA, f"look &lt;b&gt; <@{BEN}>")


async def test_a_command_without_a_bot_gives_slacks_own_words(client: aiohttp.ClientSession) -> None:
    answer = await do(client, "command", channel=ROOM, text="a fox", command="/imagine")
    assert answer["ok"] is False
    assert "/imagine failed with the error" in answer["text"]


async def test_reactions_come_and_go(client: aiohttp.ClientSession, world: World) -> None:
    ts = await world.slack.say(user=BEN, channel=ROOM, text="hello")
    await do(client, "react", channel=ROOM, ts=ts, name="repeat")
    (message,) = (await state(client))["slack"]["messages"][ROOM]
    assert message["reactions"] == [{"name": "repeat", "users": [ADA], "count": 1}]
    await do(client, "react", channel=ROOM, ts=ts, name="repeat", remove=True)
    (message,) = (await state(client))["slack"]["messages"][ROOM]
    assert "reactions" not in message


async def test_the_bot_is_invited_and_removed(client: aiohttp.ClientSession, world: World) -> None:
    room = world.slack.workspace.channels["C0RANDOM001"]
    await do(client, "invite", channel=room.id)
    assert world.slack.bot_user_id in room.members
    await do(client, "invite", channel=room.id, remove=True)
    assert world.slack.bot_user_id not in room.members


@pytest.mark.parametrize(
    ("deed", "body", "why"),
    [
        ("say", {"channel": ROOM}, "text is needed, as text"),
        ("say", {"channel": "C0NOWHERE", "text": "x"}, "U0ADA00AAA1 is not in C0NOWHERE"),
        ("say", {"as": "U0NOBODY", "channel": ROOM, "text": "x"}, "nobody here is called U0NOBODY"),
        ("click", {"channel": ROOM, "ts": "1.1", "action_id": "x"}, "no message 1.1 in C0PICTURES1"),
        ("react", {"channel": ROOM, "ts": "1.1", "name": "x"}, "no message 1.1 in C0PICTURES1"),
        ("faults", {"target": "slack", "name": "request_url", "value": "x"}, "there is no such switch"),
        ("faults", {"target": "images", "name": "unpaid", "value": 1}, "Out of credit: on or off"),
        ("faults", {"target": "images", "name": "speed", "value": 51}, "Speed: a number from 0 to 50"),
        ("faults", {"strike": "nonsense"}, "no such fault: nonsense"),
        ("invite", {"channel": "C0NOWHERE"}, "there is no C0NOWHERE"),
        ("bot", {"action": "kill"}, "the sandbox runs without a bot"),
    ],
)
async def test_a_deed_that_cannot_be_done_is_refused_in_words(
    client: aiohttp.ClientSession, deed: str, body: dict[str, Any], why: str
) -> None:
    assert await do(client, deed, **body) == {"ok": False, "error": why, "status": 400}


async def test_what_is_not_json_or_no_object_is_refused(client: aiohttp.ClientSession) -> None:
    for data, why in (("{", "this is not JSON"), ("[]", "an object is needed")):
        async with client.post("/sandbox/say", data=data, headers={"Content-Type": "application/json"}) as answer:
            assert (answer.status, (await answer.json())["error"]) == (400, why)


async def test_an_unknown_deed_or_person_does_not_exist(client: aiohttp.ClientSession) -> None:
    assert (await client.post("/sandbox/nonsense", json={})).status == 404
    assert (await client.get("/sandbox/state", params={"as": "U0NOBODY"})).status == 404
    assert (await client.get("/sandbox/picture/F0NOTHING")).status == 404


async def test_the_live_socket_pushes_what_happens(client: aiohttp.ClientSession, world: World) -> None:
    async with client.ws_connect("/sandbox/live", params={"as": BEN}) as socket:
        assert (await socket.receive_json(timeout=5))["slack"]["me"] == BEN
        await world.slack.say(user=ADA, channel=ROOM, text="hello")
        (message,) = (await socket.receive_json(timeout=5))["slack"]["messages"][ROOM]
        assert message["text"] == "hello"


async def test_a_storm_of_happenings_makes_few_pushes(client: aiohttp.ClientSession, world: World) -> None:
    async with client.ws_connect("/sandbox/live", params={"as": BEN}) as socket:
        await socket.receive_json(timeout=5)
        for number in range(300):
            world.feed.publish("slack.api", method="chat.update", ok=True, error=None, number=number)
        pushes = 0
        while (await socket.receive_json(timeout=5))["log"][-1]["times"] < 300:
            pushes += 1
        assert pushes <= 2


async def test_stopping_ends_the_live_sockets_at_once(client: aiohttp.ClientSession, world: World) -> None:
    async with client.ws_connect("/sandbox/live") as socket:
        await socket.receive_json(timeout=5)
        await asyncio.wait_for(world.page.stop(), 5)
        while not (await socket.receive(timeout=5)).type.name.startswith("CLOS"):
            pass


async def test_only_loopback_is_listened_on(world: World) -> None:
    with pytest.raises(ValueError, match="not a loopback address"):
        await world.page.start(host="0.0.0.0")


async def test_every_switch_and_strike_can_be_used(client: aiohttp.ClientSession, world: World) -> None:
    faults = (await state(client))["faults"]
    for switch in (switch for group in faults["groups"] for switch in group["switches"]):
        value = not switch["value"] if isinstance(switch["value"], bool) else 3
        body = {"target": switch["target"], "name": switch["name"], "value": value}
        assert (await do(client, "faults", **body))["ok"] is True
        settings = world.slack.settings if switch["target"] == "slack" else world.images.settings
        assert getattr(settings, switch["name"]) == value
    strikes = [strike["name"] for group in faults["strikes"] for strike in group["items"]]
    for name in strikes:
        assert (await do(client, "faults", strike=name))["ok"] is True
    words = [strike["words"] for group in faults["strikes"] for strike in group["items"]]
    assert sorted((await state(client))["faults"]["pending"]) == sorted(words)
    await do(client, "faults", clear=True)
    assert (await state(client))["faults"]["pending"] == []
    assert (await do(client, "faults", release=True))["ok"] is True
