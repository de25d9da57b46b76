"""What Slack says to us: one file a kind of listener, each with `register(app, desk)`."""

from __future__ import annotations

from slack_bolt.async_app import AsyncApp

from handlers import actions, commands, errors, events
from handlers.desk import Desk

__all__ = ["Desk", "register"]


def register(app: AsyncApp, desk: Desk) -> None:
    """Let every listener hear."""
    for module in (commands, actions, events, errors):
        module.register(app, desk)
