"""Result links in the manner of the vendor's storage (COS): signed, good for a while, refused with XML afterwards."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from urllib.parse import parse_qs, quote


@dataclass(frozen=True, slots=True)
class Links:
    """Signs and checks links of pictures under `base` (scheme and host)."""

    base: str
    key: bytes

    def sign(self, job_id: str, index: int, *, start: float, life: float) -> str:
        """Return a link to a picture that works from `start` for `life` seconds."""
        path = f"/pictures/{job_id}/{index}.png"
        span = f"{int(start)};{int(start + life)}"
        query = {
            "q-sign-algorithm": "sha1",
            "q-ak": "sandbox",
            "q-sign-time": span,
            "q-key-time": span,
            "q-header-list": "host",
            "q-url-param-list": "",
            "q-signature": self._signature(path, span),
        }
        return f"{self.base}{path}?" + "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items())

    def objection(self, path: str, query: str, *, host: str, now: float) -> str:
        """Return why a link is refused in the storage's words; empty if it is good. `host` is the Host header."""
        values = parse_qs(query, keep_blank_values=True)
        span = values.get("q-sign-time", [""])[0]
        given = values.get("q-signature", [""])[0]
        if f"http://{host}" != self.base or not hmac.compare_digest(
            given.encode(), self._signature(path, span).encode()
        ):
            return "SignatureDoesNotMatch"
        start, end = (int(part) for part in span.split(";"))
        return "" if start - 60 <= now < end else "Request has expired"

    def _signature(self, path: str, span: str) -> str:
        text = f"get\n{path}\n\nhost={quote(self.base.removeprefix('http://'), safe='')}\n"
        to_sign = f"sha1\n{span}\n{hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()}\n"
        key = hmac.new(self.key, span.encode(), hashlib.sha1).hexdigest()
        return hmac.new(key.encode(), to_sign.encode(), hashlib.sha1).hexdigest()


def refusal_xml(code: str, message: str, *, resource: str, request_id: str) -> bytes:
    """Return the XML that the storage sends with a 403 or a 404."""
    return (
        "<?xml version='1.0' encoding='utf-8' ?>\n"
        f"<Error>\n\t<Code>{code}</Code>\n\t<Message>{message}</Message>\n\t<Resource>{resource}</Resource>\n"
        f"\t<RequestId>{request_id}</RequestId>\n</Error>\n"
    ).encode()
