"""The local Slack's shared state and what every part of it does with messages."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.feed import Feed
from sandbox.slack.agents import Agents
from sandbox.slack.delivery import Delivery
from sandbox.slack.errors import SlackError
from sandbox.slack.events import Events
from sandbox.slack.ids import Stamps
from sandbox.slack.limits import RateLimits
from sandbox.slack.manifest import Manifest
from sandbox.slack.pings import pinged
from sandbox.slack.response_urls import ResponseUrls
from sandbox.slack.schedule import Schedule
from sandbox.slack.settings import SlackSettings
from sandbox.slack.steps import Steps
from sandbox.slack.triggers import Triggers
from sandbox.slack.views import Views
from sandbox.slack.workspace import BOT_ID, BOT_USER_ID, Channel, ChannelKind, File, Message, Workspace


def _secret(prefix: str) -> Callable[[], str]:
    return lambda: prefix + secrets.token_hex(16)


@dataclass(slots=True)
class LocalSlack:
    """One workspace with one installed app, and everything that acts on it. `base_url` ends without a slash."""

    settings: SlackSettings
    feed: Feed
    clock: Callable[[], float]
    manifest: Manifest
    workspace: Workspace
    stamps: Stamps
    schedule: Schedule
    limits: RateLimits
    triggers: Triggers
    views: Views
    delivery: Delivery
    events: Events = field(init=False)
    response_urls: ResponseUrls = field(init=False)
    steps: Steps = field(init=False)
    agents: Agents = field(init=False)
    base_url: str = ""
    installed: bool = True
    bot_token: str = field(default_factory=_secret("xoxb-"))
    app_token: str = field(default_factory=_secret("xapp-1-"))
    signing_secret: str = field(default_factory=_secret(""))
    verification_token: str = field(default_factory=_secret(""))

    def __post_init__(self) -> None:
        self.events = Events(self)
        self.response_urls = ResponseUrls(self)
        self.steps, self.agents = Steps(self), Agents(self)

    def visible(self, channel_id: str) -> Channel:
        """The conversation as the bot may know it: what it cannot see does not exist (`channel_not_found`)."""
        channel = self.workspace.channels.get(channel_id)
        if channel is None or (channel.kind is not ChannelKind.PUBLIC and BOT_USER_ID not in channel.members):
            raise SlackError("channel_not_found")
        return channel

    def message(self, channel: Channel, ts: str, *, error: str = "message_not_found") -> Message:
        """The message at `ts`, or `error`."""
        found = channel.messages.get(ts)
        if found is None:
            raise SlackError(error)
        return found

    def sees(self, user: str, channel: Channel) -> bool:
        """Whether this person can look into the conversation."""
        return channel.kind is ChannelKind.PUBLIC or user in channel.members

    def may_read(self, file: File) -> bool:
        """Whether the app may have a file: its own, one given to it, one shared where the bot is a member."""
        rooms = (self.workspace.channels[share.channel] for share in file.shares)
        return file.user == BOT_USER_ID or file.granted or any(BOT_USER_ID in room.members for room in rooms)

    def file(self, file_id: str) -> File:
        """A file that the app may have: `file_not_found` or `file_deleted` otherwise."""
        found = self.workspace.files.get(file_id)
        if found is None or not self.may_read(found):
            raise SlackError("file_not_found")
        if found.state == "deleted":
            raise SlackError("file_deleted")
        return found

    def own(self, channel: str, text: str) -> Message:
        """A new message by the bot, not yet posted."""
        return Message(channel, self.stamps.next(), BOT_USER_ID, text, bot_id=BOT_ID)

    def post(self, message: Message) -> Message:
        """Put the message where everybody there can see it, and tell the app if it listens."""
        channel = self.workspace.channels[message.channel]
        channel.messages[message.ts] = message
        self.feed.publish(
            "slack.message",
            channel=message.channel,
            ts=message.ts,
            thread_ts=message.thread_ts,
            user=message.user,
            text=message.text,
            metadata=message.metadata,
            pings=sorted(pinged(message)),
            files=list(message.files),
        )
        self.agents.posted(message)
        self.events.message_posted(message)
        return message

    def whisper(self, message: Message, person: str) -> Message:
        """Show the message to one person only; it is not kept and cannot be edited by `chat.update`."""
        message.seen_by = person
        self.workspace.channels[message.channel].ephemerals[message.ts] = message
        self.feed.publish("slack.ephemeral", channel=message.channel, user=person, text=message.text, ts=message.ts)
        return message

    def changed(self, message: Message) -> None:
        """Tell everybody that the message has changed."""
        self.feed.publish("slack.message_changed", channel=message.channel, ts=message.ts, text=message.text)
        self.events.message_changed(message)

    def delete(self, message: Message) -> None:
        """Take the message away; the root of a thread with replies leaves a tombstone."""
        channel = self.workspace.channels[message.channel]
        for file in (self.workspace.files[each] for each in message.files):
            file.shares = [share for share in file.shares if share.ts != message.ts]
        if channel.replies(message.ts):
            channel.messages[message.ts] = Message(
                channel.id, message.ts, "USLACKBOT", "This message was deleted.", subtype="tombstone"
            )
        else:
            channel.messages.pop(message.ts, None)
        self.feed.publish("slack.message_deleted", channel=channel.id, ts=message.ts)
        self.events.message_deleted(message)
