"""Faults of the wire: late answers, wrong statuses, cut connections, 429s."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from typing import Literal

from aiohttp import web

from sandbox.slack.settings import Fault, FaultKind, SlackSettings

Handling = Callable[[], Awaitable[web.StreamResponse]]


async def interfered(
    settings: SlackSettings,
    method: str,
    request: web.Request,
    handling: Handling,
    lost: Callable[[Fault], None] = lambda _: None,
) -> web.StreamResponse:
    """Answer with `handling`, or with the fault this call of `method` meets, before or after the effect.

    `lost` hears of a fault that kept the call from taking effect.
    """
    fault = settings.take_fault(method)
    if fault is None:
        return await handling()
    if fault.kind is FaultKind.SLOW:
        return await _slow(fault, handling)
    if fault.after:
        await handling()
    else:
        lost(fault)
        await _swallow(request, fault.kind)
    return _faulty(fault, fault.kind, request)


async def _slow(fault: Fault, handling: Handling) -> web.StreamResponse:
    if not fault.after:
        await asyncio.sleep(fault.seconds)
    answer = await handling()
    if fault.after:
        await asyncio.sleep(fault.seconds)
    return answer


async def _swallow(request: web.Request, kind: FaultKind) -> None:
    """Take the body first: a client that is still sending would see a reset instead of the answer."""
    while kind is not FaultKind.CUT and await request.content.readany():
        pass


FaultyKind = Literal[FaultKind.CUT, FaultKind.THROTTLE, FaultKind.STATUS, FaultKind.ERROR]


def _faulty(fault: Fault, kind: FaultyKind, request: web.Request) -> web.StreamResponse:
    match kind:
        case FaultKind.CUT:
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        case FaultKind.THROTTLE:
            return throttled(fault.seconds)
        case FaultKind.STATUS:
            return web.Response(status=fault.status, text="sandbox fault")
        case FaultKind.ERROR:
            return web.json_response({"ok": False, "error": fault.error})


def throttled(seconds: float) -> web.Response:
    """Slack's 429; whole seconds, at least one."""
    after = {"Retry-After": str(max(1, math.ceil(seconds)))}
    return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=after)
