"""Every trouble that can be asked for, seen from the client's side."""

from __future__ import annotations

import asyncio
import io
import json
from typing import Any

import aiohttp
import pytest
from PIL import Image

from sandbox.hunyuan import Fault, Faults, ImageApi, Trouble
from sandbox.hunyuan.faults import CALL_TROUBLES, DESCRIPTIONS, JOB_TROUBLES, PICTURE_TROUBLES
from sandbox.hunyuan.settings import TRIGGERS
from tests.sandbox_hunyuan.conftest import Caller, Clock

SUBMIT = "SubmitHunyuanImageJob"
BODY = json.dumps({"Prompt": "a fox"}).encode()


def test_every_trouble_is_described_and_belongs_somewhere() -> None:
    assert set(DESCRIPTIONS) == set(Trouble)
    assert sorted([*CALL_TROUBLES, *JOB_TROUBLES, *PICTURE_TROUBLES]) == sorted(Trouble)
    assert all(trigger.fault.trouble in JOB_TROUBLES | {Trouble.CODE} for trigger in TRIGGERS.values())


def test_a_trouble_in_the_wrong_place_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="cannot happen there"):
        Faults().on_jobs(Fault(Trouble.CUT))


def test_faults_are_counted_down_by_action_and_can_be_cleared() -> None:
    faults = Faults()
    faults.on(Fault(Trouble.CODE, code="InternalError"), action=SUBMIT, times=2)
    faults.on_jobs(Fault(Trouble.FEWER), times=None)
    assert faults.for_call("QueryHunyuanImageJob") is None
    assert [faults.for_call(SUBMIT) is not None for _ in range(3)] == [True, True, False]
    assert [len(faults.for_job()) for _ in range(3)] == [1, 1, 1]
    assert faults.pending() == [{"trouble": "fewer", "code": "FailedOperation.InnerError", "action": "*", "left": None}]
    faults.clear()
    assert faults.for_job() == ()


@pytest.mark.parametrize(
    ("trouble", "status", "kind"),
    [
        (Trouble.HTML, 503, "text/html"),
        (Trouble.GARBAGE, 200, "application/json"),
        (Trouble.EMPTY, 200, "application/json"),
        (Trouble.HUGE, 200, "application/json"),
        (Trouble.CHARSET, 200, "application/json; charset=utf-8"),
    ],
)
@pytest.mark.parametrize("after", [False, True])
async def test_stray_answers_come_before_or_after_the_effect(
    caller: Caller, api: ImageApi, trouble: Trouble, status: int, kind: str, after: bool
) -> None:
    api.settings.faults.on_calls(SUBMIT, Fault(trouble, status=503, after=after))
    answer = await caller.raw(SUBMIT, BODY)
    body = await answer.read()
    assert (answer.status, answer.headers["Content-Type"]) == (status, kind)
    assert len(api.submits) == int(after or trouble is Trouble.CHARSET)
    assert (len(body) > 10_000_000) == (trouble is Trouble.HUGE)
    assert (body == b"") == (trouble is Trouble.EMPTY)
    assert api.calls[-1].fault == trouble
    if trouble in {Trouble.GARBAGE, Trouble.HTML}:
        with pytest.raises(ValueError, match=r"."):
            json.loads(body)


@pytest.mark.parametrize("after", [False, True])
async def test_a_cut_connection_comes_before_or_after_the_effect(caller: Caller, api: ImageApi, after: bool) -> None:
    api.settings.faults.on_calls(SUBMIT, Fault(Trouble.CUT, after=after))
    with pytest.raises(aiohttp.ClientConnectionError):
        await caller.raw(SUBMIT, BODY)
    assert len(api.submits) == int(after)


@pytest.mark.parametrize("after", [False, True])
async def test_a_hanging_call_goes_on_when_it_is_released(caller: Caller, api: ImageApi, after: bool) -> None:
    api.settings.faults.on_calls(SUBMIT, Fault(Trouble.HANG, after=after))
    call = asyncio.create_task(caller.submit())
    while not api.settings.faults.holding:  # noqa: ASYNC110 (it says when, and nothing else would)
        await asyncio.sleep(0)
    assert not call.done()
    assert len(api.submits) == int(after)
    api.release()
    assert await call == api.submits[0].id


async def strike(caller: Caller, *troubles: Trouble, **parameters: Any) -> dict[str, Any]:
    for trouble in troubles:
        caller.api.settings.faults.on_jobs(Fault(trouble))
    return await caller.finished(await caller.submit(**parameters))


async def test_a_job_fails_with_the_code_asked_for(caller: Caller, api: ImageApi) -> None:
    api.settings.faults.on_jobs(Fault(Trouble.FAIL, code="FailedOperation.DownloadError"))
    answer = await caller.finished(await caller.submit())
    assert (answer["JobStatusCode"], answer["JobStatusMsg"]) == ("4", "处理失败")
    assert (answer["JobErrorCode"], answer["JobErrorMsg"]) == ("FailedOperation.DownloadError", "文件下载失败。")
    assert answer["ResultImage"] == []
    assert await caller.submit()


