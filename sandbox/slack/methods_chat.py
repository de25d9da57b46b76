"""chat.*: post, update, delete, whisper, link."""

from __future__ import annotations

from sandbox.slack import rendering
from sandbox.slack.arguments import Call
from sandbox.slack.blocks import plain_reading, read_blocks
from sandbox.slack.errors import SlackError
from sandbox.slack.local import LocalSlack
from sandbox.slack.workspace import BOT_USER_ID, Channel, ChannelKind, Json, Message

LONGEST_POST, LONGEST_UPDATE, LONGEST_MARKDOWN, MOST_ATTACHMENTS = 40_000, 4_000, 12_000, 100


def post_message(slack: LocalSlack, call: Call) -> Json:
    """chat.postMessage; a user id as channel opens the IM with that person."""
    channel = writable(slack, _addressed(slack, call.text("channel")))
    message = slack.own(channel.id, "")
    _fill(slack, message, call)
    message.thread_ts = thread_root(channel, call.text("thread_ts"))
    if message.thread_ts and call.flag("reply_broadcast"):
        message.subtype = "thread_broadcast"
    slack.limits.post(channel.id)
    slack.post(message)
    return {"channel": channel.id, "ts": message.ts, "message": rendering.message(slack, message)}


def update(slack: LocalSlack, call: Call) -> Json:
    """chat.update; text without blocks takes the old blocks away, omitted metadata stays."""
    channel = slack.visible(call.text("channel"))
    message = slack.message(channel, call.text("ts"))
    if message.user != BOT_USER_ID or message.hooked:
        raise SlackError("cant_update_message")
    if len(call.text("text")) > LONGEST_UPDATE:
        raise SlackError("msg_too_long")
    _refuse_plain_for_rich(message, call)
    before = message.metadata
    _fill(slack, message, call)
    if "metadata" not in call.args:
        message.metadata = before
    message.edited = (BOT_USER_ID, slack.stamps.next())
    slack.changed(message)
    shown = {key: value for key, value in rendering.message(slack, message).items() if key in UPDATED_KEYS}
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": shown}


UPDATED_KEYS = {"type", "subtype", "text", "user", "team", "bot_id", "app_id", "bot_profile", "blocks", "edited",
                "metadata", "files", "upload", "display_as_bot"}  # fmt: skip


def delete(slack: LocalSlack, call: Call) -> Json:
    """chat.delete; own messages only."""
    channel = slack.visible(call.text("channel"))
    message = slack.message(channel, call.text("ts"))
    if message.user != BOT_USER_ID:
        raise SlackError("cant_delete_message")
    slack.delete(message)
    return {"channel": channel.id, "ts": message.ts}


def post_ephemeral(slack: LocalSlack, call: Call) -> Json:
    """chat.postEphemeral; the reader must be in the channel."""
    channel = writable(slack, slack.visible(call.text("channel")))
    if call.text("user") not in channel.members:
        raise SlackError("user_not_in_channel")
    message = slack.own(channel.id, "")
    _fill(slack, message, call)
    message.thread_ts = call.text("thread_ts") or None
    slack.whisper(message, call.text("user"))
    return {"message_ts": message.ts}


def get_permalink(slack: LocalSlack, call: Call) -> Json:
    """chat.getPermalink."""
    channel = slack.visible(call.text("channel"))
    message = slack.message(channel, call.text("message_ts"))
    return {"channel": channel.id, "permalink": permalink(slack, message)}


def permalink(slack: LocalSlack, message: Message) -> str:
    """The address of a message; a reply's names its thread."""
    link = f"{slack.base_url}/archives/{message.channel}/p{message.ts.replace('.', '')}"
    return f"{link}?thread_ts={message.thread_ts}&cid={message.channel}" if message.thread_ts else link


def _addressed(slack: LocalSlack, name: str) -> Channel:
    if name.startswith(("U", "W")):
        if name not in slack.workspace.users or (im := slack.workspace.im(name)) is None:
            raise SlackError("channel_not_found")
        return im
    by_name = slack.workspace.channel_named(name.removeprefix("#"))
    return slack.visible(by_name.id if by_name else name)


def writable(slack: LocalSlack, channel: Channel, *, uploading: bool = False) -> Channel:
    """The channel, if the bot may write there. `chat:write.public` opens public channels to posts, not to uploads."""
    if channel.is_archived:
        raise SlackError("is_archived")
    if channel.id in slack.settings.restricted_channels:
        raise SlackError("restricted_action")
    if channel.kind is ChannelKind.IM and not slack.manifest.messages_tab:
        raise SlackError("messages_tab_disabled")
    outside = BOT_USER_ID not in channel.members
    if outside and (uploading or "chat:write.public" not in slack.manifest.scopes):
        raise SlackError("not_in_channel")
    return channel


def thread_root(channel: Channel, ts: str) -> str | None:
    """The root a reply goes under; replies have no threads of their own, and neither has what does not exist."""
    if not ts:
        return None
    root = channel.messages.get(ts)
    if root is None or root.thread_ts is not None:
        raise SlackError("cannot_reply_to_message")
    return ts


def _fill(slack: LocalSlack, message: Message, call: Call) -> None:
    """Give the message the content the call carries, checked before anything is changed."""
    text, blocks = call.text("text"), read_blocks(call)
    markdown = call.text("markdown_text")
    if markdown and (text or blocks):
        raise SlackError("markdown_text_conflict")
    if len(markdown) > LONGEST_MARKDOWN:
        raise SlackError("msg_too_long")
    attachments = call.structure("attachments", "invalid_attachments")
    if attachments and len(attachments) > MOST_ATTACHMENTS:
        raise SlackError("too_many_attachments")
    if not (text or markdown or blocks or attachments):
        raise SlackError("no_text")
    metadata = _metadata(slack, call)
    message.text = (text or markdown or plain_reading(blocks or []))[:LONGEST_POST]
    message.blocks, message.attachments, message.metadata = blocks, attachments, metadata
    message.parse, message.link_names = call.text("parse", "none"), call.flag("link_names")
    message.mrkdwn = call.flag("mrkdwn") if "mrkdwn" in call.args else True


def _metadata(slack: LocalSlack, call: Call) -> Json | None:
    metadata = call.structure("metadata", "invalid_metadata_format")
    if not metadata:
        return None
    if not isinstance(metadata, dict) or not isinstance(metadata.get("event_type"), str):
        raise SlackError("invalid_metadata_format")
    if not isinstance(metadata.get("event_payload"), dict):
        raise SlackError("invalid_metadata_format")
    if len(str(metadata)) > slack.settings.metadata_cap:
        raise SlackError("metadata_too_large")
    return {"event_type": metadata["event_type"], "event_payload": metadata["event_payload"]}


def _refuse_plain_for_rich(message: Message, call: Call) -> None:
    rich = message.blocks and all(block["type"] == "rich_text" for block in message.blocks)
    blocks = call.structure("blocks", "invalid_blocks_format")
    if rich and blocks and not any(isinstance(each, dict) and each.get("type") == "rich_text" for each in blocks):
        raise SlackError("block_mismatch")
