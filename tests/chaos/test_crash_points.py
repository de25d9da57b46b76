"""The process dies before and after every effect of a job's life and starts again: delivered once, in every case."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from sandbox.hunyuan.faults import Fault, Trouble
from sandbox.slack import Answer, FaultKind
from tests.chaos import child
from tests.chaos.child import DEAD, POINTS
from tests.chaos.nursery import Bot
from tests.journeys.town import QUICK, Town, town

OF_A_FAILURE = {"apologise", "write failing", "write failed"}
OF_A_DELETION = {"remove", "write deleting", "write deleted"}
OF_A_SETBACK = {"write ready", "write fetched"}
"""Written only if the next step does not follow at once. Otherwise a death there leaves `generating`, as those around
"poll", "fetch" and "upload" show."""
OF_A_COPY = {"direct", "collect"}
"""Those that only a copy has; what it shares with every delivery is struck with it, too."""
OF_A_CROWD = {"hear", "look", "settle"}
NOT_OF_A_DELIVERY = OF_A_FAILURE | OF_A_DELETION | OF_A_SETBACK | OF_A_COPY | OF_A_CROWD | {"accept"}
OF_A_DELIVERY = [point for point in POINTS if point not in NOT_OF_A_DELIVERY]
WHEN = ("before", "after")
BETWEEN = {
    *((point, when) for point in ("write queued", "write generating", "write uploaded") for when in WHEN),
    *((point, "after") for point in ("write submitting", "write failing", "write deleting", "write fetched")),
    *((point, "before") for point in ("write delivered", "write failed", "write deleted", "write ready")),
}
"""Deaths around these writes leave what a death after the effect before, or before the effect after, leaves: the full
sweep has them, the daily run need not."""


def deaths(points: Iterable[str]) -> pytest.MarkDecorator:
    """Before and after each of the points."""
    each = [(point, when) for point in sorted(points) for when in WHEN]
    marked = [pytest.param(*one, marks=pytest.mark.sweep) if one in BETWEEN else pytest.param(*one) for one in each]
    return pytest.mark.parametrize(("point", "when"), marked)


@asynccontextmanager
async def process(place: Town, *arguments: str) -> AsyncIterator[Bot]:
    """A bot of its own process: with `POINT WHEN` it dies there, without arguments it does not."""
    settings = place.settings()
    environment = {
        "PATH": os.environ["PATH"],
        "SLACK_BOT_TOKEN": settings.slack_bot_token.get_secret_value(),
        "SLACK_APP_TOKEN": place.slack.app_token,
        "SLACK_API_URL": settings.slack_api_url,
        "TENCENTCLOUD_SECRET_ID": place.images.settings.secret_id,
        "TENCENTCLOUD_SECRET_KEY": place.images.settings.secret_key,
        "HUNYUAN_ENDPOINT": place.images.url,
        "DATA_DIR": str(place.data),
        "PORT": "0",
        **{name.upper(): str(value) for name, value in place.overrides.items()},
    }
    bot = Bot(child.doomed if arguments else child.sound, environment, place.data / "log", *arguments)
    try:
        await place.slack.connected(timeout=30)
        yield bot
    finally:
        if bot.code is None:
            bot.terminate()
        await asyncio.wait_for(bot.ended(), 30)


@contextmanager
def impatient(place: Town) -> Iterator[None]:
    """Slack waits but a moment for an acknowledgement: one that may never come, for who should give it is dead."""
    usual, place.slack.settings.ack_window = place.slack.settings.ack_window, 0.3
    yield
    place.slack.settings.ack_window = usual


async def typed(place: Town, who: str, text: str) -> Answer:
    """The command's answer by itself: words that come after it are a courtesy, and who gives them may be dead."""
    return await place.slack.command(user=who, channel=place.pictures, text=text)


async def dies(bot: Bot) -> None:
    assert await asyncio.wait_for(bot.ended(), 30) == DEAD


@asynccontextmanager
async def struck(tmp_path: Path, **more: Any) -> AsyncIterator[Town]:
    async with town(tmp_path, **QUICK, **more) as place:
        yield place


