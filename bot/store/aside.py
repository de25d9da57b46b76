"""One thread for what may wait, told of in the loop."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from threading import Thread
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Aside:
    """Does one thing after another, and tells the loop. An executor does the same for half as much work again."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._work: SimpleQueue[tuple[Callable[[], Any], asyncio.Future[Any]] | None] = SimpleQueue()
        self._thread: Thread | None = None

    def do(self, work: Callable[P, T], *arguments: P.args, **more: P.kwargs) -> asyncio.Future[T]:
        """Have it done after what was asked for before."""
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._work.put((partial(work, *arguments, **more), done))
        if self._thread is None:
            self._thread = Thread(target=self._run, name=self._name, daemon=True)
            self._thread.start()
        return done

    def end(self) -> None:
        """End after that."""
        self._work.put(None)

    def _run(self) -> None:
        while (item := self._work.get()) is not None:
            work, done = item
            try:
                tell = partial(_settle, done, work())
            except BaseException as broken:  # noqa: BLE001 - it belongs to whoever asked
                tell = partial(_break, done, broken)
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody wants to know
                done.get_loop().call_soon_threadsafe(tell)


def _settle(done: asyncio.Future[Any], result: object) -> None:
    if not done.done():
        done.set_result(result)


def _break(done: asyncio.Future[Any], error: BaseException) -> None:
    if not done.done():
        done.set_exception(error)
