"""What only the asker sees: through the command's `response_url` while it lives, else as an ephemeral message.

A `response_url` works in every conversation, member or not; 5 times, for 30 minutes.
https://docs.slack.dev/interactivity/handling-user-interaction
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import structlog

from bot.errors import Cause, Misconfigured, NotInChannel, OutcomeUnknown, Rejected, Throttled, Unavailable
from bot.job import Job, JobId
from bot.slack.client import SlackClient
from bot.slack.elements import Message
from bot.slack.hosts import may_answer_to

_log = structlog.get_logger(__name__)

_LIFE = timedelta(minutes=29)
_MOST_USES = 5
_REMEMBERED = 5000
_MOST_REPLY = 4096


class Replies:
    """Says things to one person only."""

    def __init__(self, client: SlackClient, *, now: Callable[[], datetime]) -> None:
        self._client = client
        self._now = now
        self._uses: OrderedDict[JobId, int] = OrderedDict()

    async def privately(self, job: Job, message: Message) -> bool:
        """Say it where the job was asked for; False if it cannot be. Raises where it may have been, or can be later."""
        if self._lives(job):
            try:
                await self._answer(job, message)
                return True
            except Rejected as refused:
                _log.info("response_url_refused", job=job.id, code=refused.code)
        return await self._ephemeral(job, message)

    def _lives(self, job: Job) -> bool:
        url = job.reply_url
        if url is None or not may_answer_to(url, api_url=self._client.api_url):
            return False
        return self._now() - job.asked_at < _LIFE and self._uses.get(job.id, 0) < _MOST_USES

    async def _answer(self, job: Job, message: Message) -> None:
        """POST to the response_url, once."""
        self._uses[job.id] = self._uses.get(job.id, 0) + 1
        while len(self._uses) > _REMEMBERED:
            self._uses.popitem(last=False)
        body = {
            "response_type": "ephemeral",
            "replace_original": False,
            "text": message.text,
            "blocks": message.blocks,
        }
        await self._send(job.reply_url or "", body)

    async def whisper(self, url: str, body: Mapping[str, Any]) -> None:
        """Answer a press through its own `response_url`, once. Raises `Rejected` for an address that is not Slack's."""
        if not may_answer_to(url, api_url=self._client.api_url):
            raise Rejected("response_url_foreign", cause=Cause.SLACK_REFUSED)
        await self._send(url, body)

    async def _send(self, url: str, body: Mapping[str, Any]) -> None:
        try:
            async with self._client.session.post(
                url, json=body, allow_redirects=False, proxy=self._client.proxy
            ) as response:
                status, reply = response.status, await response.content.read(_MOST_REPLY)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as unsent:
            raise Unavailable("connection", type(unsent).__name__, cause=Cause.SLACK_DOWN) from None
        except (aiohttp.ClientError, TimeoutError, OSError) as broken:
            raise OutcomeUnknown("response_url_unheard", type(broken).__name__, cause=Cause.SLACK_DOWN) from None
        _judge(status, reply)

    async def _ephemeral(self, job: Job, message: Message) -> bool:
        """Only works where the bot and the asker are members."""
        channel = job.origin_channel_id or job.channel_id
        try:
            await self._client.call(
                "chat.postEphemeral", channel=channel, user=job.user_id, text=message.text, blocks=message.blocks,
                parse="none",
            )  # fmt: skip
        except (Rejected, NotInChannel, Misconfigured) as refused:
            _log.info("ephemeral_refused", job=job.id, code=refused.code)
            return False
        return True


def _judge(status: int, reply: bytes) -> None:
    """Slack answers `ok`, or JSON with `ok` and `error`; 404 with `used_url` or `expired_url` when it is over."""
    if status == 429:
        raise Throttled("ratelimited", "response_url", cause=Cause.SLACK_DOWN)
    if status >= 500:
        raise OutcomeUnknown(f"response_url_http_{status}", cause=Cause.SLACK_DOWN)
    if status != 200:
        raise Rejected(f"response_url_http_{status}", cause=Cause.SLACK_REFUSED)
    try:
        said = json.loads(reply)
    except ValueError:
        return
    if isinstance(said, dict) and said.get("ok") is False:
        raise Rejected(str(said.get("error") or "response_url_refused"), cause=Cause.SLACK_REFUSED)
