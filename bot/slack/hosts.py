"""Which addresses that Slack hands us may be called: Slack's own, or the API's own host while that is this machine."""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urlsplit


def is_loopback(url: str) -> bool:
    """Whether the URL's host is this machine itself."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def may_upload_to(url: str, *, api_url: str) -> bool:
    """Whether a picture's bytes may go there: files.slack.com and its like."""
    return _is_slacks(url, api_url, (".slack.com",))


def may_fetch_from(url: str, *, api_url: str) -> bool:
    """Whether the bot's token may go there for a file's bytes."""
    return _is_slacks(url, api_url, (".slack.com",))


def may_answer_to(url: str, *, api_url: str) -> bool:
    """Whether it is a `response_url` of Slack's."""
    return _is_slacks(url, api_url, (".hooks.slack.com",))


def _is_slacks(url: str, api_url: str, suffixes: tuple[str, ...]) -> bool:
    try:
        parts, api = urlsplit(url), urlsplit(api_url)
        here = (parts.hostname, _port(parts)) == (api.hostname, _port(api))
    except ValueError:
        return False
    if parts.username is not None or parts.password is not None:
        return False
    if is_loopback(api_url):
        return here and parts.scheme in {"http", "https"}
    host = f".{parts.hostname or ''}"
    return parts.scheme == "https" and _port(parts) == 443 and host.endswith(suffixes)


def _port(parts: SplitResult) -> int:
    return parts.port or (80 if parts.scheme == "http" else 443)
