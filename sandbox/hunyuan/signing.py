"""TC3-HMAC-SHA256 as the server sees it: read the Authorization header, compute the signature again, compare.

Written from the vendor's page 362/4208 alone; it shares nothing with any client's signer.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sandbox.hunyuan.catalogue import SERVICE
from sandbox.hunyuan.refusals import Refusal

ALGORITHM: Final = "TC3-HMAC-SHA256"
CLOCK_TOLERANCE: Final = 300
"""Seconds between the client's timestamp and the server's clock."""

_AUTHORIZATION: Final = re.compile(
    rf"{ALGORITHM} +Credential=([^/\s]+)/(\d{{4}}-\d{{2}}-\d{{2}})/([a-z0-9]+)/tc3_request *, *"
    r"SignedHeaders=([a-z0-9;-]+) *, *Signature=([0-9a-f]{64})"
)


@dataclass(frozen=True, slots=True)
class Authorization:
    """The parts of an Authorization header."""

    secret_id: str
    date: str
    service: str
    signed: tuple[str, ...]
    signature: str


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came over the wire: header names in lower case, values and body untouched."""

    method: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Keys:
    """One account's keys; `token` belongs to temporary keys and must then come with each request."""

    secret_id: str
    secret_key: str
    token: str | None = None


def parse_authorization(header: str) -> Authorization:
    """Read the header, or refuse with `AuthFailure.InvalidAuthorization`."""
    found = _AUTHORIZATION.fullmatch(header.strip())
    if found is None:
        raise Refusal("AuthFailure.InvalidAuthorization")
    secret_id, date, service, names, signature = found.groups()
    return Authorization(secret_id, date, service, tuple(names.split(";")), signature)


def payload_hash(received: Received) -> str:
    """Hash what is signed as payload: nothing for GET, a literal text in the SDK's unsigned mode, else the body."""
    if received.headers.get("x-tc-content-sha256") == "UNSIGNED-PAYLOAD":
        return hashlib.sha256(b"UNSIGNED-PAYLOAD").hexdigest()
    return hashlib.sha256(b"" if received.method == "GET" else received.body).hexdigest()


def canonical_request(received: Received, signed: Iterable[str], *, unfolded: Iterable[str] = ()) -> str:
    """Return the canonical form; values are folded to lower case save for the headers named in `unfolded`."""
    names, kept = tuple(signed), frozenset(unfolded)
    values = {name: received.headers[name].strip() for name in names}
    lines = "".join(f"{name}:{values[name] if name in kept else values[name].lower()}\n" for name in names)
    query = received.query if received.method == "GET" else ""
    return "\n".join((received.method, "/", query, lines, ";".join(names), payload_hash(received)))


def signature_of(canonical: str, *, key: str, timestamp: int, date: str, service: str) -> str:
    """Return the hex signature of a canonical request."""
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    to_sign = f"{ALGORITHM}\n{timestamp}\n{date}/{service}/tc3_request\n{digest}"
    secret = b"TC3" + key.encode()
    for part in (date, service, "tc3_request"):
        secret = hmac.digest(secret, part.encode(), "sha256")
    return hmac.digest(secret, to_sign.encode(), "sha256").hex()


def verify(received: Received, keys: Keys, *, now: float) -> Authorization:
    """Check a request's signature in the vendor's order, or refuse with the code of the first thing that is wrong."""
    authorization = parse_authorization(received.headers.get("authorization", ""))
    if not hmac.compare_digest(authorization.secret_id.encode(), keys.secret_id.encode()):
        raise Refusal("AuthFailure.SecretIdNotFound")
    timestamp = _timestamp(received)
    if abs(now - timestamp) > CLOCK_TOLERANCE:
        raise Refusal("AuthFailure.SignatureExpire")
    _check_scope(authorization, received, timestamp)
    if not any(hmac.compare_digest(authorization.signature, each) for each in _accepted(authorization, received, keys)):
        raise Refusal("AuthFailure.SignatureFailure")
    token = received.headers.get("x-tc-token", "")
    if keys.token is not None and not hmac.compare_digest(token.encode(), keys.token.encode()):
        raise Refusal("AuthFailure.TokenFailure")
    return authorization


def _timestamp(received: Received) -> int:
    text = received.headers.get("x-tc-timestamp", "")
    if not text:
        raise Refusal("MissingParameter", "X-TC-Timestamp")
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise Refusal("InvalidParameter", "X-TC-Timestamp")
    return int(text)


def _check_scope(authorization: Authorization, received: Received, timestamp: int) -> None:
    """Compare the credential's scope with the request: its UTC date, its service, and what must be signed at least."""
    if authorization.date != datetime.fromtimestamp(timestamp, UTC).date().isoformat():
        raise Refusal("AuthFailure.SignatureFailure", "Credential date is not the UTC date of X-TC-Timestamp")
    host = received.headers.get("host", "").lower().removeprefix("http://")
    if host.endswith(".tencentcloudapi.com") and host.partition(".")[0] != authorization.service:
        raise Refusal("AuthFailure.SignatureFailure", "Credential service does not match the host")
    missing = {"content-type", "host"} - set(authorization.signed) or set(authorization.signed) - set(received.headers)
    if missing:
        raise Refusal("AuthFailure.SignatureFailure", "SignedHeaders: " + ", ".join(sorted(missing)))
    if authorization.service != SERVICE:
        raise Refusal("NoSuchProduct", authorization.service)


def _accepted(authorization: Authorization, received: Received, keys: Keys) -> list[str]:
    """Return the signatures that pass: header values in lower case as documented, or as they are, as the SDK has it."""
    forms = ((), ("host",), authorization.signed)
    return [
        signature_of(
            canonical_request(received, authorization.signed, unfolded=form),
            key=keys.secret_key,
            timestamp=_timestamp(received),
            date=authorization.date,
            service=authorization.service,
        )
        for form in forms
    ]