def check_promises(place: Town, *, extra_submits: int) -> None:
    """One message with pictures, no upload completed twice into view, and no picture paid that need not be."""
    assert len(place.shares()) == 1
    assert len(place.images.submits) <= 1 + extra_submits
    shared = [file["id"] for share in place.shares() for file in share.data["files"]]
    assert len(shared) == len(set(shared)) == 2


@deaths(OF_A_DELIVERY)
async def test_a_crash_delivers_once_and_pays_twice_only_if_it_hit_the_submit(
    tmp_path: Path, point: str, when: str
) -> None:
    async with struck(tmp_path) as place:
        async with process(place, point, when) as bot:
            answer = await typed(place, place.ada, "a fox in the rain --n 2")
            await dies(bot)
        assert answer.ok
        async with process(place):
            await place.shared()
        await place.slack.settled()
        assert any("in this thread" in root.text for root in place.roots())
        unsure = {("submit", "after"), ("write generating", "before")}
        check_promises(place, extra_submits=1 if (point, when) in unsure else 0)
        thread = place.shares()[0].data["thread_ts"]
        assert thread in {root.ts for root in place.roots()}
        duplicate_root = {("announce", "after"), ("write queued", "before")}
        assert len(place.roots()) == 1 + ((point, when) in duplicate_root)


@deaths(OF_A_SETBACK)
async def test_a_crash_while_a_setback_is_written_down_delivers_once(tmp_path: Path, point: str, when: str) -> None:
    async with struck(tmp_path) as place:
        if point == "write ready":
            place.images.settings.faults.on_pictures(Fault(Trouble.PICTURE_STATUS, status=503), times=2)
        else:
            place.slack.settings.fail("files.getUploadURLExternal", FaultKind.THROTTLE, seconds=0.5)
        async with process(place, point, when) as bot:
            await typed(place, place.ada, "a fox in the rain --n 2")
            await dies(bot)
        async with process(place):
            await place.shared()
        await place.slack.settled()
        check_promises(place, extra_submits=0)


async def test_a_crash_before_the_commit_acknowledges_nothing_and_one_after_it_loses_nothing(tmp_path: Path) -> None:
    async with struck(tmp_path) as place:
        async with process(place, "accept", "before") as bot:
            with impatient(place):
                assert not (await typed(place, place.ada, "never stored")).ok
            await dies(bot)
        async with process(place, "accept", "after") as bot:
            with impatient(place):
                assert not (await typed(place, place.ada, "stored --n 2")).ok
            await dies(bot)
        async with process(place):
            await place.shared()
        assert [job.order.prompt for job in place.images.submits] == ["stored"]


CROWDED = {"crowd": 0}
"""Everybody is a crowd: what is asked is stored as it comes, and looked into afterwards."""


@pytest.mark.parametrize(("point", "when"), [("look", "after"), ("accept", "before"), ("accept", "after")])
async def test_a_crash_after_a_crowd_was_acknowledged_and_before_it_was_looked_into_loses_nothing(
    tmp_path: Path, point: str, when: str
) -> None:
    async with struck(tmp_path, **CROWDED) as place:
        async with process(place, point, when) as bot:
            await place.slack.command(user=place.ada, channel=place.pictures, text="a fox in the rain --n 2")
            await dies(bot)
        async with process(place):
            await place.shared()
        await place.slack.settled()
        check_promises(place, extra_submits=0)
        assert len(place.roots()) == 1


async def test_a_crash_while_a_crowd_is_heard_acknowledges_nothing_and_loses_nothing(tmp_path: Path) -> None:
    async with struck(tmp_path, **CROWDED) as place:
        async with process(place, "hear", "before") as bot:
            with impatient(place):
                assert not (await place.slack.command(user=place.ada, channel=place.pictures, text="never heard")).ok
            await dies(bot)
        async with process(place, "hear", "after") as bot:
            with impatient(place):
                assert not (await place.slack.command(user=place.ada, channel=place.pictures, text="heard --n 2")).ok
            await dies(bot)
        async with process(place):
            await place.shared()
        assert [job.order.prompt for job in place.images.submits] == ["heard"]