async def test_partial_results_come_in_every_shape(caller: Caller) -> None:
    shapes = {}
    for trouble in (Trouble.FEWER, Trouble.NONE, Trouble.MIXED, Trouble.MIXED_SHORT, Trouble.NO_REVISED):
        answer = await strike(caller, trouble, Num=2)
        links = [bool(link) for link in answer["ResultImage"]]
        shapes[trouble] = (links, answer["ResultDetails"], len(answer["RevisedPrompt"]))
    assert shapes == {
        Trouble.FEWER: ([True], ["Success"], 2),
        Trouble.NONE: ([], [], 2),
        Trouble.MIXED: ([True, False], ["Success", "Failed"], 2),
        Trouble.MIXED_SHORT: ([True], ["Success", "Failed"], 2),
        Trouble.NO_REVISED: ([True, True], ["Success", "Success"], 0),
    }


async def test_a_status_comes_as_a_number(caller: Caller) -> None:
    assert (await strike(caller, Trouble.INT_STATUS))["JobStatusCode"] == 5


async def test_an_unknown_status_comes_while_a_job_runs(caller: Caller, api: ImageApi, clock: Clock) -> None:
    api.settings.faults.on_jobs(Fault(Trouble.UNKNOWN_STATUS))
    job = await caller.submit()
    clock.now = api.submits[0].running_at
    assert (await caller.query(job))["JobStatusCode"] == "3"
    assert (await caller.finished(job))["JobStatusCode"] == "5"


async def test_a_done_job_goes_back_once_and_its_first_links_are_dead(caller: Caller) -> None:
    first = await strike(caller, Trouble.GOES_BACK, Trouble.EXPIRED_ONCE)
    job = caller.api.submits[0].id
    second, third = await caller.query(job), await caller.query(job)
    assert [each["JobStatusCode"] for each in (first, second, third)] == ["5", "2", "5"]
    assert (await caller.get(first["ResultImage"][0]))[0] == 403
    assert second["ResultImage"] == []
    assert (await caller.get(third["ResultImage"][0]))[0] == 200


async def test_links_may_be_dead_for_ever(caller: Caller) -> None:
    await strike(caller, Trouble.EXPIRED_ALWAYS)
    again = await caller.query(caller.api.submits[0].id)
    assert (await caller.get(again["ResultImage"][0]))[0] == 403


@pytest.mark.parametrize(("trouble", "status"), [(Trouble.STUCK_WAITING, "1"), (Trouble.STUCK_RUNNING, "2")])
async def test_a_stuck_job_keeps_its_slot_until_it_is_released(
    caller: Caller, api: ImageApi, clock: Clock, trouble: Trouble, status: str
) -> None:
    api.settings.faults.on_jobs(Fault(trouble))
    job = await caller.submit()
    clock.move(100_000)
    assert (await caller.query(job))["JobStatusCode"] == status
    assert await caller.refusal(Prompt="a") == "RequestLimitExceeded.JobNumExceed"
    api.release()
    assert (await caller.finished(job))["JobStatusCode"] == "5"
    assert await caller.submit()


async def test_a_slow_job_takes_six_times_as_long(caller: Caller, api: ImageApi) -> None:
    api.settings.running_spread = 0.0
    api.settings.faults.on_jobs(Fault(Trouble.SLOW))
    await caller.submit()
    assert api.submits[0].ended_at - api.submits[0].running_at == pytest.approx(48.0)


async def download(caller: Caller, fault: Fault) -> tuple[int, str, bytes]:
    answer = await caller.finished(await caller.submit(Resolution="768:768"))
    caller.api.settings.faults.on_pictures(fault)
    return await caller.get(answer["ResultImage"][0])


async def test_a_picture_may_be_no_picture(caller: Caller) -> None:
    assert (await download(caller, Fault(Trouble.PICTURE_HTML)))[1] == "text/html"
    assert (await download(caller, Fault(Trouble.PICTURE_EMPTY)))[2] == b""
    assert not (await download(caller, Fault(Trouble.PICTURE_TEXT)))[2].startswith(b"\x89PNG")
    assert (await download(caller, Fault(Trouble.PICTURE_STATUS, status=503)))[0] == 503
    assert (await download(caller, Fault(Trouble.PICTURE_REDIRECT)))[0] == 302
    _, _, half = await download(caller, Fault(Trouble.PICTURE_TRUNCATED))
    with pytest.raises(OSError, match=r"truncated|broken"):
        Image.open(io.BytesIO(half)).load()


async def test_a_bomb_is_a_small_file_that_claims_to_be_huge(caller: Caller) -> None:
    _, _, bomb = await download(caller, Fault(Trouble.PICTURE_BOMB))
    assert len(bomb) < 10_000
    with pytest.raises(Image.DecompressionBombError):
        Image.open(io.BytesIO(bomb))


async def test_a_download_may_be_cut_half_way(caller: Caller) -> None:
    with pytest.raises(aiohttp.ClientPayloadError):
        await download(caller, Fault(Trouble.PICTURE_CUT))


async def test_words_in_a_prompt_pull_the_triggers(caller: Caller, api: ImageApi) -> None:
    assert await caller.refusal(Prompt="a fox #Refuse") == "OperationDenied.TextIllegalDetected"
    assert api.submits == []
    failed = await caller.finished(await caller.submit("a fox #fail"))
    assert failed["JobErrorCode"] == "FailedOperation.GenerateImageFailed"
    broken = await caller.finished(await caller.submit("a fox #broken"))
    kinds = [(await caller.get(broken["ResultImage"][0]))[1] for _ in range(2)]
    assert kinds == ["text/html", "image/png"]
