"""The process from its first breath to its last: waiting for Slack, ready, not ready, and away without a trace."""

from __future__ import annotations

import asyncio
import gc
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from bot.app import serving
from bot.clock import SystemClock
from bot.errors import Misconfigured
from bot.slack.client import SlackClient, open_session
from bot.slack.introduction import introduce
from sandbox.bot import free_port
from sandbox.slack import FaultKind
from tests.journeys.town import PATIENCE, Town

FOR_EVER = 10**6


async def asked(port: int, path: str = "readyz") -> tuple[int, dict[str, object]]:
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/{path}") as answer:
        return answer.status, await answer.json()


async def becomes(port: int, status: int) -> dict[str, object]:
    """Ask until /readyz answers so."""
    async with asyncio.timeout(PATIENCE):
        while True:
            found, body = await asked(port)
            if found == status:
                return body


async def test_ready_means_that_slack_and_the_database_are_there(place: Town) -> None:
    await place.start_bot()
    assert await becomes(place.port, 200) == {"slack": "ok", "database": "ok"}
    assert await asked(place.port, "healthz") == (200, {"alive": True})


async def test_while_slack_is_away_it_is_alive_and_not_ready_and_starts_when_slack_is_back(place: Town) -> None:
    trouble = place.slack.settings.fail("auth.test", FaultKind.STATUS, times=FOR_EVER)
    place.overrides["port"] = free_port()
    starting = asyncio.create_task(place.start_bot())
    await place.until(lambda: place.calls("auth.test"))
    async with asyncio.timeout(PATIENCE):
        while (found := await asked(free(place)))[1]["slack"] == "starting":
            pass
    assert found == (503, {"slack": "Slack is away (http_503)", "database": "ok"})
    assert await asked(free(place), "healthz") == (200, {"alive": True})
    trouble.times = 0
    await starting
    await becomes(place.port, 200)


def free(place: Town) -> int:
    port = place.overrides["port"]
    assert isinstance(port, int)
    return port


async def test_it_waits_longer_and_longer_for_slack_and_as_long_as_slack_says(place: Town) -> None:
    place.slack.settings.fail("auth.test", FaultKind.STATUS, times=7)
    place.slack.settings.fail("auth.test", FaultKind.THROTTLE, seconds=90)
    slept: list[float] = []
    reasons: list[str] = []
    clock = SystemClock()
    ahead = 0.0

    async def sleep(seconds: float) -> None:
        nonlocal ahead
        slept.append(seconds)
        ahead += seconds

    async with open_session() as session:
        slack = SlackClient(
            session, token=place.slack.bot_token, api_url=place.slack.api_url,
            now=lambda: clock.now() + timedelta(seconds=ahead),
        )  # fmt: skip
        me = await introduce(slack, None, sleep=sleep, away=reasons.append)
    assert me["user_id"] == place.slack.bot_user_id
    assert [round(seconds) for seconds in slept] == [1, 2, 4, 8, 16, 30, 30, 90]
    assert reasons == ["http_503"] * 7 + ["ratelimited"]


@pytest.mark.parametrize(
    ("method", "code", "key"),
    [
        ("auth.test", "invalid_auth", "SLACK_BOT_TOKEN"),
        ("auth.test", "account_inactive", "SLACK_BOT_TOKEN"),
        ("auth.test", "something_new", "SLACK_BOT_TOKEN"),
        ("apps.connections.open", "invalid_auth", "SLACK_APP_TOKEN"),
        ("apps.connections.open", "not_allowed_token_type", "SLACK_APP_TOKEN"),
    ],
)
async def test_a_refused_token_ends_the_start_and_names_the_key(place: Town, method: str, code: str, key: str) -> None:
    place.slack.settings.fail(method, FaultKind.ERROR, error=code)
    with pytest.raises(Misconfigured) as refused:
        await place.start_bot()
    assert refused.value.detail == f"{key}: Slack refuses it ({code})"
    assert place.slack.sockets.connections == 0


async def test_after_a_refused_start_the_database_is_free_again(place: Town) -> None:
    place.slack.settings.fail("auth.test", FaultKind.ERROR, error="invalid_auth")
    with pytest.raises(Misconfigured):
        await place.start_bot()
    await place.start_bot()
    await becomes(place.port, 200)


async def test_without_a_socket_it_is_not_ready(place: Town) -> None:
    await place.start_bot()
    await becomes(place.port, 200)
    place.slack.settings.fail("apps.connections.open", FaultKind.STATUS, times=FOR_EVER)
    place.slack.drop_sockets()
    assert await becomes(place.port, 503) == {"slack": "no socket is connected", "database": "ok"}


async def test_an_app_that_was_removed_is_not_ready(place: Town) -> None:
    await place.start_bot()
    await becomes(place.port, 200)
    place.slack.uninstall()
    await place.slack.settled()
    status, body = await asked(place.port)
    assert status == 503
    assert body["slack"] == "the app was removed from the workspace, or its token revoked"


async def test_a_person_who_takes_back_a_token_of_theirs_changes_nothing(place: Town) -> None:
    await place.start_bot()
    await becomes(place.port, 200)
    tokens = {"oauth": [place.ada], "bot": []}
    place.slack.slack.events.emit("tokens_revoked", {"type": "tokens_revoked", "tokens": tokens})
    await place.slack.settled()
    assert (await asked(place.port))[0] == 200


async def test_over_http_no_socket_is_opened_and_none_is_missed(place: Town) -> None:
    place.overrides["slack_app_token"] = None
    await place.start_bot()
    await becomes(place.port, 200)
    assert not place.calls("apps.connections.open")


async def test_a_taken_port_ends_the_start_with_one_line(place: Town, tmp_path: Path) -> None:
    await place.start_bot()
    place.overrides.update(port=place.port, data_dir=tmp_path / "other")
    with pytest.raises(Misconfigured, match="HOST, PORT: cannot listen there: something else listens there"):
        await serving(place.settings()).__aenter__()


@asynccontextmanager
async def tracks() -> AsyncIterator[list[str]]:
    """What is left behind: tasks that still run, and what was given up without being closed."""
    before = asyncio.all_tasks()
    found: list[str] = []
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        yield found
        gc.collect()
    found += [str(each.message) for each in heard if each.category is ResourceWarning]
    theirs = ("sandbox.", "aiohttp.web")
    left = [task.get_coro() for task in asyncio.all_tasks() - before]
    found += [str(coro) for coro in left if not getattr(coro, "cr_frame", None) or not from_(coro, theirs)]


def from_(coro: object, modules: tuple[str, ...]) -> bool:
    frame = getattr(coro, "cr_frame", None)
    return frame is not None and str(frame.f_globals.get("__name__", "")).startswith(modules)


@pytest.mark.parametrize("with_a_job", [False, True])
async def test_a_stop_leaves_no_task_and_nothing_unclosed(place: Town, with_a_job: bool) -> None:
    async with tracks() as left:
        await place.start_bot()
        if with_a_job:
            await place.asks(place.ada, "a fox")
            await place.until(lambda: place.feed.of("image.submit"))
        await place.stop_bot()
        await place.until(lambda: place.slack.sockets.connections == 0)
    assert left == []


async def test_a_start_that_is_given_up_leaves_no_task_and_nothing_unclosed(place: Town) -> None:
    place.slack.settings.fail("auth.test", FaultKind.STATUS, times=FOR_EVER)
    async with tracks() as left:
        starting = asyncio.create_task(place.start_bot())
        await place.until(lambda: place.calls("auth.test"))
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
    assert left == []
