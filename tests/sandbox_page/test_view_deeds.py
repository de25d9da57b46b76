"""What the page's server does for modals, Home, shortcuts, files, steps and agents; and what it refuses in words."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

import sandbox.page.server
from sandbox.world import World
from tests.sandbox_page.test_server import ADA, BEN, ROOM, do, state
from tests.sandbox_slack.conftest import png
from tests.sandbox_slack.form_bot import MANIFEST, ask, home

IM = "D0ADA00AAA1"


@pytest.fixture(autouse=True)
def granted(world: World) -> None:
    world.slack.reconfigure(MANIFEST)


@pytest.fixture
def web(world: World) -> AsyncWebClient:
    return AsyncWebClient(token=world.slack.bot_token, base_url=world.slack.api_url)


async def attach(client: aiohttp.ClientSession, data: bytes, **headers: str) -> dict[str, Any]:
    async with client.put("/sandbox/file/ref.png", params={"as": ADA}, data=data, headers=headers) as answer:
        found: dict[str, Any] = await answer.json()
        return found | {"status": answer.status}


async def test_a_modal_is_in_the_snapshot_of_its_owner_and_its_faults_stand_beside_fields(
    client: aiohttp.ClientSession, world: World, web: AsyncWebClient
) -> None:
    opened = await web.views_open(trigger_id=world.slack.slack.triggers.issue(ADA), view=ask("a fox"))
    view = opened["view"]["id"]
    assert [each["id"] for each in (await state(client))["slack"]["views"]] == [view]
    assert (await state(client, BEN))["slack"]["views"] == []
    answer = await do(client, "submit", view=view, values={"count count": "9", "where where": ROOM})
    assert (answer["ok"], answer["errors"]) == (False, {"count": "Please enter a number of at most 4."})
    assert (await do(client, "close", view=view, everything=True))["ok"] is False, "nobody listens for view_closed"
    assert (await state(client))["slack"]["views"] == []


async def test_an_attached_file_goes_out_with_a_message(client: aiohttp.ClientSession, world: World) -> None:
    given = await attach(client, png(8, 6))
    assert (given["ok"], given["name"]) == (True, "ref.png")
    assert (await do(client, "say", channel=ROOM, text="", files=[given["file"]]))["ok"]
    slack = (await state(client, BEN))["slack"]
    assert slack["messages"][ROOM][0]["files"][0]["id"] == given["file"]
    assert (slack["files"][given["file"]]["kind"], slack["files"][given["file"]]["w"]) == ("image/png", 8)
    async with client.get(f"/sandbox/picture/{given['file']}") as answer:
        assert await answer.read() == png(8, 6)


async def test_a_file_is_refused_if_it_is_empty_too_large_or_from_another_site(
    client: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await attach(client, b"") == {"ok": False, "error": "the file is empty", "status": 400}
    assert (await attach(client, b"x", Origin="https://evil.example"))["status"] == 403
    async with client.put("/sandbox/file/a", data=b"x") as answer:
        assert answer.status == 404
    monkeypatch.setattr(sandbox.page.server, "FILE_CAP", 9)
    async with client.put("/sandbox/file/a", params={"as": ADA}, data=b"x" * 10) as answer:
        assert answer.status == 413


async def test_the_home_tab_is_published_and_its_buttons_reach_for_the_app(
    client: aiohttp.ClientSession, world: World, web: AsyncWebClient
) -> None:
    assert (await do(client, "home", tab="home"))["ok"]
    await web.views_publish(user_id=ADA, view=home(3))
    view = (await state(client))["slack"]["home"]
    answer = await do(client, "act", view=view["id"], action_id="count", block_id="row", values={})
    assert (answer["ok"], answer["error"]) == (False, "dispatch_failed")
    assert world.feed.of("slack.view_click")[0].data["action_id"] == "count"


@pytest.mark.parametrize(
    ("deed", "body", "why"),
    [
        ("submit", {"view": "V0NOTHING", "values": {}}, f"{ADA} has no view V0NOTHING"),
        ("submit", {"view": "V0NOTHING", "values": []}, "values is needed, as an object"),
        ("submit", {}, "view is needed, as text"),
        ("home", {"tab": "about"}, "the app has no about tab"),
        ("shortcut", {"callback_id": "nothing"}, "the app has no global shortcut nothing"),
        ("shortcut", {"callback_id": "illustrate", "channel": ROOM, "ts": "1.1"}, f"no message 1.1 in {ROOM}"),
        ("step", {"callback_id": "make", "inputs": {}}, "prompt is required"),
        ("step", {"callback_id": "bake", "inputs": {}}, "the app offers no step bake"),
        ("stop", {"channel": IM, "thread_ts": "1.1"}, "nothing is being worked on in this thread"),
        ("assistant", {}, "the app is no assistant"),
        ("say", {"channel": ROOM, "text": "x", "files": ["F0NOTHING"]}, f"{ADA} has no file F0NOTHING"),
        ("say", {"channel": ROOM, "text": "x", "files": "F0"}, "files is needed, as a list of texts"),
        ("suggest", {"action_id": "x", "text": "y"}, f"{ADA} has no modal open"),
    ],
)
async def test_a_deed_that_does_not_fit_is_refused_in_words(
    client: aiohttp.ClientSession, deed: str, body: dict[str, Any], why: str
) -> None:
    assert await do(client, deed, **body) == {"ok": False, "error": why, "status": 400}


async def test_the_snapshot_offers_what_the_manifest_has_and_nothing_else(
    client: aiohttp.ClientSession, world: World
) -> None:
    app = (await state(client))["slack"]["app"]
    assert [each["callback_id"] for each in app["shortcuts"]] == ["ask", "illustrate"]
    assert ([each["callback_id"] for each in app["steps"]], app["agent"]) == (["make"], "agent_view")
    world.slack.reconfigure({})
    app = (await state(client))["slack"]["app"]
    assert (app["shortcuts"], app["steps"], app["agent"], app["home_tab"]) == ([], [], None, False)
