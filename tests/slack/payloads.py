"""Everything that Slack can say to a listener of ours, with a delivered and a waiting job to say it about."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.form import Field
from bot.slack import actions, customs_forms, forms
from handlers.commands import HELP, IMAGINE, SUBCOMMANDS
from handlers.illustrating import SHORTCUT
from handlers.workflows import STEP
from sandbox.slack import Message, payloads
from sandbox.slack.delivery import Envelope
from tests.journeys.town import Town

Key = tuple[str, str]
"""What a listener hears: `("action", "again")`."""
NAMELESS = frozenset({actions.HOME_ASK, actions.HOME_DEFAULTS})


@dataclass(frozen=True, slots=True)
class Saying:
    """One payload, and which listener it is for."""

    key: Key
    envelope: Envelope
    payload: Mapping[str, Any]


@dataclass(slots=True)
class Speaker:
    """Says things to the bot in Ada's name: of a delivered job and its message, of one that waits, of a draft."""

    place: Town
    job: str
    shown: Message
    waiting: str
    draft: str
    _count: int = 0

    def everything(self) -> Iterator[Saying]:
        """For each listener what makes it do the most; what ends a thing comes last."""
        yield from self._commands()
        yield from (self._press(action_id, value) for action_id, value in self._values())
        yield from self._views()
        yield from self._events()
        yield self._shortcut()
        yield from (self._press(action_id, value) for action_id, value in self._endings())
        yield from self._farewells()

    def _commands(self) -> Iterator[Saying]:
        slack = self.place.slack.slack
        channel = slack.workspace.channels[self.place.pictures]
        named = (f"again {self.job[:8]}", f"tree {self.job[:8]}", "find fox", "top month")
        for text in (
            "",
            *sorted(HELP)[:1],
            *SUBCOMMANDS,
            *named,
            "a hare",
            "a hare --private",
            "{a red, a blue} hare",
            "a hare --ar banana",
        ):
            more = {"user": self.place.ada, "name": IMAGINE, "text": text, "trigger_id": self._trigger()}
            yield Saying(("command", IMAGINE), Envelope.COMMAND, payloads.command(slack, channel, **more))

    def _values(self) -> Iterator[tuple[str, str]]:
        for action_id in (actions.AGAIN, actions.EXACT, actions.EDIT, actions.HD, actions.SHARE, actions.REWORD,
                          actions.HANG, actions.ANOTHER):  # fmt: skip
            yield action_id, self.job
        yield actions.VARY, f"{self.job}:1"
        yield from ((actions.MORE, f"{self.job}:{what}") for what in ("recipe", "copy", "tree", "winner"))
        yield from ((way, self.waiting) for way in (actions.ROAD_JOIN, actions.ROAD_RETRY, actions.ROAD_MESSAGE))
        yield actions.WHY, self.waiting
        yield actions.LIST_MORE, f"words {self.job} fox"
        yield actions.LIST_FIRST, "month -"
        yield from ((action_id, self.draft) for action_id in (actions.ILLUSTRATE, actions.CONFIRM, actions.DISCARD))
        yield from ((action_id, "-") for action_id in (actions.FORM, *NAMELESS))

    def _endings(self) -> Iterator[tuple[str, str]]:
        yield actions.CANCEL, self.waiting
        yield actions.DELETE, self.job
        yield from ((action_id, "nonsense") for action_id in (actions.AGAIN, actions.VARY, actions.EDIT, actions.MORE))

    def _press(self, action_id: str, value: str) -> Saying:
        action = {"type": "button", "action_id": action_id, "block_id": "b", "value": value}
        made = payloads.block_actions(
            self.place.slack.slack, self.shown, action, user=self.place.ada, trigger_id=self._trigger()
        )
        if action_id in NAMELESS:
            made = {**made, "channel": None, "container": {"type": "view"}, "response_url": None}
        return Saying(("action", action_id), Envelope.INTERACTIVE, made)

    def _views(self) -> Iterator[Saying]:
        here = {"channel": self.place.pictures}
        purposes: tuple[dict[str, str], ...] = (here, here | {"parent": self.job}, {})
        typed = {Field.PROMPT.value: {"value": "a hare"}}
        for purpose in purposes:
            whither = {Field.CHANNEL.value: {"selected_conversation": self.place.pictures}}
            yield self._submission(forms.CALLBACK, typed | ({} if purpose else whither), purpose)
        yield self._submission(forms.CALLBACK, {}, here)
        for callback in customs_forms.CALLBACKS:
            yield self._submission(callback, {"prefix": {"value": "ink"}}, here)

    def _submission(self, callback: str, values: Mapping[str, Any], purpose: Mapping[str, str]) -> Saying:
        state = {name: {name: held} for name, held in values.items()}
        view = {"id": self._id("V"), "callback_id": callback, "type": "modal", "private_metadata": json.dumps(purpose),
                "state": {"values": state}}  # fmt: skip
        person = self._person() | {"type": "view_submission", "trigger_id": self._trigger(), "view": view}
        return Saying(("view", callback), Envelope.INTERACTIVE, person)

    def _shortcut(self) -> Saying:
        made = payloads.message_shortcut(
            self.place.slack.slack, SHORTCUT, self.shown, user=self.place.ada, trigger_id=self._trigger()
        )
        return Saying(("shortcut", SHORTCUT), Envelope.INTERACTIVE, made)

    def _events(self) -> Iterator[Saying]:
        item = {"type": "message", "channel": self.place.pictures, "ts": self.shown.ts}
        for kind in ("reaction_added", "reaction_removed"):
            for name in ("repeat", "star", "+1", "art"):
                yield self._event(kind, reaction=name, item=item, item_user=self.place.slack.bot_user_id)
        for text in ("", "help", "a hare", "winner", "history", "tree", "defaults", "{a, b} hare", "a hare --like"):
            yield from self._said(text)
        yield self._event("app_home_opened", tab="home", channel="D0ADA00AAA1")
        yield self._event("app_home_opened", tab="messages", channel="D0ADA00AAA1")
        for prompt in ("a hare", "a hare --ar banana"):
            inputs = {"prompt": prompt, "channel": self.place.pictures}
            run = {"function": {"callback_id": STEP}, "function_execution_id": self._id("Fx"), "inputs": inputs}
            yield self._event("function_executed", **run, bot_access_token="xwfp-1")

    def _said(self, text: str) -> Iterator[Saying]:
        written = {"text": f"<@{self.place.slack.bot_user_id}> {text}", "ts": self._id("17") + ".000100"}
        thread = {"thread_ts": self.shown.thread_ts}
        yield self._event("app_mention", channel=self.place.pictures, **written, **thread)
        yield self._event("message", channel="D0ADA00AAA1", channel_type="im", **written)

    def _farewells(self) -> Iterator[Saying]:
        root = {"type": "message", "channel": self.place.pictures, "ts": self.shown.thread_ts}
        yield self._event("reaction_added", reaction="x", item=root)
        yield self._event("agent_session_stopped", channel=self.place.pictures, thread_ts=self.shown.thread_ts)
        yield self._event("tokens_revoked", tokens={"bot": ["U1"]})
        yield self._event("app_uninstalled")

    def _event(self, kind: str, **fields: Any) -> Saying:
        event = {"type": kind, "user": self.place.ada, "event_ts": "1700000000.000100", **fields}
        team = self.place.slack.workspace.team_id
        body = {"type": "event_callback", "team_id": team, "event_id": self._id("Ev"), "event": event}
        return Saying(("event", kind), Envelope.EVENT, body)

    def _person(self) -> dict[str, Any]:
        team = self.place.slack.workspace.team_id
        return {"team": {"id": team}, "user": {"id": self.place.ada, "team_id": team}, "enterprise": None}

    def _trigger(self) -> str:
        return self.place.slack.slack.triggers.issue(self.place.ada)

    def _id(self, prefix: str) -> str:
        self._count += 1
        return f"{prefix}{self._count:08d}"
