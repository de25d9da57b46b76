"""One start of the real program, from exec to the first acknowledgement, and what it took."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import os
import secrets
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

FLOOR = "import slack_bolt.async_app, aiohttp, sqlalchemy.ext.asyncio"
"""The bare imports of what the program is made of, as a peer's program has them."""

TEAM, CHANNEL, PERSON = "T0BENCH", "C0BENCH", "U0BENCH"

_TOP = Path(__file__).parents[2]
_SECRET = "0123456789abcdef0123456789abcdef"
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TZ")
_LOOK = 0.004  # seconds between two looks whether somebody listens
_PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds from exec to the first acknowledgement and to readiness, CPU seconds to the former; MiB at the most."""

    first: float
    ready: float
    cpu: float
    memory: float


def environment(told: dict[str, str]) -> dict[str, str]:
    """What the program finds. Byte code may be written, as where it is installed: the first start is not measured."""
    kept = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return {**kept, "PYTHONPATH": str(_TOP), **told}


def floor(folder: Path) -> float:
    """Seconds in which a process imports the libraries and ends."""
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", FLOOR], env=environment({}), cwd=folder, check=True)
    return time.monotonic() - began


@contextmanager
def fakes(folder: Path) -> Iterator[int]:
    """The other side at work; its port."""
    command = [sys.executable, "-m", "bench.startup.fakes"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment({}), cwd=folder, text=True, stdout=pipe) as process:
        try:
            assert process.stdout is not None
            yield int(process.stdout.readline())
        finally:
            process.kill()


def start(folder: Path, *, fakes_port: int) -> Start:
    """Start the program on the data in `folder`, ask once, see that the row is on disk, and kill it as a crash would.

    Raises `RuntimeError` if it does not come up, refuses the ask, or acknowledges what is not on disk.
    """
    port, key = _free_port(), secrets.token_hex(8)
    command = [sys.executable, "-m", "bot", "run"]
    with (folder / "bot.log").open("w") as log:
        began = time.monotonic()
        with subprocess.Popen(
            command, env=environment(_settings(folder, port, fakes_port)), cwd=folder, stdout=log, stderr=log
        ) as process:
            try:
                _wait_for_listener(process, port)
                _ask(port, key)
                first = time.monotonic() - began
                cpu = _cpu(process.pid)
                _see_row(folder / "imagine.db", key)
                _wait_until_ready(process, port)
                return Start(first, time.monotonic() - began, cpu, _peak(process.pid))
            finally:
                process.kill()


def _settings(folder: Path, port: int, fakes_port: int) -> dict[str, str]:
    return {
        "SLACK_BOT_TOKEN": "xoxb-bench",
        "SLACK_SIGNING_SECRET": _SECRET,
        "SLACK_API_URL": f"http://127.0.0.1:{fakes_port}/api/",
        "TENCENTCLOUD_SECRET_ID": "AKIDbench",
        "TENCENTCLOUD_SECRET_KEY": "bench",
        "HUNYUAN_ENDPOINT": f"http://127.0.0.1:{fakes_port}",
        "DATA_DIR": str(folder),
        "PORT": str(port),
        "LOG_LEVEL": "WARNING",
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for_listener(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(_LOOK)
    raise RuntimeError(f"the program does not listen (exit code {process.poll()})")


def _ask(port: int, key: str) -> None:
    body = urlencode({
        "command": "/imagine", "text": "a fox in the rain", "team_id": TEAM, "channel_id": CHANNEL, "user_id": PERSON,
        "trigger_id": key, "response_url": "https://hooks.slack.com/commands/x", "token": "x",
    })  # fmt: skip
    stamp = str(int(time.time()))
    signature = hmac.new(_SECRET.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={signature}",
    }
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("POST", "/slack/events", body, headers)
        answer = connection.getresponse()
        answer.read()
    finally:
        connection.close()
    if answer.status != 200:
        raise RuntimeError(f"the first ask was answered with {answer.status}")


def _see_row(database: Path, key: str) -> None:
    found = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        row = found.execute("SELECT jobs.id FROM deliveries JOIN jobs ON jobs.id = job_id WHERE key = ?", (key,))
        if row.fetchone() is None:
            raise RuntimeError("an ask was acknowledged that is not on disk")
    finally:
        found.close()


def _wait_until_ready(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", "/readyz")
        status = connection.getresponse().status
        connection.close()
        if status == 200:
            return
        time.sleep(_LOOK)
    raise RuntimeError(f"the program is not ready (exit code {process.poll()})")


def _cpu(pid: int) -> float:
    """CPU seconds of the process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _peak(pid: int) -> float:
    """MiB that were resident at the most."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    [kilobytes] = (line.split()[1] for line in lines if line.startswith("VmHWM:"))
    return int(kilobytes) / 1024
