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
