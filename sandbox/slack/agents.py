"""The app as an agent: its sessions in threads, its suggested prompts, and the person's Stop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from sandbox.slack.errors import SlackError
from sandbox.slack.manifest import AgentKind
from sandbox.slack.workspace import BOT_USER_ID, Json, Message

if TYPE_CHECKING:
    from sandbox.slack.local import LocalSlack

PROCESSING_LIFE, STATUS_LIFE = 3600.0, 120.0
"""Seconds until Slack takes back a `processing` session, and an assistant's status, that nobody renewed."""


class SessionStatus(StrEnum):
    """What a session is doing."""

    PROCESSING = "processing"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    CLOSED = "closed"


@dataclass(slots=True)
class Session:
    """A thread in which the agent works. `words` is an assistant's own status line."""

    channel: str
    thread_ts: str
    status: SessionStatus = SessionStatus.ACTIVE
    title: str = ""
    words: str = ""
    loading: list[str] = field(default_factory=list)
    set_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Prompts:
    """Suggestions above the message box of a DM, or of one thread in it."""

    title: str
    prompts: tuple[Mapping[str, str], ...]
    thread_ts: str | None = None


class Agents:
    """Sessions by channel and thread; prompts by DM."""

    def __init__(self, slack: LocalSlack) -> None:
        self._slack = slack
        self.sessions: dict[tuple[str, str], Session] = {}
        self.prompts: dict[str, Prompts] = {}

    def session(self, channel: str, thread_ts: str) -> Session:
        """The session of a thread, a new one if there was none."""
        return self.sessions.setdefault((channel, thread_ts), Session(channel, thread_ts))

    def set_status(self, session: Session, status: SessionStatus) -> None:
        """Change what a session does; `processing` ends by itself after an hour."""
        session.status, session.set_at = status, self._slack.clock()
        if status is SessionStatus.PROCESSING:
            self._slack.schedule.later(PROCESSING_LIFE, lambda: self._tire(session, session.set_at))
        self.publish(session)

    def set_words(self, session: Session, words: str, loading: list[str]) -> None:
        """Change an assistant's status line; it vanishes after two minutes, or when the app posts in the thread."""
        session.words, session.loading, session.set_at = words, loading, self._slack.clock()
        if words:
            self._slack.schedule.later(STATUS_LIFE, lambda: self._fade(session))
        self.publish(session)

    def _tire(self, session: Session, since: float) -> None:
        if session.status is SessionStatus.PROCESSING and self._slack.clock() >= since + PROCESSING_LIFE:
            self.set_status(session, SessionStatus.ACTIVE)

    def _fade(self, session: Session) -> None:
        if session.words and self._slack.clock() >= session.set_at + STATUS_LIFE:
            self.set_words(session, "", [])

    def posted(self, message: Message) -> None:
        """The app has spoken in a thread: its status line is gone."""
        session = self.sessions.get((message.channel, message.thread_ts or ""))
        if session is not None and session.words and message.user == BOT_USER_ID:
            self.set_words(session, "", [])

    def publish(self, session: Session) -> None:
        """Let the page draw it."""
        self._slack.feed.publish(
            "slack.session", channel=session.channel, thread_ts=session.thread_ts, status=session.status
        )

    def stop(self, user: str, channel: str, thread_ts: str) -> None:
        """Press Stop. Slack changes nothing by itself: the app has to. LookupError where there is no such button."""
        session = self.sessions.get((channel, thread_ts))
        if session is None or session.status is not SessionStatus.PROCESSING:
            raise LookupError("nothing is being worked on in this thread")
        if "agent_session_stopped" not in self._slack.manifest.bot_events:
            raise LookupError("the app does not listen for agent_session_stopped, so there is no Stop button")
        event: Json = {"type": "agent_session_stopped", "user": user, "channel": channel, "thread_ts": thread_ts}
        stamp = self._slack.stamps.next()
        self._slack.events.emit("agent_session_stopped", event | {"streaming_message_ts": [], "event_ts": stamp})

    def open_assistant(self, user: str) -> str:
        """Start a new conversation with an `assistant_view` app; returns the thread's ts."""
        im = self._slack.workspace.im(user)
        if im is None or self._slack.manifest.agent is not AgentKind.ASSISTANT:
            raise LookupError("the app is no assistant")
        root = self._slack.own(im.id, "New Assistant Thread")
        root.subtype = "assistant_app_thread"
        im.messages[root.ts] = root
        self.session(im.id, root.ts)
        context = {"channel_id": im.id, "team_id": self._slack.workspace.team_id, "enterprise_id": None}
        thread = {"user_id": user, "context": context, "channel_id": im.id, "thread_ts": root.ts}
        event: Json = {"type": "assistant_thread_started", "assistant_thread": thread}
        self._slack.events.emit("assistant_thread_started", event | {"event_ts": self._slack.stamps.next()})
        self._slack.feed.publish("slack.message", channel=im.id, ts=root.ts, thread_ts=None, user=root.user, text="")
        return root.ts


def needs_agent(slack: LocalSlack) -> None:
    """Refuse an app that its manifest does not declare to be an agent; that is what grants `assistant:write`."""
    if slack.manifest.agent is None:
        raise SlackError("missing_scope", needed="assistant:write", provided=",".join(sorted(slack.manifest.scopes)))
