"""What Slack says to us: one file a kind of listener, each with `register(app, desk)`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from bot.inbox import Take
from handlers import (
    actions,
    agents,
    commands,
    confirming,
    customs,
    errors,
    events,
    finding,
    forms,
    gallery,
    home,
    illustrating,
    messages,
    pages,
    results,
    workflows,
)
from handlers.desk import Desk, ShortWay

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp

__all__ = ["Desk", "register", "short_ways", "taker"]

_ROOMS = (
    commands, actions, results, forms, customs, confirming, messages, illustrating, finding, pages, gallery, home,
    events, workflows, agents, errors,
)  # fmt: skip


def register(app: AsyncApp, desk: Desk) -> None:
    """Let every listener hear."""
    for module in _ROOMS:
        module.register(app, desk)


def short_ways(desk: Desk) -> Mapping[str, ShortWay]:
    """Slash commands by name, for a door that has checked the signature: nothing is left for Bolt to do."""
    return {commands.IMAGINE: commands.short_way(desk)}


def taker(desk: Desk) -> Take:
    """Who looks into what the inbox kept."""
    return commands.taker(desk)
