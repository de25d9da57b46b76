"""A workflow has pictures made: the step "Make a picture"."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.slack import FaultKind, SlackSandbox
from tests.journeys.noting import delivered, noting_town
from tests.journeys.town import PATIENCE, Town

STEP = "make_picture"


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Town]:
    """A town with the bot awake."""
    async with noting_town(tmp_path) as made:
        yield made


async def runs(place: Town, **inputs: Any) -> Any:
    """A workflow of Ada's comes to the step."""
    given = {"prompt": "a fox in the rain", "channel": place.pictures, **inputs}
    slack: SlackSandbox = place.slack
    return await slack.run_step(user=place.ada, callback_id=STEP, inputs=given)


async def over(run: Any) -> str:
    async with asyncio.timeout(PATIENCE):
        return str(await run.finished())


async def test_a_workflow_gets_file_link_and_recipe_once_the_picture_is_delivered(place: Town) -> None:
    run = await runs(place, shape="16:9", style="水墨画", person=place.ada)
    assert await over(run) == "completed"
    [share] = place.shares()
    assert share.data["channel"] == place.pictures
    assert run.outputs["file"].startswith("F")
    assert share.data["ts"].replace(".", "") in run.outputs["permalink"]
    assert run.outputs["recipe"].startswith("/imagine a fox in the rain")
    [drawn] = place.feed.of("image.submit")
    assert (drawn.data["resolution"], drawn.data["style"]) == ("1280:720", "shuimo")
    assert place.ada in str(place.slack.workspace.channels[place.pictures].messages[share.data["ts"]].blocks)


async def test_a_workflow_that_names_nobody_gets_its_picture_too(place: Town) -> None:
    assert await over(await runs(place)) == "completed"


async def test_a_restart_in_between_completes_the_step_once(place: Town) -> None:
    run = await runs(place)
    await place.rooted(1)
    await place.stop_bot()
    await place.start_bot()
    assert await over(run) == "completed"
    assert len(place.shares()) == 1


async def test_a_refused_picture_fails_the_step_with_the_reason(place: Town) -> None:
    run = await runs(place, prompt="something #refuse")
    assert await over(run) == "failed"
    assert "won't work with this description" in run.error


async def test_what_cannot_be_asked_for_fails_the_step_and_costs_nothing(place: Town) -> None:
    run = await runs(place, shape="banana")
    assert await over(run) == "failed"
    assert "banana" in run.error
    assert not place.roots()


@pytest.mark.parametrize(
    ("prompt", "says"),
    [
        ("a fox --private", "--private doesn't work in a workflow"),
        ("a fox --like", "--like doesn't work in a workflow"),
        ("a {red, blue} fox", "one ask"),
        ("a fox --repeat 3", "one ask"),
        ("{a, b} --private --ar 7:1", "isn't a shape"),
    ],
)
async def test_what_only_a_person_can_be_asked_or_shown_fails_the_step_before_anything_is_spent(
    place: Town, prompt: str, says: str
) -> None:
    run = await runs(place, prompt=prompt)
    assert await over(run) == "failed"
    assert says in run.error
    assert not place.roots()
    assert not place.feed.of("image.submit")


async def test_a_channel_without_the_bot_fails_the_step_before_anything_is_spent(place: Town) -> None:
    run = await runs(place, channel=place.channel("random"))
    assert await over(run) == "failed"
    assert not place.feed.of("image.submit")


async def test_a_step_that_could_not_be_told_is_told_later(place: Town) -> None:
    place.slack.settings.fail("functions.completeSuccess", FaultKind.STATUS, status=503)
    assert await over(await runs(place)) == "completed"
    assert len(place.shares()) == 1


async def test_a_step_that_is_over_already_counts_as_told(place: Town) -> None:
    place.slack.settings.fail("functions.completeSuccess", FaultKind.CUT, after=True)
    run = await runs(place)
    assert await over(run) == "completed"
    await delivered(place, place.ada, "another")
    await place.until(lambda: "in this thread" in place.roots()[0].text)
    assert len(place.shares()) == 2


async def test_a_workflows_picture_has_no_cancel_button(place: Town) -> None:
    run = await runs(place, person=place.ada)
    await place.rooted(1)
    assert "cancel" not in str(place.roots()[0].blocks)
    assert await over(run) == "completed"
