"""What an app manifest grants: scopes, events, commands, tabs. The local Slack grants these and no others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command the app owns; `should_escape` turns typed @names, #names and links into Slack's markup."""

    name: str
    should_escape: bool


@dataclass(frozen=True, slots=True)
class Manifest:
    """The parts of an app manifest that change how Slack treats the app."""

    app_name: str
    bot_name: str
    scopes: frozenset[str]
    bot_events: frozenset[str]
    commands: Mapping[str, Command]
    interactive: bool
    home_tab: bool
    messages_tab: bool

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> Manifest:
        """Read the manifest as YAML or JSON gives it; what is absent is not granted."""
        features, settings = raw.get("features", {}), raw.get("settings", {})
        home = features.get("app_home", {})
        scopes = raw.get("oauth_config", {}).get("scopes", {})
        commands = (Command(c["command"], bool(c.get("should_escape"))) for c in features.get("slash_commands", ()))
        name = raw.get("display_information", {}).get("name", "imagine")
        return cls(
            app_name=name,
            bot_name=features.get("bot_user", {}).get("display_name", name).lower().replace(" ", "-"),
            scopes=frozenset(scopes.get("bot", ())),
            bot_events=frozenset(settings.get("event_subscriptions", {}).get("bot_events", ())),
            commands={command.name: command for command in commands},
            interactive=settings.get("interactivity", {}).get("is_enabled") is True,
            home_tab=home.get("home_tab_enabled") is True,
            messages_tab=home.get("messages_tab_enabled", True) is True,
        )
