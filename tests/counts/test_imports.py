"""What a start on SQLite in HTTP mode has loaded when it begins to listen: counted in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot import app

TOP = Path(__file__).parents[2]

SETTINGS = {
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_SIGNING_SECRET": "0123456789abcdef0123456789abcdef",
    "TENCENTCLOUD_SECRET_ID": "AKIDx",
    "TENCENTCLOUD_SECRET_KEY": "x",
    "PORT": "0",
}

LIBRARIES = {
    "aiohttp": "aiohappyeyeballs aiohttp aiosignal attr frozenlist idna multidict propcache yarl",
    "settings": "annotated_types dotenv pydantic pydantic_core pydantic_settings typing_extensions typing_inspection",
    "sqlalchemy": "greenlet sqlalchemy",
    "structlog": "pygments rich structlog",
    "the others": "cython_runtime obstore prometheus_client slack_sdk",
}
"""The libraries without which nothing can be acknowledged, each with what it brings by itself."""

NOT_YET = (
    "alembic", "apscheduler", "asyncpg", "bot.cli", "bot.slack.socket", "bot.wakeups", "multiprocessing", "PIL",
    "slack_bolt", "slack_sdk.socket_mode", "sqlalchemy.dialects.postgresql", "typer",
)  # fmt: skip


@dataclass(frozen=True)
class Listening:
    """A start when it begins to listen: full garbage collections so far, objects exempt from them, modules."""

    collections: int
    frozen: int
    modules: frozenset[str]


def begun(folder: Path) -> Listening:
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    told = {**inherited, **SETTINGS, "DATA_DIR": str(folder), "PYTHONPATH": str(TOP)}
    done = subprocess.run(
        [sys.executable, "-m", "tests.counts.listening"], env=told, cwd=folder, stdout=subprocess.PIPE, text=True,
        check=True, timeout=60,
    )  # fmt: skip
    collections, frozen, *modules = done.stdout.split()
    return Listening(int(collections), int(frozen), frozenset(modules))


@pytest.fixture(scope="module")
def starts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Listening]:
    folder = tmp_path_factory.mktemp("starts")
    return {"first": begun(folder), "later": begun(folder)}


@pytest.fixture(params=["first", "later"])
def start(request: pytest.FixtureRequest, starts: dict[str, Listening]) -> Listening:
    return starts[request.param]


@pytest.mark.parametrize("module", NOT_YET)
def test_what_no_acknowledgement_needs_is_not_loaded_before_the_first(start: Listening, module: str) -> None:
    assert "bot.store.jobs" in start.modules
    assert not {name for name in start.modules if name == module or name.startswith(f"{module}.")}


def test_a_start_loads_the_libraries_that_an_acknowledgement_needs_and_no_other(start: Listening) -> None:
    roots = {name.partition(".")[0] for name in start.modules if not name.startswith("_")}
    needed = {library for libraries in LIBRARIES.values() for library in libraries.split()}
    assert roots - sys.stdlib_module_names - {"bot", "handlers", "tests"} <= needed


def test_a_start_is_not_held_up_by_collecting_what_it_loads(start: Listening) -> None:
    assert start.collections == 0
    assert start.frozen > 100_000


def test_what_is_loaded_once_it_listens_was_not_loaded_before(start: Listening) -> None:
    assert app.LATER
    assert not start.modules & set(app.LATER)
