"""Modals and Home tabs: what is stored, stacked and replaced."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from sandbox.slack.errors import SlackError
from sandbox.slack.forms import Field, fields, initial
from sandbox.slack.workspace import APP_ID, BOT_ID, Json

DEEPEST_STACK = 3
TEXTS = ("title", "submit", "close")
PLAIN = ("type", "title", "submit", "close", "callback_id", "external_id", "private_metadata")
UNTITLED = {"type": "plain_text", "text": "View Title", "emoji": True}
"""What Slack puts where a Home tab has no title."""
FLAGS = ("clear_on_close", "notify_on_close", "submit_disabled")


@dataclass(slots=True)
class View:
    """One modal or Home tab that one person has."""

    id: str
    user: str
    body: Json
    root: str
    previous: str | None = None
    hash: str = ""
    state: Json = field(default_factory=dict)
    channel: str = ""
    offered: dict[tuple[str, str], list[Json]] = field(default_factory=dict)

    def replace(self, body: Json) -> None:
        """Show `body` instead, under a new hash. What was filled in stays where block_id and action_id stay."""
        self.body, self.hash = body, f"{secrets.randbelow(10**10)}.{secrets.token_hex(4)}"
        kinds = {each.key: each.kind for each in fields(body["blocks"])}
        kept = {
            block: {action: each for action, each in states.items() if kinds.get((block, action)) == each.get("type")}
            for block, states in self.state.items()
        }
        self.state = {block: states for block, states in kept.items() if states}

    def put(self, key: tuple[str, str], state: Json) -> None:
        """Fill in one field."""
        self.state.setdefault(key[0], {})[key[1]] = state

    def filled(self) -> list[tuple[Field, Json]]:
        """Every field with its state: what the person chose, otherwise what the view began with."""
        return [(each, self._state(each)) for each in fields(self.body["blocks"])]

    def complete(self) -> None:
        """Write down the state of every field, as Slack sends it with a click or a submission."""
        for each, state in self.filled():
            self.put(each.key, state)

    def _state(self, each: Field) -> Json:
        block, action = each.key
        known: Json | None = self.state.get(block, {}).get(action)
        return known if known is not None else initial(each, current_conversation=self.channel)

    def render(self, team: str) -> Json:
        """The view as Slack answers it."""
        shown: Json = {"id": self.id, "team_id": team, "blocks": self.body["blocks"], "hash": self.hash}
        shown |= {name: self.body.get(name, "") for name in PLAIN if name not in TEXTS}
        shown |= {name: self.body.get(name) for name in TEXTS}
        shown["title"] = shown["title"] or UNTITLED
        shown |= {name: bool(self.body.get(name)) for name in FLAGS}
        return shown | {
            "state": {"values": self.state},
            "root_view_id": self.root,
            "previous_view_id": self.previous,
            "app_id": APP_ID,
            "app_installed_team_id": team,
            "bot_id": BOT_ID,
        }


@dataclass(slots=True)
class Views:
    """All open modals, oldest first, and the Home tab of each person."""

    open: dict[str, View] = field(default_factory=dict)
    homes: dict[str, View] = field(default_factory=dict)

    def show(self, view_id: str, user: str, body: Json, *, under: View | None = None, channel: str = "") -> View:
        """Open a modal, alone or on top of another. `push_limit_reached` when three are open."""
        if under is not None and len(self.stack(user)) >= DEEPEST_STACK:
            raise SlackError("push_limit_reached")
        if under is None:
            self.clear(user)
        view = View(view_id, user, body, under.root if under else view_id, under.id if under else None)
        view.channel = under.channel if under else channel
        view.replace(body)
        self.open[view.id] = view
        return view

    def stack(self, user: str) -> list[View]:
        """This person's open modals, the top one last."""
        return [each for each in self.open.values() if each.user == user]

    def clear(self, user: str) -> None:
        """Close all of this person's modals."""
        for view in self.stack(user):
            del self.open[view.id]

    def find(self, view_id: str, external_id: str) -> View:
        """The modal or Home tab with this id, or `not_found`."""
        for view in (*self.open.values(), *self.homes.values()):
            if view.id == view_id or (external_id and view.body.get("external_id") == external_id):
                return view
        raise SlackError("not_found")

    def unique(self, body: Json, *, besides: View | None = None) -> None:
        """Refuse an `external_id` that another view has (`duplicate_external_id`)."""
        external = body.get("external_id")
        others = (each for each in (*self.open.values(), *self.homes.values()) if each is not besides)
        if external and any(each.body.get("external_id") == external for each in others):
            raise SlackError("duplicate_external_id")
