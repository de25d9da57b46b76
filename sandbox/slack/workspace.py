"""The workspace as plain data: people, conversations, messages, files."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Json = dict[str, Any]


class ChannelKind(StrEnum):
    """The three kinds of conversation the local Slack has."""

    PUBLIC = "public"
    PRIVATE = "private"
    IM = "im"


class FileState(StrEnum):
    """How far an upload came."""

    PROMISED = "promised"  # an upload address was given out
    RECEIVED = "received"  # the bytes are here
    COMPLETED = "completed"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class User:
    """A person, or the app's bot user."""

    id: str
    name: str
    real_name: str
    color: str
    locale: str = "en-US"
    is_bot: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """Where a file can be seen."""

    channel: str
    ts: str
    thread_ts: str | None


@dataclass(slots=True)
class File:
    """An upload, from the promised address to its shares. `key` opens it in a browser without a token."""

    id: str
    name: str
    title: str
    length: int
    alt_txt: str
    user: str
    created: int
    ticket: str
    key: str
    state: FileState = FileState.PROMISED
    data: bytes = b""
    granted: bool = False  # a person gave it to the app in a modal
    shares: list[Share] = field(default_factory=list)
    _digest: tuple[int, str] | None = None

    @property
    def sha256(self) -> str:
        """The digest of the bytes, worked out once for as many bytes as are here."""
        if self._digest is None or self._digest[0] != len(self.data):
            self._digest = (len(self.data), hashlib.sha256(self.data).hexdigest())
        return self._digest[1]


@dataclass(slots=True)
class Message:
    """One message; `seen_by` is set for an ephemeral one. `hooked` ones came through a response_url."""

    channel: str
    ts: str
    user: str
    text: str
    bot_id: str | None = None
    thread_ts: str | None = None
    blocks: list[Json] | None = None
    attachments: list[Json] | None = None
    files: list[str] = field(default_factory=list)
    reactions: dict[str, list[str]] = field(default_factory=dict)
    metadata: Json | None = None
    subtype: str | None = None
    edited: tuple[str, str] | None = None
    seen_by: str | None = None
    hooked: bool = False
    parse: str = "none"
    link_names: bool = False
    mrkdwn: bool = True
    client_msg_id: str | None = None  # people's clients give one to each message
    offered: dict[tuple[str, str], list[Json]] = field(default_factory=dict)  # options that the app gave last


@dataclass(slots=True)
class Channel:
    """A conversation. `person` is the other side of an IM with the bot."""

    id: str
    name: str
    kind: ChannelKind
    created: int
    members: set[str] = field(default_factory=set)
    person: str | None = None
    is_archived: bool = False
    messages: dict[str, Message] = field(default_factory=dict)
    ephemerals: dict[str, Message] = field(default_factory=dict)

    def replies(self, ts: str) -> list[Message]:
        """The replies in the thread whose root is `ts`, oldest first."""
        return [each for each in self.messages.values() if each.thread_ts == ts]


@dataclass(slots=True)
class Workspace:
    """Everything Slack would remember about one workspace."""

    team_id: str
    name: str
    domain: str
    users: dict[str, User] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)

    def im(self, person: str) -> Channel | None:
        """The IM between this person and the bot."""
        return next((each for each in self.channels.values() if each.person == person), None)

    def message(self, channel: str, ts: str) -> Message | None:
        """The message everybody there can see at `ts`."""
        found = self.channels.get(channel)
        return found.messages.get(ts) if found else None

    def user_named(self, name: str) -> User | None:
        """Who is called `name`, whatever the case."""
        return next((each for each in self.users.values() if each.name.lower() == name.lower()), None)

    def channel_named(self, name: str) -> Channel | None:
        """The channel called `name`, without #."""
        return next((each for each in self.channels.values() if each.person is None and each.name == name), None)


BOT_USER_ID, BOT_ID, APP_ID = "U0IMAGINE01", "B0IMAGINE01", "A0IMAGINE01"

PEOPLE = (
    User("U0ADA00AAA1", "ada", "Ada", "9f69e7"),
    User("U0BEN00BBB2", "ben", "Ben", "4bbe2e"),
    User("U0CHEN0CCC3", "chen", "Chen", "e7392d", locale="zh-CN"),
)


def default_workspace(bot_name: str, *, created: int) -> Workspace:
    """Team Sandbox: Ada, Ben, Chen and the bot; the bot is a member of #pictures and of nothing else."""
    workspace = Workspace("T0SANDBOX01", "Sandbox", "sandbox")
    everyone = {person.id for person in PEOPLE}
    for user in (*PEOPLE, User(BOT_USER_ID, bot_name, bot_name, "3aa3e3", is_bot=True)):
        workspace.users[user.id] = user
    rooms = (
        Channel("C0PICTURES1", "pictures", ChannelKind.PUBLIC, created, everyone | {BOT_USER_ID}),
        Channel("C0RANDOM001", "random", ChannelKind.PUBLIC, created, set(everyone)),
        Channel("C0DESIGN001", "design", ChannelKind.PRIVATE, created, {PEOPLE[0].id, PEOPLE[1].id}),
    )
    ims = (Channel(f"D0{p.id[2:]}", p.name, ChannelKind.IM, created, {p.id, BOT_USER_ID}, person=p.id) for p in PEOPLE)
    for channel in (*rooms, *ims):
        workspace.channels[channel.id] = channel
    return workspace
