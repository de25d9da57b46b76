"""One signed call over HTTP, sent once: either the provider's `Response`, or what is known of why there is none.

The bytes that are signed are the bytes that are sent, and the Host header is ours, so that what a signature covers does
not depend on how a library would have written it.
"""

from __future__ import annotations

import json
from codecs import BOM_UTF8
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
import structlog
from aiohttp.hdrs import CONTENT_ENCODING
from yarl import URL

from bot.images.codes import Action
from bot.images.tc3 import Credentials, authorization

VERSION = "2023-09-01"
SERVICE = "hunyuan"
CONTENT_TYPE = "application/json"
BODY_CAP = 1024 * 1024
_ANY_LINE = 400_000  # bytes a second that any line carries

_log = structlog.get_logger(__name__)


class NotSent(Exception):  # noqa: N818 - says what happened
    """No connection came about: the provider has seen nothing of it. The text is a code."""


class NoAnswer(Exception):  # noqa: N818 - says what happened
    """The call may have arrived, and nothing legible came back. The text is a code."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds: to connect, for a whole call, and for the whole download of a picture of at most `picture` bytes."""

    connect: float = 3.0
    total: float = 10.0
    download: float = 40.0
    picture: int = 25 * 1024 * 1024


USUAL = Limits()


@dataclass(frozen=True, slots=True)
class Access:
    """Where the account is, and its keys. The language is that of error messages."""

    endpoint: str
    credentials: Credentials
    region: str = "ap-guangzhou"
    language: str = "en-US"


@dataclass(frozen=True, slots=True)
class Answer:
    """The provider's `Response`, and its Date header."""

    response: Mapping[str, Any]
    date: str = ""

    @property
    def clock(self) -> float | None:
        """The provider's own clock in Unix seconds, if its Date header told it."""
        try:
            return parsedate_to_datetime(self.date).timestamp()
        except ValueError:
            return None


class Wire:
    """Signs and sends calls to one endpoint of one account."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        access: Access,
        *,
        wall: Callable[[], float],
        limits: Limits,
    ) -> None:
        if session.trust_env:
            raise ValueError("the session must not take proxies or passwords from the environment")
        self._session = session
        self._credentials = access.credentials
        self._url = URL(access.endpoint)
        self._wall = wall
        self._unsigned = {
            "X-TC-Version": VERSION,
            "X-TC-Region": access.region,
            "X-TC-Language": access.language,
            "Accept-Encoding": "identity",
            **({"X-TC-Token": access.credentials.token} if access.credentials.token else {}),
        }
        self._host = host_of(self._url)
        self._limits = limits
        self.offset = 0.0
        """Seconds that the provider's clock is ahead of ours."""

    def provider_time(self) -> float:
        """Unix seconds by the provider's clock, as far as it is known."""
        return self._wall() + self.offset

    def learn(self, clock: float) -> None:
        """Take over the provider's clock; more than five minutes apart, it refuses signatures."""
        self.offset = clock - self._wall()
        _log.warning("clock_offset", seconds=round(self.offset, 1))

    async def send(self, action: Action, parameters: Mapping[str, object]) -> Answer:
        """Send it once. Raises `NotSent` or `NoAnswer`."""
        if self._session.closed:
            raise NotSent("session_closed")
        body = json.dumps(parameters).encode()
        try:
            async with self._session.post(
                self._url,
                data=body,
                headers=self._headers(action, body),
                timeout=self._timeout(len(body)),
                allow_redirects=False,
                auto_decompress=True,
            ) as response:
                return await _answer(response)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise NotSent(_connect_code(error)) from error
        except TimeoutError as error:
            raise NoAnswer("timeout") from error
        except aiohttp.ClientError as error:
            raise NoAnswer("connection_lost") from error

    def _timeout(self, length: int) -> aiohttp.ClientTimeout:
        """A reference picture in the body gets the time that it may take on its way."""
        limits = self._limits
        total = limits.total + length // _ANY_LINE
        return aiohttp.ClientTimeout(total=total, connect=limits.connect, sock_connect=limits.connect)

    def _headers(self, action: Action, body: bytes) -> Mapping[str, str]:
        timestamp = int(self.provider_time())
        signed = {"Content-Type": CONTENT_TYPE, "Host": self._host, "X-TC-Action": str(action)}
        proof = authorization(self._credentials, signed, body, service=SERVICE, timestamp=timestamp)
        return signed | self._unsigned | {"Authorization": proof, "X-TC-Timestamp": str(timestamp)}


def host_of(url: URL) -> str:
    """The Host header of a request there: with the port unless it is the scheme's own."""
    return url.host_port_subcomponent or ""


def _connect_code(error: Exception) -> str:
    match error:
        case aiohttp.ClientConnectorDNSError():
            return "dns_failed"
        case aiohttp.ClientSSLError():
            return "tls_failed"
        case aiohttp.ConnectionTimeoutError():
            return "connect_timeout"
        case _:
            return "connect_failed"


async def read_capped(response: aiohttp.ClientResponse, cap: int) -> bytes | None:
    """The body, or None as soon as it is longer than `cap` bytes."""
    length = response.content_length
    if length is not None and length > cap:
        return None
    if length is not None and CONTENT_ENCODING not in response.headers:
        return await response.read()  # exactly as long as it says
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > cap:
            return None
    return bytes(body)


async def _answer(response: aiohttp.ClientResponse) -> Answer:
    """An `Error` counts whatever the HTTP status; anything else only with 200."""
    body = await read_capped(response, BODY_CAP)
    found = None if body is None else _response_of(body)
    if found is not None and (response.status == 200 or "Error" in found):
        return Answer(found, response.headers.get("Date", ""))
    _log.warning("illegible", status=response.status, kind=response.content_type, bytes=len(body or b""))
    if response.status != 200:
        raise NoAnswer(f"http_{response.status}")
    raise NoAnswer("answer_too_large" if body is None else "answer_illegible")


def _response_of(body: bytes) -> Mapping[str, Any] | None:
    """The `Response` object. The vendor speaks UTF-8, whatever a charset header says; a key must not come twice."""
    try:
        whole = _DECODER.decode(body.removeprefix(BOM_UTF8).decode())
    except (ValueError, RecursionError):
        return None
    response = whole.get("Response") if isinstance(whole, dict) else None
    if not isinstance(response, dict):
        return None
    if response.get("Error") is None:
        response.pop("Error", None)
    elif not isinstance(response["Error"], dict):
        return None
    return response


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key comes twice")
    return found


_DECODER = json.JSONDecoder(object_pairs_hook=_unique)
