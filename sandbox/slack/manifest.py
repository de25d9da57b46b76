"""What an app manifest grants: scopes, events, commands, tabs. The local Slack grants these and no others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Raw = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command the app owns; `should_escape` turns typed @names, #names and links into Slack's markup."""

    name: str
    should_escape: bool


class ShortcutKind(StrEnum):
    """Where a shortcut starts: at one message, or anywhere."""

    MESSAGE = "message"
    GLOBAL = "global"


@dataclass(frozen=True, slots=True)
class Shortcut:
    """An entry of a message's menu, or of the menu beside the message box."""

    kind: ShortcutKind
    callback_id: str
    name: str
    description: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a workflow step takes or gives: a name and a type such as `string` or `slack#/types/channel_id`."""

    name: str
    type: str
    title: str
    description: str
    required: bool


@dataclass(frozen=True, slots=True)
class Step:
    """A custom workflow step of the app."""

    callback_id: str
    title: str
    description: str
    inputs: tuple[Parameter, ...]
    outputs: tuple[Parameter, ...]


class AgentKind(StrEnum):
    """How the app presents itself as an agent; `assistant_view` is the older way."""

    AGENT = "agent_view"
    ASSISTANT = "assistant_view"


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
    read_only: bool
    shortcuts: tuple[Shortcut, ...]
    steps: Mapping[str, Step]
    agent: AgentKind | None
    prompts: tuple[Mapping[str, str], ...]

    @classmethod
    def read(cls, raw: Raw) -> Manifest:
        """Read the manifest as YAML or JSON gives it; what is absent is not granted."""
        features, settings = raw.get("features", {}), raw.get("settings", {})
        home = features.get("app_home", {})
        scopes = raw.get("oauth_config", {}).get("scopes", {})
        commands = (Command(c["command"], bool(c.get("should_escape"))) for c in features.get("slash_commands", ()))
        name = raw.get("display_information", {}).get("name", "imagine")
        agent = next((kind for kind in AgentKind if kind.value in features), None)
        return cls(
            app_name=name,
            bot_name=features.get("bot_user", {}).get("display_name", name).lower().replace(" ", "-"),
            scopes=frozenset(scopes.get("bot", ())),
            bot_events=frozenset(settings.get("event_subscriptions", {}).get("bot_events", ())),
            commands={command.name: command for command in commands},
            interactive=settings.get("interactivity", {}).get("is_enabled") is True,
            home_tab=home.get("home_tab_enabled") is True,
            messages_tab=home.get("messages_tab_enabled", True) is True,
            read_only=home.get("messages_tab_read_only_enabled") is True,
            shortcuts=tuple(_shortcuts(features)),
            steps={step.callback_id: step for step in _steps(raw)},
            agent=agent,
            prompts=tuple(features[agent].get("suggested_prompts", ())) if agent else (),
        )

    def shortcut(self, callback_id: str, kind: ShortcutKind) -> Shortcut | None:
        """The shortcut of this kind, if the app has it and may have any (scope `commands`)."""
        known = self.shortcuts if "commands" in self.scopes else ()
        return next((each for each in known if (each.callback_id, each.kind) == (callback_id, kind)), None)


def _shortcuts(features: Raw) -> Iterator[Shortcut]:
    for each in features.get("shortcuts", ()):
        yield Shortcut(ShortcutKind(each["type"]), each["callback_id"], each["name"], each["description"])


def _steps(raw: Raw) -> Iterator[Step]:
    """The custom steps; they need a remote runtime and an app that is ready for organisations."""
    settings = raw.get("settings", {})
    if settings.get("function_runtime") != "remote" or settings.get("org_deploy_enabled") is not True:
        return
    for callback_id, each in raw.get("functions", {}).items():
        inputs, outputs = (tuple(_parameters(each.get(f"{way}_parameters", {}))) for way in ("input", "output"))
        yield Step(callback_id, each["title"], each["description"], inputs, outputs)


def _parameters(raw: Raw) -> Iterator[Parameter]:
    """Both ways to write them: `{properties, required}`, or flat with `is_required` in each."""
    flat = "properties" not in raw
    for name, each in (raw if flat else raw["properties"]).items():
        required = each.get("is_required") is True if flat else name in raw.get("required", ())
        title = each.get("title") or name.replace("_", " ").capitalize()
        yield Parameter(name, each.get("type", "string"), title, each.get("description", ""), required)
