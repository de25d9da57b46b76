"""The whole sandbox with a small bot of Slack's own library in it, over real sockets."""

from __future__ import annotations

import contextlib
import io
import socket
import sys
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest
from PIL import Image
from rich.console import Console

from sandbox.once import in_words, keep, once, slug
from sandbox.page.wording import picture_kind, readable, with_mentions
from sandbox.world import BotEndedError, Wishes, load_manifest, open_world
from tests.sandbox_page.echo_bot import picture

ECHO = (sys.executable, "-m", "tests.sandbox_page.echo_bot")
BROKEN = (sys.executable, "-c", "print('no such setting: X'); raise SystemExit(2)")


async def one_job(
    tmp_path: Path, text: str, *, command: tuple[str, ...] = ECHO, patience: float = 30
) -> tuple[int, str]:
    out = io.StringIO()
    wishes = Wishes(bot_command=command)
    code = await once(
        text, save=tmp_path / "out", patience=patience, wishes=wishes, console=Console(file=out, width=200)
    )
    return code, out.getvalue()


async def test_once_saves_what_arrived_in_the_thread_and_prints_the_timeline(tmp_path: Path) -> None:
    code, said = await one_job(tmp_path, "/imagine 雨中 竹林 ../../x --n 2")
    saved = sorted((tmp_path / "out").iterdir())
    assert code == 0, said
    assert [path.name for path in saved] == ["雨中-竹林-x-1.png", "雨中-竹林-x-2.png"]
    assert [path.read_bytes() for path in saved] == [picture(0), picture(1)]
    assert [word for word in ("asked", "queued", "delivered") if word in said] == ["asked", "queued", "delivered"]


async def test_once_fails_with_what_the_bot_said_when_it_starts_no_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sandbox.once.SILENCE", 0.05)
    code, said = await one_job(tmp_path, "help")
    assert code == 1
    assert "Not delivered. Say what you would *like* to see." in said
    assert not (tmp_path / "out").exists()


async def test_once_fails_with_the_log_of_a_bot_that_died(tmp_path: Path) -> None:
    code, said = await one_job(tmp_path, "a fox", command=BROKEN)
    assert code == 1
    assert "the bot ended with code 2" in said
    assert "its log: no such setting: X" in said


async def test_once_gives_up_in_time(tmp_path: Path) -> None:
    silent = (sys.executable, "-c", "import signal; signal.pause()")
    code, said = await one_job(tmp_path, "a fox", command=silent, patience=0.05)
    assert (code, "Nothing was delivered within 0.05 seconds." in said) == (1, True)


async def test_waiting_for_a_dead_bot_ends_at_once() -> None:
    async with open_world(Wishes(bot_command=BROKEN)) as world:
        with pytest.raises(BotEndedError):
            await world.ready(patience=60)
        with pytest.raises(BotEndedError):
            await world.ready(patience=60)


async def test_a_taken_port_is_replaced_by_a_free_one() -> None:
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        async with open_world(Wishes(port=port, with_bot=False)) as world:
            assert urlsplit(world.page.url).port not in {port, None}


async def test_the_addresses_are_the_public_contract_and_they_answer() -> None:
    async with open_world(Wishes(with_bot=False)) as world:
        found = world.addresses()
        assert set(found) == {
            "page", "slack_api_url", "slack_bot_token", "slack_app_token", "slack_signing_secret",
            "image_api_url", "secret_id", "secret_key",
        }  # fmt: skip
        headers = {"Authorization": f"Bearer {found['slack_bot_token']}"}
        async with aiohttp.ClientSession() as session:
            async with session.post(found["slack_api_url"] + "auth.test", headers=headers) as answer:
                assert (await answer.json())["ok"] is True
            async with session.get(found["page"]) as answer:
                assert answer.status == 200
            async with session.get(found["image_api_url"]) as answer:
                assert "Response" in await answer.json(content_type=None)


async def test_a_request_url_means_http_mode() -> None:
    async with open_world(Wishes(with_bot=False, request_url="http://127.0.0.1:1/slack/events")) as world:
        assert world.slack.settings.request_url == "http://127.0.0.1:1/slack/events"
        assert world.page.scene.as_seen_by(None)["http"] is True


async def test_the_data_folder_is_the_bots_and_stays(tmp_path: Path) -> None:
    writes = (sys.executable, "-c", "import os, pathlib; pathlib.Path(os.environ['DATA_DIR'], 'kept').touch()")
    async with open_world(Wishes(data=tmp_path / "data", bot_command=writes)) as world:
        with pytest.raises(BotEndedError):
            await world.ready()
    assert (tmp_path / "data" / "kept").exists()


def test_the_manifest_is_found_without_importing_the_bot() -> None:
    assert [command["command"] for command in load_manifest()["features"]["slash_commands"]] == ["/imagine"]


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("A Fox, in the rain!", "a-fox-in-the-rain"),
        ("../../etc/passwd", "etc-passwd"),
        ("雨中竹林", "雨中竹林"),
        ("\0 :: //", "picture"),
        ("x" * 300, "x" * 60),
    ],
)
def test_a_file_name_is_harmless(prompt: str, name: str) -> None:
    assert slug(prompt) == name


def test_nothing_is_overwritten_and_other_pictures_become_png(tmp_path: Path) -> None:
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "JPEG")
    first, second = keep(picture(0), tmp_path, prompt="a"), keep(out.getvalue(), tmp_path, prompt="a")
    assert (first.name, second.name) == ("a-1.png", "a-2.png")
    assert first.read_bytes() == picture(0)
    assert picture_kind(second.read_bytes()) == "image/png"


def test_names_become_mentions_and_strangers_stay_words() -> None:
    assert with_mentions("@Ada, mail x@ada.example @nobody", {"ada": "U1"}) == "<@U1>, mail x@ada.example @nobody"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ('{"level": "error", "event": "broke", "timestamp": "t", "code": null, "ms": 3}', "error broke ms=3"),
        ('{"event": "broke", "exception": "Traceback:\\n  File x\\nKeyError: 1\\n"}', "info broke KeyError: 1"),
        ("Traceback (most recent call last):", "Traceback (most recent call last):"),
        ('["no", "entry"]', '["no", "entry"]'),
    ],
)
def test_a_log_line_is_readable(line: str, shown: str) -> None:
    assert readable(line) == shown


def test_a_message_is_one_plain_line_on_a_terminal() -> None:
    assert in_words("Tom &amp; Ada\nabout <!date^1^{time}|12:00 UTC>.") == "Tom & Ada · about 12:00 UTC."
