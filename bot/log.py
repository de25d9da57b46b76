"""structlog, set up once: JSON lines or a readable console, with everything secret or private taken out.

Libraries put into their messages what we promise not to log: whole payloads at DEBUG, addresses with tickets and
signatures, the parameters of a statement. So they speak from WARNING on, whatever level they set for themselves; of an
exception only the first line is kept; and what looks like a secret, or is one of ours, is blotted out of every value.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import traceback
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from typing import Any, Literal

import structlog

_PRIVATE_KEYS = frozenset({"prompt", "text", "link", "links", "url", "token", "secret", "body", "payload", "reply_url"})
_ADDRESS = re.compile(r"\b((?:https?|wss?|postgres\w*)(?:\+\w+)?://)(?:[^\s/@\"'<>]*@)?([^\s/?#\"'<>]*)([^\s\"'<>]*)")
_SECRETS = re.compile(
    r"xox[a-z]-[\w-]+|xapp-[\w-]+|AKID\w+"
    r"|(?:q-signature|q-ak|x-cos-security-token|sign|token|secret|ticket)=[^&\s\"']+"
    r"|TC3-HMAC-SHA256[^\n\"']+"
)
_SUSPECT = "://|=|xox|xapp-|AKID|TC3-HMAC"
"""What every address and every secret has in it; most values have none of this, and are looked at only once."""
_BLOT = "[secret]"
_SHORT = 6
"""A setting of fewer characters hides nothing, and blotting it out would blot half of every line."""
_LONGEST = 500


def configure(*, level: str, fmt: Literal["json", "console"], secrets: Iterable[str] = ()) -> None:
    """Send everything, ours and the libraries', to standard error, one line an event; `secrets` never show."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        _told,
    ]
    shown = [Redaction(secrets), *_rendering(fmt)]
    lowest = logging.getLevelNamesMapping()[level]
    structlog.configure(
        processors=[*shared, *shown],
        logger_factory=_Lines,
        wrapper_class=structlog.make_filtering_bound_logger(lowest),
        cache_logger_on_first_use=True,
    )
    clean = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *shown]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=clean))
    handler.addFilter(_is_heard)
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(logging.WARNING, lowest))


class _Lines(structlog.WriteLogger):
    """Writes our own lines as they are. Through the standard library's logging each would take three times as long,
    and there is one in the way of every acknowledgement.
    """

    def __init__(self, name: str = "") -> None:
        super().__init__(sys.stderr)
        self.name = name


def _is_heard(record: logging.LogRecord) -> bool:
    """A library below WARNING is not heard: Bolt logs the body of a badly signed request at INFO."""
    return record.levelno >= logging.WARNING


def _rendering(fmt: Literal["json", "console"]) -> list[Any]:
    if fmt == "console":
        return [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
    return [structlog.processors.JSONRenderer(serializer=_as_json)]


_ENCODER = json.JSONEncoder(ensure_ascii=False)


def _as_json(event: Mapping[str, Any], **_: object) -> str:
    """What was redacted holds plain values only. An encoder that is built anew each time takes twice as long."""
    return _ENCODER.encode(event)


def _told(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Put the exception, if there is one, into words."""
    found = event.pop("exc_info", None)
    error = sys.exc_info()[1] if found is True else found[1] if isinstance(found, tuple) else found
    if isinstance(error, BaseException):
        event["exception"] = "\n".join(_lines(error))
    return event


def _lines(error: BaseException) -> Iterator[str]:
    """The traceback, cause first; of each exception the first line of what it says: SQL and rows come after it."""
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None:
        yield from _lines(before)
        yield "and then:"
    yield "".join(traceback.format_tb(error.__traceback__)).rstrip()
    yield f"{type(error).__module__}.{type(error).__qualname__}: {str(error).partition(chr(10))[0][:_LONGEST]}"
    if isinstance(error, BaseExceptionGroup):
        for one in error.exceptions:
            yield from _lines(one)


class Redaction:
    """Takes out of an event what nobody may read. It comes right before the rendering, so that nothing slips past."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = [re.escape(secret) for secret in sorted(secrets, key=len, reverse=True) if len(secret) >= _SHORT]
        self._known = re.compile("|".join(known)) if known else None
        self._suspect = re.compile("|".join([_SUSPECT, *known]))

    def __call__(self, _logger: Any, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
        """The event, safe to be shown."""
        return {key: "[private]" if key in _PRIVATE_KEYS else self.redacted(value) for key, value in event.items()}

    def redacted(self, value: Any) -> Any:
        """The value with tokens, signatures, paths of addresses and the known secrets blotted out."""
        if type(value) is str:
            return self._blotted(value)
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, Mapping):
            return {str(key): self.redacted(each) for key, each in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self.redacted(each) for each in value]
        return self._blotted(str(value))

    def _blotted(self, text: str) -> str:
        if self._suspect.search(text) is None:
            return text
        known = text if self._known is None else self._known.sub(_BLOT, text)
        return _SECRETS.sub(_BLOT, _ADDRESS.sub(_only_host, known))


def _only_host(address: re.Match[str]) -> str:
    return f"{address[1]}{address[2]}" + (f"/{_BLOT}" if address[3].strip("/") else address[3])
