"""The signature is the vendor's: its documents' vectors, its SDK's function, and whole requests that its SDK signs."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tencentcloud.common.abstract_client import AbstractClient
from tencentcloud.common.credential import Credential
from tencentcloud.common.http.request import RequestInternal
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.common.sign import Sign

from bot.images.tc3 import Credentials, authorization, canonical_request, signing_key, string_to_sign, utc_date

DOCUMENTED = b'{"Limit": 1, "Filters": [{"Values": ["\\u672a\\u547d\\u540d"], "Name": "instance-name"}]}'
DUMMY = "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE"


@dataclass(frozen=True, slots=True)
class Vector:
    service: str
    key: str
    timestamp: int
    date: str
    headers: dict[str, str]
    body: bytes
    body_hash: str
    canonical_hash: str
    signature: str


CURRENT = Vector(
    service="cvm",
    key="*" * 32,
    timestamp=1551113065,
    date="2019-02-25",
    headers={
        "Content-Type": "application/json; charset=utf-8",
        "Host": "cvm.tencentcloudapi.com",
        "X-TC-Action": "DescribeInstances",
    },
    body=DOCUMENTED,
    body_hash="35e9c5b0e3ae67532d3c9f17ead6c90222632e5b1ff7f6e89887f1398934f064",
    canonical_hash="7019a55be8395899b900fb5564e4200d984910f34794a27cb3fb7d10ff6a1e84",
    signature="10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f",
)
OLDER = Vector(
    service="cvm",
    key=DUMMY,
    timestamp=1551113065,
    date="2019-02-25",
    headers={"Content-Type": "application/json; charset=utf-8", "Host": "cvm.tencentcloudapi.com"},
    body=DOCUMENTED,
    body_hash="35e9c5b0e3ae67532d3c9f17ead6c90222632e5b1ff7f6e89887f1398934f064",
    canonical_hash="5ffe6a04c0664d6b969fab9a13bdab201d63ee709638e2749d62a09ca18d7031",
    signature="72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168",
)
HUNYUAN = Vector(
    service="hunyuan",
    key=DUMMY,
    timestamp=1731412663,
    date="2024-11-12",
    headers={"Content-Type": "application/json", "Host": "hunyuan.tencentcloudapi.com"},
    body=b'{"JobId": "251197749-1731412663-d4e1f224-fa21-40bc-9ee7-4bb13abece6e-0"}',
    body_hash="b31d854394238736f0022026f59b06340473451f32b2f7fda8deab18894f550b",
    canonical_hash="3ee4c35c195d4fea3f80de72f3006ec2a3f6e73b78e87914a6b6a1b99f7bf989",
    signature="0bb21c8fe780a689be5650a890d49f4aa089c6afb3e24e3aa6dc8c7fb2142d9f",
)


@pytest.mark.parametrize("vector", [CURRENT, OLDER, HUNYUAN], ids=["current-docs", "older-docs", "hunyuan"])
def test_each_step_gives_what_the_vector_says(vector: Vector) -> None:
    canonical = canonical_request(vector.headers, vector.body)
    assert hashlib.sha256(vector.body).hexdigest() == vector.body_hash
    assert canonical.endswith(vector.body_hash)
    assert hashlib.sha256(canonical.encode()).hexdigest() == vector.canonical_hash
    assert utc_date(vector.timestamp) == vector.date
    header = authorization(
        Credentials("AKIDEXAMPLE", vector.key),
        vector.headers,
        vector.body,
        service=vector.service,
        timestamp=vector.timestamp,
    )
    scope = f"Credential=AKIDEXAMPLE/{vector.date}/{vector.service}/tc3_request"
    names = ";".join(name.lower() for name in vector.headers)
    assert header == f"TC3-HMAC-SHA256 {scope}, SignedHeaders={names}, Signature={vector.signature}"


def test_the_days_key_is_the_documented_one() -> None:
    expected = "b596b923aad85185e2d1f6659d2a062e0a86731226e021e61bfe06f7ed05f5af"
    assert signing_key("*" * 32, "2019-02-25", "cvm").hex() == expected


def test_the_scope_changes_at_midnight_utc() -> None:
    assert [utc_date(second) for second in (1731455999, 1731456000)] == ["2024-11-12", "2024-11-13"]


def test_the_order_and_the_case_of_headers_do_not_matter() -> None:
    turned = {name.upper(): f" {value} " for name, value in reversed(CURRENT.headers.items())}
    assert canonical_request(turned, CURRENT.body) == canonical_request(CURRENT.headers, CURRENT.body)


def test_credentials_show_nothing() -> None:
    assert (
        f"{Credentials('AKIDx', 'secret', 'token')!r} {Credentials('AKIDx', 'secret')}" == "Credentials() Credentials()"
    )


texts = st.text() | st.text('雨中竹林🦊👨‍👩‍👧é ¥"\\\n', min_size=1)
moments = st.integers(0, 4_000_000_000)


@given(prompt=texts, key=st.text(st.characters(codec="ascii", exclude_categories=["C"]), min_size=1), timestamp=moments)
def test_the_sdks_own_function_signs_the_same(prompt: str, key: str, timestamp: int) -> None:
    body = json.dumps({"Prompt": prompt}).encode()
    headers = {"Content-Type": "application/json", "Host": "hunyuan.tencentcloudapi.com"}
    to_sign = string_to_sign(canonical_request(headers, body), service="hunyuan", timestamp=timestamp)
    ours = authorization(Credentials("id", key), headers, body, service="hunyuan", timestamp=timestamp)
    theirs = Sign.sign_tc3(key, utc_date(timestamp), "hunyuan", to_sign)
    assert ours.endswith(f"Signature={theirs}")


@given(prompt=texts)
def test_a_whole_request_that_the_sdk_signed_is_signed_the_same_by_us(prompt: str) -> None:
    request = _signed_by_the_sdk({"Prompt": prompt})
    body = request.data.encode()
    headers = {"Content-Type": request.header["Content-Type"], "Host": request.header["Host"]}
    ours = authorization(
        Credentials("AKIDTEST", "SKTEST"),
        headers,
        body,
        service="hunyuan",
        timestamp=int(request.header["X-TC-Timestamp"]),
    )
    assert ours == request.header["Authorization"]
    assert re.search(r"Signature=[0-9a-f]{64}$", ours)


def _signed_by_the_sdk(parameters: dict[str, Any]) -> Any:
    class Client(AbstractClient):  # type: ignore[misc]
        _apiVersion = "2023-09-01"  # noqa: N815
        _endpoint = "hunyuan.tencentcloudapi.com"
        _service = "hunyuan"

    profile = ClientProfile(httpProfile=HttpProfile(endpoint="127.0.0.1:19801"))
    client = Client(Credential("AKIDTEST", "SKTEST"), "ap-guangzhou", profile)
    request = RequestInternal("127.0.0.1:19801", "POST", "/")
    client._build_req_with_tc3_signature("SubmitHunyuanImageJob", parameters, request)
    return request
