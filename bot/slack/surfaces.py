"""What Slack shows around the conversations: modals, the Home tab, and words that one person sees."""

from __future__ import annotations

from bot.errors import Cause, Rejected, Unavailable
from bot.job import ChannelId, Ts, UserId
from bot.slack.client import SlackClient
from bot.slack.elements import Json, Message


class Surfaces:
    """Opens, changes and publishes. Raises faults, and nothing else."""

    def __init__(self, client: SlackClient) -> None:
        self._client = client

    async def open_view(self, trigger_id: str, view: Json) -> None:
        """Open a modal; a trigger works once, within three seconds.

        One that is spent has opened it: Slack brought the press twice.
        """
        try:
            await self._client.call("views.open", trigger_id=trigger_id, view=view)
        except Rejected as refused:
            if refused.code != "exchanged_trigger_id":
                raise

    async def update_view(self, view_id: str, view_hash: str, view: Json) -> None:
        """Show another in its place, unless it was changed since the hash was given."""
        await self._client.call("views.update", view_id=view_id, hash=view_hash, view=view)

    async def publish_home(self, user_id: UserId, view: Json) -> None:
        """Show it on this person's Home tab."""
        await self._client.call("views.publish", user_id=user_id, view=view)

    async def post_in(self, channel_id: ChannelId, message: Message, thread_ts: Ts | None = None) -> None:
        """Say it to everybody there."""
        await self._client.call(
            "chat.postMessage",
            channel=channel_id,
            text=message.text,
            blocks=message.blocks,
            thread_ts=thread_ts,
            parse="none",
            unfurl_links=False,
            unfurl_media=False,
        )

    async def direct(self, user_id: UserId) -> ChannelId:
        """The conversation between the bot and this person."""
        answer = await self._client.call("conversations.open", users=user_id)
        channel_id = (answer.get("channel") or {}).get("id")
        if not isinstance(channel_id, str):
            raise Unavailable("conversation_missing", cause=Cause.SLACK_DOWN)
        return ChannelId(channel_id)

    async def message_at(self, channel_id: ChannelId, ts: Ts) -> Json:
        """A message that somebody reacted to: its words and its address, for which the right to reactions is enough."""
        answer = await self._client.call("reactions.get", channel=channel_id, timestamp=ts)
        message = answer.get("message")
        return message if isinstance(message, dict) else {"ts": ts}

    async def whisper_in(
        self, channel_id: ChannelId, user_id: UserId, message: Message, thread_ts: Ts | None = None
    ) -> None:
        """Say it where only this person sees it; both must be members there."""
        await self._client.call(
            "chat.postEphemeral",
            channel=channel_id,
            user=user_id,
            text=message.text,
            blocks=message.blocks,
            thread_ts=thread_ts,
            parse="none",
        )
