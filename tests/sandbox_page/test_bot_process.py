"""The bot's process: a clean environment, a death that is seen, an end that leaves nothing behind."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from sandbox.bot import BotProcess, clean_environment
from sandbox.feed import Feed

PRINT = "import json, os; print(json.dumps([os.getcwd(), dict(os.environ)]))"
LISTEN = "import signal; print('ready', flush=True); signal.pause()"
DEAF = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True: {LISTEN}"


def process(tmp_path: Path, code: str, *, patience: float = 12.0) -> BotProcess:
    feed = Feed()
    return BotProcess({"DATA_DIR": "x"}, tmp_path, feed, (sys.executable, "-c", code), patience)


async def heard(bot: BotProcess, kind: str) -> None:
    """Wait until this was published, unless it was already."""
    seen = asyncio.Event()
    forget = bot.feed.listen(lambda happening: seen.set() if happening.kind == kind else None)
    if not bot.feed.of(kind):
        await asyncio.wait_for(seen.wait(), 20)
    forget()


async def test_the_child_sees_its_settings_and_no_token_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SLACK_BOT_TOKEN", "TENCENTCLOUD_TOKEN", "HTTPS_PROXY", "PYTHONSTARTUP"):
        monkeypatch.setenv(name, "ours")
    bot = process(tmp_path, PRINT)
    await bot.start()
    await heard(bot, "bot.ended")
    folder, seen = json.loads(bot.lines[0])
    assert Path(folder).samefile(tmp_path)  # noqa: ASYNC240 - a look at the file system, nothing to wait for
    assert seen["DATA_DIR"] == "x"
    assert "ours" not in seen.values()


def test_a_setting_wins_over_what_is_inherited() -> None:
    assert clean_environment({"PATH": "mine"})["PATH"] == "mine"


async def test_a_death_is_published_with_its_code_and_not_repaired(tmp_path: Path) -> None:
    bot = process(tmp_path, "raise SystemExit(3)")
    await bot.start()
    await heard(bot, "bot.ended")
    assert (bot.alive, bot.died, bot.code, bot.pid, bot.starts) == (False, True, 3, None, 1)
    assert bot.feed.of("bot.ended")[0].data == {"code": 3, "expected": False}


async def test_stopping_is_no_death(tmp_path: Path) -> None:
    bot = process(tmp_path, LISTEN)
    await bot.start()
    await heard(bot, "bot.said")
    assert await bot.stop() == -15
    assert (bot.alive, bot.died) == (False, False)


async def test_a_bot_that_does_not_listen_to_sigterm_is_killed(tmp_path: Path) -> None:
    bot = process(tmp_path, DEAF, patience=0.01)
    await bot.start()
    await heard(bot, "bot.said")
    pid = bot.pid
    assert await bot.stop() == -9
    assert pid is not None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_killed_is_a_death_on_purpose_and_a_start_brings_it_back(tmp_path: Path) -> None:
    bot = process(tmp_path, LISTEN)
    await bot.start()
    await bot.kill()
    assert (bot.died, bot.killed, bot.code) == (True, True, -9)
    await bot.start()
    assert (bot.alive, bot.died, bot.killed, bot.starts) == (True, False, False, 2)
    await bot.stop()


async def test_starting_a_running_bot_changes_nothing(tmp_path: Path) -> None:
    bot = process(tmp_path, LISTEN)
    await bot.start()
    pid = bot.pid
    await bot.start()
    assert (bot.pid, bot.starts) == (pid, 1)
    await bot.restart()
    assert bot.pid != pid
    await bot.stop()


async def test_a_line_without_end_does_not_stop_the_reading(tmp_path: Path) -> None:
    bot = process(tmp_path, "print('x' * 3_000_000); print('after')")
    await bot.start()
    await heard(bot, "bot.ended")
    assert bot.lines[-1] == "after"
