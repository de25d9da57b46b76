"""Runs the real bot as a child process, told everything by its environment and nothing by our code."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.feed import Feed

KEEP_FROM_HOME = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "SYSTEMROOT", "SSL_CERT_FILE")
"""What a child may inherit; everything else (proxies, real tokens, Python's own variables) stays outside."""


def free_port(host: str = "127.0.0.1") -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def clean_environment(settings: Mapping[str, str]) -> dict[str, str]:
    """The child's whole environment: a few harmless variables of ours, the code's own folder, and `settings`."""
    kept = {name: os.environ[name] for name in KEEP_FROM_HOME if name in os.environ}
    code = str(Path(__file__).resolve().parents[1])
    return kept | {"PYTHONPATH": code, "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"} | dict(settings)


@dataclass(slots=True)
class BotProcess:
    """One bot, started, watched and ended by process id. A death is published, never repaired behind one's back."""

    settings: Mapping[str, str]
    folder: Path
    feed: Feed
    command: tuple[str, ...] = (sys.executable, "-m", "bot", "run")
    patience: float = 12.0
    lines: deque[str] = field(default_factory=lambda: deque(maxlen=400))
    code: int | None = None
    wanted: bool = False
    killed: bool = False
    starts: int = 0
    _process: asyncio.subprocess.Process | None = None
    _watcher: asyncio.Task[None] | None = None

    @property
    def alive(self) -> bool:
        """Whether the process runs now."""
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int | None:
        """Its process id while it runs."""
        return self._process.pid if self._process is not None and self.alive else None

    @property
    def died(self) -> bool:
        """Whether it ended although nobody asked it to."""
        return self.wanted and not self.alive and self.starts > 0

    async def start(self) -> None:
        """Start it if it does not run. Its folder is its working folder, so that no stray `.env` is read."""
        if self.alive:
            return
        await self._settled()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.wanted, self.killed, self.code = True, False, None
        self.starts += 1
        self._process = await asyncio.create_subprocess_exec(
            *self.command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            cwd=self.folder,
            env=clean_environment(self.settings),
            limit=1 << 20,
        )
        self.feed.publish("bot.started", pid=self._process.pid, starts=self.starts)
        self._watcher = asyncio.create_task(self._watch(self._process))

    async def stop(self) -> int | None:
        """SIGTERM, then SIGKILL after `patience` seconds; returns the exit code."""
        self.wanted = False
        await self._signal(signal.SIGTERM)
        process = self._process
        if process is not None and process.returncode is None:
            try:
                await asyncio.wait_for(process.wait(), self.patience)
            except TimeoutError:
                await self._signal(signal.SIGKILL)
        await self._settled()
        return self.code

    async def kill(self) -> None:
        """SIGKILL, as a crash would: it stays down until somebody starts it."""
        self.killed = True
        await self._signal(signal.SIGKILL)
        await self._settled()

    async def restart(self) -> None:
        """Stop it decently and start it again."""
        await self.stop()
        await self.start()

    async def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)

    async def _settled(self) -> None:
        if self._watcher is not None:
            await asyncio.gather(self._watcher, return_exceptions=True)

    async def _watch(self, process: asyncio.subprocess.Process) -> None:
        if process.stdout is not None:
            await self._read(process.stdout)
        self.code = await process.wait()
        self.feed.publish("bot.ended", code=self.code, expected=not self.wanted)

    async def _read(self, stream: asyncio.StreamReader) -> None:
        while True:
            try:
                line = await stream.readline()
            except ValueError:
                line = b"(a line too long to keep)\n"
            if not line:
                return
            self.lines.append(line.decode("utf-8", "replace").rstrip())
            self.feed.publish("bot.said")
