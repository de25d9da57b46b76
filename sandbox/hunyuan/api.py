"""The local image API over HTTP: one server for the calls and for the storage that its result links lead to."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from aiohttp import web

from sandbox.feed import Feed
from sandbox.hunyuan import answers, catalogue, pictures
from sandbox.hunyuan.catalogue import Action
from sandbox.hunyuan.faults import Fault, Trouble
from sandbox.hunyuan.jobs import Job
from sandbox.hunyuan.links import Links, refusal_xml
from sandbox.hunyuan.parameters import read_body, read_query
from sandbox.hunyuan.rate import peak_per_second
from sandbox.hunyuan.refusals import Refusal
from sandbox.hunyuan.service import Service
from sandbox.hunyuan.settings import ImageApiSettings
from sandbox.hunyuan.signing import Keys, Received, verify


@dataclass(slots=True)
class Call:
    """One API call as it was counted: `code` is that of a refusal, `fault` the trouble it met."""

    action: str
    at: float
    request_id: str
    code: str | None = None
    fault: str | None = None


class ImageApi:
    """A local Hunyuan image API with one account, its limits and its faults."""

    def __init__(
        self, *, feed: Feed, settings: ImageApiSettings | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self.settings = settings or ImageApiSettings()
        self.calls: list[Call] = []
        self.url = ""
        self._feed = feed
        self._clock = clock
        self._service = Service(feed, self.settings, clock, Links("", b""))
        self._runner: web.AppRunner | None = None

    async def start(self, *, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen on `host` (loopback unless told otherwise); port 0 takes a free one. `url` is set afterwards."""
        app = web.Application(client_max_size=catalogue.MAX_BODY)
        app.router.add_get("/pictures/{job}/{index:\\d+}.png", self._download)
        app.router.add_route("*", "/", self._call)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        self.url = "http://{}:{}".format(*self._runner.addresses[0][:2])
        self._service.links = Links(self.url, uuid.uuid4().bytes)

    async def stop(self) -> None:
        """Let go what hangs, close the server, stop drawing."""
        self.settings.faults.release()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
        await self._service.close()

    def release(self) -> None:
        """Let calls that hang and jobs that are stuck go on."""
        self.settings.faults.release()
        self._service.unstick()

    @property
    def submits(self) -> list[Job]:
        """Every accepted job, oldest first."""
        return list(self._service.desk.jobs.values())

    @property
    def peak_jobs(self) -> int:
        """The most jobs that were unfinished at the same time."""
        return self._service.desk.peak

    def peak_per_second(self, action: str) -> int:
        """Return the most calls of `action` that came within one second, refused ones included."""
        return peak_per_second(call.at for call in self.calls if call.action == action)

    async def _call(self, request: web.Request) -> web.StreamResponse:
        """Answer one call; a fault that has nothing to do with JSON strikes before or after the effect."""
        call = Call(request.headers.get("X-TC-Action", ""), self._clock(), str(uuid.uuid4()))
        self.calls.append(call)
        fault = self.settings.faults.for_call(call.action)
        call.fault = fault.trouble if fault else None
        if fault is None or fault.trouble in {Trouble.CODE, Trouble.CHARSET}:
            return self._reply(200, _json_type(fault), await self._answer(request, call, fault))
        if not fault.after:
            await self._hold(request, fault)
        body = b""
        if fault.after or fault.trouble is Trouble.HANG:
            body = await self._answer(request, call, None)
        else:
            self._publish(call)
        if fault.after:
            await self._hold(request, fault)
        return self._reply(200, answers.JSON_TYPE, body) if fault.trouble is Trouble.HANG else self._stray(fault)

    async def _hold(self, request: web.Request, fault: Fault) -> None:
        if fault.trouble is Trouble.HANG:
            await self.settings.faults.held()
        elif fault.trouble is Trouble.CUT and request.transport is not None:
            request.transport.abort()

    async def _answer(self, request: web.Request, call: Call, fault: Fault | None) -> bytes:
        """Do what is asked and return the JSON of the answer or of the refusal."""
        language = request.headers.get("X-TC-Language", "zh-CN")
        try:
            fields = await self._perform(request, call, fault, language)
        except Refusal as refusal:
            call.code = refusal.code
            self._publish(call)
            return answers.error_envelope(refusal, request_id=call.request_id, language=language)
        self._publish(call)
        return answers.envelope(fields, request_id=call.request_id)

    async def _perform(self, request: web.Request, call: Call, fault: Fault | None, language: str) -> dict[str, Any]:
        received = await _receive(request)
        self._authenticate(received)
        action = _check_headers(received)
        if self.settings.retired:
            raise Refusal("ActionOffline")
        if fault is not None and fault.trouble is Trouble.CODE:
            raise Refusal(fault.code)
        parameters = read_query(received.query) if received.method == "GET" else read_body(received.body)
        if action is Action.SUBMIT:
            return await self._service.submit(parameters, request_id=call.request_id)
        return await self._service.query(parameters, language=language)

    def _authenticate(self, received: Received) -> None:
        if self.settings.keys_revoked:
            raise Refusal("AuthFailure.SecretIdNotFound")
        keys = Keys(self.settings.secret_id, self.settings.secret_key, self.settings.token)
        verify(received, keys, now=self._clock() + self.settings.clock_offset)

    def _publish(self, call: Call) -> None:
        self._feed.publish(
            "image.call", action=call.action, request_id=call.request_id, code=call.code, fault=call.fault
        )
        if call.code is not None:
            self._feed.publish("image.refused", action=call.action, code=call.code)

    def _stray(self, fault: Fault) -> web.Response:
        return self._reply(*answers.stray_body(fault)) if fault.trouble is not Trouble.CUT else web.Response()

    def _reply(self, status: int, content_type: str, body: bytes) -> web.Response:
        """Build a response from bytes, for aiohttp would add a charset to a text; the Date is the server's own."""
        date = datetime.fromtimestamp(self._clock() + self.settings.clock_offset, UTC)
        headers = {"Content-Type": content_type, "Date": format_datetime(date, usegmt=True)}
        return web.Response(status=status, body=body, headers=headers)

    async def _download(self, request: web.Request) -> web.StreamResponse:
        """Answer a result link as the storage does."""
        objection = self._service.links.objection(
            request.path, request.query_string, host=request.host, now=self._clock()
        )
        if objection:
            code = "AccessDenied" if objection.startswith("Request") else objection
            return self._storage_refusal(request, 403, code, objection)
        job, index = self._service.desk.jobs.get(request.match_info["job"]), int(request.match_info["index"])
        if job is None or index >= len(job.digests):
            return self._storage_refusal(request, 404, "NoSuchKey", "The specified key does not exist.")
        fault = self._picture_fault(job, index)
        png = await self._service.picture(job, index)
        if fault is not None:
            return await self._spoil(request, fault, png)
        self._feed.publish("image.download", job=job.id, index=index, sha256=job.digests[index])
        return self._reply(200, "image/png", png)

    def _picture_fault(self, job: Job, index: int) -> Fault | None:
        """Take the fault for this download: the job's own on the first one of each picture, else one that waits."""
        job.downloads[index] = job.downloads.get(index, 0) + 1
        if Trouble.BROKEN_PICTURE in job.troubles and job.downloads[index] == 1:
            return job.troubles[Trouble.BROKEN_PICTURE]
        return self.settings.faults.for_picture()

    async def _spoil(self, request: web.Request, fault: Fault, png: bytes) -> web.StreamResponse:
        if fault.trouble is Trouble.PICTURE_REDIRECT:
            raise web.HTTPFound(pictures.ELSEWHERE)
        if fault.trouble is Trouble.PICTURE_STATUS:
            return self._storage_refusal(request, fault.status, "InternalError", "We encountered an internal error.")
        if fault.trouble is Trouble.PICTURE_HANG:
            await self.settings.faults.held()
        if fault.trouble is Trouble.PICTURE_CUT:
            return await _send_half(request, png)
        return self._reply(200, *pictures.spoiled(png, fault))

    def _storage_refusal(self, request: web.Request, status: int, code: str, message: str) -> web.Response:
        body = refusal_xml(code, message, resource=request.path, request_id=str(uuid.uuid4()))
        return self._reply(status, "application/xml", body)


