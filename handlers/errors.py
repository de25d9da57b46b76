"""The last resort: what a listener could not do is logged and not acknowledged, so that Slack comes again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.response import BoltResponse

from bot.errors import Fault
from handlers.desk import Desk

_log = structlog.get_logger(__name__)


def register(app: AsyncApp, _desk: Desk) -> None:
    """Replace Bolt's own handler, which logs less."""

    async def failed(error: Exception, body: Mapping[str, Any]) -> BoltResponse:
        kind = body.get("type") or ("command" if "command" in body else "unknown")
        if isinstance(error, Fault):
            _log.error("listener_failed", kind=kind, code=error.code)
        else:
            _log.error("listener_broke", kind=kind, exc_info=error)
        return BoltResponse(status=500, body="")

    app.error(failed)
