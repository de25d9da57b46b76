"""Every code that the vendor is known to send means to us what the facts say, through whichever channel it comes."""

from __future__ import annotations

import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tencentcloud.hunyuan.v20230901 import errorcodes

from bot.errors import (
    Cause,
    Fault,
    LaneDown,
    OutcomeUnknown,
    Rejected,
    SlotTaken,
    Throttled,
    Unavailable,
)
from bot.images.codes import RULES, UNKNOWN, Action, Policy, broken_of_job, fault_of_call, rule_of

# Cause, policy on submit, policy on query, whether a job that failed with it is drawn again; then the codes.
KNOWN = """
text_refused       never never no  : OperationDenied.TextIllegalDetected FailedOperation.ModerationFailed
result_refused     once  soon  yes : OperationDenied.ImageIllegalDetected FailedOperation.GenerateImageFailed
image_unusable     once  soon  yes : FailedOperation.DownloadError FailedOperation.ImageDownloadError
image_unusable     never never no  : FailedOperation.ImageDecodeFailed FailedOperation.ImageResolutionExceed
image_unusable     never never no  : FailedOperation.ImageSizeExceed FailedOperation.RequestEntityTooLarge
image_unusable     never never no  : RequestSizeLimitExceeded InvalidParameter.ImageCountLimitExceededError
image_unusable     never never no  : InvalidParameter.ImageProcessingFailureError
image_unusable     never never no  : InvalidParameterValue.ImageRequestError InvalidParameterValue.ImageEmpty
image_unusable     never never no  : InvalidParameterValue.UrlIllegal
prompt_too_long    never never no  : InvalidParameterValue.TextLengthExceed
option_refused     never never no  : InvalidParameterValue.ParameterValueError InvalidParameterValue.StyleConflict
option_refused     never never no  : InvalidParameterValue.LogoParamErr InvalidParameterValue InvalidParameter
option_refused     never never no  : InvalidParameterValue.Model
misconfigured      never never no  : MissingParameter UnknownParameter InvalidRequest UnsupportedOperation
misconfigured      never never no  : UnsupportedProtocol DryRunOperation
misconfigured      stop  stop  no  : NoSuchVersion NoSuchProduct InvalidAction UnsupportedRegion
busy               slot  soon  yes : RequestLimitExceeded.JobNumExceed FailedOperation.JobQueueFull
busy               soon  soon  yes : RequestLimitExceeded RequestLimitExceeded.UinLimitExceeded
busy               soon  soon  yes : RequestLimitExceeded.GlobalRegionUinLimitExceeded
busy               soon  soon  yes : RequestLimitExceeded.IPLimitExceeded
provider_stumbled  later later yes : FailedOperation.EngineServerLimitExceeded LimitExceeded ResourceInsufficient
provider_stumbled  later later yes : FailedOperation.ConsoleServerError ResourceInUse
provider_stumbled  later soon  yes : FailedOperation.EngineRequestTimeout FailedOperation.EngineServerError
provider_stumbled  later soon  yes : FailedOperation.InnerError FailedOperation.ServerError FailedOperation.RpcFail
provider_stumbled  later soon  yes : FailedOperation.RequestTimeout FailedOperation.Unknown FailedOperation
provider_stumbled  later soon  yes : InternalError InternalError.Anything ServiceUnavailable ResourceUnavailable
provider_stumbled  later soon  yes : ResponseSizeLimitExceeded
provider_stumbled  unsure soon yes : ClientNetworkError ServerNetworkError
job_lost           never requery no : FailedOperation.JobNotExist FailedOperation.JobNotFound ResourceNotFound
no_credit          stop  stop  no  : ResourceInsufficient.ChargeResourceExhaust ResourceUnavailable.LowBalance
no_credit          stop  stop  no  : FailedOperation.FreeResourcePackExhausted ResourceUnavailable.InArrears
no_credit          stop  stop  no  : FailedOperation.ResourcePackExhausted FailedOperation.ServiceStopArrears
no_credit          stop  stop  no  : ResourcesSoldOut.ChargeStatusException
not_enabled        stop  stop  no  : ResourceUnavailable.NotExist FailedOperation.ServiceNotActivated
not_enabled        stop  stop  no  : ResourceUnavailable.IsOpening ResourceUnavailable.Delivering
not_enabled        stop  stop  no  : FailedOperation.UserUnAuthError FailedOperation.PartnerAccountUnSupport
not_enabled        stop  stop  no  : FailedOperation.SetPayModeExceed
retired            stop  stop  no  : ResourceUnavailable.StopUsing FailedOperation.ServiceStop ActionOffline
misconfigured      stop  stop  no  : AuthFailure AuthFailure.SecretIdNotFound AuthFailure.InvalidSecretId
misconfigured      stop  stop  no  : AuthFailure.InvalidAuthorization AuthFailure.SignatureFailure
misconfigured      stop  stop  no  : AuthFailure.TokenFailure AuthFailure.MFAFailure UnauthorizedOperation
misconfigured      stop  stop  no  : AuthFailure.UnauthorizedOperation IpInBlacklist IpNotInWhitelist
misconfigured      stop  stop  no  : InvalidCredential ClientError ClientParamsError
misconfigured      resign resign no : AuthFailure.SignatureExpire
"""


