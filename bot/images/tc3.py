"""TC3-HMAC-SHA256, the cloud vendor's request signature (its page 362/4208). Pure.

The vendor lower-cases header values before hashing, signs the path `/` only, and counts days in UTC.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache

ALGORITHM = "TC3-HMAC-SHA256"
_DAY = 86_400  # seconds


@dataclass(frozen=True, slots=True)
class Credentials:
    """The account's keys; `token` comes with temporary ones. Its repr shows nothing."""

    secret_id: str = field(repr=False)
    secret_key: str = field(repr=False)
    token: str = field(default="", repr=False)


def authorization(
    credentials: Credentials, headers: Mapping[str, str], body: bytes, *, service: str, timestamp: int
) -> str:
    """The `Authorization` header of a POST of exactly `body`; all `headers` are signed, `timestamp` is in seconds."""
    date = utc_date(timestamp)
    to_sign = string_to_sign(canonical_request(headers, body), service=service, timestamp=timestamp)
    signature = hmac.digest(signing_key(credentials.secret_key, date, service), to_sign.encode(), "sha256").hex()
    return (
        f"{ALGORITHM} Credential={credentials.secret_id}/{date}/{service}/tc3_request, "
        f"SignedHeaders={_signed(tuple(headers.items()))[1]}, Signature={signature}"
    )


def canonical_request(headers: Mapping[str, str], body: bytes) -> str:
    """The one text that both sides hash; each header line ends in a newline, so a blank line follows them."""
    lines, names = _signed(tuple(headers.items()))
    return f"POST\n/\n\n{lines}\n{names}\n{hashlib.sha256(body).hexdigest()}"


def string_to_sign(canonical: str, *, service: str, timestamp: int) -> str:
    """What the day's key signs."""
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    return f"{ALGORITHM}\n{timestamp}\n{utc_date(timestamp)}/{service}/tc3_request\n{digest}"


@lru_cache(maxsize=4)
def signing_key(secret_key: str, date: str, service: str) -> bytes:
    """The key of one day and one service."""
    key = f"TC3{secret_key}".encode()
    for part in (date, service, "tc3_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


def utc_date(timestamp: int) -> str:
    """The day of the scope, with dashes."""
    return _date_of(timestamp // _DAY)


@lru_cache(maxsize=4)
def _date_of(day: int) -> str:
    return datetime.fromtimestamp(day * _DAY, UTC).strftime("%Y-%m-%d")


@lru_cache(maxsize=16)
def _signed(headers: tuple[tuple[str, str], ...]) -> tuple[str, str]:
    """The headers' lines and their names; they are the same for each call of an action."""
    lines = sorted(f"{name.lower()}:{value.strip().lower()}\n" for name, value in headers)
    return "".join(lines), ";".join(sorted(name.lower() for name, _ in headers))
