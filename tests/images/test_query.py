"""A look at a job reads whatever the provider may say, and only a named failure is a failure."""

from __future__ import annotations

import json
from datetime import timedelta
from email.utils import formatdate
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from bot.errors import Cause, LaneDown, Rejected, Throttled, Unavailable
from bot.images.answers import reference_of, refusal_of, state_of
from bot.images.hunyuan import Hunyuan
from bot.images.wire import Limits
from bot.job import ProviderJobId
from bot.ports import Broken, Done, Progress, Running, Waiting
from tests.images.conftest import NOW, WALL, Make, Provider, Reply, answer, cut, cut_half_way, error, raw

JOB = ProviderJobId("251197749-1731412663-d4e1f224-fa21-40bc-9ee7-4bb13abece6e-0")


def link(number: int, *, life: int = 3600) -> str:
    span = f"{int(WALL)};{int(WALL) + life}"
    return f"https://b-1.cos.ap-guangzhou.myqcloud.com/{number}.png?q-sign-algorithm=sha1&q-sign-time={span}"


async def look(images: Hunyuan, provider: Provider, **response: Any) -> Progress:
    provider.will(answer(**response))
    return await images.query(JOB)


async def done(images: Hunyuan, provider: Provider, **response: Any) -> Done:
    progress = await look(images, provider, JobStatusCode="5", **response)
    assert isinstance(progress, Done)
    return progress


async def test_the_job_is_named_and_the_action_is_the_query(images: Hunyuan, provider: Provider) -> None:
    await look(images, provider, JobStatusCode="1")
    assert provider.seen[0].said == {"JobId": JOB}
    assert provider.seen[0].headers["X-TC-Action"] == "QueryHunyuanImageJob"


@pytest.mark.parametrize(
    ("status", "progress"), [("1", Waiting()), ("2", Running()), (1, Waiting()), (2, Running()), (" 1 ", Waiting())]
)
async def test_a_status_is_compared_as_text(
    images: Hunyuan, provider: Provider, status: object, progress: Progress
) -> None:
    assert await look(images, provider, JobStatusCode=status, JobStatusMsg="排队中") == progress


@pytest.mark.parametrize("status", ["3", "", "DONE", 0, 5.0, None, True, [], {"a": 1}])
async def test_an_unknown_status_is_running_and_is_noted_once(
    images: Hunyuan, provider: Provider, status: object
) -> None:
    with capture_logs() as lines:
        assert await look(images, provider, JobStatusCode=status) == Running()
        assert await look(images, provider, JobStatusCode=status) == Running()
    assert [line["event"] for line in lines] == ["strange_status"]


async def test_an_answer_without_any_field_is_running(images: Hunyuan, provider: Provider) -> None:
    assert await look(images, provider) == Running()


@pytest.mark.parametrize("status", ["4", 4])
@pytest.mark.parametrize(
    ("code", "cause", "redraw"),
    [
        ("FailedOperation.ServerError", Cause.PROVIDER_STUMBLED, True),
        ("ServerError", Cause.PROVIDER_STUMBLED, True),
        ("FailedOperation.GenerateImageFailed", Cause.RESULT_REFUSED, True),
        ("OperationDenied.TextIllegalDetected", Cause.TEXT_REFUSED, False),
        ("FailedOperation.DownloadError", Cause.IMAGE_UNUSABLE, True),
        ("Unheard.Of", Cause.UNEXPECTED, False),
    ],
)
async def test_a_failed_job_says_why(
    images: Hunyuan, provider: Provider, status: object, code: str, cause: Cause, redraw: bool
) -> None:
    progress = await look(images, provider, JobStatusCode=status, JobErrorCode=code, JobErrorMsg="失败")
    assert progress == Broken(code, cause, redraw=redraw, reference="req-1")


@pytest.mark.parametrize("code", ["", None, {}])
async def test_a_failed_job_without_a_reason_is_a_failed_job(images: Hunyuan, provider: Provider, code: object) -> None:
    progress = await look(images, provider, JobStatusCode="4", JobErrorCode=code)
    assert progress == Broken("JobFailed", Cause.UNEXPECTED, redraw=False, reference="req-1")


A, B, C = link(1), link(2), link(3)
OK, NO = "Success", "Failed"


