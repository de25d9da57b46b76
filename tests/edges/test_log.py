"""The log: one line an event, and nothing in it that is secret or private."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog

from bot import log
from bot.log import Redaction

SECRET = "canary-8d1f0c"
ROW = "a fox"
Say = Callable[..., list[str]]


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Iterator[Say]:
    """Set the log up, do something, and have the lines; afterwards all is as it was."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level)

    def say(act: Callable[[], None], *, level: str = "DEBUG", fmt: Any = "json") -> list[str]:
        log.configure(level=level, fmt=fmt, secrets=[SECRET, "a"])
        act()
        return capsys.readouterr().err.splitlines()

    yield say
    root.handlers[:], _ = before
    root.setLevel(before[1])
    structlog.reset_defaults()


def ours() -> structlog.stdlib.BoundLogger:
    logger: structlog.stdlib.BoundLogger = structlog.get_logger("bot.edges")
    return logger


def fail(message: str) -> None:
    raise ValueError(message)


def complain(logger: Any, message: str) -> None:
    """Log an exception that says this."""
    try:
        fail(message)
    except ValueError:
        logger.exception("broke")


def test_an_event_is_one_line_of_json_with_its_time_level_and_logger(said: Say) -> None:
    [line] = said(lambda: ours().info("step", job="J1", ms=3, seconds=0.5, again=False, code=None))
    found = json.loads(line)
    assert found.pop("timestamp").endswith("Z")
    assert found == {"event": "step", "level": "info", "logger": "bot.edges", "job": "J1", "ms": 3, "seconds": 0.5,
                     "again": False, "code": None}  # fmt: skip


def test_a_console_line_can_be_read(said: Say) -> None:
    [line] = said(lambda: ours().info("step", job="J1"), fmt="console")
    assert "step" in line
    assert "job=J1" in line.replace("\x1b", "")


@pytest.mark.parametrize("fmt", ["json", "console"])
@pytest.mark.parametrize("key", ["prompt", "text", "link", "links", "url", "token", "secret", "body", "payload"])
def test_a_private_key_is_never_shown(said: Say, key: str, fmt: str) -> None:
    assert "fox" not in str(said(lambda: ours().error("x", **{key: "a fox"}), fmt=fmt))


LEAKS = [
    "xoxb-1-2-abc",
    "xoxe.xoxp-1-abc",
    "xapp-1-A-2-abc",
    "AKIDz8krbsJ5yKBZQpn74WFkmLPx3",
    "TC3-HMAC-SHA256 Credential=AKIDx/2024-01-01/hunyuan/tc3_request, SignedHeaders=host, Signature=feed",
    "wss://wss-primary.slack.com/link/?ticket=feed&app_id=A",
    "https://hooks.slack.com/commands/T1/2/feed",
    "https://files.slack.com/upload/v1/feed",
    "https://aiart-1.cos.ap-guangzhou.myqcloud.com/feed.png?q-sign-algorithm=sha1&q-ak=AKIDx&q-signature=feed",
    "http://127.0.0.1:5000/response/feed",
    "postgresql+asyncpg://imagine:feed@db.internal:5432/imagine",
    "GET /x?token=feed&x=1",
    "x-cos-security-token=feed",
    f"a {SECRET} b",
]


@pytest.mark.parametrize("fmt", ["json", "console"])
@pytest.mark.parametrize("leak", LEAKS, ids=[leak[:24] for leak in LEAKS])
def test_no_secret_passes_whoever_says_it_and_wherever(said: Say, leak: str, fmt: str) -> None:
    def leaking() -> None:
        ours().warning(leak, detail=f"before {leak} after", listed=[leak, {"deep": (leak,)}], other=ValueError(leak))
        logging.getLogger("somebody").error("said %s", leak)
        complain(ours(), leak)
        complain(logging.getLogger("somebody"), leak)

    lines = said(leaking, fmt=fmt)
    assert "[secret]" in str(lines)
    for tail in ("feed", "abc", "kmLPx3", SECRET):
        assert tail not in str(lines)