def _json_type(fault: Fault | None) -> str:
    charset = fault is not None and fault.trouble is Trouble.CHARSET
    return answers.JSON_TYPE + ("; charset=utf-8" if charset else "")


async def _receive(request: web.Request) -> Received:
    """Return the request with its headers and body untouched, or refuse one that is too large."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    if request.method not in {"GET", "POST"}:
        raise Refusal("UnsupportedProtocol")
    try:
        body = await request.read()
    except web.HTTPRequestEntityTooLarge as error:
        raise Refusal("RequestSizeLimitExceeded") from error
    return Received(request.method, request.raw_path.partition("?")[2], headers, body)


def _check_headers(received: Received) -> Action:
    """Check action, version and region in this order, and return the action."""
    for name in ("X-TC-Action", "X-TC-Version"):
        if not received.headers.get(name.lower()):
            raise Refusal("MissingParameter", name)
    if received.headers["x-tc-action"] not in tuple(Action):
        raise Refusal("InvalidAction", received.headers["x-tc-action"])
    if received.headers["x-tc-version"] != catalogue.VERSION:
        raise Refusal("NoSuchVersion", received.headers["x-tc-version"])
    region = received.headers.get("x-tc-region", "")
    if not region:
        raise Refusal("MissingParameter", "X-TC-Region")
    if region != catalogue.REGION:
        raise Refusal("UnsupportedRegion", region)
    return Action(received.headers["x-tc-action"])


async def _send_half(request: web.Request, png: bytes) -> web.StreamResponse:
    """Promise the whole picture, send half of it and cut the connection."""
    response = web.StreamResponse(headers={"Content-Type": "image/png", "Content-Length": str(len(png))})
    await response.prepare(request)
    await response.write(png[: len(png) // 2])
    if request.transport is not None:
        request.transport.abort()
    return response
