"""Keeps the page to its own computer: only loopback hosts, only our own origin, only JSON, and a strict CSP."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def content_security_policy(host: str) -> str:
    """Everything from this address, nothing from elsewhere; `host` is the checked Host header (for the WebSocket)."""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        f"connect-src 'self' ws://{host}; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )


def is_loopback(host: str) -> bool:
    """Whether a Host header (with or without a port) or a host name is this very computer."""
    try:
        return (urlsplit(f"//{host}").hostname or "") in LOOPBACK
    except ValueError:
        return False


def refusal(request: web.Request) -> str | None:
    """Why a request is not served, or None. Stops DNS rebinding (Host) and requests from other sites (Origin)."""
    if not is_loopback(request.host):
        return "This page answers on localhost only."
    origin = request.headers.get("Origin")
    if origin is not None and origin != f"http://{request.host}":
        return "Requests from other sites are refused."
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        return "Requests from other sites are refused."
    if request.method == "POST" and request.content_type != "application/json":
        return "Send JSON."
    return None


@web.middleware
async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse what `refusal` names with 403; give everything else the security headers."""
    why = refusal(request)
    if why is not None:
        return web.json_response({"ok": False, "error": why}, status=403)
    response = await handler(request)
    if not response.prepared:
        response.headers["Content-Security-Policy"] = content_security_policy(request.host)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        response.headers.setdefault("Cache-Control", "no-store")
    return response
