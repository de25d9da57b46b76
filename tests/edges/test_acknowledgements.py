"""Nothing slow comes before an acknowledgement: whatever Slack says is taken while every call to Slack hangs."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot import manifest
from bot.slack import actions, customs_forms, forms
from handlers.commands import HELP, SUBCOMMANDS
from handlers.illustrating import SHORTCUT
from handlers.workflows import STEP
from sandbox.slack import FaultKind, Message, payloads
from sandbox.slack.delivery import Envelope, Outcome
from sandbox.slack.views import View
from tests.edges.test_listeners import a_result, job_of
from tests.journeys.town import Town

COMMANDS = [
    "", "a fox", "a {red, blue} fox", "--private a fox", "a fox --repeat 3", "a fox --ar 7:1", "a fox --like",
    *sorted(HELP), *sorted(SUBCOMMANDS), *(f"{first} fox" for first in sorted(SUBCOMMANDS)),
]  # fmt: skip
BUTTONS = sorted(value for name, value in vars(actions).items() if name.isupper())
SELECTS = {actions.MORE: ("recipe", "copy", "tree"), actions.VARY: ("1",)}
VIEWS = [forms.CALLBACK, *customs_forms.CALLBACKS]
EVENTS = sorted(manifest.as_agent(manifest.load())["settings"]["event_subscriptions"]["bot_events"])


@pytest.fixture
async def stuck(place: Town) -> AsyncIterator[tuple[Town, Message]]:
    """A town with one result, whose Slack has from now on no answer to anything it is asked."""
    await place.start_bot()
    result = await a_result(place)
    await place.slack.react(user=place.ada, channel=place.pictures, ts=result.ts, name="star")
    await place.slack.settled()
    hanging = place.slack.settings.fail("*", FaultKind.SLOW, times=10_000, seconds=3600)
    yield place, result
    hanging.times = 0


async def sent(place: Town, kind: Envelope, payload: dict[str, Any]) -> Outcome:
    return await place.slack.slack.delivery.send(kind, payload)


@pytest.mark.parametrize("text", COMMANDS)
async def test_every_command_is_acknowledged(stuck: tuple[Town, Message], text: str) -> None:
    place, _ = stuck
    assert (await place.asks(place.ada, text)).ok


async def test_every_button_and_menu_is_acknowledged(stuck: tuple[Town, Message]) -> None:
    place, result = stuck
    slack, job = place.slack.slack, job_of(result)
    for name in BUTTONS:
        for what in SELECTS.get(name, ("",)):
            carried = f"{job}:{what}" if what else job
            action = {"type": "button", "action_id": name, "block_id": "b", "value": carried}
            action |= {"selected_option": {"value": carried, "text": {"type": "plain_text", "text": "x"}}}
            trigger = slack.triggers.issue(place.ada)
            payload = payloads.block_actions(slack, result, action, user=place.ada, trigger_id=trigger)
            outcome = await sent(place, Envelope.INTERACTIVE, payload)
            assert outcome.acked, (name, what, outcome)


@pytest.mark.parametrize("callback", VIEWS)
async def test_every_form_that_is_sent_is_acknowledged(stuck: tuple[Town, Message], callback: str) -> None:
    place, _ = stuck
    slack = place.slack.slack
    text = {"type": "plain_text", "text": "x"}
    field = {"type": "input", "block_id": "prompt", "label": text,
             "element": {"type": "plain_text_input", "action_id": "prompt"}}  # fmt: skip
    body = {"type": "modal", "callback_id": callback, "title": text, "submit": text, "blocks": [field],
            "private_metadata": json.dumps({"channel": place.pictures})}  # fmt: skip
    view = View("V1", place.ada, body, "V1")
    view.put(("prompt", "prompt"), {"type": "plain_text_input", "value": "a fox"})
    view.complete()
    trigger = slack.triggers.issue(place.ada)
    payload = payloads.view_submission(slack, view, user=place.ada, trigger_id=trigger)
    assert (await sent(place, Envelope.INTERACTIVE, payload)).acked


async def test_the_menu_of_a_message_is_acknowledged(stuck: tuple[Town, Message]) -> None:
    place, result = stuck
    assert (await place.slack.shortcut(user=place.ben, callback_id=SHORTCUT, channel=place.pictures, ts=result.ts)).ok


@pytest.mark.parametrize("name", EVENTS)
async def test_every_event_is_acknowledged(stuck: tuple[Town, Message], name: str) -> None:
    place, result = stuck
    for number, event in enumerate(events(place, result, name)):
        payload = {"team_id": place.slack.workspace.team_id, "event_id": f"Ev{name}{number}", "type": "event_callback"}
        outcome = await sent(place, Envelope.EVENT, payload | {"event": event | {"event_ts": "1.1"}})
        assert outcome.acked, (event, outcome)


def events(place: Town, result: Message, name: str) -> list[dict[str, Any]]:
    """What Slack may say under this subscription."""
    here: dict[str, Any] = {"channel": place.pictures, "ts": "1.2", "user": place.ada, "team": "T0SANDBOX01"}
    item = {"type": "message", "channel": place.pictures, "ts": result.ts}
    me, im = place.slack.bot_user_id, place.slack.slack.workspace.im(place.ada)
    assert im is not None
    match name:
        case "app_mention":
            texts = ("a fox", "", "help", "winner", "top", "a {red, blue} fox")
            return [{**here, "type": name, "text": f"<@{me}> {text}", "thread_ts": result.thread_ts} for text in texts]
        case "message.im":
            return [
                {**here, "type": "message", "channel": im.id, "channel_type": "im", "text": text}
                for text in ("a fox", "help", "history")
            ]
        case "reaction_added" | "reaction_removed":
            reactions = ("repeat", "x", "star", "+1", "art", "frame_with_picture", "eyes")
            return [{"type": name, "user": place.ada, "reaction": each, "item": item} for each in reactions]
        case "function_executed":
            inputs = {"prompt": "a fox", "channel": place.pictures, "person": place.ada}
            called = {"type": name, "function": {"callback_id": STEP}, "function_execution_id": "Fx1"}
            return [{**called, "inputs": inputs}, {**called, "function_execution_id": "Fx2", "inputs": {}}]
        case "app_home_opened":
            return [{"type": name, "user": place.ada, "channel": im.id, "tab": tab} for tab in ("home", "messages")]
        case _:
            return [{"type": name, "user": place.ada, "channel": im.id, "tokens": {"bot": [me]}, "thread_ts": "1.1"}]
