"""Which blocks Slack accepts where, how many, how long, and with which ids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from sandbox.slack.arguments import Call
from sandbox.slack.block_elements import (
    ACTION_ELEMENTS,
    BOTH,
    CONTEXT_ACTION_ELEMENTS,
    ID,
    IMAGE,
    INPUT_ELEMENTS,
    RICH_TEXT_ELEMENTS,
    plain,
)
from sandbox.slack.block_rules import (
    Rule,
    anything,
    boolean,
    choice,
    complaint,
    listing,
    shape,
    string,
    text_object,
    typed,
)
from sandbox.slack.errors import SlackError
from sandbox.slack.ids import new_block_id
from sandbox.slack.workspace import Json

MESSAGE, MODAL, HOME = "message", "modal", "home"
MOST_BLOCKS = {MESSAGE: 50, MODAL: 100, HOME: 100}
BLOCK = {"block_id": ID}

CONTEXT_ITEM = typed({"image": IMAGE, "plain_text": plain(2000), "mrkdwn": text_object("mrkdwn", most=2000)})
TABLE_CELL = typed({"raw_text": shape({"text": string(10_000)}), "rich_text": anything, "raw_number": anything})
CARD = shape({}, BLOCK | {"title": text_object(*BOTH, most=150), "subtitle": text_object(*BOTH, most=150),
                          "body": text_object(*BOTH, most=200), "hero_image": anything, "icon": anything,
                          "slack_icon": anything, "actions": listing(typed(ACTION_ELEMENTS), most=3)})  # fmt: skip
BLOCKS: dict[str, Rule] = {
    "section": shape({}, BLOCK | {"text": text_object(*BOTH, most=3000), "expand": boolean,
                                  "fields": listing(text_object(*BOTH, most=2000), most=10),
                                  "accessory": typed(ACTION_ELEMENTS | {"image": IMAGE})}),
    "divider": shape({}, BLOCK),
    "header": shape({"text": plain(150)}, BLOCK),
    "image": shape({"alt_text": string(2000)}, BLOCK | {"title": plain(2000), "image_url": string(3000),
                                                        "slack_file": anything}),
    "context": shape({"elements": listing(CONTEXT_ITEM, most=10)}, BLOCK),
    "actions": shape({"elements": listing(typed(ACTION_ELEMENTS), most=25)}, BLOCK),
    "context_actions": shape({"elements": listing(typed(CONTEXT_ACTION_ELEMENTS), most=5)}, BLOCK),
    "input": shape({"label": plain(2000), "element": typed(INPUT_ELEMENTS)},
                   BLOCK | {"hint": plain(2000), "optional": boolean, "dispatch_action": boolean}),
    "rich_text": shape({"elements": listing(typed(RICH_TEXT_ELEMENTS), most=1000, least=0)}, BLOCK),
    "markdown": shape({"text": string(12_000)}, BLOCK),
    "table": shape({"rows": listing(listing(TABLE_CELL, most=20), most=100)}, BLOCK | {"column_settings": anything}),
    "video": anything,
    "file": anything,
    "card": CARD,
    "carousel": shape({"elements": listing(typed({"card": CARD}), most=10)}, BLOCK),
    "container": anything,
    "task_card": anything,
    "plan": anything,
    "alert": shape({"text": text_object(*BOTH, most=3000)},
                   BLOCK | {"level": choice("default", "info", "warning", "error", "success")}),
}  # fmt: skip
NOT_IN = {
    MESSAGE: {"alert"},
    MODAL: {"container", "markdown", "context_actions", "plan", "task_card", "card", "carousel", "table"},
    HOME: {"container", "markdown", "context_actions", "plan", "task_card", "alert"},
}
VIEW_TEXT = plain(24)
VIEWS: dict[str, Rule] = {
    MODAL: shape({"title": VIEW_TEXT, "blocks": anything},
                 {"submit": VIEW_TEXT, "close": VIEW_TEXT, "private_metadata": string(3000), "callback_id": ID,
                  "external_id": ID, "clear_on_close": boolean, "notify_on_close": boolean,
                  "submit_disabled": boolean}),
    HOME: shape({"blocks": anything}, {"private_metadata": string(3000), "callback_id": ID, "external_id": ID}),
}  # fmt: skip


def complaints(blocks: list[Any], surface: str, *, at: str = "/blocks") -> Iterator[str]:
    """Everything Slack would object to in these blocks on this surface."""
    kinds = {kind: rule for kind, rule in BLOCKS.items() if kind not in NOT_IN[surface]}
    yield from listing(typed(kinds), most=MOST_BLOCKS[surface], least=0)(blocks, at)
    sound = [each for each in blocks if isinstance(each, dict)]
    yield from _repeated([each.get("block_id") for each in sound], "block_id", at)
    for number, block in enumerate(sound):
        for place, part in _holders(block, f"{at}/{number}"):
            yield from _repeated([each.get("action_id") for each in interactive(part)], "action_id", place)
        if block.get("type") == "section" and not {"text", "fields"} & set(block):
            yield complaint("must define either `fields` or `text`", f"{at}/{number}")
        if block.get("type") == "image" and ("image_url" in block) == ("slack_file" in block):
            yield complaint("must define exactly one of `image_url` and `slack_file`", f"{at}/{number}")
        yield from _misplaced(block, surface, f"{at}/{number}")
    yield from _too_much(sound, at)


def _holders(block: Json, at: str) -> Iterator[tuple[str, Json]]:
    """The blocks within which an action_id stands once: the block itself, or each card of a carousel."""
    if block.get("type") != "carousel":
        yield at, block
        return
    for number, card in enumerate(_list(block.get("elements"))):
        if isinstance(card, dict):
            yield f"{at}/elements/{number}", card


def _misplaced(block: Json, surface: str, at: str) -> Iterator[str]:
    """Files are given in modals only; a text must be able to reach its own least length."""
    for element in (each for each in interactive(block) if block.get("type") == "input"):
        if element.get("type") == "file_input" and surface != MODAL:
            yield complaint("unsupported type: file_input", f"{at}/element/type")
        least, most = element.get("min_length"), element.get("max_length")
        if isinstance(least, int) and isinstance(most, int) and least > most:
            yield complaint("min_length must not be greater than max_length", f"{at}/element")


def _repeated(ids: list[Any], what: str, at: str) -> Iterator[str]:
    for value, count in Counter(each for each in ids if isinstance(each, str) and each).items():
        if count > 1:
            yield complaint(f"{what} {value} already exists", at)


def _too_much(blocks: list[Json], at: str) -> Iterator[str]:
    markdown = [str(each.get("text", "")) for each in blocks if each.get("type") == "markdown"]
    if sum(map(len, markdown)) > 12_000:
        yield complaint("markdown text must be less than 12001 characters in total", at)
    if sum(bool(each.get("focus_on_load")) for block in blocks for each in interactive(block)) > 1:
        yield complaint("only one element may have focus_on_load", at)
    if sum(each.get("type") == "table" for each in blocks) > 1:
        yield complaint("only one table is allowed", at)


def interactive(block: Json) -> list[Json]:
    """The elements of a block that a person can use; those of cards stand in `actions`."""
    parts = _list(block.get("elements"))
    cards = [each for each in (block, *parts) if isinstance(each, dict) and each.get("type") == "card"]
    buttons = [each for card in cards for each in _list(card.get("actions"))]
    inside = [block.get("accessory"), block.get("element"), *parts, *buttons]
    kinds = ACTION_ELEMENTS | CONTEXT_ACTION_ELEMENTS | INPUT_ELEMENTS
    return [each for each in inside if isinstance(each, dict) and each.get("type") in kinds]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def read_blocks(call: Call, surface: str = MESSAGE) -> list[Json] | None:
    """The `blocks` argument, checked and given ids; None if absent. `invalid_blocks(_format)` otherwise."""
    blocks = call.structure("blocks", "invalid_blocks_format")
    if blocks is None:
        return None
    if not isinstance(blocks, list):
        raise SlackError("invalid_blocks_format")
    return accept(blocks, surface)


def accept(blocks: list[Any], surface: str = MESSAGE) -> list[Json]:
    """The blocks as Slack stores them: with a `block_id` each. Raises `invalid_blocks`."""
    found = list(complaints(blocks, surface))
    if found:
        raise SlackError.with_messages("invalid_blocks", found)
    return with_ids(blocks)


def with_ids(blocks: list[Json]) -> list[Json]:
    """A copy in which every block and every usable element has an id."""
    copies = deepcopy(blocks)
    for block in copies:
        block["block_id"] = block.get("block_id") or new_block_id()
        for element in interactive(block):
            element["action_id"] = element.get("action_id") or new_block_id()
    return copies


def view_complaints(view: Json) -> Iterator[str]:
    """Everything Slack would object to in a modal or a Home tab."""
    kind = view.get("type")
    if kind not in VIEWS:
        yield complaint(f"unsupported type: {kind}", "/view/type")
        return
    yield from VIEWS[kind](view, "/view")
    blocks = view.get("blocks")
    if not isinstance(blocks, list):
        yield complaint("must be an array", "/view/blocks")
        return
    yield from complaints(blocks, kind, at="/view/blocks")
    if kind == MODAL and "submit" not in view and any(each.get("type") == "input" for each in blocks):
        yield complaint("submit is required when an input block is present", "/view/submit")


def plain_reading(blocks: list[Json]) -> str:
    """The words in the blocks, for a message that came without `text`."""
    return " ".join(_words(blocks)).strip()


def _escaped(text: str) -> str:
    """Text of elements that know no markup, as it must stand in a message's `text`, which does."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _words(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _words(item)
    elif isinstance(value, dict) and value.get("type") != "actions":
        text = value.get("text")
        if isinstance(text, str):
            yield text if value.get("type") == "mrkdwn" else _escaped(text)
        for name in ("text", "fields", "elements", "label"):
            if isinstance(value.get(name), (dict, list)):
                yield from _words(value[name])
