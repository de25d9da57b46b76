"""The command line as a process of its own, told everything by its environment."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.journeys.town import PATIENCE, QUICK, Town

TOP = Path(__file__).parents[2]


def environment(place: Town, **changes: str | None) -> dict[str, str]:
    """What the sandbox tells its bot, with changes; None leaves a key out."""
    told: dict[str, str | None] = {
        "SLACK_BOT_TOKEN": place.slack.bot_token,
        "SLACK_APP_TOKEN": place.slack.app_token,
        "SLACK_SIGNING_SECRET": place.slack.signing_secret,
        "SLACK_API_URL": place.slack.api_url,
        "TENCENTCLOUD_SECRET_ID": place.images.settings.secret_id,
        "TENCENTCLOUD_SECRET_KEY": place.images.settings.secret_key,
        "TENCENTCLOUD_TOKEN": place.images.settings.token,
        "HUNYUAN_ENDPOINT": place.images.url,
        "DATA_DIR": str(place.data / "data"),
        "PORT": "0",
        **{name.upper(): str(value) for name, value in QUICK.items()},
    }
    return {name: value for name, value in {**told, **changes}.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def plain(self) -> list[str]:
        """What it said to a person: the lines on standard error that are no log lines."""
        return [line for line in self.err.splitlines() if not line.startswith("{")]


@asynccontextmanager
async def process(folder: Path, told: Mapping[str, str], *arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """`python ARGUMENTS` in that folder, so that no stray `.env` is read; killed if it is still there at the end."""
    inherited = {"PATH": os.environ["PATH"], "PYTHONPATH": str(TOP), "PYTHONWARNINGS": "error::ResourceWarning"}
    child = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, env={**inherited, **told}, cwd=folder,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield child
    finally:
        if child.returncode is None:
            child.kill()
            await child.communicate()


async def imagine(folder: Path, told: Mapping[str, str], *arguments: str) -> Ended:
    """Run one command to its end."""
    async with process(folder, told, "-m", "bot", *arguments) as child:
        return await ended(child)


async def ended(child: asyncio.subprocess.Process) -> Ended:
    """Wait for the end."""
    out, err = await asyncio.wait_for(child.communicate(), PATIENCE)
    assert child.returncode is not None
    return Ended(child.returncode, out.decode(), err.decode())


def secrets_of(place: Town) -> list[str]:
    """Everything that must never be seen."""
    keys = place.images.settings
    slack = place.slack
    found = [slack.bot_token, slack.app_token, slack.signing_secret, keys.secret_id, keys.secret_key, keys.token]
    return [secret for secret in found if secret]
