"""CPU that a look at a job costs: our client beside the vendor's SDK, against one fake image API in another process."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from tencentcloud.common.credential import Credential
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.hunyuan.v20230901 import models
from tencentcloud.hunyuan.v20230901.hunyuan_client import HunyuanClient

from bench.rows import Plan, Row
from bot.app import image_session
from bot.clock import SystemClock
from bot.images.hunyuan import Hunyuan
from bot.images.tc3 import Credentials
from bot.images.wire import Access
from bot.job import ProviderJobId
from bot.ports import Running

GOAL = 0.2
AT_ONCE = 8
_JOB = ProviderJobId("1300000000-1690873456-bench-job")
_KEYS = ("AKIDbench", "bench")

Round = Callable[[int, int], float]
"""Looks so many times at the API behind that port; CPU seconds of this process a look."""


def measure(plan: Plan) -> Sequence[Row]:
    """Interleaved rounds of each client; what the clients load and open for the first time is not counted."""
    calls, rounds = (120, 3) if plan.quick else (400, 7)
    clients: Mapping[str, tuple[Round, int]] = {
        "ours": (_ours, calls * 5),
        "one": (_one_after_another(keep=False), calls),
        "threads": (_in_threads(keep=False), calls),
        "kept": (_one_after_another(keep=True), calls),
        "kept threads": (_in_threads(keep=True), calls),
    }
    with _fake() as port:
        for measured, _ in clients.values():
            measured(port, AT_ONCE)
        gc.freeze()  # as the program does once it is started
        found: dict[str, list[float]] = {name: [] for name in clients}
        for _ in range(rounds):
            for name, (measured, count) in clients.items():
                found[name].append(measured(port, count))
    return [_row({name: median(each) * 1000 for name, each in found.items()}, rounds)]


def _row(costs: Mapping[str, float], rounds: int) -> Row:
    peer, kept = min(costs["one"], costs["threads"]), min(costs["kept"], costs["kept threads"])
    ratio = costs["ours"] / peer
    return Row(
        "CPU a provider call against the vendor's SDK",
        "0.09 ×",
        f"1.0 × ({peer:.2f} ms)",
        f"{ratio:.2f} × ({costs['ours']:.2f} ms)",
        f"≤ {GOAL} ×",
        holds=ratio <= GOAL,
        notes=(
            f"medians of {rounds} rounds; ours {AT_ONCE} calls at once over kept connections; the SDK as it comes "
            f"takes {costs['one']:.2f} ms one call after another and {costs['threads']:.2f} ms in {AT_ONCE} threads; "
            f"told to keep its connections {costs['kept']:.2f} and {costs['kept threads']:.2f} ms, and ours is "
            f"{costs['ours'] / kept:.2f} × that",
        ),
    )


@contextmanager
def _fake() -> Iterator[int]:
    """The image API at work; its port."""
    command = [sys.executable, "-m", "bench.client.fake"]
    with subprocess.Popen(command, text=True, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]) as process:
        try:
            assert process.stdout is not None
            yield int(process.stdout.readline())
        finally:
            process.kill()


def _ours(port: int, count: int) -> float:
    return asyncio.run(_ours_at_once(port, count))


async def _ours_at_once(port: int, count: int) -> float:
    access = Access(f"http://127.0.0.1:{port}", Credentials(*_KEYS))
    clock = SystemClock()
    async with image_session() as session:
        client = Hunyuan(session, access, now=clock.now, wall=clock.wall)

        async def look(times: int) -> None:
            for _ in range(times):
                if await client.query(_JOB) != Running():
                    raise RuntimeError("our client understood something else")

        await asyncio.gather(*(look(1) for _ in range(AT_ONCE)))
        began = time.process_time()
        await asyncio.gather(*(look(count // AT_ONCE) for _ in range(AT_ONCE)))
        return (time.process_time() - began) / (count // AT_ONCE * AT_ONCE)


def _sdk(port: int, *, keep: bool) -> HunyuanClient:
    profile = ClientProfile(httpProfile=HttpProfile(protocol="http", endpoint=f"127.0.0.1:{port}", keepAlive=keep))
    return HunyuanClient(Credential(*_KEYS), "ap-guangzhou", profile)


def _look(client: HunyuanClient, times: int) -> None:
    for _ in range(times):
        request = models.QueryHunyuanImageJobRequest()
        request.JobId = _JOB
        if client.QueryHunyuanImageJob(request).JobStatusCode != "2":
            raise RuntimeError("the SDK understood something else")


def _one_after_another(*, keep: bool) -> Round:
    def measured(port: int, count: int) -> float:
        client = _sdk(port, keep=keep)
        _look(client, 1)
        began = time.process_time()
        _look(client, count)
        return (time.process_time() - began) / count

    return measured


def _in_threads(*, keep: bool) -> Round:
    """A client for each thread: one for all is slower, for its pool holds one connection."""

    def measured(port: int, count: int) -> float:
        clients = [_sdk(port, keep=keep) for _ in range(AT_ONCE)]
        with ThreadPoolExecutor(AT_ONCE) as threads:
            list(threads.map(lambda client: _look(client, 1), clients))
            began = time.process_time()
            list(threads.map(lambda client: _look(client, count // AT_ONCE), clients))
            return (time.process_time() - began) / (count // AT_ONCE * AT_ONCE)

    return measured
