"""What one person sees of the workspace, as JSON."""

from __future__ import annotations

from sandbox.slack import rendering
from sandbox.slack.local import LocalSlack
from sandbox.slack.pictures import size_of
from sandbox.slack.workspace import BOT_USER_ID, Channel, ChannelKind, File, FileState, Json, Message


def snapshot(slack: LocalSlack, viewer: str) -> Json:
    """Channels, messages and files as `viewer` sees them; ephemeral messages are the viewer's own only."""
    slack.schedule.run_due()
    space = slack.workspace
    channels = [each for each in space.channels.values() if _sees(each, viewer)]
    shown = {each.id: _messages(slack, each, viewer) for each in channels}
    files = {entry["id"] for messages in shown.values() for it in messages for entry in it.get("files", ())}
    return {
        "team": {"id": space.team_id, "name": space.name, "domain": space.domain},
        "me": viewer,
        "users": [
            {"id": u.id, "name": u.name, "real_name": u.real_name, "is_bot": u.is_bot, "color": u.color}
            for u in space.users.values()
        ],
        "channels": [_channel(each) for each in channels],
        "messages": shown,
        "files": {each: _file(slack, space.files[each]) for each in sorted(files)},
        "views": [view.render(space.team_id) for view in slack.views.stack(viewer)],
    }


def _sees(channel: Channel, viewer: str) -> bool:
    return channel.kind is ChannelKind.PUBLIC or viewer in channel.members


def _channel(channel: Channel) -> Json:
    return {
        "id": channel.id,
        "name": channel.name,
        "kind": channel.kind,
        "bot_is_member": BOT_USER_ID in channel.members,
        "with": BOT_USER_ID if channel.kind is ChannelKind.IM else None,
    }


def _messages(slack: LocalSlack, channel: Channel, viewer: str) -> list[Json]:
    own = [each for each in channel.ephemerals.values() if each.seen_by == viewer]
    both = sorted([*channel.messages.values(), *own], key=lambda each: _moment(each.ts))
    return [_message(slack, each) for each in both]


def _moment(ts: str) -> tuple[int, int]:
    seconds, _, micros = ts.partition(".")
    return int(seconds), int(micros)


def _message(slack: LocalSlack, message: Message) -> Json:
    shown = rendering.message(slack, message)
    return shown | ({"is_ephemeral": True} if message.seen_by else {})


def _file(slack: LocalSlack, file: File) -> Json:
    width, height = size_of(file.data) or (0, 0)
    gone = file.state is FileState.DELETED
    return {
        "id": file.id,
        "title": file.title,
        "name": file.name,
        "alt_txt": file.alt_txt,
        "size": len(file.data),
        "w": width,
        "h": height,
        "url": "" if gone else f"{rendering.private_url(slack, file)}?key={file.key}",
        "sha256": file.sha256,
        "deleted": gone,
    }
