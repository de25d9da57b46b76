"""The vendor's own command line against the local image API. It unpacks to 600 MB, so it is not installed for this."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sandbox.feed import Feed
from sandbox.hunyuan import ImageApi, ImageApiSettings

TCCLI = os.environ.get("TCCLI") or shutil.which("tccli")
pytestmark = [
    pytest.mark.peers,
    pytest.mark.skipif(TCCLI is None, reason="no tccli: set TCCLI or put it on PATH (make test-peers)"),
]
PROXIES = ("http_proxy", "https_proxy", "all_proxy")


@pytest.fixture
async def api() -> AsyncIterator[ImageApi]:
    settings = ImageApiSettings(plain_pictures=True, speed=20.0)
    api = ImageApi(feed=Feed(), settings=settings)
    await api.start()
    yield api
    await api.stop()


async def tccli(api: ImageApi, home: Path, action: str, *arguments: str) -> tuple[int, str, str]:
    """Run one command with a home of its own and return its exit code and what it printed."""
    environment = {name: value for name, value in os.environ.items() if name.lower() not in PROXIES}
    environment |= {"HOME": str(home), "TENCENTCLOUD_REGION": "ap-guangzhou"}
    environment |= {
        "TENCENTCLOUD_SECRET_ID": api.settings.secret_id,
        "TENCENTCLOUD_SECRET_KEY": api.settings.secret_key,
    }
    process = await asyncio.create_subprocess_exec(
        str(TCCLI),
        *("hunyuan", action, "--endpoint", api.url, *arguments),
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    printed, complained = await process.communicate()
    return process.returncode or 0, printed.decode(), complained.decode()


async def test_tccli_submits_and_waits_until_the_job_is_done(api: ImageApi, tmp_path: Path) -> None:
    code, printed, _ = await tccli(api, tmp_path, "SubmitHunyuanImageJob", "--Prompt", "雨中竹林", "--Num", "2")
    assert code == 0
    job = json.loads(printed)["JobId"]
    assert job == api.submits[0].id
    waiter = json.dumps({"expr": "JobStatusCode", "to": "5", "timeout": 20, "interval": 1})
    code, printed, _ = await tccli(api, tmp_path, "QueryHunyuanImageJob", "--JobId", job, "--waiter", waiter)
    assert code == 0
    assert json.loads(printed)["ResultDetails"] == ["Success", "Success"]


async def test_tccli_prints_an_error_and_exits_255(api: ImageApi, tmp_path: Path) -> None:
    code, printed, complained = await tccli(api, tmp_path, "QueryHunyuanImageJob", "--JobId", "none")
    assert code == 255
    assert "FailedOperation.JobNotExist" in printed + complained
