"""One element that a person uses, in a message or a view, as it stands in `actions` of the payload."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sandbox.slack.blocks import interactive
from sandbox.slack.forms import SLOTS, Field, Lookups, chosen, initial, options_of
from sandbox.slack.workspace import Json

SHOWN = ("type", "action_id", "text", "value", "style", "url", "placeholder", "confirm")


def find(blocks: Sequence[Json], action_id: str, value: Any, *, block_id: str | None = None) -> Field:
    """The element called `action_id`; `value` picks one of several buttons. LookupError if there is none."""
    for block in blocks:
        for element in interactive(block) if block_id in (None, block["block_id"]) else ():
            if element.get("action_id") == action_id and _offers(element, value):
                return Field(block, element)
    raise LookupError(f"nothing called {action_id} here")


def _offers(element: Json, value: Any) -> bool:
    if value is None or element["type"] != "button":
        return True
    return bool(element.get("value") == value)


def used(field: Field, value: Any, lookups: Lookups) -> Json:
    """The element as the payload's `actions[0]`, with what was chosen."""
    element = field.element
    action = {key: element[key] for key in SHOWN if key in element} | {"block_id": field.block["block_id"]}
    if field.kind in SLOTS:
        slot, first = SLOTS[field.kind]
        start = {first: element[first]} if first in element and slot != "value" else {}
        return action | start | chosen(field, value, lookups)
    if field.kind == "feedback_buttons":
        sides = (element["positive_button"], element["negative_button"])
        return action | {"value": next((each["value"] for each in sides if each["value"] == value), sides[0]["value"])}
    options = [each for each in options_of(element) if value in (each.get("value"), each["text"]["text"])]
    return action | ({"selected_option": options[0]} if options else {})


def states(message_blocks: Sequence[Json], field: Field, action: Json) -> Json:
    """`state.values` of a message: what its fields began with, and what was just chosen. A message keeps nothing."""
    values: Json = {}
    for block in message_blocks:
        for element in interactive(block):
            if element["type"] in SLOTS:
                each = Field(block, element)
                values.setdefault(each.key[0], {})[each.key[1]] = initial(each)
    if field.kind in SLOTS:
        slot = SLOTS[field.kind][0]
        values[field.key[0]][field.key[1]] = {"type": field.kind, slot: action[slot]}
    return values
