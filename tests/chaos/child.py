"""The real bot, with a death in it: `os._exit` before or after the n-th call of one effect.

The settings come from the environment as always. The dying wrappers sit at the ports, so that every line of the bot
between them is the bot's own.
"""

from __future__ import annotations

import asyncio
import dataclasses
import importlib
import os
import sys
from typing import Any

from bot import __main__, app, log, service
from bot.app import Ports
from bot.settings import read_settings

DEAD = 137
FOR_LATER = (*app.LATER, "bot.slack.socket", "bot.store.embedded")
"""What a bot loads only when it needs it."""
for _name in FOR_LATER:
    importlib.import_module(_name)

POINTS: dict[str, tuple[str, str]] = {
    "hear": ("heard", "hear"),
    "look": ("heard", "claim:something"),
    "settle": ("heard", "settle"),
    "accept": ("store", "accept"),
    "announce": ("chat", "announce"),
    "submit": ("images", "submit"),
    "poll": ("images", "query"),
    "fetch": ("images", "fetch"),
    "direct": ("chat", "direct"),
    "collect": ("chat", "collect"),
    "spool": ("spool", "put"),
    "upload": ("chat", "upload"),
    "share": ("chat", "share"),
    "see": ("chat", "landed"),
    "apologise": ("chat", "apologise"),
    "remove": ("chat", "remove"),
    **{f"write {state}": ("store", f"save:{state}") for state in (
        "queued", "submitting", "generating", "ready", "fetched", "uploaded", "delivered", "failing", "failed",
        "deleting", "deleted",
    )},
}  # fmt: skip


class Dying:
    """Passes every call on, and dies around the first one of `method`.

    For a write: of a row in that state. For a claim: after the first that gives something.
    """

    def __init__(self, real: Any, method: str, *, after: bool) -> None:
        self._real = real
        self._method, _, self._state = method.partition(":")
        self._after = after

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._real, name)
        if name != self._method:
            return attribute

        async def dying(*args: Any, **kwargs: Any) -> Any:
            if self._state == "something":
                if not (found := await attribute(*args, **kwargs)):
                    return found
                os._exit(DEAD)
            if self._state and args[0].state != self._state:
                return await attribute(*args, **kwargs)
            if not self._after:
                os._exit(DEAD)
            await attribute(*args, **kwargs)
            os._exit(DEAD)

        return dying


def adorned(ports: Ports, point: str, when: str) -> Ports:
    """The ports, one of them deadly."""
    port, method = POINTS[point]
    return dataclasses.replace(ports, **{port: Dying(getattr(ports, port), method, after=when == "after")})


def doomed(point: str, when: str) -> None:
    """The life of a bot that dies there."""
    settings = read_settings()
    log.configure(level="INFO", fmt="json")
    asyncio.run(app.run(settings, adorn=lambda ports: adorned(ports, point, when)))


def sound() -> None:
    """The life of a bot as it is: `imagine run`."""
    assert service
    sys.argv = ["imagine", "run"]
    __main__.main()