def _known() -> list[tuple[str, Cause, Policy, Policy, bool]]:
    rows = []
    for line in KNOWN.strip().splitlines():
        meaning, _, codes = line.partition(" : ")
        cause, submit, query, redraw = meaning.split()
        rows += [(code, Cause(cause), Policy(submit), Policy(query), redraw == "yes") for code in codes.split()]
    return rows


ROWS = _known()
CODES = [row[0] for row in ROWS]
KIND: dict[Policy, type[Fault]] = {
    Policy.NEVER: Rejected,
    Policy.REQUERY: Rejected,
    Policy.SLOT: SlotTaken,
    Policy.ONCE: Unavailable,
    Policy.LATER: Unavailable,
    Policy.STOP: LaneDown,
    Policy.RESIGN: LaneDown,
    Policy.UNSURE: OutcomeUnknown,
}


def kind_of(policy: Policy, cause: Cause) -> type[Fault]:
    if policy is Policy.SOON:
        return Throttled if cause is Cause.BUSY else Unavailable
    return KIND[policy]


@pytest.mark.parametrize(("code", "cause", "submit", "query", "redraw"), ROWS, ids=CODES)
def test_a_code_has_its_policy_and_its_cause(
    code: str, cause: Cause, submit: Policy, query: Policy, redraw: bool
) -> None:
    for action, policy in ((Action.SUBMIT, submit), (Action.QUERY, query)):
        rule = rule_of(code, action=action)
        assert (rule.cause, rule.submit, rule.query, rule.redraw) == (cause, submit, query, redraw)
        fault = fault_of_call(code, "内部", action, reference="req-1")
        assert type(fault) is kind_of(policy, cause)
        assert fault.cause is (Cause.OUTCOME_UNKNOWN if policy is Policy.UNSURE else cause)
        assert (fault.code, fault.reference) == (code, "req-1")
    broken = broken_of_job(code, reference="req-2")
    assert (broken.code, broken.cause, broken.redraw, broken.reference) == (code, cause, redraw, "req-2")


def test_no_code_of_the_table_goes_untested() -> None:
    assert set(RULES) == {code for code in CODES if code != "InternalError.Anything"} | {
        "InvalidParameter.InvalidParameter"
    }


def test_the_vendors_sdk_knows_no_code_that_we_do_not() -> None:
    theirs = {value for name, value in inspect.getmembers(errorcodes) if name.isupper()}
    assert len(theirs) > 30
    assert theirs <= set(RULES)


@pytest.mark.parametrize("code", [code for code in CODES if code.startswith("FailedOperation.")])
def test_a_failed_operation_means_the_same_without_its_prefix(code: str) -> None:
    assert rule_of(code.removeprefix("FailedOperation.")) == rule_of(code)


