"""The aiohttp routes: /healthz, /readyz, /metrics, and in HTTP mode /slack/events."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

import structlog
from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncApp

_log = structlog.get_logger(__name__)

BODY_LIMIT = 1024 * 1024
"""Bytes; Slack's largest payload, a view, is 250 KB."""

Check = Callable[[], Awaitable[str | None]]
"""Says what is wrong, or None."""


def routes(
    *, checks: Mapping[str, Check], registry: CollectorRegistry, is_alive: Callable[[], bool], slack: AsyncApp | None
) -> web.Application:
    """The web application. `slack` only in HTTP mode: an app is in one mode, not both."""
    app = web.Application(client_max_size=BODY_LIMIT)
    app.router.add_get("/healthz", _health(is_alive))
    app.router.add_get("/readyz", _ready(checks))
    app.router.add_get("/metrics", _metrics(registry))
    if slack is not None:
        app.router.add_post("/slack/events", _slack_events(slack))
    return app


def _health(is_alive: Callable[[], bool]) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def health(_request: web.Request) -> web.Response:
        return web.json_response({"alive": is_alive()}, status=200 if is_alive() else 503)

    return health


def _ready(checks: Mapping[str, Check]) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def ready(_request: web.Request) -> web.Response:
        found = {name: await check() for name, check in checks.items()}
        status = 200 if not any(found.values()) else 503
        return web.json_response({name: wrong or "ok" for name, wrong in found.items()}, status=status)

    return ready


def _metrics(registry: CollectorRegistry) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def metrics(_request: web.Request) -> web.Response:
        return web.Response(body=generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    return metrics


def _slack_events(slack: AsyncApp) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def events(request: web.Request) -> web.Response:
        """Bolt checks the signature over the raw body; what it would trip over is refused before."""
        if not _is_plausible(request):
            _log.info("request_refused", reason="unsigned")
            return web.Response(status=401, text="not signed by Slack")
        try:
            bolt_request = await to_bolt_request(request)
        except UnicodeDecodeError:
            return web.Response(status=400, text="not UTF-8")
        answer = await slack.async_dispatch(bolt_request)
        if answer.status == 401:
            _log.info("request_refused", reason="signature")
        return await to_aiohttp_response(answer)

    return events


def _is_plausible(request: web.Request) -> bool:
    """Exactly one signature and one timestamp; one that is no number makes Bolt answer 500 instead of 401."""
    stamps = request.headers.getall("X-Slack-Request-Timestamp", [])
    signatures = request.headers.getall("X-Slack-Signature", [])
    return len(stamps) == 1 and len(signatures) == 1 and stamps[0].isascii() and stamps[0].isdigit()


async def serve(app: web.Application, *, host: str, port: int) -> tuple[web.AppRunner, int]:
    """Listen; the runner to clean up, and the port (a free one if `port` was 0)."""
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=5.0)
    await runner.setup()
    site = web.TCPSite(runner, host, port, reuse_address=True)
    await site.start()
    bound = runner.addresses[0][1]
    _log.info("listening", host=host, port=bound)
    return runner, bound
