"""What the provider's error codes mean to us: one table for both of its error channels. Pure.

A refused call carries `Response.Error` (with HTTP 200), a failed job carries `JobErrorCode` in status "4". The codes
are those of the vendor's API pages 1729, 1124/51868 and 1124/64540, of its SDKs, and the few that only its sister
products list (`RequestLimitExceeded.JobNumExceed` is the real "one job at a time"; this product lacks it).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.errors import (
    LATER,
    SOON,
    Cause,
    Fault,
    LaneDown,
    OutcomeUnknown,
    Patience,
    Rejected,
    SlotTaken,
    Throttled,
    Unavailable,
)
from bot.ports import Broken


class Action(StrEnum):
    """The two calls."""

    SUBMIT = "SubmitHunyuanImageJob"
    QUERY = "QueryHunyuanImageJob"


class Policy(StrEnum):
    """What to do about an answer.

    never: not again as it is. slot: the account's slot is taken, keep the place. soon: from a second. once: soon, one
    more time. later: from 15 seconds. stop: the lane pauses, the queue is kept. requery: the job may only be late in
    the provider's books. resign: our clock is off, sign anew by the provider's. unsure: it may have been carried out.
    """

    NEVER = "never"
    SLOT = "slot"
    SOON = "soon"
    ONCE = "once"
    LATER = "later"
    STOP = "stop"
    REQUERY = "requery"
    RESIGN = "resign"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Rule:
    """What a code means: on Submit, on Query, and (`redraw`) whether a job failed with it is worth another price."""

    cause: Cause
    submit: Policy
    query: Policy
    redraw: bool = False


def _never(cause: Cause) -> Rule:
    return Rule(cause, Policy.NEVER, Policy.NEVER)


def _stop(cause: Cause) -> Rule:
    return Rule(cause, Policy.STOP, Policy.STOP)


_IMAGE = _never(Cause.IMAGE_UNUSABLE)
_OPTION = _never(Cause.OPTION_REFUSED)
_RESULT = Rule(Cause.RESULT_REFUSED, Policy.ONCE, Policy.SOON, redraw=True)
_BUSY = Rule(Cause.BUSY, Policy.SOON, Policy.SOON, redraw=True)
_FULL = Rule(Cause.PROVIDER_STUMBLED, Policy.LATER, Policy.LATER, redraw=True)
_STUMBLED = Rule(Cause.PROVIDER_STUMBLED, Policy.LATER, Policy.SOON, redraw=True)
_LOST = Rule(Cause.JOB_LOST, Policy.NEVER, Policy.REQUERY)

_MEANINGS: tuple[tuple[Rule, str], ...] = (
    (_never(Cause.TEXT_REFUSED), "OperationDenied.TextIllegalDetected FailedOperation.ModerationFailed"),
    # Without a reference picture only the result can be meant; see `rule_of`.
    (_never(Cause.REFERENCE_REFUSED), "OperationDenied.ImageIllegalDetected"),
    (_RESULT, "FailedOperation.GenerateImageFailed"),
    (
        # The SDK's words blame an input URL, but it was seen to clear when the same was sent again.
        Rule(Cause.IMAGE_UNUSABLE, Policy.ONCE, Policy.SOON, redraw=True),
        "FailedOperation.DownloadError FailedOperation.ImageDownloadError",
    ),
    (
        _IMAGE,
        "FailedOperation.ImageDecodeFailed FailedOperation.ImageResolutionExceed FailedOperation.ImageSizeExceed "
        "FailedOperation.RequestEntityTooLarge RequestSizeLimitExceeded InvalidParameterValue.ImageRequestError "
        "InvalidParameter.ImageCountLimitExceededError InvalidParameter.ImageProcessingFailureError "
        "InvalidParameterValue.ImageEmpty InvalidParameterValue.UrlIllegal",
    ),
    (_never(Cause.PROMPT_TOO_LONG), "InvalidParameterValue.TextLengthExceed"),
    (
        _OPTION,
        "InvalidParameterValue.ParameterValueError InvalidParameterValue.StyleConflict InvalidParameterValue "
        "InvalidParameterValue.LogoParamErr InvalidParameterValue.Model InvalidParameter "
        "InvalidParameter.InvalidParameter",
    ),
    (
        _never(Cause.MISCONFIGURED),
        "MissingParameter UnknownParameter InvalidRequest UnsupportedOperation UnsupportedProtocol DryRunOperation",
    ),
    # Ours to the letter, or the product is gone: in either case no job is to blame, so the lane stops.
    (_stop(Cause.MISCONFIGURED), "NoSuchVersion NoSuchProduct InvalidAction UnsupportedRegion"),
    (replace(_BUSY, submit=Policy.SLOT), "RequestLimitExceeded.JobNumExceed FailedOperation.JobQueueFull"),
    (
        _BUSY,
        "RequestLimitExceeded RequestLimitExceeded.UinLimitExceeded RequestLimitExceeded.GlobalRegionUinLimitExceeded "
        "RequestLimitExceeded.IPLimitExceeded",
    ),
    (
        _FULL,
        "FailedOperation.EngineServerLimitExceeded LimitExceeded ResourceInsufficient "
        "FailedOperation.ConsoleServerError ResourceInUse",
    ),
    (
        _STUMBLED,
        "FailedOperation.EngineRequestTimeout FailedOperation.EngineServerError FailedOperation.InnerError "
        "FailedOperation.ServerError FailedOperation.RpcFail FailedOperation.RequestTimeout FailedOperation.Unknown "
        "FailedOperation InternalError ServiceUnavailable ResourceUnavailable ResponseSizeLimitExceeded",
    ),
    (_LOST, "FailedOperation.JobNotExist FailedOperation.JobNotFound ResourceNotFound"),
    (
        _stop(Cause.NO_CREDIT),
        "ResourceInsufficient.ChargeResourceExhaust FailedOperation.FreeResourcePackExhausted "
        "FailedOperation.ResourcePackExhausted ResourceUnavailable.LowBalance ResourceUnavailable.InArrears "
        "FailedOperation.ServiceStopArrears ResourcesSoldOut.ChargeStatusException",
    ),
    (
        _stop(Cause.NOT_ENABLED),
        "ResourceUnavailable.NotExist FailedOperation.ServiceNotActivated ResourceUnavailable.IsOpening "
        "ResourceUnavailable.Delivering FailedOperation.UserUnAuthError FailedOperation.PartnerAccountUnSupport "
        "FailedOperation.SetPayModeExceed",
    ),
    (_stop(Cause.RETIRED), "ResourceUnavailable.StopUsing FailedOperation.ServiceStop ActionOffline"),
    (
        _stop(Cause.MISCONFIGURED),
        "AuthFailure AuthFailure.SecretIdNotFound AuthFailure.InvalidSecretId AuthFailure.InvalidAuthorization "
        "AuthFailure.SignatureFailure AuthFailure.TokenFailure AuthFailure.MFAFailure "
        "AuthFailure.UnauthorizedOperation UnauthorizedOperation IpInBlacklist IpNotInWhitelist "
        "InvalidCredential ClientError ClientParamsError",
    ),
    (Rule(Cause.MISCONFIGURED, Policy.RESIGN, Policy.RESIGN), "AuthFailure.SignatureExpire"),
    # The SDK's own names, which gateways in front of it have been seen to pass on.
    (replace(_STUMBLED, submit=Policy.UNSURE), "ClientNetworkError ServerNetworkError"),
)

RULES: Mapping[str, Rule] = {code: rule for rule, codes in _MEANINGS for code in codes.split()}
UNKNOWN = Rule(Cause.UNEXPECTED, Policy.NEVER, Policy.SOON)
_ON_QUERY: Mapping[str, Rule] = {"InvalidParameter.InvalidParameter": _LOST}
_WITHOUT_REFERENCE: Mapping[str, Rule] = {"OperationDenied.ImageIllegalDetected": _RESULT}

_ONE_MORE = Patience(first=1.0, cap=5.0, tries=2)
_REQUERY = Patience(first=5.0, cap=5.0, tries=2)
_FOR_OPERATOR = frozenset({Cause.NO_CREDIT, Cause.NOT_ENABLED, Cause.MISCONFIGURED, Cause.RETIRED, Cause.UNEXPECTED})
_PREFIX = "FailedOperation."


def rule_of(code: str, *, action: Action | None = None, with_reference: bool = False) -> Rule:
    """The rule of the longest known part of `code`; `UNKNOWN` if no part is known. `action` None: a job's own error."""
    for name in _names(code):
        if action is Action.QUERY and name in _ON_QUERY:
            return _ON_QUERY[name]
        if not with_reference and name in _WITHOUT_REFERENCE:
            return _WITHOUT_REFERENCE[name]
        if name in RULES:
            return RULES[name]
    return UNKNOWN


