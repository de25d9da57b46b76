"""Bots as processes of their own that are born quickly: each is a fork of one that has imported all they need.

To import takes a bot a second and more, and of a crash nothing is learnt by it. That `python -m bot run` starts and
ends as it should is told in `tests/edges`.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
from collections.abc import Callable, Mapping
from pathlib import Path

PRELOADED = "tests.chaos.child"
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload([PRELOADED])


class Bot:
    """One process."""

    def __init__(self, life: Callable[..., None], told: Mapping[str, str], log: Path, *arguments: str) -> None:
        """`life` is called with these arguments, with nothing but `told` in its environment."""
        self._process = _FORKS.Process(target=_born, args=(life, dict(told), str(log), arguments))
        self._process.start()

    @property
    def code(self) -> int | None:
        """How it ended, if it has."""
        return self._process.exitcode

    def terminate(self) -> None:
        """SIGTERM."""
        self._process.terminate()

    async def ended(self) -> int:
        """Wait for the end; how it ended."""
        loop, over = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(self._process.sentinel, over.set)
        try:
            await over.wait()
        finally:
            loop.remove_reader(self._process.sentinel)
        code = self.code
        assert code is not None
        return code


def _born(life: Callable[..., None], told: dict[str, str], log: str, arguments: tuple[str, ...]) -> None:
    os.environ.clear()
    os.environ.update(told)
    with open(log, "ab") as said:  # noqa: PTH123 - a file descriptor is wanted
        os.dup2(said.fileno(), 1)
        os.dup2(said.fileno(), 2)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    life(*arguments)
