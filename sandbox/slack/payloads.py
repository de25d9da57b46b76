"""The payloads of commands, clicks and submitted modals."""

from __future__ import annotations

import re

from sandbox.slack import rendering
from sandbox.slack.forms import Field
from sandbox.slack.local import LocalSlack
from sandbox.slack.views import View
from sandbox.slack.workspace import APP_ID, Channel, ChannelKind, Json, Message, Workspace

CHANNEL_NAMES = {ChannelKind.IM: "directmessage", ChannelKind.PRIVATE: "privategroup"}
NAME = re.compile(r"(?<![\w@#])([@#])([\w.\-]+)")
CONVERSATIONS = {"selected_channel", "selected_conversation"}
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


def block_actions(
    slack: LocalSlack, message: Message, action: Json, *, user: str, trigger_id: str, values: Json | None = None
) -> Json:
    """A click on something in a message. It carries the message's ts and thread, without any scope."""
    payload = _person(slack, "block_actions", user) | {
        "container": _container(message),
        "trigger_id": trigger_id,
        "channel": _channel(slack, message.channel),
        "state": {"values": values or {}},
        "response_url": slack.response_urls.issue(message.channel, user, original=message),
        "actions": [action | {"action_ts": slack.stamps.next()}],
    }
    return payload if message.seen_by else payload | {"message": _clicked(slack, message)}


def view_action(slack: LocalSlack, view: View, action: Json, *, trigger_id: str) -> Json:
    """A click in a modal or on the Home tab. It names no channel and has no response_url."""
    return _person(slack, "block_actions", view.user) | {
        "container": {"type": "view", "view_id": view.id},
        "trigger_id": trigger_id,
        "view": view.render(slack.workspace.team_id),
        "actions": [action | {"action_ts": slack.stamps.next()}],
    }


def suggestion(slack: LocalSlack, place: View | Message, key: tuple[str, str], text: str, *, user: str) -> Json:
    """What somebody types into a select menu whose options the app gives."""
    asked = {"block_id": key[0], "action_id": key[1], "value": text}
    payload = _person(slack, "block_suggestion", user) | asked
    if isinstance(place, View):
        shown = place.render(slack.workspace.team_id)
        return payload | {"container": {"type": "view", "view_id": place.id}, "view": shown}
    where = {"container": _container(place), "channel": _channel(slack, place.channel)}
    return payload | where | {"message": _clicked(slack, place)}


def _container(message: Message) -> Json:
    container: Json = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": message.channel,
        "is_ephemeral": message.seen_by is not None,
    }
    return container | ({"thread_ts": message.thread_ts} if message.thread_ts else {})


def _channel(slack: LocalSlack, channel_id: str) -> Json:
    channel = slack.workspace.channels[channel_id]
    return {"id": channel.id, "name": CHANNEL_NAMES.get(channel.kind, channel.name)}


def _clicked(slack: LocalSlack, message: Message) -> Json:
    shown = rendering.message(slack, message)
    for reaction in shown.get("reactions", ()):
        reaction.pop("users")
    return shown


def global_shortcut(slack: LocalSlack, callback_id: str, *, user: str, trigger_id: str) -> Json:
    """A shortcut from anywhere: it names no channel, no message, no response_url."""
    return _shortcut(slack, "shortcut", callback_id, user=user, trigger_id=trigger_id)


def message_shortcut(slack: LocalSlack, callback_id: str, message: Message, *, user: str, trigger_id: str) -> Json:
    """A shortcut at one message, with the message and its files, even where the bot is no member."""
    person = _shortcut(slack, "message_action", callback_id, user=user, trigger_id=trigger_id)
    del person["user"]["username"]  # the one payload that has only the name
    return person | {
        "channel": _channel(slack, message.channel),
        "message_ts": message.ts,
        "message": _clicked(slack, message),
        "response_url": slack.response_urls.issue(message.channel, user),  # it cannot touch the person's message
    }


def _shortcut(slack: LocalSlack, kind: str, callback_id: str, *, user: str, trigger_id: str) -> Json:
    person = _person(slack, kind, user)
    del person["api_app_id"]
    return person | {"callback_id": callback_id, "trigger_id": trigger_id, "action_ts": slack.stamps.next()}


def view_submission(slack: LocalSlack, view: View, *, user: str, trigger_id: str) -> Json:
    """A modal that was submitted, with what the person filled in; `response_urls` if it asked for a conversation."""
    payload = _person(slack, "view_submission", user)
    shown = payload | {"trigger_id": trigger_id, "view": view.render(slack.workspace.team_id)}
    urls = [_response_url(slack, each, state, user) for each, state in view.filled() if _answers(each, state)]
    return shown | ({"response_urls": urls} if urls else {})


def _answers(field: Field, state: Json) -> bool:
    return bool(field.element.get("response_url_enabled") and (set(state) & CONVERSATIONS) and _conversation(state))


def _conversation(state: Json) -> str:
    return str(next((state[slot] for slot in CONVERSATIONS if state.get(slot)), ""))


def _response_url(slack: LocalSlack, field: Field, state: Json, user: str) -> Json:
    block_id, action_id = field.key
    channel = _conversation(state)
    url = slack.response_urls.issue(channel, user)
    return {"block_id": block_id, "action_id": action_id, "channel_id": channel, "response_url": url}


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
