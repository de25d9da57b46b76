"""What a person can fill in: the fields of a view, their first values, their state, and what Slack's client checks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit

from sandbox.slack.blocks import interactive
from sandbox.slack.workspace import Json

SLOTS: Mapping[str, tuple[str, str]] = {
    **dict.fromkeys(
        ("plain_text_input", "email_text_input", "url_text_input", "number_input"), ("value", "initial_value")
    ),
    "rich_text_input": ("rich_text_value", "initial_value"),
    **dict.fromkeys(("static_select", "external_select", "radio_buttons"), ("selected_option", "initial_option")),
    **dict.fromkeys(
        ("multi_static_select", "multi_external_select", "checkboxes"), ("selected_options", "initial_options")
    ),
    **{f"{what}s_select": (f"selected_{what}", f"initial_{what}") for what in ("user", "channel", "conversation")},
    **{
        f"multi_{what}s_select": (f"selected_{what}s", f"initial_{what}s")
        for what in ("user", "channel", "conversation")
    },
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "file_input": ("files", ""),
}
"""Elements that hold a value: where it stands in the state, and where the element names its first one."""
MANY = frozenset({"selected_options", "selected_users", "selected_channels", "selected_conversations", "files"})
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
REQUIRED = "Please complete this required field."


@dataclass(frozen=True, slots=True)
class Field:
    """One element that holds a value, in its block."""

    block: Json
    element: Json

    @property
    def key(self) -> tuple[str, str]:
        """Where its state is: block_id and action_id."""
        return self.block["block_id"], self.element["action_id"]

    @property
    def kind(self) -> str:
        """The element's type."""
        return str(self.element["type"])

    @property
    def names(self) -> set[str]:
        """What it may be called: its block_id, its action_id, both with a space between, its label."""
        return {*self.key, " ".join(self.key), str(self.block.get("label", {}).get("text", ""))} - {""}


@dataclass(frozen=True, slots=True)
class Lookups:
    """How plain values become Slack's objects: a person or channel by name, a file by id, an offered option."""

    person: Callable[[str], str]
    conversation: Callable[[str], str]
    file: Callable[[str], Json]
    offered: Mapping[tuple[str, str], Sequence[Json]]


def fields(blocks: Sequence[Json]) -> Iterator[Field]:
    """Every element of these blocks that holds a value."""
    for block in blocks:
        for element in interactive(block):
            if element["type"] in SLOTS:
                yield Field(block, element)


def initial(field: Field, *, current_conversation: str = "") -> Json:
    """The state of a field that nobody has touched."""
    slot, first = SLOTS[field.kind]
    value = field.element.get(first)
    if value is None and field.element.get("default_to_current_conversation") and current_conversation:
        value = [current_conversation] if slot in MANY else current_conversation
    return {"type": field.kind, slot: value if value is not None else [] if slot in MANY else None}


def chosen(field: Field, value: Any, lookups: Lookups) -> Json:
    """The state of a field that holds this plain value: text, an option's value or words, a name, a list of them."""
    slot, _ = SLOTS[field.kind]
    state: Json = {"type": field.kind}
    if slot in MANY:
        return state | {slot: [_one(field, each, lookups) for each in value or ()]}
    return state | {slot: None if value in (None, "") else _one(field, value, lookups)}


def _one(field: Field, value: Any, lookups: Lookups) -> Any:
    slot, _ = SLOTS[field.kind]
    if slot.startswith("selected_option"):
        return _option(field, value, lookups.offered.get(field.key, ()))
    if slot.startswith("selected_user"):
        return lookups.person(value)
    if slot.startswith(("selected_channel", "selected_conversation")):
        return lookups.conversation(value)
    return lookups.file(value) if slot == "files" else value if slot != "value" else str(value)


def _option(field: Field, wanted: Any, offered: Sequence[Json]) -> Json:
    """One of the field's own options, or of those that the app offered last."""
    first: list[Json] = [*field.element.get("initial_options", ()), field.element.get("initial_option") or {}]
    known: list[Json] = [*options_of(field.element), *offered, *(each for each in first if each)]
    for option in known:
        if wanted in (option["value"], option["text"]["text"]):
            return option
    raise LookupError(f"{field.key[1]} does not offer {wanted}")


def options_of(element: Json) -> list[Json]:
    """The options of an element, in groups or not."""
    grouped = (option for group in element.get("option_groups", ()) for option in group["options"])
    return [*element.get("options", ()), *grouped]


def problem(field: Field, state: Json) -> str | None:
    """What Slack's client says before it sends anything; None if the field is fine."""
    value = state.get(SLOTS[field.kind][0])
    if value in (None, "", []):
        needed = field.block["type"] == "input" and not field.block.get("optional")
        return REQUIRED if needed else None
    if isinstance(value, list):
        return _too_many(field.element, value)
    return _mistyped(field, str(value)) if SLOTS[field.kind][0] == "value" else None


def _too_many(element: Json, value: list[Any]) -> str | None:
    most = element.get("max_selected_items") or element.get("max_files") or (10 if "files" in element else None)
    if most is not None and len(value) > most:
        return f"Choose no more than {most}."
    types = {"jpg" if each == "jpeg" else each for each in element.get("filetypes", ())}
    wrong = [each["name"] for each in value if types and each.get("filetype") not in types]
    return f"This kind of file is not accepted: {wrong[0]}" if wrong else None


def _mistyped(field: Field, value: str) -> str | None:
    element = field.element
    if field.kind == "number_input":
        return _misnumbered(element, value)
    if field.kind == "email_text_input" and not EMAIL.fullmatch(value):
        return "Please enter a valid email."
    if field.kind == "url_text_input" and urlsplit(value).scheme not in {"http", "https"}:
        return "Please enter a valid URL."
    if len(value) < element.get("min_length", 0):
        return f"Please enter at least {element['min_length']} characters."
    if len(value) > element.get("max_length", 3000):
        return f"Please enter no more than {element.get('max_length', 3000)} characters."
    return None


def _misnumbered(element: Json, value: str) -> str | None:
    try:
        number = Decimal(value)
    except InvalidOperation:
        return "Please enter a number."
    if not number.is_finite() or (not element["is_decimal_allowed"] and number != number.to_integral_value()):
        return "Please enter a whole number."
    if "min_value" in element and number < Decimal(element["min_value"]):
        return f"Please enter a number of at least {element['min_value']}."
    if "max_value" in element and number > Decimal(element["max_value"]):
        return f"Please enter a number of at most {element['max_value']}."
    return None
