"""What Submit accepts and refuses, by the vendor's page."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import pytest
from PIL import Image

from sandbox.hunyuan import ImageApi
from sandbox.hunyuan.catalogue import RESOLUTIONS, STYLES
from tests.sandbox_hunyuan.conftest import Caller

WRONG = "InvalidParameterValue.ParameterValueError"


def picture(width: int, height: int, kind: str = "PNG") -> str:
    file = io.BytesIO()
    Image.new("RGB", (width, height)).save(file, kind)
    return base64.b64encode(file.getvalue()).decode()


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({}, "MissingParameter"),
        ({"Prompt": " "}, WRONG),
        ({"Prompt": "狐" * 1025}, WRONG),
        ({"Prompt": "a", "NegativePrompt": "b" * 1025}, WRONG),
        ({"Prompt": 7}, "InvalidParameter"),
        ({"Prompt": "a", "Num": "2"}, "InvalidParameter"),
        ({"Prompt": "a", "Num": True}, "InvalidParameter"),
        ({"Prompt": "a", "Num": 5}, WRONG),
        ({"Prompt": "a", "Num": 0}, WRONG),
        ({"Prompt": "a", "Style": "vangogh"}, WRONG),
        ({"Prompt": "a", "Resolution": "1280x720"}, WRONG),
        ({"Prompt": "a", "Clarity": "x3"}, WRONG),
        ({"Prompt": "a", "Revise": 2}, WRONG),
        ({"Prompt": "a", "Seed": 0}, WRONG),
        ({"Prompt": "a", "Seed": -1}, WRONG),
        ({"Prompt": "a", "Model": "b"}, "UnknownParameter"),
        ({"Prompt": "a", "ContentImage": {}}, "InvalidParameterValue.ImageEmpty"),
        ({"Prompt": "a", "ContentImage": {"Base64": "b"}}, "UnknownParameter"),
        ({"Prompt": "a", "ContentImage": {"ImageUrl": "ftp://x/y"}}, "InvalidParameterValue.UrlIllegal"),
        (
            {"Prompt": "a", "ContentImage": {"ImageUrl": "https://example.com/a.png"}},
            "FailedOperation.ImageDownloadError",
        ),
        ({"Prompt": "a", "ContentImage": {"ImageBase64": "!"}}, "FailedOperation.ImageDecodeFailed"),
        ({"Prompt": "a", "ContentImage": {"ImageBase64": "AAAA"}}, "FailedOperation.ImageDecodeFailed"),
        ({"Prompt": "a", "ContentImage": {"ImageBase64": "A" * 8_388_612}}, "FailedOperation.ImageSizeExceed"),
        ({"Prompt": "a", "ContentImage": {"ImageBase64": picture(5000, 2)}}, "FailedOperation.ImageResolutionExceed"),
        ({"Prompt": "a", "ContentImage": {"ImageBase64": picture(9, 9, "GIF")}}, "FailedOperation.ImageDecodeFailed"),
        ({"Prompt": "a", "Resolution": "1280:720", "ContentImage": {"ImageBase64": picture(9, 9)}}, WRONG),
        ({"Prompt": "a", "LogoParam": {"LogoRect": {"X": "1"}}}, "InvalidParameterValue.LogoParamErr"),
        ({"Prompt": "a", "LogoParam": {"LogoUrl": "https://example.com/a.png"}}, "FailedOperation.ImageDownloadError"),
    ],
)
async def test_a_wrong_parameter_gets_the_vendors_code(caller: Caller, parameters: dict[str, Any], code: str) -> None:
    assert await caller.refusal(**parameters) == code


async def test_every_documented_value_is_accepted(caller: Caller, api: ImageApi) -> None:
    api.settings.slots = api.settings.rate = 100
    asks: list[dict[str, Any]] = [{"Style": style} for style in STYLES]
    asks += [{"Resolution": resolution} for resolution in RESOLUTIONS]
    asks += [{"Num": 1}, {"Num": 4}, {"Clarity": "x2"}, {"Revise": 0}, {"Seed": 1}, {"LogoAdd": 0}, {"LogoAdd": 9}]
    asks += [{"NegativePrompt": "雨" * 1024}, {"LogoParam": {"LogoRect": {"X": 1, "Y": 1, "Width": 9, "Height": 9}}}]
    asks += [{"ContentImage": {"ImageBase64": picture(60, 90, "JPEG")}}]
    for ask in asks:
        assert await caller.submit("狐" * 1024, **ask)
    assert api.submits[-1].order.resolution == "768:1024"
    assert api.submits[-1].order.revise is True


async def test_a_reference_picture_is_fetched_from_this_machine_only(caller: Caller, api: ImageApi) -> None:
    done = await caller.finished(await caller.submit(Resolution="768:1024"))
    link = done["ResultImage"][0]
    assert await caller.submit(ContentImage={"ImageUrl": link})
    assert api.submits[-1].order.resolution == "768:1024"
    missing = {"ImageUrl": api.url + "/pictures/none/0.png"}
    assert await caller.refusal(Prompt="a", ContentImage=missing) == "FailedOperation.ImageDownloadError"


@pytest.mark.parametrize(
    ("header", "value", "code"),
    [
        ("X-TC-Action", "", "MissingParameter"),
        ("X-TC-Action", "TextToImageLite", "InvalidAction"),
        ("X-TC-Version", "", "MissingParameter"),
        ("X-TC-Version", "2022-12-29", "NoSuchVersion"),
        ("X-TC-Region", "", "MissingParameter"),
        ("X-TC-Region", "ap-singapore", "UnsupportedRegion"),
    ],
)
async def test_a_wrong_header_gets_the_vendors_code(caller: Caller, header: str, value: str, code: str) -> None:
    caller.headers[header] = value
    assert await caller.refusal(Prompt="a fox") == code


async def test_a_service_that_is_not_this_one_is_no_such_product(caller: Caller) -> None:
    answer = await caller.raw("SubmitHunyuanImageJob", b"{}", service="aiart")
    assert json.loads(await answer.read())["Response"]["Error"]["Code"] == "NoSuchProduct"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "InvalidRequest"),
        (b"[]", "InvalidRequest"),
        (b"\xff", "InvalidRequest"),
        (b" " * (10 * 1024 * 1024 + 1), "RequestSizeLimitExceeded"),
    ],
    ids=["cut", "list", "bytes", "large"],
)
async def test_a_body_that_is_no_json_object_or_too_large_is_refused(caller: Caller, body: bytes, code: str) -> None:
    answer = await caller.raw("SubmitHunyuanImageJob", body)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")
    assert json.loads(await answer.read())["Response"]["Error"]["Code"] == code


async def test_another_method_is_an_unsupported_protocol(caller: Caller, api: ImageApi) -> None:
    async with caller.session.put(api.url + "/") as answer:
        assert json.loads(await answer.read())["Response"]["Error"]["Code"] == "UnsupportedProtocol"


async def test_messages_come_in_the_language_asked_for(caller: Caller) -> None:
    chinese = await caller.query("none")
    assert chinese["Error"]["Message"] == "任务不存在。"
    caller.headers["X-TC-Language"] = "en-US"
    english = await caller.query("none")
    assert english["Error"]["Message"] == "The job does not exist."
    assert english["RequestId"] != chinese["RequestId"]
