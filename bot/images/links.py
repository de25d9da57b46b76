"""Result links: which of them are followed, and how long they live. Pure.

The provider hands out signed links of the vendor's object storage (COS). Inside the vendor's cloud their names resolve
to private addresses, so the guard is on the name and not on the address.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import parse_qs, urlsplit

from yarl import URL

STORES = (".myqcloud.com", ".tencentcos.cn")
"""Name endings of the vendor's storage."""

_PLAIN = re.compile(r"[!-\[\]-~]{1,8000}")
_SPAN = re.compile(r"(\d{1,12});(\d{1,12})")


def usable(link: str, *, stores: tuple[str, ...] = STORES, local: bool = False) -> URL | None:
    """The link as it will be requested, byte for byte, or None if it leads where no picture of ours can be.

    https on port 443 of the vendor's storage; with `local` (the endpoint is this machine) loopback addresses too.
    """
    if not _PLAIN.fullmatch(link):
        return None
    try:
        url = URL(link, encoded=True)
        host, port = url.host, url.port
    except ValueError:
        return None
    if not host or url.user is not None or url.password is not None:
        return None
    if local and url.scheme in {"http", "https"} and is_loopback(host):
        return url
    stored = any(host.endswith(ending) and host != ending for ending in stores)
    return url if url.scheme == "https" and port == 443 and stored else None


def is_loopback(host: str) -> bool:
    """Whether the host is this machine itself."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def end_of(link: str) -> float | None:
    """When the link dies by the storage's clock, in Unix seconds: the end of `q-sign-time`; None if it does not say."""
    try:
        spans = parse_qs(urlsplit(link).query).get("q-sign-time", [])
    except ValueError:
        return None
    found = _SPAN.fullmatch(spans[0]) if spans else None
    return float(found[2]) if found else None
