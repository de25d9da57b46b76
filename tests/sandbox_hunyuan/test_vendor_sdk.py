"""The vendor's own SDK is the judge of whether this server speaks like the vendor's."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest
from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.hunyuan.v20230901 import errorcodes, models
from tencentcloud.hunyuan.v20230901.hunyuan_client import HunyuanClient

from sandbox.hunyuan import Fault, ImageApi, Trouble
from sandbox.hunyuan.refusals import MESSAGES
from tests.sandbox_hunyuan.conftest import Vendor


def submit_of(prompt: str, **fields: object) -> models.SubmitHunyuanImageJobRequest:
    request = models.SubmitHunyuanImageJobRequest()
    request.Prompt = prompt
    for name, value in fields.items():
        setattr(request, name, value)
    return request


def query_of(job: str) -> models.QueryHunyuanImageJobRequest:
    request = models.QueryHunyuanImageJobRequest()
    request.JobId = job
    return request


async def code_of(vendor: Vendor, request: models.SubmitHunyuanImageJobRequest) -> str:
    with pytest.raises(TencentCloudSDKException) as caught:
        await vendor.call(vendor.client.SubmitHunyuanImageJob, request)
    return str(caught.value.get_code())


async def test_the_sdk_submits_polls_and_gets_links_that_open(vendor: Vendor, live: ImageApi) -> None:
    answer = await vendor.call(vendor.client.SubmitHunyuanImageJob, submit_of("雨中竹林", Num=2, Resolution="1280:720"))
    state = await vendor.call(vendor.client.QueryHunyuanImageJob, query_of(answer.JobId))
    while state.JobStatusCode in {"1", "2"}:
        state = await vendor.call(vendor.client.QueryHunyuanImageJob, query_of(answer.JobId))
    assert (state.JobStatusCode, state.JobStatusMsg) == ("5", "处理完成")
    assert state.ResultDetails == ["Success", "Success"]
    assert len(state.RevisedPrompt) == 2
    async with aiohttp.ClientSession() as session, session.get(state.ResultImage[1]) as picture:
        assert (await picture.read()).startswith(b"\x89PNG")
    assert live.peak_jobs == 1


async def test_the_sdk_also_passes_with_get_and_with_a_url_as_host(live: ImageApi) -> None:
    credential = Credential(live.settings.secret_id, live.settings.secret_key)
    for http in (
        HttpProfile(protocol="http", endpoint=live.url.removeprefix("http://"), reqMethod="GET"),
        HttpProfile(endpoint=live.url),
    ):
        client = HunyuanClient(credential, "ap-guangzhou", ClientProfile(httpProfile=http))
        live.settings.slots += 1
        answer = await asyncio.to_thread(client.SubmitHunyuanImageJob, submit_of("a fox & 狐狸", Num=3))
        assert answer.JobId == live.submits[-1].id
        assert (live.submits[-1].order.prompt, live.submits[-1].order.num) == ("a fox & 狐狸", 3)


async def test_a_wrong_key_is_a_signature_failure_in_the_sdk(vendor: Vendor, live: ImageApi) -> None:
    live.settings.secret_key = "another"
    assert await code_of(vendor, submit_of("a fox")) == "AuthFailure.SignatureFailure"


async def test_an_unknown_key_id_is_not_found_in_the_sdk(vendor: Vendor, live: ImageApi) -> None:
    live.settings.secret_id = "another"
    assert await code_of(vendor, submit_of("a fox")) == "AuthFailure.SecretIdNotFound"


async def test_every_listed_code_arrives_in_the_sdk_as_that_exception(vendor: Vendor, live: ImageApi) -> None:
    arrived = {}
    for code in MESSAGES:
        live.settings.faults.on_calls("SubmitHunyuanImageJob", Fault(Trouble.CODE, code=code))
        arrived[code] = await code_of(vendor, submit_of("a fox"))
    assert arrived == {code: code for code in MESSAGES}
    assert live.submits == []


def test_every_code_of_the_sdks_own_list_is_here() -> None:
    listed = {value for name, value in vars(errorcodes).items() if name.isupper()}
    assert listed <= set(MESSAGES)


async def test_a_charset_blinds_the_sdk_to_an_error(vendor: Vendor, live: ImageApi) -> None:
    live.settings.retired = True
    assert await code_of(vendor, submit_of("a fox")) == "ActionOffline"
    live.settings.faults.on_calls("*", Fault(Trouble.CHARSET))
    answer = await vendor.call(vendor.client.SubmitHunyuanImageJob, submit_of("a fox"))
    assert answer.JobId is None


async def test_a_stray_http_status_is_a_network_error_in_the_sdk(vendor: Vendor, live: ImageApi) -> None:
    live.settings.faults.on_calls("*", Fault(Trouble.HTML, status=502))
    assert await code_of(vendor, submit_of("a fox")) == "ServerNetworkError"
