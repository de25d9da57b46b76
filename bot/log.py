"""structlog, set up once: JSON lines or a readable console, with everything secret or private taken out."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, Literal

import structlog

_SECRETS = re.compile(
    r"xox[a-z]-[\w-]+|xapp-[\w-]+|AKID\w+"
    r"|(?:q-signature|q-ak|x-cos-security-token|sign|token|secret|ticket)=[^&\s\"']+"
    r"|TC3-HMAC-SHA256[^\n\"']+"
    r"|https?://[^\s\"']*(?:myqcloud|hooks\.slack|files\.slack|/response/|/upload/)[^\s\"']*"
    r"|://[^/\s:@]+:[^/\s@]+@"
)
_PRIVATE_KEYS = frozenset({"prompt", "text", "link", "links", "url", "token", "secret", "body", "payload", "reply_url"})
_QUIET = ("slack_bolt", "slack_sdk", "aiohttp", "apscheduler", "alembic", "sqlalchemy", "asyncio", "aiosqlite")


def configure(*, level: str, fmt: Literal["json", "console"]) -> None:
    """Send everything, ours and the libraries', to standard error, one line an event."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_rendering(fmt)],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # Bolt logs the whole body of a request with a bad signature at INFO, and every payload at DEBUG.
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def _rendering(fmt: Literal["json", "console"]) -> list[Any]:
    if fmt == "console":
        return [
            structlog.processors.format_exc_info,
            _redact,
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()),
        ]
    return [
        structlog.processors.format_exc_info,
        _redact,
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ]


def _redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """Last of all, so that nothing a library says slips past."""
    return {key: "[private]" if key in _PRIVATE_KEYS else redacted(value) for key, value in event.items()}


def redacted(value: Any) -> Any:
    """The value with tokens, signatures, signed links and passwords in addresses blotted out."""
    return _SECRETS.sub("[secret]", value) if isinstance(value, str) else value
