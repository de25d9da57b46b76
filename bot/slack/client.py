"""Slack's Web API, called so that nothing is done twice unasked: two clients over one session.

`AsyncWebClient` by itself repeats a post whose connection broke after Slack had taken it, puts prompts into URLs
(files.completeUploadExternal), and lets foreign exceptions out. Here posts are sent once, arguments travel in bodies,
and everything that is not `ok` is a `Fault`.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.builtin_async_handlers import AsyncConnectionErrorRetryHandler
from slack_sdk.http_retry.builtin_interval_calculators import FixedValueRetryIntervalCalculator
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import Cause, Fault, Misconfigured, OutcomeUnknown, Throttled, Unavailable
from bot.slack.codes import Refusal, fault_of
from bot.slack.hosts import is_loopback
from bot.slack.limits import Limits

Json = dict[str, Any]

TIMEOUT = 10.0
"""Seconds for one call, all in all. The clients' own `timeout` is ignored where a session is shared."""
MOST_BYTES = 4 * 1024 * 1024
"""Longer answers are not read to their end."""
_LONGEST_WAIT = 3600.0
_PAUSE = FixedValueRetryIntervalCalculator(fixed_internal=0.1)  # seconds; the misspelling is the SDK's

IDEMPOTENT = frozenset({
    "auth.test", "chat.delete", "chat.getPermalink", "conversations.join", "conversations.open", "files.delete",
    "files.getUploadURLExternal", "files.info", "reactions.get", "users.info",
})  # fmt: skip
_FORMS = frozenset(
    {"auth.test", "chat.getPermalink", "files.getUploadURLExternal", "files.info", "reactions.get", "users.info"}
)
"""Methods that do not take JSON."""
_NOT_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)


class _Bounded(aiohttp.ClientResponse):
    """An answer that is given up when it grows too long; aiohttp has no limit of its own."""

    async def read(self) -> bytes:
        if self._body is None:
            body = bytearray()
            async for chunk in self.content.iter_any():
                body += chunk
                if len(body) > MOST_BYTES:
                    self.close()
                    raise aiohttp.ClientPayloadError("answer too long")
            self._body = bytes(body)
        return await super().read()


def open_session() -> aiohttp.ClientSession:
    """The session that everything Slack goes over; whoever opens it closes it."""
    return aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=TIMEOUT, connect=5.0),
        connector=aiohttp.TCPConnector(limit=64),
        response_class=_Bounded,
        cookie_jar=aiohttp.DummyCookieJar(),
    )


class SlackClient:
    """Calls methods of the Web API. Raises faults, and nothing else."""

    def __init__(
        self, session: aiohttp.ClientSession, *, token: str, api_url: str, now: Callable[[], datetime]
    ) -> None:
        self.session = session
        self.api_url = api_url
        self.once = AsyncWebClient(token=token, base_url=api_url, session=session, retry_handlers=[])
        self.again = AsyncWebClient(
            token=token,
            base_url=api_url,
            session=session,
            retry_handlers=[AsyncConnectionErrorRetryHandler(interval_calculator=_PAUSE)],
        )
        if is_loopback(api_url):
            self.once.proxy = self.again.proxy = None
        self._limits = Limits(now)
        self.refused: str | None = None
        """The code with which Slack last refused the token itself; None once a call went through."""
        self.piece: Callable[[], Awaitable[None]] = _at_once
        """Waited for before each request: several may become due in the same moment."""

    @property
    def proxy(self) -> str | None:
        """The way out that the clients found in the environment."""
        return self.once.proxy

    async def call(self, method: str, /, **arguments: Any) -> Json:
        """Call once (what is idempotent: once more after a broken connection) and return the answer.

        Arguments that are None are left out. Raises `Throttled` at once, without a call, while Slack blocks the method.
        """
        channel = str(arguments.get("channel") or arguments.get("channel_id") or "")
        await self.piece()
        hits = self._limits.check(method, channel)
        try:
            answer = await self._send(method, {name: it for name, it in arguments.items() if it is not None})
        except SlackApiError as refused:
            raise self._fault(_refusal(method, channel, refused.response)) from None
        except (aiohttp.ClientError, TimeoutError, OSError) as broken:
            raise _unheard(method, broken) from None
        except (SlackClientError, AttributeError, TypeError, ValueError, UnicodeError) as garbled:
            # The SDK trips over answers that are not what it expects (text with status 200, a list, no UTF-8).
            raise _unheard(method, garbled) from None
        self._limits.passed(method, channel, since=hits)
        self.refused = None
        return answer

    async def _send(self, method: str, arguments: Json) -> Json:
        client = self.again if method in IDEMPOTENT else self.once
        if method in _FORMS:
            form = {name: _formed(value) for name, value in arguments.items()}
            response = await client.api_call(method, data=form)
        else:
            response = await client.api_call(method, json=arguments)
        data = response.data
        if not isinstance(data, dict):
            raise TypeError(type(data).__name__)
        return data

    def _fault(self, refusal: Refusal) -> Fault:
        fault = fault_of(refusal)
        if isinstance(fault, Misconfigured) and fault.code != "missing_scope":
            self.refused = fault.code
        if isinstance(fault, Throttled):
            seconds = self._limits.hit(refusal.method, refusal.channel, retry_after=refusal.retry_after)
            return Throttled(fault.code, fault.detail, retry_after=seconds, cause=fault.cause)
        in_doubt = refusal.status >= 500 or (refusal.status == 200 and not refusal.code)
        if isinstance(fault, Unavailable) and in_doubt and refusal.method not in IDEMPOTENT:
            return OutcomeUnknown(fault.code, fault.detail, cause=fault.cause)
        return fault


async def _at_once() -> None:
    """Wait for nobody."""


def _formed(value: Any) -> str:
    return ("false", "true")[value] if isinstance(value, bool) else str(value)


def _unheard(method: str, broken: Exception) -> Fault:
    """No usable answer came. What was surely not sent, or may be sent twice, is simply unavailable."""
    code = "timeout" if isinstance(broken, TimeoutError) else "connection"
    detail = f"{method}: {type(broken).__name__}"
    if method in IDEMPOTENT or isinstance(broken, _NOT_SENT):
        return Unavailable(code, detail, cause=Cause.SLACK_DOWN)
    return OutcomeUnknown(code, detail, cause=Cause.SLACK_DOWN)


def _refusal(method: str, channel: str, response: Any) -> Refusal:
    """The SDK's error holds its own kind of response, or aiohttp's, if the body was no JSON."""
    data = getattr(response, "data", None)
    body: Mapping[str, Any] = data if isinstance(data, dict) else {}
    status = getattr(response, "status_code", None) or getattr(response, "status", None) or 0
    metadata = body.get("response_metadata")
    messages = metadata.get("messages") if isinstance(metadata, dict) else None
    return Refusal(
        method=method,
        status=int(status),
        code=str(body.get("error") or ""),
        channel=channel,
        needed=str(body.get("needed") or ""),
        retry_after=_seconds(getattr(response, "headers", None) or {}),
        messages=[str(each) for each in messages] if isinstance(messages, list) else [],
    )


def _seconds(headers: Mapping[str, str]) -> float | None:
    """`Retry-After`, if it is a sensible number of seconds."""
    said = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    try:
        seconds = float(said)
    except ValueError:
        return None
    return min(seconds, _LONGEST_WAIT) if math.isfinite(seconds) and seconds >= 0 else None
