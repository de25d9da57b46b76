"""reactions.*: the bot's own reactions, and who reacted."""

from __future__ import annotations

import re

from sandbox.slack import rendering
from sandbox.slack.arguments import Call
from sandbox.slack.errors import SlackError
from sandbox.slack.local import LocalSlack
from sandbox.slack.methods_chat import permalink
from sandbox.slack.workspace import BOT_USER_ID, Json, Message

NAME = re.compile(r"[a-z0-9_+'\-]+(::skin-tone-[2-6])?")
STAMP = re.compile(r"\d+\.\d{6}")
MOST_EMOJI = 23


def add(slack: LocalSlack, call: Call) -> Json:
    """reactions.add, as the bot."""
    message, name = _item(slack, call), call.text("name").strip(":")
    if not NAME.fullmatch(name):
        raise SlackError("invalid_name")
    if BOT_USER_ID in message.reactions.get(name, ()):
        raise SlackError("already_reacted")
    if name not in message.reactions and len(message.reactions) >= MOST_EMOJI:
        raise SlackError("too_many_emoji")
    react(slack, message, BOT_USER_ID, name, added=True)
    return {}


def remove(slack: LocalSlack, call: Call) -> Json:
    """reactions.remove, the bot's own."""
    message, name = _item(slack, call), call.text("name").strip(":")
    if BOT_USER_ID not in message.reactions.get(name, ()):
        raise SlackError("no_reaction")
    react(slack, message, BOT_USER_ID, name, added=False)
    return {}


def get(slack: LocalSlack, call: Call) -> Json:
    """reactions.get, of a message."""
    message = _item(slack, call)
    keys = {"type", "text", "user", "ts", "team", "bot_id", "app_id", "bot_profile", "reactions", "blocks"}
    shown = {key: value for key, value in rendering.message(slack, message).items() if key in keys}
    return {"type": "message", "channel": message.channel, "message": shown | {"permalink": permalink(slack, message)}}


def _item(slack: LocalSlack, call: Call) -> Message:
    if not (call.has("channel") and call.has("timestamp")):
        raise SlackError("no_item_specified")
    channel = slack.visible(call.text("channel"))
    if not STAMP.fullmatch(call.text("timestamp")):
        raise SlackError("bad_timestamp")
    if channel.is_archived:
        raise SlackError("is_archived")
    if BOT_USER_ID not in channel.members and call.method != "reactions.get":
        raise SlackError("not_in_channel")
    return slack.message(channel, call.text("timestamp"))


def react(slack: LocalSlack, message: Message, user: str, name: str, *, added: bool) -> None:
    """Put somebody's reaction on a message or take it off; a second time changes nothing and tells nobody."""
    people = message.reactions.setdefault(name, [])
    if (user in people) != added:
        (people.append if added else people.remove)(user)
        where = {"channel": message.channel, "ts": message.ts}
        slack.feed.publish("slack.reaction", **where, user=user, name=name, added=added)
        slack.events.reaction(message, user, name, added=added)
    if not people:
        del message.reactions[name]
