"""The bot as an agent: prompts to begin with, a sign that it works, and Stop."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot import manifest
from tests.journeys.noting import noting_town, written
from tests.journeys.town import Town


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Town]:
    """A town whose bot is an agent."""
    async with noting_town(tmp_path) as made:
        made.slack.reconfigure(manifest.as_agent(manifest.load()))
        yield made


def sessions(place: Town, who: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = place.slack.snapshot(viewer=who)["sessions"]
    return found


def is_written(place: Town, number: int) -> bool:
    return len(written(place)) == number


def status(place: Town, who: str) -> str:
    return str(sessions(place, who)[-1]["status"]) if sessions(place, who) else ""


async def test_what_could_be_asked_stands_above_the_box_in_the_readers_language(place: Town) -> None:
    await place.slack.open_home(user=place.chen, tab="messages")
    await place.until(lambda: place.feed.of("slack.prompts"))
    shown = place.slack.snapshot(viewer=place.chen)["prompts"]
    assert "雨中打着纸灯笼的狐狸" in str(shown)


async def test_it_shows_that_it_works_until_the_picture_is_there(place: Town) -> None:
    await place.slack.dm(user=place.ada, text="a fox in the rain")
    await place.until(lambda: status(place, place.ada) == "processing")
    assert sessions(place, place.ada)[-1]["title"] == "a fox in the rain"
    await place.until(lambda: written(place) and status(place, place.ada) == "active")
    assert len(place.shares()) == 1


async def test_stop_cancels_what_is_drawn_and_the_sign_goes(place: Town) -> None:
    place.images.settings.speed = 1.0
    await place.slack.dm(user=place.ada, text="a slow fox")
    await place.until(lambda: status(place, place.ada) == "processing")
    session = sessions(place, place.ada)[-1]
    await place.slack.stop_session(user=place.ada, channel=session["channel"], thread_ts=session["thread_ts"])
    await place.until(lambda: status(place, place.ada) == "active")
    assert not place.shares()


async def test_an_app_that_is_no_agent_asks_once_and_direct_messages_work(tmp_path: Path) -> None:
    async with noting_town(tmp_path) as place:
        for number in range(1, 3):
            await place.slack.dm(user=place.ada, text="a fox in the rain")
            await place.until(partial(is_written, place, number))
        assert len(place.calls("agents.sessions.setStatus")) == 1
