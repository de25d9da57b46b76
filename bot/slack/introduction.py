"""Finding out, at the start, whose tokens these are: a refused one ends it, a Slack that is away is waited for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import structlog

from bot.errors import Fault, Misconfigured, Throttled, Unavailable
from bot.slack.client import Json, SlackClient

if TYPE_CHECKING:
    from bot.slack.socket import SocketLines

_log = structlog.get_logger(__name__)

_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 30.0

Sleep = Callable[[float], Awaitable[None]]


async def introduce(
    slack: SlackClient, sockets: SocketLines | None, *, sleep: Sleep, away: Callable[[str], None]
) -> Json:
    """Who we are, as `auth.test` has it; `away` hears why it takes so long. Raises `Misconfigured`, naming the key."""
    pause = _FIRST_PAUSE
    while True:
        try:
            return await _ask(slack, sockets)
        except (Unavailable, Throttled) as fault:
            _log.warning("slack_away", code=fault.code)
            away(fault.code)
            await sleep(max(pause, fault.retry_after if isinstance(fault, Throttled) else 0.0))
            pause = min(pause * 2, _LONGEST_PAUSE)


async def _ask(slack: SlackClient, sockets: SocketLines | None) -> Json:
    try:
        identity = await slack.call("auth.test")
    except (Unavailable, Throttled):
        raise
    except Fault as fault:
        raise Misconfigured(fault.code, f"SLACK_BOT_TOKEN: Slack refuses it ({fault.code})") from fault
    if sockets is not None:
        await sockets.preflight()
    return identity
