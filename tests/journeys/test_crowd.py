"""A crowd asks at once: everybody is acknowledged before anybody is looked into, and nobody gets less than alone."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.app import Ports
from bot.errors import NotAccepted
from tests.journeys.test_asking import PROMPT, on_top, proposal, submitted, whispers
from tests.journeys.town import QUICK, Town, town


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Town]:
    """A town in which everybody is a crowd."""
    async with town(tmp_path, crowd=0, **QUICK) as made:
        await made.start_bot()
        yield made


async def types(place: Town, who: str, text: str) -> None:
    """Somebody asks and is acknowledged, with no word."""
    answer = await place.slack.command(user=who, channel=place.pictures, text=text)
    assert answer.ok
    assert not answer.text


async def told(place: Town, who: str, *words: str) -> str:
    """What this person alone was shown, once it holds all of these words."""

    def found() -> list[str]:
        return [said["text"] for said in whispers(place, who) if all(word in said["text"] for word in words)]

    said: list[str] = await place.until(found)
    return said[0]


async def test_forty_who_ask_within_a_moment_all_get_their_picture_once(tmp_path: Path) -> None:
    async with town(tmp_path, hunyuan_slots=5, images={"slots": 5}, **QUICK) as place:
        await place.start_bot()
        people = (place.ada, place.ben, place.chen)
        await asyncio.gather(*(place.asks(people[n % 3], f"number {n}") for n in range(40)))
        await place.shared(40)
        await place.slack.settled()
        assert sorted(drawn["prompt"] for drawn in submitted(place)) == sorted(f"number {n}" for n in range(40))
        assert len(place.roots()) == len(place.shares()) == 40


async def test_what_was_understood_is_told_to_each_in_their_own_language(place: Town) -> None:
    await types(place, place.ada, f"{PROMPT} --seed 7")
    await types(place, place.chen, "雨中竹林 --seed 7")
    await told(place, place.ada, PROMPT, "With a seed your words are used exactly as they are")
    await told(place, place.chen, "雨中竹林", "种子")
    await place.shared(2)


async def test_what_was_not_understood_is_told_and_costs_nothing(place: Town) -> None:
    await types(place, place.ada, "a fox --n 99")
    await types(place, place.chen, "狐狸 --n 99")
    await told(place, place.ada, "--n")
    await told(place, place.chen, "--n")
    await types(place, place.ada, "a hen")
    await place.shared()
    assert [drawn["prompt"] for drawn in submitted(place)] == ["a hen"]


async def test_several_are_shown_first_and_drawn_when_confirmed(place: Town) -> None:
    await types(place, place.ada, f"{PROMPT} --repeat 3")
    await told(place, place.ada, "3")
    await place.slack.click(user=place.ada, channel=place.pictures, ts=proposal(place, place.ada), action_id="confirm")
    await place.shared(3)


async def test_what_is_private_stays_private(place: Town) -> None:
    im = place.slack.workspace.im(place.ada)
    assert im is not None
    await types(place, place.ada, f"{PROMPT} --private")
    [share] = await place.shared()
    assert share.data["channel"] == im.id
    assert not place.roots()


async def test_what_asks_for_no_picture_is_answered_as_ever(place: Town) -> None:
    for text in ("help", "HELP", "帮助"):
        assert "/imagine" in str((await place.asks(place.ada, text)).text)
    for text in ("", "  ", "--private"):
        await place.asks(place.ada, text)
        await on_top(place, place.ada)
        place.slack.slack.views.open.clear()
    await place.asks(place.ada, "history")
    await types(place, place.ada, "an owl")
    await place.shared()
    assert [drawn["prompt"] for drawn in submitted(place)] == ["an owl"]


async def test_over_http_it_is_the_same(tmp_path: Path) -> None:
    async with town(tmp_path, crowd=0, slack_app_token=None, **QUICK) as place:
        await place.start_bot()
        place.slack.settings.request_url = f"http://127.0.0.1:{place.port}/slack/events"
        assert await place.slack.verify_request_url()
        await types(place, place.ada, "雨 & a fox+hen 100% --n 2")
        await place.shared()
        assert submitted(place)[0]["prompt"] == "雨 & a fox+hen 100%"


async def test_what_was_heard_before_a_restart_is_looked_into_after_it(place: Town) -> None:
    await types(place, place.ada, "a fox")
    await place.stop_bot()
    await place.start_bot()
    await place.shared()
    await place.slack.settled()
    assert len(place.roots()) == len(place.images.submits) == 1


class Broken:
    """A port of which one method does something else."""

    def __init__(self, real: Any, method: str, error: Exception) -> None:
        self._real, self._method, self._error = real, method, error

    def __getattr__(self, name: str) -> Any:
        if name != self._method:
            return getattr(self._real, name)

        async def broken(*_args: object, **_more: object) -> None:
            raise self._error

        return broken


async def adorned(tmp_path: Path, port: str, method: str, error: Exception) -> AsyncIterator[Town]:
    async with town(tmp_path, crowd=0, **QUICK) as place:

        def adorn(ports: Ports) -> Ports:
            changes: dict[str, Any] = {port: Broken(getattr(ports, port), method, error)}
            return dataclasses.replace(ports, **changes)

        place.adorn = adorn
        await place.start_bot()
        yield place


async def test_who_could_not_be_heard_is_told_so(tmp_path: Path) -> None:
    async for place in adorned(tmp_path, "heard", "hear", NotAccepted("too_slow")):
        answer = await place.asks(place.ada, "a fox")
        assert "nothing was started" in str(answer.text)


async def test_a_defect_of_ours_is_told_and_is_not_looked_into_for_ever(tmp_path: Path) -> None:
    async for place in adorned(tmp_path, "store", "accept", ZeroDivisionError()):
        await types(place, place.ada, "a fox")
        await told(place, place.ada, "Something went wrong on my side")
        await place.stop_bot()
        place.adorn = lambda ports: ports
        await place.start_bot()
        await types(place, place.ben, "a hen")
        await place.shared()
        assert [drawn["prompt"] for drawn in submitted(place)] == ["a hen"]
