"""The life of a job on a clock that the test moves: statuses, slots, rate, links, and what the feed hears."""

from __future__ import annotations

import asyncio
import hashlib
import io
import time

import aiohttp
from PIL import Image

from sandbox.feed import Feed
from sandbox.hunyuan import ImageApi
from sandbox.hunyuan.rate import SlidingSecond, peak_per_second
from tests.sandbox_hunyuan.conftest import START, Caller, Clock


async def test_a_job_waits_runs_and_is_done(caller: Caller, api: ImageApi, clock: Clock) -> None:
    job = await caller.submit("a fox", Num=2)
    known = api.submits[0]
    states = []
    for moment in (START, known.running_at, known.ended_at - 0.01, known.ended_at):
        clock.now = moment
        answer = await caller.query(job)
        states.append((answer["JobStatusCode"], answer["JobStatusMsg"], len(answer["ResultImage"])))
    assert states == [("1", "排队中", 0), ("2", "处理中", 0), ("2", "处理中", 0), ("5", "处理完成", 2)]


async def test_durations_follow_the_settings_and_the_speed(caller: Caller, api: ImageApi) -> None:
    api.settings.running_spread, api.settings.slots, api.settings.speed = 0.0, 9, 2.0
    for ask in ({"Num": 1}, {"Num": 4}, {"Clarity": "x2"}, {"Clarity": "x4"}):
        await caller.submit("a fox", Resolution="768:768", **ask)
    assert [round(job.ended_at - job.running_at, 3) for job in api.submits] == [4.0, 10.0, 6.0, 8.0]
    assert all(0.5 <= job.running_at - job.submitted_at <= 1.5 for job in api.submits)


async def test_a_submit_beyond_the_slots_is_refused_until_one_is_free(
    caller: Caller, api: ImageApi, clock: Clock
) -> None:
    await caller.submit()
    assert await caller.refusal(Prompt="a") == "RequestLimitExceeded.JobNumExceed"
    clock.now = api.submits[0].ended_at
    assert await caller.submit()
    assert api.peak_jobs == 1


async def test_a_slot_is_freed_late_where_the_settings_say_so(caller: Caller, api: ImageApi, clock: Clock) -> None:
    api.settings.release_lag = (30.0, 30.0)
    job = await caller.submit()
    clock.now = api.submits[0].ended_at + 29
    assert (await caller.query(job))["JobStatusCode"] == "5"
    assert await caller.refusal(Prompt="a") == "RequestLimitExceeded.JobNumExceed"
    clock.move(1)
    assert await caller.submit()


async def test_two_slots_take_two_jobs_and_the_peak_says_so(caller: Caller, api: ImageApi) -> None:
    api.settings.slots = 2
    await caller.submit()
    await caller.submit()
    assert await caller.refusal(Prompt="a") == "RequestLimitExceeded.JobNumExceed"
    assert api.peak_jobs == 2


async def test_the_rate_is_per_action_and_per_sliding_second(caller: Caller, api: ImageApi, clock: Clock) -> None:
    job = await caller.submit()
    for _ in range(10):
        await caller.query(job)
    clock.move(0.6)
    for _ in range(10):
        assert "Error" not in await caller.query(job)
    assert (await caller.query(job))["Error"]["Code"] == "RequestLimitExceeded"
    assert await caller.refusal(Prompt="a") == "RequestLimitExceeded.JobNumExceed"
    clock.move(0.5)
    assert "Error" not in await caller.query(job)
    assert api.peak_per_second("QueryHunyuanImageJob") == 21
    assert api.peak_per_second("SubmitHunyuanImageJob") == 2


def test_calls_a_full_second_apart_are_not_in_one_second() -> None:
    assert peak_per_second([0.0, 0.5, 1.0, 1.4]) == 3
    assert peak_per_second([]) == 0
    second = SlidingSecond()
    assert [second.admit("a", now=at, rate=1) for at in (0.0, 0.9, 1.0, 1.9, 2.0)] == [True, False, True, False, True]


async def test_an_unknown_job_is_said_to_be_unknown_in_either_way(caller: Caller, api: ImageApi) -> None:
    assert await caller.refusal("QueryHunyuanImageJob", JobId="none") == "FailedOperation.JobNotExist"
    assert await caller.refusal("QueryHunyuanImageJob") == "MissingParameter"
    api.settings.unknown_job_code = "ResourceNotFound"
    assert await caller.refusal("QueryHunyuanImageJob", JobId="none") == "ResourceNotFound"
    api.settings.unknown_job_code = ""
    assert (await caller.query("none"))["JobStatusCode"] == ""