@pytest.mark.parametrize(
    ("images_", "details", "revised", "kept", "words"),
    [
        pytest.param([A, B], [OK, OK], ["a", "b"], [A, B], ["a", "b"], id="all-good"),
        pytest.param([A], [OK], ["a"], [A], ["a"], id="fewer-than-asked"),
        pytest.param([A, B, C], [OK, NO, OK], ["a", "b", "c"], [A, C], ["a", "c"], id="mixed-equal-lengths"),
        pytest.param([A, "", C], [OK, NO, OK], ["a", "b", "c"], [A, C], ["a", "c"], id="mixed-with-blank-link"),
        pytest.param([A, C], [OK, NO, OK], ["a", "b", "c"], [A, C], ["a", "c"], id="mixed-shorter-links"),
        pytest.param([A, B], [OK, NO, NO], ["a"], [A], ["a"], id="counts-that-do-not-add-up"),
        pytest.param([A, B], [], [], [A, B], [], id="no-details"),
        pytest.param([A, B], None, None, [A, B], [], id="null-arrays"),
        pytest.param([A, B], [NO], [], [B], [], id="fewer-details"),
        pytest.param([A, B], [OK, OK], ["a"], [A, B], ["a"], id="fewer-words"),
        pytest.param([A, B], [OK, OK], ["", "b"], [A, B], ["", "b"], id="words-keep-their-place"),
        pytest.param([A, 7, B], [OK, OK, OK], [], [A, "7", B], [], id="links-are-judged-when-fetched"),
        pytest.param([A, None], [OK, OK], [None, "b"], [A], [], id="null-link"),
        pytest.param(A, OK, "a", [A], ["a"], id="strings-for-arrays"),
    ],
)
async def test_partial_results_keep_what_is_good(
    images: Hunyuan, provider: Provider, images_: Any, details: Any, revised: Any, kept: list[str], words: list[str]
) -> None:
    progress = await done(images, provider, ResultImage=images_, ResultDetails=details, RevisedPrompt=revised)
    assert (list(progress.links), list(progress.revised)) == (kept, words)


@pytest.mark.parametrize(
    "response",
    [
        {},
        {"ResultImage": []},
        {"ResultImage": None},
        {"ResultImage": [""]},
        {"ResultImage": [A], "ResultDetails": [NO]},
    ],
)
async def test_done_without_a_usable_picture_is_a_refused_result(
    images: Hunyuan, provider: Provider, response: dict[str, Any]
) -> None:
    progress = await look(images, provider, JobStatusCode="5", **response)
    assert progress == Broken("NoUsableImage", Cause.RESULT_REFUSED, redraw=False, reference="req-1")


async def test_links_die_when_the_first_of_them_does(images: Hunyuan, provider: Provider) -> None:
    progress = await done(images, provider, ResultImage=[link(1, life=900), link(2, life=300), "https://x.example/"])
    assert progress.die_at == NOW + timedelta(seconds=300)


@pytest.mark.parametrize("url", [link(1, life=604_800), "https://x.example/", link(1).replace(";", "%3B"), "http://["])
async def test_links_never_live_longer_than_an_hour(images: Hunyuan, provider: Provider, url: str) -> None:
    assert (await done(images, provider, ResultImage=[url])).die_at == NOW + timedelta(hours=1)


async def test_a_link_that_is_dead_already_says_so(images: Hunyuan, provider: Provider) -> None:
    assert (await done(images, provider, ResultImage=[link(1, life=-60)])).die_at == NOW - timedelta(seconds=60)


async def test_links_die_by_the_providers_clock(images: Hunyuan, provider: Provider) -> None:
    """Our clock is ten minutes slow: a link signed for 900 s from our `now` has only 300 s left."""
    expired = answer(
        headers={"Date": formatdate(WALL + 600, usegmt=True)},
        Error={"Code": "AuthFailure.SignatureExpire", "Message": ""},
    )
    provider.will(expired, answer(JobStatusCode="5", ResultImage=[link(1, life=900)]))
    progress = await images.query(JOB)
    assert isinstance(progress, Done)
    assert progress.die_at == NOW + timedelta(seconds=300)


@pytest.mark.parametrize(
    "code",
    [
        "FailedOperation.JobNotExist",
        "FailedOperation.JobNotFound",
        "ResourceNotFound",
        "InvalidParameter.InvalidParameter",
    ],
)
async def test_a_job_that_the_provider_does_not_know_is_lost(images: Hunyuan, provider: Provider, code: str) -> None:
    provider.will(error(code))
    with pytest.raises(Rejected) as caught:
        await images.query(JOB)
    assert (caught.value.cause, caught.value.reference) == (Cause.JOB_LOST, "req-1")


