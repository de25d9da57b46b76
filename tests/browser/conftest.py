"""A real browser in front of a whole sandbox; skipped with a word where there is no Chromium."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sandbox.world import Wishes, World, open_world
from tests.browser.cdp import Tab, browser, chromium


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """A sandbox with the small echo bot, connected."""
    command = (sys.executable, "-m", "tests.sandbox_page.echo_bot")
    async with open_world(Wishes(bot_command=command)) as opened:
        opened.slack.settings.share_delay = 0.0
        await opened.ready()
        yield opened


@pytest.fixture
async def tab(world: World, tmp_path: Path) -> AsyncIterator[Tab]:
    """The sandbox's page in a browser, drawn."""
    program = chromium()
    if program is None:
        pytest.skip("no Chromium is installed")
    async with browser(program, tmp_path / "profile") as opened:
        await opened.size(1440, 900)
        await opened.open(world.page.url)
        await opened.until("document.querySelector('.person.me')")
        yield opened
