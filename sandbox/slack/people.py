"""What a person can do: give commands, click, react, write, fill in modals."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.slack import payloads
from sandbox.slack.blocks import interactive
from sandbox.slack.delivery import Envelope, Outcome
from sandbox.slack.errors import SlackError
from sandbox.slack.ids import new_id
from sandbox.slack.local import LocalSlack
from sandbox.slack.methods_reactions import react
from sandbox.slack.methods_views import read_view
from sandbox.slack.workspace import BOT_USER_ID, Channel, Json, Message

MENTION = re.compile(r"(&lt;@[UW][A-Z0-9]+&gt;)")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the person saw: Slack's own error, or the app's words (None if it said nothing)."""

    ok: bool
    error: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class People:
    """Acts for people. An app that stays silent raises nothing: the person gets Slack's own error text."""

    slack: LocalSlack

    async def command(self, *, user: str, channel: str, text: str, command: str) -> Answer:
        """Type a slash command and wait for what Slack shows."""
        room = self._room(user, channel)
        trigger = self.slack.triggers.issue(user)
        self.slack.feed.publish(
            "slack.command", channel=channel, user=user, text=f"{command} {text}", trigger_id=trigger
        )
        answer = await self._commanded(room, user, command, text, trigger)
        self.slack.feed.publish(
            "slack.command_answer", trigger_id=trigger, ok=answer.ok, error=answer.error, text=answer.text
        )
        return answer

    async def _commanded(self, room: Channel, user: str, name: str, text: str, trigger: str) -> Answer:
        command = self.slack.manifest.commands.get(name)
        if command is None or not self.slack.installed:
            return Answer(ok=False, error="unknown_command", text=f"{name} is not a valid command.")
        sent = payloads.typed_text(text, encode=self.slack.settings.encode_command_text)
        sent = payloads.escaped(self.slack.workspace, sent) if command.should_escape else sent
        payload = payloads.command(self.slack, room, user=user, name=name, text=sent, trigger_id=trigger)
        outcome = await self.slack.delivery.send(Envelope.COMMAND, payload)
        if not outcome.acked:
            return _failed(outcome, f'{name} failed with the error "{outcome.shown_error}"')
        return self._shown(outcome.body, room.id, user)

    def _shown(self, body: Mapping[str, Any] | None, channel: str, user: str) -> Answer:
        if not body or not (body.get("text") or body.get("blocks")):
            return Answer(ok=True)
        try:
            message = self.slack.response_urls.respond(dict(body), channel=channel, user=user)
        except SlackError as error:
            return Answer(ok=False, error="invalid_command_response", text=error.code)
        return Answer(ok=True, text=message.text if message else None)

    async def click(self, *, user: str, channel: str, ts: str, action_id: str, value: str | None) -> Answer:
        """Use a button (or another element) of a message; `value` picks one of several with the same action_id."""
        message = self._seen(user, channel, ts)
        action = _action(message, action_id, value)
        self.slack.feed.publish(
            "slack.click", channel=channel, ts=ts, user=user, action_id=action_id, value=action.get("value")
        )
        if not self.slack.manifest.interactive:
            text = "This app is not configured to handle interactive responses."
            return Answer(ok=False, error="interactivity_disabled", text=text)
        trigger = self.slack.triggers.issue(user)
        payload = payloads.block_actions(self.slack, message, action, user=user, trigger_id=trigger)
        outcome = await self.slack.delivery.send(Envelope.INTERACTIVE, payload)
        return Answer(ok=True) if outcome.acked else _failed(outcome, "This app did not respond.")

    async def submit_view(self, *, user: str, view_id: str, values: Mapping[str, Mapping[str, Json]]) -> Answer:
        """Fill in and submit a modal: `values` is block_id -> action_id -> the element's state."""
        view = self.slack.views.find(view_id, "")
        view.state = {block: dict(state) for block, state in values.items()}
        trigger = self.slack.triggers.issue(user)
        payload = payloads.view_submission(self.slack, view, user=user, trigger_id=trigger)
        outcome = await self.slack.delivery.send(Envelope.INTERACTIVE, payload)
        if not outcome.acked:
            return _failed(outcome, "We had some trouble connecting. Try again?")
        return self._answered(view_id, user, dict(outcome.body or {}))

    def _answered(self, view_id: str, user: str, body: Json) -> Answer:
        view = self.slack.views.find(view_id, "")
        match body.get("response_action"):
            case "errors":
                return Answer(ok=False, error="errors", text="; ".join(map(str, dict(body["errors"]).values())))
            case "clear":
                self.slack.views.clear(user)
            case "update":
                view.replace(read_view(body.get("view"), "modal"))
            case "push":
                self.slack.views.show(new_id("V"), user, read_view(body.get("view"), "modal"), under=view)
            case _:
                self.slack.views.open.pop(view_id, None)
        return Answer(ok=True)

    async def close_view(self, *, user: str, view_id: str) -> Answer:
        """Close a modal; the app hears of it if the view says `notify_on_close`."""
        view = self.slack.views.find(view_id, "")
        self.slack.views.open.pop(view_id, None)
        if not view.body.get("notify_on_close"):
            return Answer(ok=True)
        payload = payloads.view_closed(self.slack, view, user=user, cleared=False)
        outcome = await self.slack.delivery.send(Envelope.INTERACTIVE, payload)
        return Answer(ok=outcome.acked)

    def react(self, *, user: str, channel: str, ts: str, name: str, added: bool) -> None:
        """React, or take the reaction back."""
        self._room(user, channel)
        message = self.slack.workspace.message(channel, ts)
        if message is None:
            raise LookupError(f"no message {ts} in {channel}")
        react(self.slack, message, user, name.strip(":"), added=added)

    def say(self, *, user: str, channel: str, text: str, thread_ts: str | None) -> str:
        """Write a message, and return its ts. `@imagine` or `<@U…>` mentions the bot."""
        self._room(user, channel)
        bot = self.slack.workspace.users[BOT_USER_ID]
        sent = payloads.typed_text(text, encode=True).replace(f"@{bot.name}", f"<@{bot.id}>")
        sent = MENTION.sub(lambda match: f"<{match.group()[4:-4]}>", sent)
        message = Message(channel, self.slack.stamps.next(), user, sent, thread_ts=thread_ts)
        return self.slack.post(message).ts

    def open_home(self, *, user: str, tab: str) -> None:
        """Open the app's `home` or `messages` tab."""
        im = self.slack.workspace.im(user)
        event: Json = {"type": "app_home_opened", "user": user, "tab": tab, "channel": im.id if im else ""}
        home = self.slack.views.homes.get(user)
        if tab == "home" and home is not None:
            event["view"] = home.render(self.slack.workspace.team_id)
        self.slack.events.emit("app_home_opened", event | {"event_ts": self.slack.stamps.next()})

    def _room(self, user: str, channel: str) -> Channel:
        room = self.slack.workspace.channels.get(channel)
        if room is None or user not in room.members:
            raise LookupError(f"{user} is not in {channel}")
        return room

    def _seen(self, user: str, channel: str, ts: str) -> Message:
        room = self._room(user, channel)
        whispered = room.ephemerals.get(ts)
        found = whispered if whispered and whispered.seen_by == user else room.messages.get(ts)
        if found is None:
            raise LookupError(f"no message {ts} in {channel}")
        return found


def _failed(outcome: Outcome, text: str) -> Answer:
    return Answer(ok=False, error=outcome.shown_error, text=text)


def _action(message: Message, action_id: str, value: str | None) -> Json:
    """The used element as `actions[0]` of the payload."""
    for block in message.blocks or ():
        for element in interactive(block):
            if element.get("action_id") == action_id and _offers(element, value):
                return _used(element, value) | {"block_id": block["block_id"]}
    raise LookupError(f"nothing called {action_id} in that message")


def _offers(element: Json, value: str | None) -> bool:
    if value is None or element["type"] != "button":
        return True
    return bool(element.get("value") == value)


def _used(element: Json, value: str | None) -> Json:
    keys = ("type", "action_id", "text", "value", "style", "url", "placeholder", "confirm")
    action = {key: element[key] for key in keys if key in element}
    options = [each for each in element.get("options", ()) if each.get("value") == value]
    return action | ({"selected_option": options[0]} if options else {})
