"""The app's manifest, for Socket Mode as it stands in `manifest.yml`, or turned into the one for HTTP."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

_AGENT = "Draws pictures of what you describe. They are made by a machine and may be wrong."
_PROMPTS = [
    {"title": "A fox in the rain", "message": "a fox in the rain --ar 16:9"},
    {"title": "雨中竹林", "message": "雨中竹林 --style 水墨画"},
]
"""Until the conversation is opened for the first time; then they are those of the reader's language."""
_PLACES = (Path(__file__).with_name("manifest.yml"), Path(__file__).parent.parent / "manifest.yml")


def source() -> str:
    """The text of `manifest.yml`: beside this package when installed, at the top level in a checkout."""
    return next(place for place in _PLACES if place.is_file()).read_text(encoding="utf-8")


def load() -> dict[str, Any]:
    """The manifest for Socket Mode."""
    manifest: dict[str, Any] = yaml.safe_load(source())
    return manifest


def is_address(address: str) -> bool:
    """Whether Slack could reach an app there: https, a host, no question, fragment or password."""
    try:
        parts = urlsplit(address)
        plain = parts.port != 0 and not (parts.query or parts.fragment or parts.username)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and plain and address.isprintable() and " " not in address


def for_http(address: str) -> dict[str, Any]:
    """The manifest for an app that Slack reaches at `address` (https://host)."""
    events = f"{address.rstrip('/')}/slack/events"
    manifest = copy.deepcopy(load())
    manifest["settings"]["socket_mode_enabled"] = False
    manifest["settings"]["event_subscriptions"]["request_url"] = events
    manifest["settings"]["interactivity"]["request_url"] = events
    for command in manifest["features"]["slash_commands"]:
        command["url"] = events
    return manifest


def as_agent(manifest: dict[str, Any]) -> dict[str, Any]:
    """The same for an app that is an agent: Slack shows its direct messages so, and does not let it go back."""
    made = copy.deepcopy(manifest)
    made["features"]["agent_view"] = {"agent_description": _AGENT, "suggested_prompts": _PROMPTS}
    scopes, events = made["oauth_config"]["scopes"], made["settings"]["event_subscriptions"]
    scopes["bot"] = sorted([*scopes["bot"], "assistant:write"])
    events["bot_events"] = sorted([*events["bot_events"], "agent_session_stopped"])
    return made


def scopes() -> frozenset[str]:
    """The bot scopes that the app asks for."""
    return frozenset(load()["oauth_config"]["scopes"]["bot"])


def text(manifest: dict[str, Any]) -> str:
    """The manifest as YAML, ready to be pasted."""
    return yaml.safe_dump(manifest, sort_keys=False, allow_unicode=True)
