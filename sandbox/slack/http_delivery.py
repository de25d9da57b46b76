"""HTTP mode: signed requests to the app's request URL, judged as Slack judges the answers."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import aiohttp

from sandbox.slack.delivery import Envelope, Outcome
from sandbox.slack.settings import SlackSettings

FORM, JSON = "application/x-www-form-urlencoded", "application/json"


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Slack's `v0` signature: HMAC-SHA256 over `v0:timestamp:body`."""
    return "v0=" + hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256).hexdigest()


class HttpDelivery:
    """Posts each payload to the request URL, signed with the app's signing secret."""

    def __init__(self, settings: SlackSettings, clock: Callable[[], float]) -> None:
        self._settings = settings
        self._clock = clock
        self._session: aiohttp.ClientSession | None = None
        self.secret = ""

    async def send(self, kind: Envelope, payload: Mapping[str, Any], *, attempt: int, reason: str) -> Outcome:
        """Post once; only a 2xx within the ack window is an acknowledgement."""
        content_type, body = _encoded(kind, payload)
        retry = {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": reason} if attempt else {}
        try:
            return await self._post(body, {"Content-Type": content_type} | retry)
        except TimeoutError:
            return Outcome(acked=False, failure="http_timeout")
        except aiohttp.TooManyRedirects:
            return Outcome(acked=False, failure="too_many_redirects")
        except aiohttp.ClientError:
            return Outcome(acked=False, failure="connection_failed")

    async def verify(self, token: str) -> bool:
        """Do the `url_verification` handshake: whether the app sent the challenge back."""
        challenge = secrets.token_urlsafe(24)
        body = json.dumps({"token": token, "challenge": challenge, "type": "url_verification"}).encode()
        async with self._request(body, {"Content-Type": JSON}) as answer:
            text = await answer.text()
        return answer.status == 200 and (text == challenge or f'"{challenge}"' in text)

    async def close(self) -> None:
        """Let go of the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _post(self, body: bytes, headers: Mapping[str, str]) -> Outcome:
        async with self._request(body, headers) as answer:
            text = await answer.text()
            if not 200 <= answer.status < 300:
                final = answer.headers.get("X-Slack-No-Retry") == "1"
                return Outcome(acked=False, failure="http_error", final=final)
            return Outcome(acked=True, body=_answered(text, answer.content_type))

    def _request(self, body: bytes, headers: Mapping[str, str]) -> aiohttp.client._RequestContextManager:
        if self._session is None:
            self._session = aiohttp.ClientSession(trust_env=False)
        timestamp = str(int(self._clock()))
        signed = {
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": signature(self.secret, timestamp, body),
        }
        timeout = aiohttp.ClientTimeout(total=self._settings.ack_window)
        return self._session.post(
            self._settings.request_url or "", data=body, headers=signed | dict(headers), timeout=timeout
        )


def _encoded(kind: Envelope, payload: Mapping[str, Any]) -> tuple[str, bytes]:
    if kind is Envelope.EVENT:
        return JSON, json.dumps(payload, ensure_ascii=False).encode()
    if kind is Envelope.COMMAND:
        return FORM, urlencode({name: _field(value) for name, value in payload.items()}).encode()
    return FORM, urlencode({"payload": json.dumps(payload, ensure_ascii=False)}).encode()


def _field(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _answered(text: str, content_type: str) -> Mapping[str, Any] | None:
    if not text:
        return None
    if content_type == JSON:
        try:
            value = json.loads(text)
        except ValueError:
            return {"text": text}
        return value if isinstance(value, dict) else None
    return {"text": text}
