"""Slack's own recordings, and how an answer of ours differs from them."""

from __future__ import annotations

import json
from functools import cache, reduce
from pathlib import Path
from typing import Any

SHAPES = Path(__file__).resolve().parents[3] / "shared" / "data" / "slack-shapes"
Json = dict[str, Any]

NULLABLE = {"enterprise", "enterprise_id", "context_enterprise_id", "submit", "close", "previous_view_id"}
"""Slack sends null for these; the recordings are blanked to a value."""
OPEN = {"blocks", "attachments", "event_payload", "values", "element"}
"""What the app itself sent, or what is keyed by its own names."""
BY_ID = {"public", "private"}
"""Objects keyed by channel ids."""


def recorded(*names: str) -> Any:
    """The recordings, merged: a message is a message and a file is a file wherever it was recorded."""
    shape: Any = None
    for name in names:
        shape = merged(shape, json.loads((SHAPES / name).read_text()))
    return shape


def merged(one: Any, other: Any) -> Any:
    if isinstance(one, dict) and isinstance(other, dict):
        return {key: merged(one.get(key), other.get(key)) for key in {**one, **other}}
    if isinstance(one, list) and isinstance(other, list):
        return [merged(one[0] if one else None, other[0] if other else None)] if one or other else []
    if one is None or (isinstance(one, str) and isinstance(other, int)):
        return other
    return one


def differences(sent: Any, shape: Any, at: str = "") -> list[str]:
    name = at.rpartition("/")[2]
    if name in OPEN or (sent is None and name in NULLABLE):
        return []
    if isinstance(sent, dict) and isinstance(shape, dict):
        if name in BY_ID:
            shape = dict.fromkeys(sent, reduce(merged, shape.values()))
        return [each for key, value in sent.items() for each in _entry(key, value, shape, at)]
    if isinstance(sent, list) and isinstance(shape, list):
        return [each for item in sent for each in (differences(item, shape[0], f"{at}/*") if shape else [])]
    kinds = (float, int) if type(shape) in {int, float} else (type(shape),)
    return [] if type(sent) in kinds else [f"{at}: {type(sent).__name__}, recorded {type(shape).__name__}"]


def _entry(key: str, value: Any, shape: Json, at: str) -> list[str]:
    if key not in shape:
        return [f"{at}/{key}: not recorded"]
    return differences(value, shape[key], f"{at}/{key}")


@cache
def message_shape() -> Any:
    click = recorded("payloads/interactive-components/BlockActionPayload.json")["message"]
    for name in ("chat.postMessage", "chat.update", "reactions.get"):
        click = merged(click, recorded(f"api/{name}.json")["message"])
    file = merged(click["files"][0], recorded("api/files.completeUploadExternal.json")["files"][0])
    file = merged(file, recorded("api/files.info.json")["file"])
    share = merged(file["shares"]["public"], file["shares"]["private"])
    return click | {"files": [file | {"shares": {"public": share, "private": share}}]}


def view_shape() -> Any:
    """The recordings leave `state` empty; what is in it is keyed by the view's own names."""
    return recorded("api/views.open.json")["view"] | {"state": {"values": {}}}


def answer_shape(method: str) -> Any:
    shape = recorded(f"api/{method}.json")
    if "message" in shape:
        shape["message"] = merged(shape["message"], message_shape())
    if "file" in shape:
        shape["file"] = message_shape()["files"][0]
    if "view" in shape:
        shape["view"] = view_shape()
    if method in {"conversations.open", "conversations.info"}:
        both = recorded("api/conversations.open.json", "api/conversations.info.json")
        shape["channel"] = both["channel"]
    return shape
