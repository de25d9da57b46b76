"""Canaries: a whole life of jobs, with troubles, at DEBUG, and nothing secret or private in what the bot says."""

from __future__ import annotations

import asyncio
import re
import signal
from pathlib import Path

import pytest

from sandbox.hunyuan.faults import Fault, Trouble
from sandbox.slack import FaultKind
from tests.edges.imagine import Ended, ended, environment, process, secrets_of
from tests.journeys.town import PATIENCE, Town

PROMPT = "zinnoberfuchs"
NEGATIVE = "kanariengelb"
PATTERNS = (r"ticket=([\w-]+)", r"/response/([\w-]+)", r"/upload/v1/([\w-]+)", r"q-signature=(\w+)", r"Signature=(\w+)")


async def live_through_troubles(place: Town) -> None:
    """Two jobs that arrive after cut connections, odd answers and a bad picture, and one that is refused."""
    slack, images = place.slack, place.images.settings.faults
    slack.settings.fail("users.info", FaultKind.CUT)
    slack.settings.fail("chat.update", FaultKind.STATUS)
    slack.settings.fail("upload", FaultKind.CUT)
    slack.settings.fail("files.completeUploadExternal", FaultKind.THROTTLE)
    slack.settings.fail("response_url", FaultKind.STATUS)
    images.on(Fault(Trouble.GARBAGE), action="QueryHunyuanImageJob")
    images.on(Fault(Trouble.PICTURE_HTML))
    await slack.command(user=place.ada, channel=place.pictures, text=f"{PROMPT} --n 2 --no {NEGATIVE}")
    await place.shared()
    await slack.react(user=place.ben, channel=place.pictures, ts=place.roots()[0].ts, name="repeat")
    await place.shared(2)
    await slack.disconnect_sockets()
    await place.until(lambda: slack.sockets.connections == 2)
    await place.asks(place.ada, f"{PROMPT} --nn 9")
    await place.asks(place.chen, f"{PROMPT} #refuse")
    await place.until(lambda: len(place.roots()) == 2 and place.roots()[1].edited)
    await place.slack.settled()


async def lived(place: Town, raw: Path) -> Ended:
    told = environment(place, LOG_LEVEL="DEBUG")
    async with process(place.data, told, "-m", "tests.edges.loud", str(raw)) as child:
        reading = asyncio.create_task(ended(child))
        await place.slack.connected(timeout=PATIENCE)
        await live_through_troubles(place)
        child.send_signal(signal.SIGTERM)
        return await reading


async def test_a_whole_life_at_debug_shows_no_token_no_key_no_prompt_and_no_link(place: Town, tmp_path: Path) -> None:
    place.images.settings.speed = 200.0
    raw = tmp_path / "raw"
    end = await lived(place, raw)
    heard = raw.read_text(encoding="utf-8")
    said = end.err + end.out
    assert end.code == 0, said[-2000:]
    assert PROMPT in heard
    assert NEGATIVE in heard
    hidden = {found for pattern in PATTERNS for found in re.findall(pattern, heard)}
    assert len(hidden) > 2
    for secret in [*secrets_of(place), PROMPT, NEGATIVE, *hidden]:
        assert secret not in said
    assert said.count('"event":') > 10
    assert "Traceback" not in end.plain


def test_the_settings_of_the_bot_show_nothing_either(place: Town) -> None:
    shown = f"{place.settings()!r} {place.settings()}"
    for secret in secrets_of(place):
        assert secret not in shown


@pytest.fixture(autouse=True)
def _town(place: Town) -> None:
    assert len(secrets_of(place)) == 6
