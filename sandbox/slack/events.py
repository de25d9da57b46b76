"""Events to the app: only the subscribed ones, with the scope for them, retried until somebody acknowledges."""

from __future__ import annotations

import asyncio
import base64
from typing import TYPE_CHECKING

from sandbox.slack import rendering
from sandbox.slack.delivery import Envelope
from sandbox.slack.ids import new_id
from sandbox.slack.workspace import APP_ID, BOT_USER_ID, ChannelKind, Json, Message

if TYPE_CHECKING:
    from sandbox.slack.local import LocalSlack

EVENT_SCOPES = {
    "assistant_thread_started": "assistant:write",
    "app_mention": "app_mentions:read",
    "message.im": "im:history",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "reaction_added": "reactions:read",
    "reaction_removed": "reactions:read",
    "file_shared": "files:read",
    "member_joined_channel": "channels:read",
    "member_left_channel": "channels:read",
}
"""The scope an event needs; those not named here (the Home tab, uninstalling) need none."""

MESSAGE_EVENTS = {
    ChannelKind.IM: ("message.im", "im"),
    ChannelKind.PUBLIC: ("message.channels", "channel"),
    ChannelKind.PRIVATE: ("message.groups", "group"),
}

MENTION_KEYS = {"type", "client_msg_id", "user", "text", "ts", "team", "blocks", "thread_ts", "subtype", "files",
                "upload", "display_as_bot"}  # fmt: skip


class Events:
    """Wraps events, sends them, and repeats what was not acknowledged."""

    def __init__(self, slack: LocalSlack) -> None:
        self._slack = slack
        self._under_way: set[asyncio.Task[None]] = set()
        self.sent: list[Json] = []

    def emit(self, name: str, event: Json) -> None:
        """Send `event` to the app if it subscribed `name` and has the scope for it."""
        manifest = self._slack.manifest
        scope = EVENT_SCOPES.get(name)
        if name not in manifest.bot_events or (scope is not None and scope not in manifest.scopes):
            return
        payload = self._wrapped(event)
        self.sent.append(payload)
        self.send(payload)

    def send(self, payload: Json, *, attempt: int = 0, reason: str = "") -> None:
        """Deliver one wrapped event in the background, and plan its retry if nobody acknowledges."""
        task = asyncio.get_running_loop().create_task(self._deliver(payload, attempt, reason))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def settled(self) -> None:
        """Wait until every delivery under way was acknowledged or given up (planned retries are not awaited)."""
        while self._under_way:
            await asyncio.gather(*self._under_way)

    async def close(self) -> None:
        """Give up what is under way."""
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _deliver(self, payload: Json, attempt: int, reason: str) -> None:
        outcome = await self._slack.delivery.send(Envelope.EVENT, payload, attempt=attempt, reason=reason)
        retries = self._slack.settings.event_retries
        if outcome.acked or outcome.final or attempt >= len(retries):
            return
        why = outcome.failure or "unknown_error"
        self._slack.schedule.later(retries[attempt], lambda: self.send(payload, attempt=attempt + 1, reason=why))

    def _wrapped(self, event: Json) -> Json:
        team = self._slack.workspace.team_id
        authorization = {
            "enterprise_id": None,
            "team_id": team,
            "user_id": BOT_USER_ID,
            "is_bot": True,
            "is_enterprise_install": False,
        }
        where = event.get("channel") or event.get("item", {}).get("channel", "")
        context = base64.b64encode(f"{event['type']}:{team}:{APP_ID}:{where}".encode()).decode()
        return {
            "token": self._slack.verification_token,
            "team_id": team,
            "context_team_id": team,
            "context_enterprise_id": None,
            "api_app_id": APP_ID,
            "event": event,
            "type": "event_callback",
            "event_id": new_id("Ev"),
            "event_time": int(self._slack.clock()),
            "authorizations": [authorization],
            "is_ext_shared_channel": False,
            "event_context": f"4-{context}",
        }

    def reaction(self, message: Message, user: str, name: str, *, added: bool) -> None:
        """Somebody reacted. The event names channel and ts of the message and never its thread."""
        if BOT_USER_ID not in self._slack.workspace.channels[message.channel].members:
            return
        kind = "reaction_added" if added else "reaction_removed"
        event: Json = {
            "type": kind,
            "user": user,
            "reaction": name,
            "item": {"type": "message", "channel": message.channel, "ts": message.ts},
            "event_ts": self._slack.stamps.next(),
        }
        self.emit(kind, event if message.hooked else event | {"item_user": message.user})

    def message_posted(self, message: Message) -> None:
        """Somebody posted: `message.*`, and `app_mention` if the app was named (in its own DM Slack sends none)."""
        event = self._shown(message)
        self._message(message, event)
        direct = self._slack.workspace.channels[message.channel].kind is ChannelKind.IM
        named = f"<@{BOT_USER_ID}>" in message.text and message.user != BOT_USER_ID
        if named and not direct and self._member(message):
            event = {key: value for key, value in event.items() if key in MENTION_KEYS}
            self.emit("app_mention", event | {"type": "app_mention"} | self._where(message, message.ts))

    def message_changed(self, message: Message) -> None:
        """A message was edited."""
        stamp = self._slack.stamps.next()
        event = {"type": "message", "subtype": "message_changed", "message": self._shown(message), "hidden": True}
        self._message(message, event | {"ts": stamp})

    def message_deleted(self, message: Message) -> None:
        """A message was deleted."""
        stamp = self._slack.stamps.next()
        event = {"type": "message", "subtype": "message_deleted", "deleted_ts": message.ts, "hidden": True}
        self._message(message, event | {"ts": stamp})

    def _message(self, message: Message, event: Json) -> None:
        name, channel_type = MESSAGE_EVENTS[self._slack.workspace.channels[message.channel].kind]
        if self._member(message):
            self.emit(name, event | {"channel_type": channel_type} | self._where(message, event["ts"]))

    def _where(self, message: Message, stamp: str) -> Json:
        return {"channel": message.channel, "event_ts": stamp}

    def _member(self, message: Message) -> bool:
        return BOT_USER_ID in self._slack.workspace.channels[message.channel].members

    def _shown(self, message: Message) -> Json:
        return rendering.message(self._slack, message)
