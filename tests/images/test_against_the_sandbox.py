"""The local image API was written independently of this client: what it checks is a witness."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from bot.errors import (
    Cause,
    Fault,
    LaneDown,
    LinksExpired,
    OutcomeUnknown,
    Rejected,
    SlotTaken,
    Throttled,
    Unavailable,
)
from bot.images.hunyuan import Hunyuan
from bot.images.tc3 import Credentials
from bot.images.wire import Access, Limits
from bot.job import ProviderJobId
from bot.ports import Broken, Done, Running, Waiting
from bot.request import Clarity, Request, Shape
from sandbox.feed import Feed
from sandbox.hunyuan import Fault as Spoil
from sandbox.hunyuan import ImageApi, ImageApiSettings, Trouble
from tests.images.conftest import WALL, fetched

SUBMIT, QUERY = "SubmitHunyuanImageJob", "QueryHunyuanImageJob"
FOX = Request("a fox in the rain")


@dataclass(slots=True)
class Bench:
    """The fake, the client, and the one clock of both."""

    api: ImageApi
    session: aiohttp.ClientSession
    seconds: float = WALL

    @property
    def now(self) -> datetime:
        return datetime.fromtimestamp(self.seconds, UTC)

    @property
    def faults_pending(self) -> int:
        return len(self.api.settings.faults.pending())

    @property
    def keys(self) -> Credentials:
        return Credentials(self.api.settings.secret_id, self.api.settings.secret_key)

    def client(self, *, limits: Limits | None = None, keys: Credentials | None = None) -> Hunyuan:
        access = Access(self.api.url, keys or self.keys)
        return Hunyuan(self.session, access, now=lambda: self.now, wall=lambda: self.seconds, limits=limits or Limits())

    async def done(self, request: Request = FOX) -> Done:
        client = self.client()
        job = await client.submit(request)
        self.seconds += 120
        progress = await client.query(job)
        assert isinstance(progress, Done)
        return progress


@pytest.fixture
async def bench(session: aiohttp.ClientSession) -> AsyncIterator[Bench]:
    settings = ImageApiSettings(random_seed=7, plain_pictures=True, triggers={})
    api = ImageApi(feed=Feed(), settings=settings, clock=lambda: made.seconds)
    made = Bench(api, session)
    await api.start()
    yield made
    await api.stop()


async def faults(bench: Bench, *, submit: bool = True, limits: Limits | None = None) -> Fault:
    client = bench.client(limits=limits)
    with pytest.raises(Fault) as caught:
        await (client.submit(FOX) if submit else client.query(ProviderJobId("made-up")))
    return caught.value


async def test_a_job_goes_from_asked_to_fetched(bench: Bench) -> None:
    client = bench.client()
    job = await client.submit(Request("雨中竹林 🦊", shape=Shape.WIDE_16_9, count=2, negative="人"))
    assert await client.query(job) == Waiting()
    bench.seconds += 5
    assert await client.query(job) == Running()
    bench.seconds += 60
    progress = await client.query(job)
    assert isinstance(progress, Done)
    assert (len(progress.links), len(progress.revised)) == (2, 2)
    assert progress.die_at == bench.now + timedelta(hours=1)
    photos = [await fetched(client, link) for link in progress.links]
    assert [(photo.mime, photo.width, photo.height) for photo, _ in photos] == [("image/png", 1280, 720)] * 2
    assert photos[0][1] != photos[1][1]


async def test_every_option_is_accepted_as_it_is_sent(bench: Bench) -> None:
    request = Request("fox", style="shuimo", shape=Shape.SQUARE_SMALL, seed=9, clarity=Clarity.X2, raw=True)
    done = await bench.done(request)
    photo, _ = await fetched(bench.client(), done.links[0])
    assert (photo.width, photo.height, done.revised) == (1536, 1536, ("fox",))
    order = bench.api.submits[0].order
    assert (order.style, order.seed, order.revise, order.num) == ("shuimo", 9, False, 1)


async def test_temporary_keys_pass_with_their_token_only(bench: Bench) -> None:
    bench.api.settings.token = "temporary"
    assert (await faults(bench)).code == "AuthFailure.TokenFailure"
    assert await bench.client(keys=replace(bench.keys, token="temporary")).submit(FOX)


@pytest.mark.parametrize("keys", [{"secret_id": "nobody"}, {"secret_key": "wrong"}])
async def test_wrong_keys_stop_the_lane(bench: Bench, keys: dict[str, str]) -> None:
    client = bench.client(keys=replace(bench.keys, **keys))
    for call in (client.submit(FOX), client.query(ProviderJobId("x")), client.probe()):
        with pytest.raises(LaneDown) as caught:
            await call
        assert caught.value.cause is Cause.MISCONFIGURED


async def test_one_job_at_a_time(bench: Bench) -> None:
    await bench.client().submit(FOX)
    assert isinstance(await faults(bench), SlotTaken)
    assert len(bench.api.submits) == 1


async def test_the_rate_limit_throttles(bench: Bench) -> None:
    bench.api.settings.rate = 0
    assert type(await faults(bench)) is Throttled
    assert type(await faults(bench, submit=False)) is Throttled


@pytest.mark.parametrize(
    ("switch", "cause"),
    [("unpaid", Cause.NO_CREDIT), ("not_enabled", Cause.NOT_ENABLED), ("retired", Cause.RETIRED)],
)
async def test_an_account_that_cannot_be_used_stops_the_lane(bench: Bench, switch: str, cause: Cause) -> None:
    setattr(bench.api.settings, switch, True)
    fault = await faults(bench)
    assert isinstance(fault, LaneDown)
    assert fault.cause is cause
    assert fault.reference


@pytest.mark.parametrize(
    "unknown", ["FailedOperation.JobNotExist", "FailedOperation.JobNotFound", "ResourceNotFound", ""]
)
async def test_a_probe_is_free_and_passes_however_the_job_is_unknown(bench: Bench, unknown: str) -> None:
    bench.api.settings.unknown_job_code = unknown
    await bench.client().probe()
    assert bench.api.submits == []


@pytest.mark.parametrize("offset", [600.0, -600.0])
async def test_a_clock_ten_minutes_off_costs_one_more_call(bench: Bench, offset: float) -> None:
    bench.api.settings.clock_offset = offset
    client = bench.client()
    job = await client.submit(FOX)
    assert await client.query(job) == Waiting()
    assert len(bench.api.submits) == 1


@pytest.mark.parametrize("trouble", [Trouble.HTML, Trouble.GARBAGE, Trouble.EMPTY, Trouble.HUGE, Trouble.CUT])
@pytest.mark.parametrize("after", [False, True])
async def test_a_lost_answer_leaves_a_submit_unknown_and_a_query_to_be_repeated(
    bench: Bench, trouble: Trouble, after: bool
) -> None:
    bench.api.settings.faults.on_calls("*", Spoil(trouble, after=after), times=2)
    assert isinstance(await faults(bench), OutcomeUnknown)
    assert len(bench.api.submits) == int(after)
    assert type(await faults(bench, submit=False)) is Unavailable
    assert bench.faults_pending == 0


async def test_a_hanging_call_is_cut(bench: Bench) -> None:
    bench.api.settings.faults.on_calls("*", Spoil(Trouble.HANG), times=2)
    limits = Limits(total=0.1)
    assert isinstance(await faults(bench, limits=limits), OutcomeUnknown)
    assert type(await faults(bench, submit=False, limits=limits)) is Unavailable
    bench.api.settings.faults.release()


async def test_an_error_with_a_charset_is_an_error(bench: Bench) -> None:
    bench.api.settings.faults.on_calls(QUERY, Spoil(Trouble.CHARSET))
    fault = await faults(bench, submit=False)
    assert isinstance(fault, Rejected)
    assert fault.cause is Cause.JOB_LOST


@pytest.mark.parametrize(
    ("trouble", "progress"),
    [(Trouble.INT_STATUS, Running()), (Trouble.UNKNOWN_STATUS, Running()), (Trouble.STUCK_WAITING, Waiting())],
)
async def test_odd_states_are_no_failures(bench: Bench, trouble: Trouble, progress: Running | Waiting) -> None:
    bench.api.settings.faults.on_jobs(Spoil(trouble))
    client = bench.client()
    job = await client.submit(FOX)
    bench.seconds += 5
    assert await client.query(job) == progress


async def test_a_failed_job_says_why(bench: Bench) -> None:
    bench.api.settings.faults.on_jobs(Spoil(Trouble.FAIL, code="ServerError"))
    client = bench.client()
    job = await client.submit(FOX)
    bench.seconds += 120
    progress = await client.query(job)
    assert isinstance(progress, Broken)
    assert (progress.code, progress.cause, progress.redraw) == ("ServerError", Cause.PROVIDER_STUMBLED, True)


@pytest.mark.parametrize("trouble", [Trouble.FEWER, Trouble.MIXED, Trouble.MIXED_SHORT])
async def test_of_three_pictures_the_two_good_ones_come(bench: Bench, trouble: Trouble) -> None:
    bench.api.settings.faults.on_jobs(Spoil(trouble))
    done = await bench.done(Request("fox", count=3))
    photos = [await fetched(bench.client(), link) for link in done.links]
    assert len(photos) == len(done.revised) == 2


async def test_done_without_pictures_is_a_refused_result(bench: Bench) -> None:
    bench.api.settings.faults.on_jobs(Spoil(Trouble.NONE))
    client = bench.client()
    job = await client.submit(FOX)
    bench.seconds += 120
    progress = await client.query(job)
    assert isinstance(progress, Broken)
    assert progress.cause is Cause.RESULT_REFUSED


async def test_a_dead_link_is_known_by_its_end_and_a_query_gives_a_living_one(bench: Bench) -> None:
    client = bench.client()
    job = await client.submit(FOX)
    bench.seconds += 120
    first = await client.query(job)
    assert isinstance(first, Done)
    bench.seconds = first.die_at.timestamp()
    with pytest.raises(LinksExpired):
        await fetched(client, first.links[0])
    second = await client.query(job)
    assert isinstance(second, Done)
    assert (await fetched(client, second.links[0]))[0].width == 1024


@pytest.mark.parametrize(
    ("trouble", "kind"),
    [
        (Trouble.PICTURE_HTML, Rejected),
        (Trouble.PICTURE_EMPTY, Rejected),
        (Trouble.PICTURE_TRUNCATED, Rejected),
        (Trouble.PICTURE_TEXT, Rejected),
        (Trouble.PICTURE_BOMB, Rejected),
        (Trouble.PICTURE_REDIRECT, LinksExpired),
        (Trouble.PICTURE_CUT, Unavailable),
    ],
)
async def test_a_spoiled_picture_is_never_delivered(bench: Bench, trouble: Trouble, kind: type[Fault]) -> None:
    done = await bench.done()
    bench.api.settings.faults.on_pictures(Spoil(trouble), times=None)
    with pytest.raises(kind) as caught:
        await fetched(bench.client(), done.links[0])
    assert type(caught.value) is kind


@pytest.mark.parametrize(("status", "kind"), [(403, LinksExpired), (404, LinksExpired), (503, Unavailable)])
async def test_what_the_storage_refuses_is_sorted_by_its_status(bench: Bench, status: int, kind: type[Fault]) -> None:
    done = await bench.done()
    bench.api.settings.faults.on_pictures(Spoil(Trouble.PICTURE_STATUS, status=status))
    with pytest.raises(kind):
        await fetched(bench.client(), done.links[0])


async def test_a_picture_that_was_spoiled_once_is_good_the_second_time(bench: Bench) -> None:
    done = await bench.done()
    bench.api.settings.faults.on_pictures(Spoil(Trouble.PICTURE_HTML))
    assert (await fetched(bench.client(), done.links[0]))[0].mime == "image/png"
