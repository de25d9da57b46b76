"""Every journey gets a town of its own, with the bot awake in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.journeys.town import QUICK, Town, town


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Town]:
    """A town with the bot awake."""
    async with town(tmp_path, **QUICK) as made:
        await made.start_bot()
        yield made


@pytest.fixture
def told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Roots are brought up to date without the seconds between, which `tests/core` and `tests/slack` hold the bot to.

    It must be asked for before the bot is awake.
    """
    monkeypatch.setattr("bot.standing._GAP", 0.1)
    monkeypatch.setattr("bot.slack.choosing.GAP", 0.1)
