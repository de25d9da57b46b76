"""A local image API on a clock that the test moves, and two clients: the vendor's SDK and a plain signed call."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from tencentcloud.common.credential import Credential
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.common.sign import Sign
from tencentcloud.hunyuan.v20230901.hunyuan_client import HunyuanClient

from sandbox.feed import Feed
from sandbox.hunyuan import ImageApi, ImageApiSettings

START = 1_790_000_000.0


@dataclass(slots=True)
class Clock:
    """Time stands still until it is moved."""

    now: float = START

    def __call__(self) -> float:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += seconds


@dataclass(slots=True)
class Caller:
    """Signs with the vendor's own function, so that the server's signing is not checked against itself."""

    api: ImageApi
    clock: Clock
    session: aiohttp.ClientSession
    headers: dict[str, str] = field(default_factory=dict)
    """Laid over the signed headers afterwards."""

    async def raw(self, action: str, body: bytes, **signing: Any) -> aiohttp.ClientResponse:
        return await self.session.post(
            self.api.url + "/", data=io.BytesIO(body), headers=self.signed(action, body, **signing)
        )

    async def call(self, action: str, **parameters: Any) -> dict[str, Any]:
        answer = await self.raw(action, json.dumps(parameters).encode())
        read: dict[str, Any] = json.loads(await answer.read())
        return dict(read["Response"])

    async def submit(self, prompt: str = "a fox", **parameters: Any) -> str:
        answer = await self.call("SubmitHunyuanImageJob", Prompt=prompt, **parameters)
        return str(answer["JobId"])

    async def refusal(self, action: str = "SubmitHunyuanImageJob", **parameters: Any) -> str:
        answer = await self.call(action, **parameters)
        return str(answer["Error"]["Code"])

    async def query(self, job: str) -> dict[str, Any]:
        return await self.call("QueryHunyuanImageJob", JobId=job)

    async def finished(self, job: str) -> dict[str, Any]:
        self.clock.move(120)
        return await self.query(job)

    async def get(self, link: str) -> tuple[int, str, bytes]:
        async with self.session.get(link, allow_redirects=False) as answer:
            return answer.status, answer.headers["Content-Type"], await answer.read()

    def signed(self, action: str, body: bytes, *, service: str = "hunyuan", at: float | None = None) -> dict[str, str]:
        timestamp = int(self.clock.now if at is None else at)
        date = _utc_date(timestamp)
        host = self.api.url.removeprefix("http://")
        kind = "application/json"
        canonical = (
            f"POST\n/\n\ncontent-type:{kind}\nhost:{host}\n\ncontent-type;host\n{hashlib.sha256(body).hexdigest()}"
        )
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        to_sign = f"TC3-HMAC-SHA256\n{timestamp}\n{date}/{service}/tc3_request\n{digest}"
        signature = Sign.sign_tc3(self.api.settings.secret_key, date, service, to_sign)
        scope = f"Credential={self.api.settings.secret_id}/{date}/{service}/tc3_request"
        return {
            "Content-Type": kind,
            "X-TC-Action": action,
            "X-TC-Version": "2023-09-01",
            "X-TC-Region": "ap-guangzhou",
            "X-TC-Timestamp": str(timestamp),
            "Authorization": f"TC3-HMAC-SHA256 {scope}, SignedHeaders=content-type;host, Signature={signature}",
            **self.headers,
        }


def _utc_date(timestamp: int) -> str:
    return datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%d")


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def feed() -> Feed:
    return Feed()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def settings() -> ImageApiSettings:
    return ImageApiSettings(random_seed=7, plain_pictures=True)


@pytest.fixture
async def api(feed: Feed, settings: ImageApiSettings, clock: Clock) -> AsyncIterator[ImageApi]:
    api = ImageApi(feed=feed, settings=settings, clock=clock)
    await api.start()
    yield api
    await api.stop()


@pytest.fixture
async def caller(api: ImageApi, clock: Clock) -> AsyncIterator[Caller]:
    async with aiohttp.ClientSession() as session:
        yield Caller(api, clock, session)


@dataclass(slots=True)
class Vendor:
    """The vendor's synchronous SDK, called in a thread; `now` of its own clock is the real one."""

    client: HunyuanClient

    async def call(self, method: Callable[[Any], Any], request: Any) -> Any:
        return await asyncio.to_thread(method, request)


@pytest.fixture
async def live(feed: Feed) -> AsyncIterator[ImageApi]:
    """An image API on the real clock, which the vendor's SDK insists on, and quick."""
    settings = ImageApiSettings(random_seed=7, plain_pictures=True, speed=500.0, rate=10_000)
    api = ImageApi(feed=feed, settings=settings)
    await api.start()
    yield api
    await api.stop()


@pytest.fixture
def vendor(live: ImageApi) -> Vendor:
    profile = ClientProfile(httpProfile=HttpProfile(protocol="http", endpoint=live.url.removeprefix("http://")))
    credential = Credential(live.settings.secret_id, live.settings.secret_key)
    return Vendor(HunyuanClient(credential, "ap-guangzhou", profile))
