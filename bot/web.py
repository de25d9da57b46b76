"""The aiohttp routes: /healthz, /readyz, /metrics, and in HTTP mode /slack/events."""

from __future__ import annotations

import errno
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog
from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from slack_sdk.signature import SignatureVerifier

from bot.errors import Misconfigured
from bot.slash import Command

_log = structlog.get_logger(__name__)

BODY_LIMIT = 1024 * 1024
"""Bytes; Slack's largest payload, a view, is 250 KB."""

_STAMP_DIGITS = 15
_FORM = "application/x-www-form-urlencoded"
_JSON = {"Content-Type": "application/json"}

Check = Callable[[], Awaitable[str | None]]
"""Says what is wrong, or None."""


Way = Callable[[Command], Awaitable[Mapping[str, Any] | None]]
"""From the fields of a slash command to the answer's body; None if it broke."""


@dataclass(frozen=True, slots=True)
class SlackDoor:
    """Who answers Slack's requests in HTTP mode, and the secret by which they are known.

    `commands`: slash commands that go straight to their listener. A command that is signed has all it needs with it;
    Bolt's chain (measured) would take as long again as to store it.
    """

    answer: Callable[[web.Request], Awaitable[web.Response]]
    signing_secret: str
    commands: Mapping[str, Way] = field(default_factory=dict)


def routes(
    *, checks: Mapping[str, Check], registry: CollectorRegistry, is_alive: Callable[[], bool], slack: SlackDoor | None
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


def _slack_events(slack: SlackDoor) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Bolt reads a body before it checks who sent it, and breaks over many; so the signature is checked first."""
    verifier = SignatureVerifier(slack.signing_secret)

    async def events(request: web.Request) -> web.Response:
        body = await request.read()
        if not _is_signed(verifier, request, body):
            _log.info("request_refused", reason="signature")
            return web.Response(status=401, text="not signed by Slack")
        if (fields := _command_fields(request, body)) is not None:
            way = slack.commands.get(fields.get("command", ""))
            if way is not None:
                return _answered(await way(fields))
        return await slack.answer(request)

    return events


def _command_fields(request: web.Request, body: bytes) -> Command | None:
    """The fields of a form that may be a slash command."""
    if b"command=" not in body or request.headers.get("Content-Type") != _FORM:
        return None
    return Command(body.decode())


def _answered(answer: Mapping[str, Any] | None) -> web.Response:
    if answer is None:
        return web.Response(status=500)
    if not answer:
        return web.Response()
    return web.Response(body=json.dumps(answer).encode(), headers=_JSON)


def _is_signed(verifier: SignatureVerifier, request: web.Request, body: bytes) -> bool:
    """One signature and one timestamp, of a form that the verifier does not break over, and right."""
    stamps = request.headers.getall("X-Slack-Request-Timestamp", [])
    signatures = request.headers.getall("X-Slack-Signature", [])
    if len(stamps) != 1 or len(signatures) != 1:
        return False
    [stamp], [signature] = stamps, signatures
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= _STAMP_DIGITS and signature.isascii()):
        return False
    try:
        return verifier.is_valid(body=body, timestamp=stamp, signature=signature)
    except UnicodeDecodeError:
        return False


async def serve(app: web.Application, *, host: str, port: int) -> tuple[web.AppRunner, int]:
    """Listen; the runner to clean up, and the port (a free one if `port` was 0).

    Raises `Misconfigured` where nobody can listen.
    """
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=5.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port, reuse_address=True).start()
    except OSError as error:
        await runner.cleanup()
        why = "something else listens there" if error.errno == errno.EADDRINUSE else type(error).__name__
        raise Misconfigured("cannot_listen", f"HOST, PORT: cannot listen there: {why}") from error
    bound = runner.addresses[0][1]
    _log.info("listening", host=host, port=bound)
    return runner, bound
