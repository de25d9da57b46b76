"""The whole bot on either database."""

from __future__ import annotations

from pathlib import Path

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
