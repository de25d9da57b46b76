"""A town for each test that wants one: the bot is not started in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.journeys.town import QUICK, Town, town

CANARIES = {"secret_id": "AKIDcanarycanary01", "secret_key": "canary-key-8d1f0c", "token": "canary-session-77ab3e"}


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Town]:
    """The local Slack and the local image API, with keys that would be noticed."""
    async with town(tmp_path, images=CANARIES, **QUICK) as made:
        made.overrides["tencentcloud_token"] = CANARIES["token"]
        yield made


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting comes from the machine these tests run on, and no `.env` either."""
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "TENCENTCLOUD_SECRET_ID",
                 "TENCENTCLOUD_SECRET_KEY", "TENCENTCLOUD_TOKEN", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy",
                 "https_proxy"):  # fmt: skip
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