def test_a_line_with_secrets_taken_out_is_still_json(said: Say) -> None:
    def leaking() -> None:
        for leak in LEAKS:
            ours().warning(f'"{leak}"', detail=f"'{leak}'\n\"{leak}\"\\")

    assert len([json.loads(line) for line in said(leaking)]) == len(LEAKS)


def test_a_host_may_be_seen_and_what_is_behind_it_not() -> None:
    shown = Redaction().redacted("to https://u:p@hunyuan.tencentcloudapi.com/a?b=c and http://127.0.0.1:80 (1 of 2)")
    assert shown == "to https://hunyuan.tencentcloudapi.com/[secret] and http://127.0.0.1:80 (1 of 2)"


def test_a_secret_of_a_few_letters_does_not_blot_out_the_log() -> None:
    assert Redaction(["a", "", SECRET]).redacted(f"a banana {SECRET}") == "a banana [secret]"


def test_the_longer_of_two_secrets_is_taken_out_whole() -> None:
    assert Redaction(["secret-one", "secret-one-and-more"]).redacted("secret-one-and-more") == "[secret]"


def test_an_exception_is_told_with_its_place_and_only_the_first_line_of_what_it_says(said: Say) -> None:
    message = "(sqlite3.OperationalError) disk I/O error\n[SQL: INSERT INTO jobs]\n[parameters: ('a fox in the rain',)]"
    for logger in (ours(), logging.getLogger("somebody")):
        [line] = said(lambda logger=logger: complain(logger, message))
        told = json.loads(line)["exception"]
        assert "builtins.ValueError: (sqlite3.OperationalError) disk I/O error" in told
        assert "in fail" in told
        assert "a fox in the rain" not in line


def chained(*, hidden: bool) -> None:
    try:
        fail(f"the cause\n{ROW}")
    except ValueError as error:
        raise RuntimeError(f"the effect\n{ROW}") from (None if hidden else error)


def test_the_cause_comes_first_and_a_hidden_one_not_at_all(said: Say) -> None:
    for hidden in (False, True):
        try:
            chained(hidden=hidden)
        except RuntimeError as error:
            [line] = said(lambda error=error: ours().error("broke", exc_info=error))
            told = json.loads(line)["exception"]
        assert ("the cause" in told) is not hidden
        assert told.endswith("builtins.RuntimeError: the effect")
        assert "fox" not in told


def test_every_exception_of_a_group_is_told_by_its_first_line(said: Say) -> None:
    group = ExceptionGroup("two", [ValueError(f"one\n{ROW}"), KeyError("other")])
    [line] = said(lambda: ours().error("broke", exc_info=group))
    assert "builtins.ValueError: one" in line
    assert "builtins.KeyError: 'other'" in line
    assert "fox" not in line


@pytest.mark.parametrize("name", ["slack_bolt.AsyncApp", "slack_sdk.web", "aiohttp.access", "PIL.PngImagePlugin", "x"])
def test_a_library_is_heard_from_warning_on_even_if_it_turned_itself_up(said: Say, name: str) -> None:
    logger = logging.getLogger(name)
    logger.setLevel(logging.DEBUG)
    try:
        assert said(lambda: logger.info("a payload")) == []
        assert len(said(lambda: logger.warning("a warning"))) == 1
    finally:
        logger.setLevel(logging.NOTSET)


def test_our_own_level_is_the_one_that_is_set(said: Say) -> None:
    def talk() -> None:
        logger = structlog.get_logger("handlers.edges")
        logger.debug("a")
        logger.info("b")
        logger.warning("c")
        logger.error("d")

    for level, heard in (("DEBUG", 4), ("INFO", 3), ("WARNING", 2), ("ERROR", 1)):
        assert len(said(talk, level=level)) == heard
        assert len(said(lambda: logging.getLogger("x").warning("y"), level=level)) == (level != "ERROR")
