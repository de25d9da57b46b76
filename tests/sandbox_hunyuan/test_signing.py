"""The documented TC3 vectors, and each thing that can be wrong with a signature, in the vendor's order."""

from __future__ import annotations

import hashlib
import json

import pytest

from sandbox.hunyuan import ImageApi
from sandbox.hunyuan.refusals import Refusal
from sandbox.hunyuan.signing import Keys, Received, canonical_request, signature_of, verify
from tests.sandbox_hunyuan.conftest import Caller, Clock

CVM_BODY = rb'{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}'
JOB_BODY = b'{"JobId": "251197749-1731412663-d4e1f224-fa21-40bc-9ee7-4bb13abece6e-0"}'
CVM_HEADERS = {
    "content-type": "application/json; charset=utf-8",
    "host": "cvm.tencentcloudapi.com",
    "x-tc-action": "DescribeInstances",
}
DUMMY_KEY = "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE"
C_SIGNATURE = "0bb21c8fe780a689be5650a890d49f4aa089c6afb3e24e3aa6dc8c7fb2142d9f"


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    ("key", "signed", "canonical_hash", "signature"),
    [
        (
            "*" * 32,
            ("content-type", "host", "x-tc-action"),
            "7019a55be8395899b900fb5564e4200d984910f34794a27cb3fb7d10ff6a1e84",
            "10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f",
        ),
        (
            DUMMY_KEY,
            ("content-type", "host"),
            "5ffe6a04c0664d6b969fab9a13bdab201d63ee709638e2749d62a09ca18d7031",
            "72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168",
        ),
    ],
    ids=["A", "B"],
)
def test_the_documented_vectors_come_out(
    key: str, signed: tuple[str, ...], canonical_hash: str, signature: str
) -> None:
    canonical = canonical_request(Received("POST", "", CVM_HEADERS, CVM_BODY), signed)
    assert digest(canonical) == canonical_hash
    assert signature_of(canonical, key=key, timestamp=1551113065, date="2019-02-25", service="cvm") == signature


def job_query(**headers: str) -> Received:
    authorization = (
        "TC3-HMAC-SHA256 Credential=AKIDEXAMPLE/2024-11-12/hunyuan/tc3_request, "
        f"SignedHeaders=content-type;host, Signature={C_SIGNATURE}"
    )
    base = {
        "content-type": "application/json",
        "host": "hunyuan.tencentcloudapi.com",
        "x-tc-timestamp": "1731412663",
        "authorization": authorization,
    }
    return Received("POST", "", base | headers, JOB_BODY)


def code_of(received: Received, *, keys: Keys, now: float = 1731412663.0) -> str:
    with pytest.raises(Refusal) as caught:
        verify(received, keys, now=now)
    return caught.value.code


def test_vector_c_passes_the_whole_check() -> None:
    assert verify(job_query(), Keys("AKIDEXAMPLE", DUMMY_KEY), now=1731412663.0).service == "hunyuan"


def test_each_wrong_thing_has_its_own_code() -> None:
    keys, received = Keys("AKIDEXAMPLE", DUMMY_KEY), job_query()
    authorization = received.headers["authorization"]
    assert code_of(job_query(authorization="TC3"), keys=keys) == "AuthFailure.InvalidAuthorization"
    assert code_of(received, keys=Keys("OTHER", DUMMY_KEY)) == "AuthFailure.SecretIdNotFound"
    assert code_of(received, keys=Keys("AKIDEXAMPLE", "other")) == "AuthFailure.SignatureFailure"
    assert code_of(received, keys=keys, now=1731412663.0 + 301) == "AuthFailure.SignatureExpire"
    assert code_of(received, keys=keys, now=1731412663.0 - 301) == "AuthFailure.SignatureExpire"
    assert code_of(received, keys=Keys("AKIDEXAMPLE", DUMMY_KEY, "t")) == "AuthFailure.TokenFailure"
    assert code_of(job_query(**{"x-tc-timestamp": ""}), keys=keys) == "MissingParameter"
    assert code_of(job_query(**{"x-tc-timestamp": "soon"}), keys=keys) == "InvalidParameter"
    assert code_of(job_query(host="cvm.tencentcloudapi.com"), keys=keys) == "AuthFailure.SignatureFailure"
    older = authorization.replace("2024-11-12", "2024-11-11")
    assert code_of(job_query(authorization=older), keys=keys) == "AuthFailure.SignatureFailure"
    unsigned = authorization.replace("content-type;host", "content-type")
    assert code_of(job_query(authorization=unsigned), keys=keys) == "AuthFailure.SignatureFailure"
    on_this_machine = job_query(host="127.0.0.1", authorization=authorization.replace("/hunyuan/", "/cvm/"))
    assert code_of(on_this_machine, keys=keys) == "NoSuchProduct"


def test_a_changed_byte_of_the_body_fails() -> None:
    received = job_query()
    changed = Received("POST", "", received.headers, JOB_BODY.replace(b"d4e1", b"d4e2"))
    assert code_of(changed, keys=Keys("AKIDEXAMPLE", DUMMY_KEY)) == "AuthFailure.SignatureFailure"


async def test_temporary_keys_need_their_token(caller: Caller, api: ImageApi) -> None:
    api.settings.token = "temporary"
    assert await caller.refusal(Prompt="a fox") == "AuthFailure.TokenFailure"
    caller.headers["X-TC-Token"] = "temporary"
    assert await caller.submit()


async def test_the_servers_clock_shows_in_the_date_and_refuses_the_rest(
    caller: Caller, api: ImageApi, clock: Clock
) -> None:
    api.settings.clock_offset = 3600
    answer = await caller.raw("SubmitHunyuanImageJob", b"{}")
    assert json.loads(await answer.read())["Response"]["Error"]["Code"] == "AuthFailure.SignatureExpire"
    assert answer.headers["Date"] == "Mon, 21 Sep 2026 15:13:20 GMT"
    again = await caller.raw("SubmitHunyuanImageJob", b"{}", at=clock.now + 3600)
    assert json.loads(await again.read())["Response"]["Error"]["Code"] == "MissingParameter"


async def test_revoked_keys_are_not_found(caller: Caller, api: ImageApi) -> None:
    api.settings.keys_revoked = True
    assert await caller.refusal(Prompt="a fox") == "AuthFailure.SecretIdNotFound"
