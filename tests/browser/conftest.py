"""A real browser in front of a whole sandbox; skipped with a word where there is no Chromium."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler

from sandbox.world import Wishes, World, open_world
from tests.browser.cdp import Tab, browser, chromium
from tests.sandbox_page.echo_bot import echo_app


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chrome(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Tab]:
    """One browser for all tests of a file; every test's page has an address, and so a memory, of its own."""
    program = chromium()
    if program is None:
        pytest.skip("no Chromium is installed")
    profile: Path = tmp_path_factory.mktemp("profile")
    async with browser(program, profile) as opened:
        yield opened


@pytest.fixture
def apart() -> bool:
    """Whether the echo bot is a process of its own, as the real one is: for the stories of its life and death."""
    return False


@pytest_asyncio.fixture(loop_scope="module")
async def world(chrome: Tab, apart: bool) -> AsyncIterator[World]:
    """A sandbox with the small echo bot, connected; no browser, no sandbox."""
    assert chrome
    command = (sys.executable, "-m", "tests.sandbox_page.echo_bot")
    async with open_world(Wishes(with_bot=apart, bot_command=command)) as opened, contextlib.AsyncExitStack() as stack:
        opened.slack.settings.share_delay = 0.0
        if not apart:
            app = echo_app(opened.slack.bot_token, opened.slack.api_url)
            handler = AsyncSocketModeHandler(app, opened.slack.app_token)
            stack.push_async_callback(handler.close_async)
            await handler.connect_async()
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
