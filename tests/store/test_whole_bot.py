"""The whole bot on either database."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from bot.app import serving
from tests.journeys.town import QUICK, town


async def test_a_job_is_delivered_rerolled_and_survives_a_restart(url: str, tmp_path: Path) -> None:
    async with town(tmp_path, database_url=url, **QUICK) as place:
        await place.start_bot()
        assert (await place.asks(place.ada, "a fox --n 2")).ok
        await place.shared()
        await place.slack.react(user=place.ben, channel=place.pictures, ts=place.roots()[0].ts, name="repeat")
        await place.shared(2)
        place.images.settings.speed = 4.0
        await place.asks(place.ada, "a cat")
        await place.until(lambda: len(place.images.submits) == 3)
        await place.stop_bot()
        await place.start_bot()
        await place.shared(3)
        assert len(place.images.submits) == 3
        assert len(place.shares()) == 3


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_two_on_one_database_share_an_account_and_the_one_that_stays_goes_on(url: str, tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        place = await stack.enter_async_context(town(tmp_path, database_url=url, images={"slots": 2}, **QUICK))
        await place.start_bot()
        await stack.enter_async_context(serving(place.settings()))
        for number in range(4):
            assert (await place.asks(place.ada, f"fox {number}")).ok
        await place.shared(2)
        await place.stop_bot()
        for number in range(4, 8):
            assert (await place.asks(place.ada, f"fox {number}")).ok
        await place.shared(8)
        prompts = sorted(job.order.prompt for job in place.images.submits)
        assert prompts == [f"fox {number}" for number in range(8)]
        assert len(place.shares()) == 8
        assert place.images.peak_jobs <= 2
