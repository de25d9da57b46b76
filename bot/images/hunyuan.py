"""Tencent's Hunyuan image API: submit a job, look at it, fetch its pictures (API pages 1729/105969 and 1729/105970).

The API has no idempotency key, no list call and no cancel. So a submit is sent once and never repeated here; only an
answer with an `Error` proves that nothing was created.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, BinaryIO

import aiohttp
import structlog
from yarl import URL

from bot.errors import STEADY, Cause, Fault, LaneDown, OutcomeUnknown, Rejected, Throttled, Unavailable
from bot.images.answers import JobState, Refusal, Status, job_id_of, reference_of, refusal_of, state_of
from bot.images.codes import Action, Policy, broken_of_job, fault_of_call, rule_of
from bot.images.download import Downloader
from bot.images.links import STORES, end_of, is_loopback
from bot.images.wire import USUAL, Access, Answer, Limits, NoAnswer, NotSent, Wire
from bot.job import FileId, ProviderJobId
from bot.ports import Broken, Done, Photo, Progress, Running, Sized, Waiting
from bot.request import Request

_log = structlog.get_logger(__name__)

LINK_LIFE = timedelta(hours=1)
_NOBODYS_JOB = ProviderJobId("0-0-00000000-0000-0000-0000-000000000000-0")
_MAX_STRANGE = 20

ReadReference = Callable[[FileId], Awaitable[bytes]]
"""Gives the bytes of a reference picture, checked. Raises what `Chat.reference` does."""


class Hunyuan:
    """One account of the image API, over a shared session that must not trust the environment."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        access: Access,
        *,
        now: Callable[[], datetime],
        wall: Callable[[], float],
        logo: bool = True,
        reference: ReadReference | None = None,
        stores: tuple[str, ...] = STORES,
        limits: Limits = USUAL,
    ) -> None:
        """`now` is the bot's time, `wall` Unix seconds for signatures. `logo`: the vendor's "made by AI" mark.

        `reference` reads the picture that a request names; without it no request may name one.
        """
        self._wire = Wire(session, access, wall=wall, limits=limits)
        local = is_loopback(URL(access.endpoint).host or "")
        self._downloader = Downloader(session, stores=stores, local=local, limits=limits)
        self._now = now
        self._logo = logo
        self._reference = reference
        self._strange: set[str] = set()

    async def submit(self, request: Request) -> ProviderJobId:
        """Send it once; the fault says what is known of its outcome."""
        parameters = parameters_of(request, logo=self._logo)
        if request.reference:
            parameters["ContentImage"] = {"ImageBase64": await self._base64(FileId(request.reference))}
        try:
            response = await self._call(Action.SUBMIT, parameters)
        except NotSent as error:
            raise Unavailable(str(error), cause=Cause.PROVIDER_STUMBLED, patience=STEADY) from error
        except NoAnswer as error:
            raise OutcomeUnknown(str(error), cause=Cause.OUTCOME_UNKNOWN) from error
        job = job_id_of(response)
        if not job:
            raise OutcomeUnknown("no_job_id", cause=Cause.OUTCOME_UNKNOWN, reference=reference_of(response))
        return ProviderJobId(job)

    async def _base64(self, reference: FileId) -> str:
        """The picture as text. That Slack is slow with it is not the provider's doing, and must not slow its lane."""
        if self._reference is None:
            raise Rejected("reference_unreadable", cause=Cause.REFERENCE_GONE)
        try:
            data = await self._reference(reference)
        except Throttled as fault:
            raise Unavailable(fault.code, fault.detail, cause=fault.cause) from fault
        return (await asyncio.to_thread(base64.b64encode, data)).decode("ascii")

    async def query(self, job: ProviderJobId) -> Progress:
        """Look once. A status that no page names is taken for running: only a named failure is one."""
        response = await self._query(job)
        state = state_of(response)
        match state.status:
            case Status.WAITING:
                return Waiting()
            case Status.DONE:
                return self._done(state, reference_of(response))
            case Status.FAILED:
                return broken_of_job(state.code or "JobFailed", reference=reference_of(response))
            case Status.RUNNING:
                return Running()
        self._note_strange(state.status)
        return Running()

    async def fetch(self, link: str, into: BinaryIO, *, sized: Sized) -> Photo:
        """Download one picture into a file and check it."""
        return await self._downloader.fetch(link, into, sized=sized)

    async def probe(self) -> None:
        """Ask for a job that does not exist: that it is lost, or nothing at all, proves keys, signature and permission.

        It proves nothing about money: those codes come with a submit only.
        """
        try:
            await self._query(_NOBODYS_JOB)
        except Throttled as fault:
            raise Unavailable(fault.code, reference=fault.reference) from fault
        except Rejected as fault:
            if fault.cause is Cause.MISCONFIGURED:
                raise LaneDown(fault.code, fault.detail, cause=fault.cause, reference=fault.reference) from fault
        except Unavailable as fault:
            if fault.cause is not Cause.UNEXPECTED:
                raise

    async def _query(self, job: ProviderJobId) -> Mapping[str, Any]:
        try:
            return await self._call(Action.QUERY, {"JobId": job})
        except (NotSent, NoAnswer) as error:
            raise Unavailable(str(error), cause=Cause.PROVIDER_STUMBLED) from error

    async def _call(self, action: Action, parameters: Mapping[str, object]) -> Mapping[str, Any]:
        answer = await self._wire.send(action, parameters)
        refusal = refusal_of(answer.response)
        if refusal is not None and self._clock_was_off(refusal, answer):
            # Safe on a submit too: the refusal proves that nothing was created.
            answer = await self._wire.send(action, parameters)
            refusal = refusal_of(answer.response)
        if refusal is not None:
            raise _fault(refusal, action, parameters, reference=reference_of(answer.response))
        return answer.response

    def _clock_was_off(self, refusal: Refusal, answer: Answer) -> bool:
        """Whether the signature was refused for its age and the provider's own clock is known now."""
        if rule_of(refusal.code).submit is not Policy.RESIGN or (clock := answer.clock) is None:
            return False
        self._wire.learn(clock)
        return True

    def _done(self, state: JobState, reference: str) -> Done | Broken:
        if not state.links:
            return Broken("NoUsableImage", Cause.RESULT_REFUSED, redraw=False, reference=reference)
        return Done(state.links, self._die_at(state.links), state.revised)

    def _die_at(self, links: tuple[str, ...]) -> datetime:
        """The earliest end, by the provider's clock and never more than an hour away."""
        now, theirs = self._now(), self._wire.provider_time()
        ends = [now + timedelta(seconds=end - theirs) for link in links if (end := end_of(link)) is not None]
        return min([now + LINK_LIFE, *ends])

    def _note_strange(self, status: str) -> None:
        if status not in self._strange and len(self._strange) < _MAX_STRANGE:
            self._strange.add(status)
            _log.warning("strange_status", status=status[:40])


def parameters_of(request: Request, *, logo: bool) -> dict[str, object]:
    """The request in the provider's words. A seed counts only while `Revise` is off, so it switches it off."""
    parameters: dict[str, object] = {
        "Prompt": request.prompt,
        "Resolution": str(request.shape),
        "Num": request.count,
        "Revise": 0 if request.raw or request.seed is not None else 1,
        "LogoAdd": int(logo and request.label),
    }
    optional = {
        "NegativePrompt": request.negative or None,
        "Style": request.style,
        "Clarity": request.clarity and str(request.clarity),
        "Seed": request.seed,
    }
    return parameters | {name: value for name, value in optional.items() if value is not None}


def _fault(refusal: Refusal, action: Action, parameters: Mapping[str, object], *, reference: str) -> Fault:
    _log.info("refused", action=str(action), code=refusal.code, reference=reference)
    message = refusal.message
    for name in ("Prompt", "NegativePrompt"):
        if said := parameters.get(name):
            message = message.replace(str(said), "…")
    with_reference = "ContentImage" in parameters
    return fault_of_call(refusal.code, message, action, reference=reference, with_reference=with_reference)
