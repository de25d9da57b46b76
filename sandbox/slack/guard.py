"""Keeps strangers out of the local Slack: only known Host names, and no bodies without end."""

from __future__ import annotations

from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from sandbox.slack.settings import SlackSettings

LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def guard(settings: SlackSettings, host: str) -> Middleware:
    """A middleware that refuses other Host names (DNS rebinding) and API bodies above the cap."""

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        name = urlsplit(f"//{request.host}").hostname
        if name not in LOOPBACK | {host} | settings.trusted_hosts:
            return web.Response(status=421, text="unknown host")
        if not request.path.startswith("/upload/") and (request.content_length or 0) > settings.body_cap:
            return web.Response(status=413, text="too large")
        return await handler(request)

    return check
