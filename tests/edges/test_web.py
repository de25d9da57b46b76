"""The web side: health, readiness, numbers, and in HTTP mode a door that opens for Slack alone."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial

import aiohttp
import pytest
from multidict import CIMultiDict
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot import web
from bot.errors import Misconfigured
from bot.measures import Meters
from bot.slack.bolt import answered, open_bolt

SECRET = "canary-signing"
COMMAND = b"command=%2Fimagine&text=a+fox&trigger_id=1&team_id=T1&user_id=U1&channel_id=C1"
FORM = "application/x-www-form-urlencoded"
IDENTITY = {"team_id": "T1", "user_id": "UBOT", "bot_id": "BBOT"}


@dataclass
class Place:
    """What the routes are asked about, and where."""

    meters: Meters = field(default_factory=Meters)
    wrong: dict[str, str | None] = field(default_factory=lambda: {"slack": None, "database": None})
    alive: bool = True
    heard: list[str] = field(default_factory=list)
    url: str = ""

    def check(self, name: str) -> Callable[[], Awaitable[str | None]]:
        async def look() -> str | None:
            return self.wrong[name]

        return look

    async def short(self, fields: Mapping[str, str]) -> Mapping[str, str] | None:
        """A command that goes straight to its listener, and breaks if it is asked to."""
        self.heard.append(f"short: {fields['text']}")
        return None if fields["text"] == "break" else {"text": "stored ✓"}

    def bolt(self) -> AsyncApp:
        app = open_bolt(lambda: IDENTITY, token="xoxb-1", signing_secret=SECRET, client=AsyncWebClient())

        async def imagine(ack: AsyncAck, command: Mapping[str, str]) -> None:
            self.heard.append(command["text"])
            await ack("stored")

        app.command("/imagine")(imagine)
        return app


@asynccontextmanager
async def serving(*, http: bool) -> AsyncIterator[tuple[Place, aiohttp.ClientSession]]:
    place = Place()
    app = web.routes(
        checks={name: place.check(name) for name in place.wrong},
        registry=place.meters.registry,
        is_alive=lambda: place.alive,
        slack=web.SlackDoor(partial(answered, place.bolt()), SECRET, {"/short": place.short}) if http else None,
    )
    runner, port = await web.serve(app, host="127.0.0.1", port=0)
    place.url = f"http://127.0.0.1:{port}"
    async with aiohttp.ClientSession(place.url) as session:
        yield place, session
    await runner.cleanup()


@pytest.fixture
async def door() -> AsyncIterator[tuple[Place, aiohttp.ClientSession]]:
    async with serving(http=True) as made:
        yield made


def signed(body: bytes, *, secret: str = SECRET, stamp: str | None = None, kind: str = FORM) -> dict[str, str]:
    """The headers by which Slack is known."""
    stamp = stamp or str(int(time.time()))
    digest = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}", "Content-Type": kind}


async def knock(
    session: aiohttp.ClientSession, body: bytes | io.BytesIO, headers: Mapping[str, str]
) -> tuple[int, str]:
    async with session.post("/slack/events", data=body, headers=headers) as answer:
        return answer.status, await answer.text()


Door = tuple[Place, aiohttp.ClientSession]


async def test_a_request_signed_by_slack_reaches_its_listener(door: Door) -> None:
    place, session = door
    assert await knock(session, COMMAND, signed(COMMAND)) == (200, "stored")
    assert place.heard == ["a fox"]


SHORT = b"token=t&command=%2Fshort&text=a+fox+%26+%E9%9B%A8"


async def test_a_command_with_a_short_way_is_answered_without_bolt(door: Door) -> None:
    place, session = door
    status, text = await knock(session, SHORT, signed(SHORT))
    assert (status, json.loads(text)) == (200, {"text": "stored ✓"})
    assert place.heard == ["short: a fox & 雨"]


async def test_a_short_way_that_breaks_is_not_acknowledged(door: Door) -> None:
    _, session = door
    body = b"command=%2Fshort&text=break"
    assert await knock(session, body, signed(body)) == (500, "")


async def test_a_short_way_is_no_way_in_for_strangers(door: Door) -> None:
    place, session = door
    assert (await knock(session, SHORT, signed(SHORT, secret="other")))[0] == 401
    assert place.heard == []


@pytest.mark.parametrize("body", [b"text=%2Fshort&command=%2Fimagine", b"text=command=%2Fshort&command=%2Fimagine"])
async def test_any_other_command_goes_to_bolt(door: Door, body: bytes) -> None:
    place, session = door
    assert await knock(session, body, signed(body)) == (200, "stored")
    assert not [heard for heard in place.heard if heard.startswith("short")]


STRANGERS: dict[str, dict[str, str]] = {
    "unsigned": {"Content-Type": FORM},
    "no timestamp": {"X-Slack-Signature": "v0=1", "Content-Type": FORM},
    "another secret": signed(COMMAND, secret="other"),
    "another body": signed(COMMAND + b"&x=1"),
    "an hour old": signed(COMMAND, stamp=str(int(time.time()) - 3600)),
    "an hour ahead": signed(COMMAND, stamp=str(int(time.time()) + 3600)),
    "a timestamp that is no number": signed(COMMAND, stamp="soon"),
    "a timestamp in other digits": signed(COMMAND, stamp="١٢٣"),
    "a negative timestamp": signed(COMMAND, stamp="-1"),
    "a timestamp of five thousand digits": signed(COMMAND, stamp="1" * 5000),
    "a signature that is no ASCII": {**signed(COMMAND), "X-Slack-Signature": "v0=é"},
    "an empty signature": {**signed(COMMAND), "X-Slack-Signature": ""},
}


@pytest.mark.parametrize("headers", STRANGERS.values(), ids=STRANGERS.keys())
async def test_a_stranger_is_told_401_and_heard_by_nobody(door: Door, headers: Mapping[str, str]) -> None:
    place, session = door
    assert await knock(session, COMMAND, headers) == (401, "not signed by Slack")
    assert place.heard == []


BODIES = {
    "cut": b"{",
    "list": b"[]",
    "bytes": b"\xff\xfe",
    "deep": b'{"a":' * 50_000,
    "form": b"payload=%7B",
    "empty": b"",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
async def test_an_unsigned_body_is_not_even_read(door: Door, body: bytes) -> None:
    _, session = door
    headers = {**signed(b"other"), "Content-Type": "application/json"}
    assert (await knock(session, body, headers))[0] == 401


async def test_two_signatures_are_one_too_many(door: Door) -> None:
    _, session = door
    for name in ("X-Slack-Signature", "X-Slack-Request-Timestamp"):
        headers = CIMultiDict(signed(COMMAND))
        headers.add(name, headers[name])
        assert (await knock(session, COMMAND, headers))[0] == 401


@pytest.mark.parametrize("kind", ["application/json", f"{FORM}; charset=nonsense"])
async def test_what_slack_signed_but_nobody_can_read_is_400(door: Door, kind: str) -> None:
    _, session = door
    assert (await knock(session, b"{", signed(b"{", kind=kind)))[0] == 400


async def test_a_body_that_is_no_utf_8_is_nobodys(door: Door) -> None:
    _, session = door
    assert (await knock(session, b"text=\xff", signed(b"text=\xff")))[0] == 401


async def test_a_body_without_end_is_not_taken_in(door: Door) -> None:
    _, session = door
    body = b"x" * (web.BODY_LIMIT + 1)
    assert (await knock(session, io.BytesIO(body), signed(body)))[0] == 413


async def test_in_socket_mode_there_is_no_door() -> None:
    async with serving(http=False) as (_, session):
        assert (await knock(session, COMMAND, signed(COMMAND)))[0] == 404


async def test_health_follows_the_loop_and_readiness_what_is_missing() -> None:
    async with serving(http=False) as (place, session):

        async def asked(path: str) -> tuple[int, object]:
            async with session.get(path) as answer:
                return answer.status, await answer.json()

        assert await asked("/healthz") == (200, {"alive": True})
        assert await asked("/readyz") == (200, {"slack": "ok", "database": "ok"})
        place.alive = False
        place.wrong["database"] = "disk_full"
        assert await asked("/healthz") == (503, {"alive": False})
        assert await asked("/readyz") == (503, {"slack": "ok", "database": "disk_full"})


async def test_the_numbers_are_in_prometheus_own_words() -> None:
    async with serving(http=False) as (place, session):
        place.meters.ask("stored")
        place.meters.ask("stored")
        place.meters.step("announce", outcome="done", seconds=0.03)
        place.meters.lane_paused("hunyuan", paused=True)
        async with session.get("/metrics") as answer:
            text = await answer.text()
            assert answer.content_type == "text/plain"
        assert 'imagine_asks_total{outcome="stored"} 2.0' in text
        assert 'imagine_step_seconds_bucket{le="0.025",outcome="done",step="announce"} 0.0' in text
        assert 'imagine_step_seconds_bucket{le="0.05",outcome="done",step="announce"} 1.0' in text
        assert 'imagine_lane_paused{lane="hunyuan"} 1.0' in text
        place.meters.lane_paused("hunyuan", paused=False)
        async with session.get("/metrics") as answer:
            assert 'imagine_lane_paused{lane="hunyuan"} 0.0' in await answer.text()


def test_two_sets_of_meters_do_not_count_for_each_other() -> None:
    first, second = Meters(), Meters()
    first.ask("stored")
    assert first.registry.get_sample_value("imagine_asks_total", {"outcome": "stored"}) == 1
    assert second.registry.get_sample_value("imagine_asks_total", {"outcome": "stored"}) is None


async def test_a_port_that_is_taken_is_one_line_that_names_the_key() -> None:
    async with serving(http=False) as (place, _):
        app = web.routes(checks={}, registry=place.meters.registry, is_alive=lambda: True, slack=None)
        with pytest.raises(Misconfigured) as refused:
            await web.serve(app, host="127.0.0.1", port=int(place.url.rpartition(":")[2]))
    assert refused.value.detail == "HOST, PORT: cannot listen there: something else listens there"


async def test_a_host_that_is_not_ours_is_one_line_too() -> None:
    app = web.routes(checks={}, registry=Meters().registry, is_alive=lambda: True, slack=None)
    with pytest.raises(Misconfigured, match="HOST, PORT: cannot listen there: OSError"):
        await web.serve(app, host="192.0.2.1", port=0)
