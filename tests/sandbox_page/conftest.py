"""A sandbox without a bot, in this process."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from sandbox.world import Wishes, World, open_world


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with open_world(Wishes(with_bot=False)) as opened:
        yield opened


@pytest.fixture
async def client(world: World) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(world.page.url) as session:
        yield session
