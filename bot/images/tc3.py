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
    signature = hmac.new(signing_key(credentials.secret_key, date, service), to_sign.encode(), hashlib.sha256)
    return (
        f"{ALGORITHM} Credential={credentials.secret_id}/{date}/{service}/tc3_request, "
        f"SignedHeaders={_signed_names(headers)}, Signature={signature.hexdigest()}"
    )


def canonical_request(headers: Mapping[str, str], body: bytes) -> str:
    """The one text that both sides hash; each header line ends in a newline, so a blank line follows them."""
    lines = sorted(f"{name.lower()}:{value.strip().lower()}\n" for name, value in headers.items())
    return f"POST\n/\n\n{''.join(lines)}\n{_signed_names(headers)}\n{hashlib.sha256(body).hexdigest()}"


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
    return datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%d")


def _signed_names(headers: Mapping[str, str]) -> str:
    return ";".join(sorted(name.lower() for name in headers))
