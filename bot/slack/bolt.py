"""Bolt, with everything that it would otherwise read from the environment given to it, for one workspace."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_sdk.web.async_client import AsyncWebClient

Identity = Callable[[], Mapping[str, Any]]
"""What `auth.test` said of us."""


def open_bolt(identity: Identity, *, token: str, signing_secret: str, client: AsyncWebClient) -> AsyncApp:
    """An app that answers when a listener is done, so that only what was stored is acknowledged.

    Without a name, Bolt looks for the file that it was made in, among all modules that are loaded (60 ms, measured).
    """
    return AsyncApp(
        name="imagine-bot",
        client=client,
        signing_secret=signing_secret,
        authorize=_OneWorkspace(identity, token),
        logger=_quiet_logger(),
        process_before_response=True,
    )


async def answered(app: AsyncApp, request: web.Request) -> web.Response:
    """What the listeners answer to a request that came over HTTP; 400 if nobody could read it."""
    try:
        bolt_request = await to_bolt_request(request)
    except (ValueError, LookupError):  # no UTF-8, a charset that nobody knows, no JSON
        return web.Response(status=400, text="not understood")
    return await to_aiohttp_response(await app.async_dispatch(bolt_request))


class _OneWorkspace(AsyncAuthorize):
    """The one workspace whose token we have; asked once at the start, not for each event."""

    def __init__(self, identity: Identity, token: str) -> None:
        self._identity = identity
        self._token = token

    async def __call__(self, **_context: Any) -> AuthorizeResult:
        me = self._identity()
        return AuthorizeResult(
            enterprise_id=me.get("enterprise_id"),
            team_id=me.get("team_id"),
            bot_user_id=me.get("user_id"),
            bot_id=me.get("bot_id"),
            bot_token=self._token,
        )


def _quiet_logger() -> logging.Logger:
    """Bolt sets the level of its own loggers from this one; at INFO it logs whole bodies."""
    logger = logging.getLogger("slack")
    logger.setLevel(logging.WARNING)
    if not logger.filters:
        logger.addFilter(_is_news)
    return logger


def _is_news(record: logging.LogRecord) -> bool:
    """Bolt finds SLACK_BOT_TOKEN in the environment by itself, and says that it will not use it."""
    return "will be unused" not in record.getMessage()
