"""files.*: the promised upload, its completion and late share, looking, deleting."""

from __future__ import annotations

import secrets

from sandbox.slack import rendering
from sandbox.slack.arguments import Call, invalid
from sandbox.slack.blocks import plain_reading, read_blocks
from sandbox.slack.errors import SlackError
from sandbox.slack.ids import new_id
from sandbox.slack.local import LocalSlack
from sandbox.slack.methods_chat import thread_root, writable
from sandbox.slack.shares import Sharing
from sandbox.slack.workspace import BOT_USER_ID, Channel, File, FileState, Json

LONGEST_ALT_TEXT, MOST_FILES, MOST_CHANNELS = 1000, 14, 100


def get_upload_url(slack: LocalSlack, call: Call) -> Json:
    """files.getUploadURLExternal; what is never completed is thrown away."""
    length = call.number("length")
    if length <= 0:
        raise SlackError("missing_argument")
    if length > slack.settings.upload_cap:
        raise SlackError("file_upload_size_restricted")
    if len(call.text("alt_txt")) > LONGEST_ALT_TEXT:
        raise SlackError("alt_txt_too_large")
    name = call.text("filename").replace("/", "_")
    ticket, key, created = secrets.token_urlsafe(24), secrets.token_urlsafe(12), int(slack.clock())
    file = File(new_id("F"), name, name, length, call.text("alt_txt"), BOT_USER_ID, created, ticket, key)
    slack.workspace.files[file.id] = file
    slack.schedule.later(slack.settings.upload_life, lambda: _discard(slack, file))
    return {"upload_url": f"{slack.base_url}/upload/v1/{ticket}", "file_id": file.id}


def _discard(slack: LocalSlack, file: File) -> None:
    if file.state in {FileState.PROMISED, FileState.RECEIVED}:
        slack.workspace.files.pop(file.id, None)


def complete_upload(slack: LocalSlack, call: Call) -> Json:
    """files.completeUploadExternal; once for each upload. It answers before anybody can see the files."""
    entries, channel_ids = _entries(call), _channel_ids(call)
    files = [_received(slack, str(each["id"])) for each in entries]
    channels = [_destination(slack, each) for each in channel_ids]
    thread_ts = _thread(channels, call)
    blocks = None if call.has("initial_comment") else read_blocks(call)
    if len(files) > MOST_FILES or any(block["type"] == "markdown" for block in blocks or ()):
        raise SlackError("internal_error")
    for file, entry in zip(files, entries, strict=True):
        file.title, file.state = str(entry.get("title") or file.name), FileState.COMPLETED
    slack.feed.publish("slack.complete", files=[file.id for file in files], channels=[each.id for each in channels])
    comment = call.text("initial_comment") or plain_reading(blocks or [])
    Sharing(slack, tuple(files), tuple(channels), thread_ts, comment, blocks).begin()
    return {"files": [rendering.file(slack, file, settled=False) for file in files]}


def _entries(call: Call) -> list[Json]:
    entries = call.structure("files", "invalid_arguments")
    if not isinstance(entries, list) or not entries or not all(isinstance(e, dict) and e.get("id") for e in entries):
        raise invalid("must be a non-empty array of objects with an id: files")
    return entries


def _received(slack: LocalSlack, file_id: str) -> File:
    file = slack.workspace.files.get(file_id)
    if file is None or file.state in {FileState.PROMISED, FileState.DELETED}:
        raise SlackError("file_not_found")
    if file.state is FileState.COMPLETED:
        raise SlackError(slack.settings.second_complete_error)
    return file


def _channel_ids(call: Call) -> list[str]:
    ids = [each.strip() for each in call.text("channels").split(",") if each.strip()]
    if call.has("channel_id"):
        ids = [call.text("channel_id")]
    if len(ids) > MOST_CHANNELS:
        raise SlackError("channels_limit_exceeded")
    return ids


def _destination(slack: LocalSlack, channel_id: str) -> Channel:
    return writable(slack, slack.visible(channel_id), uploading=True)


def _thread(channels: list[Channel], call: Call) -> str | None:
    if not call.has("thread_ts"):
        return None
    if len(channels) != 1:
        raise invalid("thread_ts needs exactly one channel")
    return thread_root(channels[0], call.text("thread_ts"))


def info(slack: LocalSlack, call: Call) -> Json:
    """files.info; `shares` stays empty until the files can be seen."""
    file = slack.file(call.text("file"))
    if file.state is not FileState.COMPLETED:
        raise SlackError("file_not_found")
    paging = {"count": 100, "total": 0, "page": 1, "pages": 0}
    return {"file": rendering.file(slack, file, settled=bool(file.shares)), "comments": [], "paging": paging}


def delete(slack: LocalSlack, call: Call) -> Json:
    """files.delete; messages keep a tombstone where the file was."""
    file = slack.file(call.text("file"))
    if file.user != BOT_USER_ID:
        raise SlackError("cant_delete_file")
    where, file.state, file.data, file.shares = file.shares, FileState.DELETED, b"", []
    for share in where:
        message = slack.workspace.message(share.channel, share.ts)
        if message is not None:
            slack.changed(message)
    return {}
