"""Every listener answers without waiting for anybody; what Slack is asked for is what is used, and nothing else."""

from __future__ import annotations

import ast
import re
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest

import handlers
from bot import manifest
from bot.slack.wording import Words
from handlers import workflows
from sandbox.hunyuan import Fault, Trouble
from sandbox.slack import FaultKind
from sandbox.slack.dispatch import METHODS
from sandbox.slack.events import EVENT_SCOPES
from tests.journeys.noting import delivered, noting_town, written
from tests.journeys.town import Town
from tests.slack.legal import parts
from tests.slack.longest import a_case
from tests.slack.payloads import Key, Speaker
from tests.slack.producers import PRODUCERS, Line, Shown

TOP = Path(__file__).parents[2]
UNSAID = 3600.0
"""Seconds after which Slack would answer; no test waits for them."""


class Recorder:
    """An app as `handlers.register` knows it, that notes what is listened to."""

    def __init__(self) -> None:
        self.heard: list[Key] = []

    def __getattr__(self, kind: str) -> Callable[..., Any]:
        def listen(what: Any) -> Callable[[Any], None]:
            self.heard.append((kind, what if isinstance(what, str) else ""))
            return lambda _listener: None

        return listen


def listeners() -> set[Key]:
    recorder = Recorder()
    handlers.register(cast("Any", recorder), cast("Any", None))
    return {key for key in recorder.heard if key[0] != "error"}


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Town]:
    """A town with a gallery, in which everybody speaks again before the bot goes."""
    async with noting_town(tmp_path) as made:
        made.overrides["gallery_channel"] = made.channel("random")
        yield made
        made.images.settings.faults.clear()
        made.images.settings.faults.release()
        await made.slack.stop()


def draft_in(place: Town) -> str:
    whispers = place.slack.workspace.channels[place.pictures].ephemerals.values()
    values = [part["value"] for each in whispers for part in parts(each.blocks) if part.get("action_id") == "confirm"]
    return str(values[-1])


async def a_speaker(place: Town) -> Speaker:
    """After a restart, so that nothing is known in the process; then neither Slack nor the image API says a word."""
    await delivered(place, place.ada, "a fox --seed 7 --n 2")
    place.images.settings.faults.on_calls("*", Fault(Trouble.HANG), times=None)
    await place.asks(place.ada, "an owl")
    await place.asks(place.ada, "{a red, a blue} fox")
    await place.rooted(2)
    share = place.shares()[0].data
    shown = place.slack.workspace.channels[place.pictures].messages[share["ts"]]
    waiting = next(part["value"] for part in parts(place.roots()[1].blocks) if part.get("action_id") == "cancel")
    speaker = Speaker(place, written(place)[0].data["job"], shown, waiting, draft_in(place))
    await place.stop_bot()
    await place.start_bot()
    place.slack.settings.fail("*", FaultKind.SLOW, times=100_000, seconds=UNSAID)
    return speaker


async def test_every_listener_acknowledges_though_neither_slack_nor_the_image_api_answers(place: Town) -> None:
    speaker = await a_speaker(place)
    spoken: set[Key] = set()
    for saying in speaker.everything():
        outcome = await place.slack.slack.delivery.send(saying.envelope, saying.payload)
        assert outcome.acked, (saying.key, outcome.failure, saying.payload)
        spoken.add(saying.key)
    assert spoken == listeners()


def subscribed(made: dict[str, Any]) -> set[str]:
    """The events of a manifest, by the names that listeners know them by."""
    names: list[str] = made["settings"]["event_subscriptions"]["bot_events"]
    return {name.split(".")[0] for name in names}


def heard(kind: str) -> set[str]:
    return {name for what, name in listeners() if what == kind}


def test_every_subscribed_event_has_a_listener_and_every_listener_its_event() -> None:
    assert subscribed(manifest.load()) <= heard("event")
    assert subscribed(manifest.as_agent(manifest.load())) == heard("event")


def test_every_command_and_shortcut_of_the_manifest_has_a_listener_and_the_other_way_round() -> None:
    features = manifest.load()["features"]
    assert {each["command"] for each in features["slash_commands"]} == heard("command")
    assert {each["callback_id"] for each in features["shortcuts"]} == heard("shortcut")


def test_every_step_of_the_manifest_is_one_that_is_drawn() -> None:
    assert set(manifest.load()["functions"]) == {workflows.STEP}


def shown() -> Iterator[Any]:
    """The blocks and views of everything that there is to be seen."""
    for produce in PRODUCERS.values():
        for seen in produce(a_case(Words("en"), ["a fox"])):
            if not isinstance(seen, Line):
                yield seen.message.blocks if isinstance(seen, Shown) else seen


def buttons(value: Any) -> Iterator[str]:
    """What can be pressed and is sent at once; fields of a form come with the form."""
    for part in parts(value):
        if part.get("type") == "actions":
            yield from (each["action_id"] for each in part["elements"])


def test_whatever_can_be_pressed_has_a_listener_and_whatever_is_listened_to_can_be_pressed() -> None:
    pressed = {action_id for each in shown() for action_id in buttons(each)}
    assert pressed == heard("action")


def test_every_form_has_a_listener_and_every_listener_its_form() -> None:
    sent = {part["callback_id"] for each in shown() for part in parts(each) if part.get("type") == "modal"}
    assert sent == heard("view")


def called() -> set[str]:
    """The methods that the code calls; each is named where it is called."""
    methods = {"apps.connections.open"}  # slack_sdk's own, for the sockets
    for path in sorted((TOP / "bot" / "slack").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CALLERS:
                if isinstance(node.args[0], ast.Constant):
                    methods.add(str(node.args[0].value))
                else:
                    assert (path.name, ast.unparse(node.args[0])) in PASSED_ON
    return methods


CALLERS = {"call", "_call", "api_call"}
PASSED_ON = {("client.py", "method"), ("sessions.py", "method")}
"""Where a method's name is only handed on; whoever names it calls one of these."""


def test_nothing_but_the_client_reaches_the_web_api() -> None:
    sources = {path: path.read_text("utf-8") for room in ("bot", "handlers") for path in (TOP / room).rglob("*.py")}
    direct = re.compile(r"\b(?:client|once|again)\.(?:api_call|chat_|views_|files_|users_|conversations_|reactions_)")
    assert {path.name for path, text in sources.items() if direct.search(text)} == {"client.py"}


@pytest.mark.parametrize("is_agent", [False, True], ids=["app", "agent"])
def test_the_scopes_are_exactly_those_that_the_used_methods_events_and_features_need(is_agent: bool) -> None:
    made = manifest.as_agent(manifest.load()) if is_agent else manifest.load()
    methods = {name for name in called() if is_agent or not name.startswith(("agents.", "assistant."))}
    events = made["settings"]["event_subscriptions"]["bot_events"]
    ways = [METHODS[name].scopes for name in methods] + [
        (EVENT_SCOPES[each],) for each in events if each in EVENT_SCOPES
    ]
    needed = {"commands"} | {way[0] for way in ways if way}
    assert all(len(way) <= 1 for way in ways)
    assert needed == set(made["oauth_config"]["scopes"]["bot"])
