"""The last resort: what a listener could not do is logged and not acknowledged, so that Slack comes again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import structlog

from bot.errors import Fault
from handlers.desk import Desk

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp
    from slack_bolt.response import BoltResponse

_log = structlog.get_logger(__name__)


def register(app: AsyncApp, _desk: Desk) -> None:
    """Replace Bolt's own handler, which logs less."""
    from slack_bolt.response import BoltResponse

    async def failed(error: Exception, body: Mapping[str, Any]) -> BoltResponse:
        log_failure(error, kind=body.get("type") or ("command" if "command" in body else "unknown"))
        return BoltResponse(status=500, body="")

    app.error(failed)


def log_failure(error: Exception, *, kind: str) -> None:
    """A fault in one line, a defect with its traceback."""
    if isinstance(error, Fault):
        _log.error("listener_failed", kind=kind, code=error.code)
    else:
        _log.error("listener_broke", kind=kind, exc_info=error)
