"""A completed upload on its way into the conversation: late, or never."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.slack.local import LocalSlack
from sandbox.slack.workspace import BOT_USER_ID, Channel, File, FileState, Json, Share


@dataclass(frozen=True, slots=True)
class Sharing:
    """All files of one completion become one message in each channel."""

    slack: LocalSlack
    files: tuple[File, ...]
    channels: tuple[Channel, ...]
    thread_ts: str | None
    comment: str
    blocks: list[Json] | None

    def begin(self) -> None:
        """Let it land after the share delay, unless a switch swallows it: Slack answered ok either way."""
        settings = self.slack.settings
        for channel in self.channels:
            self.slack.limits.shared(channel.id)
        if settings.drop_shares > 0:
            settings.drop_shares -= 1
            return
        if settings.alt_txt_drops_share and any(file.alt_txt for file in self.files):
            return
        self.slack.schedule.later(settings.share_delay, self._land)

    def _land(self) -> None:
        alive = [file for file in self.files if file.state is FileState.COMPLETED]
        for channel in self.channels if alive else ():
            self._show(channel, alive)

    def _show(self, channel: Channel, files: list[File]) -> None:
        message = self.slack.own(channel.id, self.comment)
        message.files, message.thread_ts = [file.id for file in files], self.thread_ts
        message.blocks = self.blocks
        for file in files:
            file.shares.append(Share(channel.id, message.ts, self.thread_ts))
        self.slack.post(message)
        self.slack.feed.publish(
            "slack.share",
            channel=channel.id,
            ts=message.ts,
            thread_ts=self.thread_ts,
            files=[{"id": file.id, "sha256": file.sha256} for file in files],
        )
        for file in files:
            announce(self.slack, channel, file)


def announce(slack: LocalSlack, channel: Channel, file: File) -> None:
    """Tell the app of a shared file (`file_shared`), where it is a member. The event names no message."""
    if BOT_USER_ID not in channel.members:
        return
    event = {"type": "file_shared", "file_id": file.id, "user_id": file.user, "file": {"id": file.id}}
    slack.events.emit("file_shared", event | {"channel_id": channel.id, "event_ts": slack.stamps.next()})
