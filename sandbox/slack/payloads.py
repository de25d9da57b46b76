"""The payloads of commands, clicks and submitted modals."""

from __future__ import annotations

import re

from sandbox.slack import rendering
from sandbox.slack.local import LocalSlack
from sandbox.slack.views import View
from sandbox.slack.workspace import APP_ID, Channel, ChannelKind, Json, Message, Workspace

CHANNEL_NAMES = {ChannelKind.IM: "directmessage", ChannelKind.PRIVATE: "privategroup"}
NAME = re.compile(r"(?<![\w@#])([@#])([\w.\-]+)")
URL = re.compile(r"(?<![<|])\bhttps?://[^\s<>|]+")


def command(slack: LocalSlack, channel: Channel, *, user: str, name: str, text: str, trigger_id: str) -> Json:
    """A slash command. It names no thread, no message and no locale."""
    return {
        "token": slack.verification_token,
        "api_app_id": APP_ID,
        "team_id": slack.workspace.team_id,
        "team_domain": slack.workspace.domain,
        "channel_id": channel.id,
        "channel_name": CHANNEL_NAMES.get(channel.kind, channel.name),
        "user_id": user,
        "user_name": slack.workspace.users[user].name,
        "command": name,
        "text": text,
        "is_enterprise_install": False,
        "response_url": slack.response_urls.issue(channel.id, user),
        "trigger_id": trigger_id,
    }


def block_actions(slack: LocalSlack, message: Message, action: Json, *, user: str, trigger_id: str) -> Json:
    """A click on something in a message. It carries the message's ts and thread, without any scope."""
    channel = slack.workspace.channels[message.channel]
    container: Json = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": message.seen_by is not None,
    }
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    payload = _person(slack, "block_actions", user) | {
        "container": container,
        "trigger_id": trigger_id,
        "channel": {"id": channel.id, "name": CHANNEL_NAMES.get(channel.kind, channel.name)},
        "state": {"values": {}},
        "response_url": slack.response_urls.issue(channel.id, user, original=message),
        "actions": [action | {"action_ts": slack.stamps.next()}],
    }
    return payload if message.seen_by else payload | {"message": _clicked(slack, message)}


def _clicked(slack: LocalSlack, message: Message) -> Json:
    shown = rendering.message(slack, message)
    for reaction in shown.get("reactions", ()):
        reaction.pop("users")
    return shown


def view_submission(slack: LocalSlack, view: View, *, user: str, trigger_id: str) -> Json:
    """A modal that was submitted, with what the person filled in."""
    payload = _person(slack, "view_submission", user)
    return payload | {"trigger_id": trigger_id, "view": view.render(slack.workspace.team_id)}


def view_closed(slack: LocalSlack, view: View, *, user: str, cleared: bool) -> Json:
    """A modal that was closed, for views with `notify_on_close`."""
    payload = _person(slack, "view_closed", user)
    return payload | {"view": view.render(slack.workspace.team_id), "is_cleared": cleared}


def _person(slack: LocalSlack, kind: str, user: str) -> Json:
    person, team = slack.workspace.users[user], slack.workspace.team_id
    return {
        "type": kind,
        "user": {"id": user, "username": person.name, "name": person.name, "team_id": team},
        "team": {"id": team, "domain": slack.workspace.domain},
        "enterprise": None,
        "is_enterprise_install": False,
        "api_app_id": APP_ID,
        "token": slack.verification_token,
    }


def typed_text(text: str, *, encode: bool) -> str:
    """What a person typed as Slack passes it on: `&`, `<`, `>` as entities."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") if encode else text


def escaped(workspace: Workspace, text: str) -> str:
    """Typed @names, #names and links as Slack's markup, for a command with `should_escape`."""

    def marked(match: re.Match[str]) -> str:
        sign, name = match.groups()
        if sign == "@":
            user = workspace.user_named(name)
            return f"<@{user.id}|{user.name}>" if user else match.group()
        channel = workspace.channel_named(name)
        if channel is None:
            return match.group()
        return f"<#{channel.id}|{channel.name if channel.kind is ChannelKind.PUBLIC else ''}>"

    return URL.sub(lambda match: f"<{match.group()}>", NAME.sub(marked, text))
