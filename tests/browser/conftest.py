"""A real browser in front of a whole sandbox; skipped with a word where there is no Chromium."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from sandbox.world import Wishes, World, open_world
from tests.browser.cdp import Tab, browser, chromium


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chrome(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Tab]:
    """One browser for all tests of a file; every test's page has an address, and so a memory, of its own."""
    program = chromium()
    if program is None:
        pytest.skip("no Chromium is installed")
    profile: Path = tmp_path_factory.mktemp("profile")
    async with browser(program, profile) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def world(chrome: Tab) -> AsyncIterator[World]:
    """A sandbox with the small echo bot, connected; no browser, no sandbox."""
    assert chrome
    command = (sys.executable, "-m", "tests.sandbox_page.echo_bot")
    async with open_world(Wishes(bot_command=command)) as opened:
        opened.slack.settings.share_delay = 0.0
        await opened.ready()
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def tab(chrome: Tab, world: World) -> AsyncIterator[Tab]:
    """The sandbox's page in the browser, drawn, as wide as a desk's."""
    await chrome.size(1440, 900)
    chrome.complaints.clear()
    await chrome.open(world.page.url)
    await chrome.until("document.querySelector('.person.me')")
    yield chrome
    await chrome.open("about:blank")