def _names(code: str) -> Iterator[str]:
    """The code as it is, with and without the prefix that some answers drop, then without its last parts."""
    yield code
    yield _PREFIX + code
    yield code.removeprefix(_PREFIX)
    while "." in code:
        code = code.rpartition(".")[0]
        yield code


def fault_of_call(
    code: str, message: str, action: Action, *, reference: str = "", with_reference: bool = False
) -> Fault:
    """The fault that a refused call is. The provider's message is kept for the operator only where it concerns them."""
    rule = rule_of(code, action=action, with_reference=with_reference)
    detail = message[:300] if rule.cause in _FOR_OPERATOR else ""
    fault = _fault(code, detail, rule=rule, policy=rule.submit if action is Action.SUBMIT else rule.query)
    fault.reference = reference
    return fault


def _fault(code: str, detail: str, *, rule: Rule, policy: Policy) -> Fault:
    match policy:
        case Policy.NEVER:
            return Rejected(code, detail, cause=rule.cause)
        case Policy.REQUERY:
            return Rejected(code, detail, cause=rule.cause, patience=_REQUERY)
        case Policy.SLOT:
            return SlotTaken(code, detail)
        case Policy.SOON if rule.cause is Cause.BUSY:
            return Throttled(code, detail)
        case Policy.SOON:
            return Unavailable(code, detail, cause=rule.cause, patience=SOON)
        case Policy.ONCE:
            return Unavailable(code, detail, cause=rule.cause, patience=_ONE_MORE)
        case Policy.LATER:
            return Unavailable(code, detail, cause=rule.cause, patience=LATER)
        case Policy.STOP | Policy.RESIGN:
            return LaneDown(code, detail, cause=rule.cause)
        case Policy.UNSURE:
            return OutcomeUnknown(code, detail, cause=Cause.OUTCOME_UNKNOWN)


def broken_of_job(code: str, *, reference: str = "", with_reference: bool = False) -> Broken:
    """What a failed job is to its owner."""
    rule = rule_of(code, with_reference=with_reference)
    return Broken(code, rule.cause, redraw=rule.redraw, reference=reference)