@pytest.mark.parametrize(
    ("code", "like"),
    [
        ("AuthFailure.SomethingNew", "AuthFailure"),
        ("UnauthorizedOperation.CamNoAuth", "UnauthorizedOperation"),
        ("InvalidParameterValue.SomethingNew", "InvalidParameterValue"),
        ("FailedOperation.SomethingNew", "FailedOperation"),
        ("FailedOperation.InternalError", "InternalError"),
        ("InternalError.DbError.Deadlock", "InternalError"),
        ("RequestLimitExceeded.SomethingNew", "RequestLimitExceeded"),
        ("RequestLimitExceeded.JobNumExceed.More", "RequestLimitExceeded.JobNumExceed"),
    ],
)
def test_an_unknown_end_of_a_code_leaves_the_longest_known_part(code: str, like: str) -> None:
    assert rule_of(code) == rule_of(like)


@pytest.mark.parametrize(
    "code", ["", ".", "Failed", "failedoperation", "OperationDenied.Else", "XRequestLimitExceeded"]
)
def test_an_unknown_code_is_never_resubmitted_and_may_be_queried_again(code: str) -> None:
    assert rule_of(code) == UNKNOWN
    refused = fault_of_call(code, "", Action.SUBMIT)
    assert type(refused) is Rejected
    assert refused.cause is Cause.UNEXPECTED
    assert type(fault_of_call(code, "", Action.QUERY)) is Unavailable
    assert not broken_of_job(code).redraw


@given(st.text())
def test_any_text_is_a_code(code: str) -> None:
    for action in Action:
        assert fault_of_call(code, code, action).code == code
    assert broken_of_job(code).code == code


def test_an_invalid_parameter_of_a_query_is_a_lost_job_and_of_a_submit_an_option() -> None:
    code = "InvalidParameter.InvalidParameter"
    lost = fault_of_call(code, "", Action.QUERY)
    assert type(lost) is Rejected
    assert lost.cause is Cause.JOB_LOST
    assert fault_of_call(code, "", Action.SUBMIT).cause is Cause.OPTION_REFUSED
    assert broken_of_job(code).cause is Cause.OPTION_REFUSED


def test_a_lost_job_may_be_looked_for_once_more_after_five_seconds() -> None:
    patience = fault_of_call("FailedOperation.JobNotExist", "", Action.QUERY).patience
    assert patience is not None
    assert patience.delay(1) == 5.0
    assert [patience.is_over(tries, waited=0) for tries in (1, 2)] == [False, True]


def test_a_refused_picture_is_the_reference_if_there_was_one_and_else_the_result() -> None:
    code = "OperationDenied.ImageIllegalDetected"
    given_one = broken_of_job(code, with_reference=True)
    assert (given_one.cause, given_one.redraw) == (Cause.REFERENCE_REFUSED, False)
    assert type(fault_of_call(code, "", Action.SUBMIT, with_reference=True)) is Rejected
    assert (broken_of_job(code).cause, broken_of_job(code).redraw) == (Cause.RESULT_REFUSED, True)


def test_what_the_provider_says_is_kept_for_the_operator_and_only_where_it_concerns_them() -> None:
    assert fault_of_call("AuthFailure.SecretIdNotFound", "no such id", Action.SUBMIT).detail == "no such id"
    assert len(fault_of_call("ActionOffline", "x" * 5000, Action.SUBMIT).detail) == 300
    assert fault_of_call("OperationDenied.TextIllegalDetected", "a fox", Action.SUBMIT).detail == ""


def test_a_stumbling_provider_is_asked_three_times_from_fifteen_seconds() -> None:
    patience = fault_of_call("FailedOperation.EngineServerError", "", Action.SUBMIT).patience
    assert patience is not None
    assert patience.delay(1) == 15.0
    assert [patience.is_over(tries, waited=0) for tries in (2, 3)] == [False, True]


def test_a_failed_download_is_tried_once_more() -> None:
    patience = fault_of_call("FailedOperation.ImageDownloadError", "", Action.SUBMIT).patience
    assert patience is not None
    assert [patience.is_over(tries, waited=0) for tries in (1, 2)] == [False, True]
