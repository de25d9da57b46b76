"""conversations.*: open a DM, look, join, list members."""

from __future__ import annotations

from sandbox.slack import rendering
from sandbox.slack.arguments import Call
from sandbox.slack.errors import SlackError
from sandbox.slack.local import LocalSlack
from sandbox.slack.workspace import BOT_USER_ID, Channel, ChannelKind, Json

READ_SCOPES = {
    ChannelKind.PUBLIC: "channels:read",
    ChannelKind.PRIVATE: "groups:read",
    ChannelKind.IM: "im:read",
}
LARGEST_PAGE = 1000


def open_im(slack: LocalSlack, call: Call) -> Json:
    """conversations.open; for one person (group DMs are not part of the local Slack)."""
    channel = slack.visible(call.text("channel")) if call.has("channel") else _im_with(slack, call.text("users"))
    if channel.kind is not ChannelKind.IM:
        raise SlackError("method_not_supported_for_channel_type")
    shown = rendering.conversation(slack, channel) if call.flag("return_im") else {"id": channel.id}
    return {"no_op": True, "already_open": True, "channel": shown}


def _im_with(slack: LocalSlack, users: str) -> Channel:
    people = [each for each in users.split(",") if each]
    if not people:
        raise SlackError("users_list_not_supplied")
    if len(people) > 1:
        raise SlackError("method_not_supported_for_channel_type")
    channel = slack.workspace.im(people[0])
    if channel is None:
        raise SlackError("user_not_found")
    return channel


def info(slack: LocalSlack, call: Call) -> Json:
    """conversations.info."""
    channel = _readable(slack, call.text("channel"))
    shown = rendering.conversation(slack, channel)
    if channel.kind is not ChannelKind.IM:
        shown["is_member"] = BOT_USER_ID in channel.members
    if call.flag("include_num_members"):
        shown["num_members"] = len(channel.members)
    if call.flag("include_locale"):
        shown["locale"] = "en-US"
    return {"channel": shown}


def join(slack: LocalSlack, call: Call) -> Json:
    """conversations.join; public channels only, harmless when already in."""
    channel = slack.visible(call.text("channel"))
    if channel.kind is not ChannelKind.PUBLIC:
        raise SlackError("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise SlackError("is_archived")
    answer: Json = {"channel": rendering.conversation(slack, channel) | {"is_member": True}}
    if BOT_USER_ID in channel.members:
        return answer | {"warning": "already_in_channel", "response_metadata": {"warnings": ["already_in_channel"]}}
    add_member(slack, channel, BOT_USER_ID)
    return answer


def members(slack: LocalSlack, call: Call) -> Json:
    """conversations.members, a page at a time."""
    channel = _readable(slack, call.text("channel"))
    people, start = sorted(channel.members), call.number("cursor")
    limit = call.number("limit") or 100
    if not 0 < limit <= LARGEST_PAGE:
        raise SlackError("invalid_limit")
    more = start + limit < len(people)
    cursor = {"next_cursor": str(start + limit) if more else ""}
    return {"members": people[start : start + limit], "response_metadata": cursor}


def _readable(slack: LocalSlack, channel_id: str) -> Channel:
    channel = slack.visible(channel_id)
    needed = READ_SCOPES[channel.kind]
    if needed not in slack.manifest.scopes:
        raise SlackError("missing_scope", needed=needed, provided=",".join(sorted(slack.manifest.scopes)))
    return channel


def add_member(slack: LocalSlack, channel: Channel, user: str, *, inviter: str | None = None) -> None:
    """Let somebody into a channel; the event goes out if the bot can see it."""
    channel.members.add(user)
    event = _membership(slack, channel, user, "member_joined_channel")
    if BOT_USER_ID in channel.members:
        slack.events.emit("member_joined_channel", event | ({"inviter": inviter} if inviter else {}))


def remove_member(slack: LocalSlack, channel: Channel, user: str) -> None:
    """Take somebody out of a channel."""
    seen = BOT_USER_ID in channel.members
    channel.members.discard(user)
    if seen:
        slack.events.emit("member_left_channel", _membership(slack, channel, user, "member_left_channel"))


def _membership(slack: LocalSlack, channel: Channel, user: str, kind: str) -> Json:
    return {
        "type": kind,
        "user": user,
        "channel": channel.id,
        "channel_type": "C" if channel.kind is ChannelKind.PUBLIC else "G",
        "team": slack.workspace.team_id,
        "event_ts": slack.stamps.next(),
    }