@pytest.mark.parametrize(("point", "when"), [("look", "after"), ("settle", "before"), ("settle", "after")])
async def test_a_crash_loses_no_word_about_what_was_not_understood(tmp_path: Path, point: str, when: str) -> None:
    async with struck(tmp_path, **CROWDED) as place:
        async with process(place, point, when) as bot:
            await place.slack.command(user=place.ada, channel=place.pictures, text="a fox --n 99")
            await dies(bot)
        async with process(place):
            told = await place.until(lambda: place.feed.of("slack.ephemeral"))
            await typed(place, place.ben, "a fox")
            await place.shared()
        assert all("--n" in each.data["text"] for each in told)
        mine = [each for each in place.feed.of("slack.ephemeral") if each.data["user"] == place.ada]
        assert len(mine) == (2 if (point, when) == ("settle", "before") else 1)


@deaths(OF_A_FAILURE)
async def test_a_crash_while_apologising_still_tells_the_owner(tmp_path: Path, point: str, when: str) -> None:
    async with struck(tmp_path) as place:
        async with process(place, point, when) as bot:
            await typed(place, place.ada, "a fox #refuse")
            await dies(bot)
        async with process(place):
            replies = place.slack.workspace.channels[place.pictures].replies
            told = await place.until(lambda: place.roots() and replies(place.roots()[0].ts))
            await place.until(lambda: place.roots()[0].edited)
            await place.slack.settled()
        assert 1 <= len(told) <= 2
        assert not place.shares()


@deaths(OF_A_DELETION)
async def test_a_crash_while_deleting_still_deletes(tmp_path: Path, point: str, when: str) -> None:
    async with struck(tmp_path) as place:
        async with process(place, point, when) as bot:
            await typed(place, place.ada, "a fox")
            [share] = await place.shared()
            await place.until(lambda: "in this thread" in place.roots()[0].text)
            with impatient(place):
                await place.slack.click(user=place.ada, channel=place.pictures, ts=share.data["ts"], action_id="delete")
            await dies(bot)
        async with process(place):
            if (point, when) == ("write deleting", "before"):  # never acknowledged, so pressed again
                await place.slack.click(user=place.ada, channel=place.pictures, ts=share.data["ts"], action_id="delete")
            await place.until(lambda: "elete" in place.roots()[0].text)
        [file] = share.data["files"]
        assert place.slack.workspace.files[file["id"]].state == "deleted"


async def test_a_share_that_slack_dropped_is_shared_again_under_new_ids_and_only_then(tmp_path: Path) -> None:
    async with struck(tmp_path) as place:
        place.slack.settings.fail("files.completeUploadExternal", FaultKind.CUT, after=True)
        async with process(place, "see", "before") as bot:
            await typed(place, place.ada, "a fox --n 2")
            await dies(bot)
        async with process(place):
            await place.shared()
        await place.slack.settled()
        check_promises(place, extra_submits=0)


@deaths(OF_A_COPY | {"spool", "upload", "share", "see", "write delivered"})
async def test_a_crash_while_a_copy_is_made_shows_it_once_and_draws_nothing(
    tmp_path: Path, point: str, when: str
) -> None:
    async with struck(tmp_path) as place:
        im = place.slack.workspace.im(place.ben)
        assert im is not None
        async with process(place):
            await typed(place, place.ada, "a fox")
            [share] = await place.shared()
            await place.until(lambda: "in this thread" in place.roots()[0].text)
        where = {"channel": place.pictures, "ts": share.data["ts"]}
        message = place.slack.workspace.channels[place.pictures].messages[share.data["ts"]]
        menus = [each for block in message.blocks or [] for each in block["elements"] if each["type"] == "overflow"]
        copy = next(each["value"] for each in menus[0]["options"] if each["value"].endswith(":copy"))
        async with process(place, point, when) as bot:
            with impatient(place):
                await place.slack.click(user=place.ben, action_id="more", value=copy, **where)
            await dies(bot)
        async with process(place):
            await place.until(lambda: place.shares(channel=im.id))
        await place.slack.settled()
        assert len(place.shares(channel=im.id)) == 1
        assert len(place.images.submits) == 1
