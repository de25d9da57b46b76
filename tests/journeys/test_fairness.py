"""A fair line, and limits that are never passed: counted at the provider."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from sandbox.hunyuan.faults import Fault, Trouble
from tests.journeys.test_finding import elements
from tests.journeys.town import QUICK, SPEED, Town, town


async def test_thirty_asks_by_one_person_do_not_hold_up_anothers_first(place: Town) -> None:
    place.images.settings.speed = 10.0
    await asyncio.gather(*(place.asks(place.ada, f"mine {n}") for n in range(30)))
    await place.until(lambda: len(place.roots()) == 30)
    begun = len(place.images.submits)
    await place.asks(place.ben, "his only one")
    await place.until(lambda: any("his only one" in root.text for root in place.roots()))
    place.images.settings.speed = SPEED
    await place.until(lambda: any(job.order.prompt == "his only one" for job in place.images.submits))
    order = [job.order.prompt for job in place.images.submits]
    assert order.index("his only one") <= begun + 2


@pytest.mark.parametrize("slots", [1, 3])
async def test_never_more_jobs_than_slots_nor_requests_than_the_rate(tmp_path: Path, slots: int) -> None:
    generous = {"slots": 50, "rate": 1000, "running_spread": 0.6}
    async with town(tmp_path, images=generous, hunyuan_slots=slots, hunyuan_rate=20.0, **QUICK) as place:
        await place.start_bot()
        await asyncio.gather(*(place.asks(who, f"number {n}") for n in range(6) for who in (place.ada, place.ben)))
        await place.shared(12)
        assert place.images.peak_jobs <= slots
        for action in ("SubmitHunyuanImageJob", "QueryHunyuanImageJob"):
            assert 0 < place.images.peak_per_second(action) <= 20


async def test_a_slot_that_is_freed_late_costs_no_attempt_and_no_place(tmp_path: Path) -> None:
    async with town(tmp_path, images={"release_lag": (60.0, 90.0)}, **QUICK) as place:
        await place.start_bot()
        for number in range(3):
            await place.asks(place.ada, f"number {number}")
            await place.rooted(number + 1)
        await place.shared(3)
        assert place.feed.of("image.refused")
        assert [job.order.prompt for job in place.images.submits] == ["number 0", "number 1", "number 2"]


@pytest.mark.usefixtures("told_at_once")
async def test_the_root_says_the_place_in_line_and_moves_it_forward(place: Town) -> None:
    place.images.settings.faults.on_jobs(Fault(Trouble.STUCK_RUNNING))
    for number in range(3):
        await place.asks(place.ada, f"number {number}")
        await place.rooted(number + 1)
    await place.until(lambda: "Next in line" in place.roots()[1].text and "2 in line" in place.roots()[2].text)
    assert [element["format"] for element in elements(place.roots()[2].blocks) if element.get("type") == "date"] == [
        "{time}"
    ]
    await place.until(lambda: len(place.images.submits) == 1)
    place.images.settings.faults.on_jobs(Fault(Trouble.STUCK_RUNNING))
    place.images.release()
    await place.until(lambda: "Next in line" in place.roots()[2].text)
    place.images.settings.faults.clear()
    place.images.release()
    await place.shared(3)


@pytest.mark.usefixtures("told_at_once")
async def test_a_place_that_moves_back_is_told_with_its_reason_and_so_is_the_answer_to_why(place: Town) -> None:
    place.images.settings.faults.on_jobs(Fault(Trouble.STUCK_RUNNING))
    for number in range(3):
        await place.asks(place.ada, f"number {number}")
        await place.rooted(number + 1)
    await place.until(lambda: "2 in line" in place.roots()[2].text)
    await place.asks(place.ben, "his first")
    await place.until(lambda: "3 in line" in place.roots()[2].text)
    assert "people who had fewer turns lately come first" in place.roots()[2].text
    await place.slack.click(user=place.ada, channel=place.pictures, ts=place.roots()[2].ts, action_id="why")
    told = await place.until(lambda: [h for h in place.feed.of("slack.ephemeral") if "3 in line" in h.data["text"]])
    assert "fewer turns lately" in told[-1].data["text"]
