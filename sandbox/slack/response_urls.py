"""response_urls, and what an app may answer through them or in its acknowledgement."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.slack.blocks import accept, plain_reading
from sandbox.slack.connection import interfered
from sandbox.slack.errors import SlackError
from sandbox.slack.workspace import BOT_USER_ID, Json, Message

if TYPE_CHECKING:
    from sandbox.slack.local import LocalSlack


@dataclass(slots=True)
class ResponseUrl:
    """One address: five posts within half an hour, in one conversation, about one message if a click made it."""

    channel: str
    user: str
    issued: float
    original: Message | None = None
    uses: int = 0


class ResponseUrls:
    """Gives out response_urls and does what is posted to them."""

    def __init__(self, slack: LocalSlack) -> None:
        self._slack = slack
        self._known: dict[str, ResponseUrl] = {}

    def issue(self, channel: str, user: str, *, original: Message | None = None) -> str:
        """A fresh response_url for what this person just did."""
        token = secrets.token_hex(16)
        self._known[token] = ResponseUrl(channel, user, self._slack.clock(), original)
        return f"{self._slack.base_url}/response/{token}"

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one post to a response_url."""
        return await interfered(self._slack.settings, "response_url", request, lambda: self._handled(request))

    async def _handled(self, request: web.Request) -> web.StreamResponse:
        text = await request.text()
        try:
            address = self._usable(request.match_info["token"])
            self.respond(_object(text), channel=address.channel, user=address.user, original=address.original)
        except SlackError as error:
            status = 404 if error.code in {"expired_url", "used_url"} else 400
            self._slack.feed.publish("slack.api", method="response_url", ok=False, error=error.code)
            return web.json_response({"ok": False, "error": error.code} | error.more, status=status)
        address.uses += 1
        self._slack.feed.publish("slack.api", method="response_url", ok=True, error=None, channel=address.channel)
        return web.Response(text="ok")

    def _usable(self, token: str) -> ResponseUrl:
        address = self._known.get(token)
        life = self._slack.settings.response_url_life
        if address is None or self._slack.clock() - address.issued > life:
            raise SlackError("expired_url")
        if address.uses >= self._slack.settings.response_url_uses:
            raise SlackError("used_url")
        return address

    def respond(self, body: Json, *, channel: str, user: str, original: Message | None = None) -> Message | None:
        """Do what the app asks: delete or replace the message it was clicked on, or post a new one."""
        if body.get("delete_original"):
            self._remove(original)
            return None
        blocks = accept(body["blocks"]) if isinstance(body.get("blocks"), list) else None
        text = str(body.get("text") or (plain_reading(blocks) if blocks else ""))
        if not text and not blocks:
            raise SlackError("no_text")
        if body.get("replace_original") and original is not None:
            return self._replace(original, text, blocks)
        return self._new(body, text, blocks, channel, user)

    def _new(self, body: Json, text: str, blocks: list[Json] | None, channel: str, user: str) -> Message:
        message = self._slack.own(channel, text)
        message.blocks, message.hooked = blocks, True
        if body.get("response_type") == "in_channel":
            message.thread_ts = body.get("thread_ts") or None
            return self._slack.post(message)
        return self._slack.whisper(message, user)

    def _replace(self, original: Message, text: str, blocks: list[Json] | None) -> Message:
        original.text, original.blocks = text, blocks
        if original.seen_by:
            return self._slack.whisper(original, original.seen_by)
        original.edited = (BOT_USER_ID, self._slack.stamps.next())
        self._slack.changed(original)
        return original

    def _remove(self, original: Message | None) -> None:
        if original is None:
            return
        if original.seen_by:
            self._slack.workspace.channels[original.channel].ephemerals.pop(original.ts, None)
        else:
            self._slack.delete(original)


def _object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        raise SlackError("invalid_payload") from None
    if not isinstance(value, dict):
        raise SlackError("invalid_payload")
    return value