@pytest.mark.parametrize(
    "reply",
    [
        cut,
        cut_half_way,
        raw(b"<html>", status=502, kind="text/html"),
        raw(b"<html>", kind="text/html"),
        raw(b""),
        raw(b"x" * 2_000_000),
        answer(504),
        error("InternalError"),
        error("Never.Seen"),
    ],
)
async def test_no_news_of_a_job_is_only_no_news(images: Hunyuan, provider: Provider, reply: Reply) -> None:
    provider.will(reply)
    with pytest.raises(Unavailable):
        await images.query(JOB)
    assert len(provider.seen) == 1


async def test_a_silent_query_is_cut(make: Make, provider: Provider) -> None:
    provider.will(provider.hang)
    with pytest.raises(Unavailable) as caught:
        await make(limits=Limits(total=0.1)).query(JOB)
    assert caught.value.code == "timeout"


async def test_too_many_queries_are_throttled_and_not_failed(images: Hunyuan, provider: Provider) -> None:
    provider.will(error("RequestLimitExceeded"))
    with pytest.raises(Throttled) as caught:
        await images.query(JOB)
    assert caught.value.reference == "req-1"


async def test_revoked_keys_stop_the_lane_and_not_the_job(images: Hunyuan, provider: Provider) -> None:
    provider.will(error("AuthFailure.SecretIdNotFound", "no such id"))
    with pytest.raises(LaneDown) as caught:
        await images.query(JOB)
    assert caught.value.detail == "no such id"


@pytest.mark.parametrize(
    "reply",
    [
        error("FailedOperation.JobNotExist"),
        error("InvalidParameter.InvalidParameter"),
        error("ResourceNotFound"),
        error("Some.BusinessError"),
        answer(),
        answer(JobStatusCode=""),
    ],
)
async def test_a_probe_is_content_with_a_business_error_or_nothing(
    images: Hunyuan, provider: Provider, reply: Reply
) -> None:
    provider.will(reply)
    await images.probe()
    assert provider.seen[0].headers["X-TC-Action"] == "QueryHunyuanImageJob"


@pytest.mark.parametrize(
    ("reply", "cause"),
    [
        (error("AuthFailure.SignatureFailure"), Cause.MISCONFIGURED),
        (error("UnauthorizedOperation"), Cause.MISCONFIGURED),
        (error("UnsupportedProtocol"), Cause.MISCONFIGURED),
        (error("ActionOffline"), Cause.RETIRED),
        (error("ResourceUnavailable.NotExist"), Cause.NOT_ENABLED),
    ],
)
async def test_a_probe_finds_out_why_the_account_does_not_work(
    images: Hunyuan, provider: Provider, reply: Reply, cause: Cause
) -> None:
    provider.will(reply)
    with pytest.raises(LaneDown) as caught:
        await images.probe()
    assert caught.value.cause is cause


@pytest.mark.parametrize("reply", [cut, raw(b"", status=503), error("InternalError"), error("RequestLimitExceeded")])
async def test_a_probe_without_a_clear_answer_proves_nothing(images: Hunyuan, provider: Provider, reply: Reply) -> None:
    provider.will(reply)
    with pytest.raises(Unavailable):
        await images.probe()


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["1", "4", "5", "Success", A]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
FIELDS = ["JobStatusCode", "JobErrorCode", "ResultImage", "ResultDetails", "RevisedPrompt", "RequestId", "Error"]


@given(st.dictionaries(st.sampled_from(FIELDS), json_values))
def test_any_value_in_any_field_is_read(response: dict[str, Any]) -> None:
    state = state_of(response)
    assert all(state.links)
    assert len(state.revised) <= len(state.links)
    assert len(reference_of(response)) <= 100
    refusal = refusal_of(response)
    assert refusal is None or refusal.code.isascii()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary() | json_values.map(lambda value: json.dumps({"Response": value}).encode()))
async def test_any_body_is_an_answer_or_one_of_our_faults(images: Hunyuan, provider: Provider, body: bytes) -> None:
    provider.will(raw(body))
    try:
        progress = await images.query(JOB)
    except (Unavailable, Throttled, LaneDown, Rejected):
        return
    assert isinstance(progress, Waiting | Running | Done | Broken)
