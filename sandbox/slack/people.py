"""What a person can do in conversations: give commands, click, react, write, start shortcuts."""

from __future__ import annotations

import re
import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from sandbox.slack import actions, payloads
from sandbox.slack.answers import NOT_INTERACTIVE, Answer, failed
from sandbox.slack.delivery import Envelope
from sandbox.slack.errors import SlackError
from sandbox.slack.ids import new_id
from sandbox.slack.local import LocalSlack
from sandbox.slack.manifest import ShortcutKind
from sandbox.slack.methods_reactions import NAME, react
from sandbox.slack.pointing import lookups
from sandbox.slack.shares import announce
from sandbox.slack.workspace import BOT_USER_ID, Channel, ChannelKind, File, FileState, Json, Message, Share

MENTION = re.compile(r"(&lt;@[UW][A-Z0-9]+&gt;)")


@dataclass(frozen=True, slots=True)
class People:
    """Acts for people. An app that stays silent raises nothing: the person gets Slack's own error text."""

    slack: LocalSlack
    bot: ClassVar[str] = BOT_USER_ID

    async def command(self, *, user: str, channel: str, text: str, command: str) -> Answer:
        """Type a slash command and wait for what Slack shows."""
        room = self._room(user, channel)
        trigger = self.slack.triggers.issue(user, channel)
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
            return failed(outcome, f'{name} failed with the error "{outcome.shown_error}"')
        return self._shown(outcome.body, room.id, user)

    def _shown(self, body: Mapping[str, Any] | None, channel: str, user: str) -> Answer:
        if not body or not (body.get("text") or body.get("blocks")):
            return Answer(ok=True)
        try:
            message = self.slack.response_urls.respond(dict(body), channel=channel, user=user)
        except SlackError as error:
            return Answer(ok=False, error="invalid_command_response", text=error.code)
        return Answer(ok=True, text=message.text if message else None)

    async def click(
        self, *, user: str, channel: str, ts: str, action_id: str, value: Any, block_id: str | None = None
    ) -> Answer:
        """Use a button (or another element) of a message; `value` picks one of several with the same action_id."""
        message = self.seen(user, channel, ts)
        field = actions.find(message.blocks or (), action_id, value, block_id=block_id)
        action = actions.used(field, value, lookups(self.slack, user, message.offered))
        self.slack.feed.publish(
            "slack.click", channel=channel, ts=ts, user=user, action_id=action_id, value=action.get("value")
        )
        if not self.slack.manifest.interactive:
            return NOT_INTERACTIVE
        trigger, values = self.slack.triggers.issue(user, channel), actions.states(message.blocks or (), field, action)
        payload = payloads.block_actions(self.slack, message, action, values=values, user=user, trigger_id=trigger)
        outcome = await self.slack.delivery.send(Envelope.INTERACTIVE, payload)
        return Answer(ok=True) if outcome.acked else failed(outcome, "This app did not respond.")

    async def shortcut(self, *, user: str, callback_id: str, channel: str | None, ts: str | None) -> Answer:
        """Start a shortcut: at a message, or from anywhere. LookupError if the app has none of that name and kind."""
        kind = ShortcutKind.GLOBAL if ts is None else ShortcutKind.MESSAGE
        if self.slack.manifest.shortcut(callback_id, kind) is None:
            raise LookupError(f"the app has no {kind} shortcut {callback_id}")
        message = self.seen(user, channel or "", ts) if ts is not None else None
        self.slack.feed.publish("slack.shortcut", user=user, callback_id=callback_id, channel=channel or "", ts=ts)
        if not self.slack.manifest.interactive:
            return NOT_INTERACTIVE
        trigger = self.slack.triggers.issue(user, channel or "")
        payload = (
            payloads.global_shortcut(self.slack, callback_id, user=user, trigger_id=trigger)
            if message is None
            else payloads.message_shortcut(self.slack, callback_id, message, user=user, trigger_id=trigger)
        )
        outcome = await self.slack.delivery.send(Envelope.INTERACTIVE, payload)
        return Answer(ok=True) if outcome.acked else failed(outcome, "This app did not respond.")

    def react(self, *, user: str, channel: str, ts: str, name: str, added: bool) -> None:
        """React, or take the reaction back."""
        self._room(user, channel)
        message = self.slack.workspace.message(channel, ts)
        if message is None:
            raise LookupError(f"no message {ts} in {channel}")
        name = name.strip(":")
        if not NAME.fullmatch(name):
            raise ValueError(f"no emoji can be called {name}")
        react(self.slack, message, user, name, added=added)

    def say(self, *, user: str, channel: str, text: str, thread_ts: str | None, files: Sequence[str] = ()) -> str:
        """Write a message, and return its ts. `@imagine` or `<@U…>` mentions the bot; `files` come from `attach`."""
        room = self._room(user, channel)
        if room.kind is ChannelKind.IM and (self.slack.manifest.read_only or not self.slack.manifest.messages_tab):
            raise LookupError("sending messages to this app has been turned off")
        bot = self.slack.workspace.users[BOT_USER_ID]
        sent = payloads.typed_text(text, encode=True).replace(f"@{bot.name}", f"<@{bot.id}>")
        sent = MENTION.sub(lambda match: f"<{match.group()[4:-4]}>", sent)
        thread_ts = self._root(room, thread_ts)
        message = Message(channel, self.slack.stamps.next(), user, sent, thread_ts=thread_ts)
        message.client_msg_id, message.files = str(uuid.uuid4()), [self._own(user, each).id for each in files]
        message.subtype = "file_share" if files else None
        given = [self._own(user, each) for each in files]
        for file in given:
            file.shares.append(Share(channel, message.ts, thread_ts))
        self.slack.post(message)
        for file in given:
            announce(self.slack, room, file)
        return message.ts

    def _root(self, room: Channel, thread_ts: str | None) -> str | None:
        """The root of the thread that a person has open; a reply has no thread of its own."""
        if thread_ts is None:
            return None
        opened = room.messages.get(thread_ts)
        if opened is None:
            raise LookupError(f"no message {thread_ts} in {room.id}")
        return opened.thread_ts or opened.ts

    def _own(self, user: str, file_id: str) -> File:
        file = self.slack.workspace.files.get(file_id)
        if file is None or file.user != user:
            raise LookupError(f"{user} has no file {file_id}")
        return file

    def attach(self, *, user: str, name: str, data: bytes, alt_txt: str) -> str:
        """Upload a file of one's own; nobody sees it before it is sent with a message or given to the app."""
        if user not in self.slack.workspace.users or not data:
            raise LookupError("somebody, and at least one byte, are needed")
        created, key = int(self.slack.clock()), secrets.token_urlsafe(12)
        file = File(new_id("F"), name.replace("/", "_"), name, len(data), alt_txt, user, created, "", key)
        file.data, file.state = data, FileState.COMPLETED
        self.slack.workspace.files[file.id] = file
        self.slack.feed.publish("slack.attached", file=file.id, user=user, name=file.name, size=len(data))
        return file.id

    def open_home(self, *, user: str, tab: str) -> None:
        """Open the app's `home` or `messages` tab."""
        manifest, im = self.slack.manifest, self.slack.workspace.im(user)
        if not {"home": manifest.home_tab, "messages": manifest.messages_tab}.get(tab):
            raise LookupError(f"the app has no {tab} tab")
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

    def seen(self, user: str, channel: str, ts: str) -> Message:
        """The message at `ts` as this person sees it; LookupError if there is none."""
        room = self._room(user, channel)
        whispered = room.ephemerals.get(ts)
        found = whispered if whispered and whispered.seen_by == user else room.messages.get(ts)
        if found is None:
            raise LookupError(f"no message {ts} in {channel}")
        return found
