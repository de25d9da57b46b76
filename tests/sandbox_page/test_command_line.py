"""`python -m sandbox` as a process: what it prints first, how it ends, what it refuses."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from pathlib import Path

import pytest

from sandbox.__main__ import main

ROOT = Path(__file__).resolve().parents[2]


async def test_the_first_line_is_json_and_sigterm_ends_it_with_zero() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sandbox", "--no-bot", "--json", "--port", "0", cwd=ROOT,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        found = json.loads(await asyncio.wait_for(process.stdout.readline(), 30))
    finally:
        process.send_signal(signal.SIGTERM)
        rest, said = await asyncio.wait_for(process.communicate(), 30)
    assert found["page"].startswith("http://127.0.0.1:")
    assert rest == b""
    assert found["page"] in said.decode()
    assert found["slack_bot_token"] not in said.decode()
    assert process.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--host", "0.0.0.0"], "the sandbox is for this computer only"),
        (["--once", "a fox"], "--once needs --save DIR"),
        (["--once", "a fox", "--save", "x", "--no-bot"], "leave --no-bot out"),
        (["--request-url", "http://127.0.0.1:1/"], "add --no-bot"),
        (["--speed", "0"], "--speed must be above 0"),
        (["--slots", "0"], "--slots at least 1"),
    ],
)
def test_a_wish_that_cannot_be_is_refused_in_words(
    arguments: list[str], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert why in capsys.readouterr().err
