"""The processes that are measured: the bare apps, and the real bot, fresh for each round with a fresh database."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.acks.bare import Kind
from bench.acks.commands import Addressee
from bench.acks.fakes import Wanted

_HERE = Path(__file__).parent
_TOP = _HERE.parents[1]
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TZ")
_PLAIN = Wanted()
_PATIENCE = 30.0  # seconds until a process must listen


def free_port() -> int:
    """A port that nobody listens at now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _environment(told: Mapping[str, str]) -> dict[str, str]:
    kept = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return {**kept, "PYTHONPATH": str(_TOP), **told}


@contextmanager
def child(*arguments: str, told: Mapping[str, str], folder: Path, **pipes: Any) -> Iterator[subprocess.Popen[str]]:
    """A process of ours, killed at the end as by a crash."""
    command = [sys.executable, *arguments]
    with subprocess.Popen(command, env=_environment(told), cwd=folder, text=True, **pipes) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGKILL)


def wait_until_ready(process: subprocess.Popen[str], port: int, path: str) -> None:
    """Return when it answers there, whatever it says but 503. Raises `RuntimeError` if it dies or never does."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5).close()
            return
        except urllib.error.HTTPError as error:
            if error.code != 503:
                return
        except OSError:
            pass
        time.sleep(0.01)
    raise RuntimeError(f"{process.args!r} does not listen (exit code {process.poll()})")


@dataclass(slots=True)
class Fakes:
    """The process with the local Slack and the local image API; `fresh` replaces both."""

    process: subprocess.Popen[str]

    def fresh(self, wanted: Wanted = _PLAIN) -> dict[str, str]:
        """The environment that a bot needs to find the new pair."""
        return {name: str(value) for name, value in self._ask(json.dumps(asdict(wanted))).items()}

    def counts(self) -> dict[str, int]:
        """What the bot did with the current pair."""
        return {name: int(value) for name, value in self._ask("counts").items()}

    def _ask(self, line: str) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer


@contextmanager
def fakes(folder: Path) -> Iterator[Fakes]:
    """Start the fakes' process."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with child(str(_HERE / "fakes.py"), told={}, folder=folder, **pipes) as process:
        yield Fakes(process)


def _addressee(port: int, told: Mapping[str, str]) -> Addressee:
    slack = told["SLACK_API_URL"].removesuffix("/api/")
    return Addressee(port, told["SLACK_SIGNING_SECRET"], slack)


@contextmanager
def bare(kinds: Sequence[Kind], told: Mapping[str, str], folder: Path) -> Iterator[dict[Kind, Addressee]]:
    """The bare apps at work, started together."""
    ports = {kind: free_port() for kind in kinds}
    with ExitStack() as stack:
        started = {}
        for kind, port in ports.items():
            command = (str(_HERE / "bare.py"), kind, str(port), f"{kind}.db")
            started[kind] = stack.enter_context(child(*command, told=told, folder=folder, stderr=subprocess.DEVNULL))
        for kind, port in ports.items():
            wait_until_ready(started[kind], port, "/")
        yield {kind: _addressee(port, told) for kind, port in ports.items()}


@contextmanager
def bot(told: Mapping[str, str], folder: Path, *, database: str) -> Iterator[Addressee]:
    """The real bot at work on that database, in HTTP mode. It logs as it always does, to nowhere."""
    port = free_port()
    settings = {**told, "PORT": str(port), "DATA_DIR": str(folder), "DATABASE_URL": database}
    with child("-m", "bot", "run", told=settings, folder=folder, stderr=subprocess.DEVNULL) as process:
        wait_until_ready(process, port, "/readyz")
        yield _addressee(port, told)
