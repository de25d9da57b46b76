"""The vendor's SDK as scripts use it: a thread for each slot, a sleep between two queries; a peer in the real run."""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

from bench.slots.provider import ROUND_TRIP
from sandbox.hunyuan import ImageApiSettings

_DELIVERY = 2.0
_BUSY = 1.0
_DONE = "5"


@dataclass(frozen=True, slots=True)
class Script:
    """One account's script: seconds between queries in life, and how many times faster it all goes."""

    url: str
    poll: float
    speed: float
    slots: int = 1


@dataclass(slots=True)
class _Threads:
    script: Script
    known: dict[str, float] = field(default_factory=dict)

    def start(self) -> None:
        for _ in range(self.script.slots):
            threading.Thread(target=self._loop, daemon=True).start()

    def _loop(self) -> None:
        from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException

        client, speed = _client(self.script.url), self.script.speed
        while True:
            try:
                job = self._far(client.SubmitHunyuanImageJob, _submit()).JobId
            except TencentCloudSDKException:
                time.sleep(_BUSY / speed)
                continue
            status = ""
            while status != _DONE:
                time.sleep(self.script.poll / speed)
                status = self._far(client.QueryHunyuanImageJob, _query(job)).JobStatusCode
            self.known[job] = time.time()
            time.sleep(_DELIVERY / speed)

    def _far(self, call: Callable[[Any], Any], request: Any) -> Any:
        way = ROUND_TRIP / self.script.speed / 2
        time.sleep(way)
        try:
            return call(request)
        finally:
            time.sleep(way)


def _client(url: str) -> Any:
    from tencentcloud.common.credential import Credential
    from tencentcloud.common.profile.client_profile import ClientProfile
    from tencentcloud.common.profile.http_profile import HttpProfile
    from tencentcloud.hunyuan.v20230901.hunyuan_client import HunyuanClient

    keys = ImageApiSettings()
    http = HttpProfile(protocol="http", endpoint=url.removeprefix("http://"), reqTimeout=20)
    profile = ClientProfile(httpProfile=http)
    return HunyuanClient(Credential(keys.secret_id, keys.secret_key), "ap-guangzhou", profile)


def _submit() -> Any:
    from tencentcloud.hunyuan.v20230901.models import SubmitHunyuanImageJobRequest

    request = SubmitHunyuanImageJobRequest()
    request.Prompt = "fox"
    return request


def _query(job: str) -> Any:
    from tencentcloud.hunyuan.v20230901.models import QueryHunyuanImageJobRequest

    request = QueryHunyuanImageJobRequest()
    request.JobId = job
    return request


def _run(scripts: Sequence[Script], pipe: Connection) -> None:
    works = [_Threads(script) for script in scripts]
    for work in works:
        work.start()
    pipe.recv()
    pipe.send([dict(work.known) for work in works])


@dataclass(slots=True)
class Scripts:
    """The process in which they run."""

    _pipe: Connection

    def known(self) -> list[dict[str, float]]:
        """When each script heard of each job's end, in Unix seconds. Ends them."""
        self._pipe.send(None)
        found: list[dict[str, float]] = self._pipe.recv()
        return found


@contextmanager
def running(scripts: Sequence[Script]) -> Iterator[Scripts]:
    """Have these scripts run for a while."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_run, args=(scripts, theirs), daemon=True)
    process.start()
    try:
        yield Scripts(ours)
    finally:
        process.terminate()
        process.join(5.0)