async def test_an_account_in_trouble_says_which(caller: Caller, api: ImageApi) -> None:
    api.settings.unpaid = True
    assert await caller.refusal(Prompt="a") == "ResourceInsufficient.ChargeResourceExhaust"
    api.settings.not_enabled = True
    assert await caller.refusal(Prompt="a") == "ResourceUnavailable.NotExist"
    assert await caller.refusal("QueryHunyuanImageJob", JobId="none") == "FailedOperation.JobNotExist"
    api.settings.retired = True
    assert await caller.refusal("QueryHunyuanImageJob", JobId="none") == "ActionOffline"
    assert api.submits == []


async def test_links_are_signed_anew_expire_and_cannot_be_bent(caller: Caller, api: ImageApi, clock: Clock) -> None:
    job = await caller.submit()
    old = (await caller.finished(job))["ResultImage"][0]
    assert "q-sign-time=" in old
    status, kind, png = await caller.get(old)
    assert (status, kind, Image.open(io.BytesIO(png)).size) == (200, "image/png", (1024, 1024))
    clock.move(3600)
    status, kind, body = await caller.get(old)
    assert (status, kind) == (403, "application/xml")
    assert b"<Message>Request has expired</Message>" in body
    new = (await caller.query(job))["ResultImage"][0]
    assert (await caller.get(new))[0] == 200
    assert (await caller.get(new.replace("/0.png", "/1.png")))[0] == 403
    assert (await caller.get(new.replace("127.0.0.1", "localhost")))[0] == 403


async def test_the_feed_hears_of_everything_in_order(caller: Caller, api: ImageApi, feed: Feed, clock: Clock) -> None:
    job = await caller.submit("a fox", Seed=7, Revise=0)
    done = await caller.finished(job)
    _, _, png = await caller.get(done["ResultImage"][0])
    digest = hashlib.sha256(png).hexdigest()
    kinds = ["image.submit", "image.running", "image.done", "image.query", "image.download"]
    heard = feed.of(*kinds)
    assert [each.kind for each in heard] == kinds
    assert all(each.data["job"] == job for each in heard)
    assert (heard[0].data["prompt"], heard[0].data["seed"]) == ("a fox", 7)
    assert heard[2].data["pictures"] == [digest]
    assert heard[4].data == {"job": job, "index": 0, "sha256": digest}
    await caller.refusal(Prompt="")
    assert feed.of("image.refused")[0].data == {
        "action": "SubmitHunyuanImageJob",
        "code": "InvalidParameterValue.ParameterValueError",
    }
    assert [each.data["code"] for each in feed.of("image.call")] == [None, None, api.calls[-1].code]


async def test_the_feed_hears_of_the_end_without_any_query(live: ImageApi, feed: Feed) -> None:
    done = asyncio.get_running_loop().create_future()
    feed.listen(lambda happening: done.set_result(happening) if happening.kind == "image.done" else None)
    clock = Clock(time.time())
    async with aiohttp.ClientSession() as session:
        job = await Caller(live, clock, session).submit()
    happening = await asyncio.wait_for(done, 30)
    assert happening.data["job"] == job
    assert [each.kind for each in feed.of("image.running", "image.done")] == ["image.running", "image.done"]


async def test_a_seed_has_an_effect_only_without_rewriting(caller: Caller, api: ImageApi) -> None:
    api.settings.slots, api.settings.plain_pictures = 9, False
    size = {"Resolution": "768:768"}
    jobs = [await caller.submit("a fox", Seed=7, Revise=revise, **size) for revise in (0, 0, 1, 1)]
    answers = [await caller.finished(job) for job in jobs]
    digests = [job.digests[0] for job in api.submits]
    assert digests[0] == digests[1]
    assert len(set(digests)) == 3
    assert [answer["RevisedPrompt"] == ["a fox"] for answer in answers] == [True, True, False, False]
    assert all(answer["RevisedPrompt"][0].startswith("a fox") for answer in answers)


async def test_a_rewritten_prompt_stays_in_its_language(caller: Caller) -> None:
    done = await caller.finished(await caller.submit("雨中竹林"))
    assert done["RevisedPrompt"][0].startswith("雨中竹林，")


async def test_four_pictures_of_one_job_all_differ(caller: Caller, api: ImageApi) -> None:
    api.settings.plain_pictures = False
    await caller.finished(await caller.submit("a fox", Num=4, Resolution="768:768", Seed=3, Revise=0))
    assert len(set(api.submits[0].digests)) == 4
