"""The tree of faults, sorted by what we do about them.

No foreign exception crosses an adapter: each one becomes one of these. `code` is stable and safe to log, `detail` is
for the operator and never shown to a person, `cause` picks the sentence that a person reads, `reference` is the
provider's request id.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Cause(StrEnum):
    """Why a job could not be finished, as its owner is told; each has its sentence in every language."""

    NOT_UNDERSTOOD = "not_understood"
    TEXT_REFUSED = "text_refused"
    REFERENCE_REFUSED = "reference_refused"
    REFERENCE_GONE = "reference_gone"
    REFERENCE_NOT_A_PICTURE = "reference_not_a_picture"
    REFERENCE_TOO_LARGE = "reference_too_large"
    REFERENCE_SHAPE = "reference_shape"
    RESULT_REFUSED = "result_refused"
    IMAGE_UNUSABLE = "image_unusable"
    PROMPT_TOO_LONG = "prompt_too_long"
    OPTION_REFUSED = "option_refused"
    BUSY = "busy"
    PROVIDER_STUMBLED = "provider_stumbled"
    JOB_LOST = "job_lost"
    NO_CREDIT = "no_credit"
    NOT_ENABLED = "not_enabled"
    MISCONFIGURED = "misconfigured"
    RETIRED = "retired"
    UNEXPECTED = "unexpected"
    OUTCOME_UNKNOWN = "outcome_unknown"
    STUCK = "stuck"
    BAD_PICTURE = "bad_picture"
    NO_ROAD = "no_road"
    ARCHIVED = "archived"
    COPY_GONE = "copy_gone"
    SLACK_REFUSED = "slack_refused"
    SLACK_DOWN = "slack_down"


@dataclass(frozen=True, slots=True)
class Patience:
    """How often and how long a fault is met with another try. Times are seconds; `None` means no limit of that kind."""

    first: float
    cap: float
    tries: int | None = None
    lasting: float | None = None

    def delay(self, attempt: int, *, luck: float = 0.5) -> float:
        """Seconds before try `attempt` + 1: doubled each time up to `cap`, times 0.75 to 1.25 by `luck` in 0..1."""
        return min(self.cap, self.first * 2.0 ** min(attempt - 1, 30)) * (0.75 + luck / 2)

    def is_over(self, attempts: int, *, waited: float) -> bool:
        """Whether it is time to give up after `attempts` failed tries in `waited` seconds."""
        if self.tries is not None and attempts >= self.tries:
            return True
        return self.lasting is not None and waited >= self.lasting


SOON = Patience(first=1.0, cap=16.0, tries=5)
LATER = Patience(first=15.0, cap=120.0, tries=3)
STEADY = Patience(first=1.0, cap=300.0, lasting=24 * 3600.0)


class Fault(Exception):  # noqa: N818 - faults are a concept of the house plan
    """Something outside went wrong, or said no."""

    patience: Patience | None = None

    def __init__(
        self,
        code: str,
        detail: str = "",
        *,
        cause: Cause = Cause.UNEXPECTED,
        patience: Patience | None = None,
        reference: str = "",
    ) -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail
        self.cause = cause
        self.reference = reference
        if patience is not None:
            self.patience = patience


class Unavailable(Fault):
    """It did not work this time and nothing was done: again, later."""

    patience = SOON


class Throttled(Fault):
    """Too many calls: again after `retry_after` seconds; does not count against anybody."""

    patience = STEADY

    def __init__(self, code: str, detail: str = "", *, retry_after: float = 1.0, cause: Cause = Cause.BUSY) -> None:
        super().__init__(code, detail, cause=cause)
        self.retry_after = retry_after


class SlotTaken(Throttled):
    """The provider still counts another job of this account; the ask keeps its place and loses no attempt."""


class Rejected(Fault):
    """Refused for good: the owner is told the cause."""


class Closed(Rejected):
    """Nobody like us may write in this conversation (any more): archived, read-only, or not for files."""


class OutcomeUnknown(Fault):
    """The request may have been carried out and its answer was lost; never simply repeated."""


class LinksExpired(Fault):
    """The result links are dead: one room back, a query signs fresh ones."""


class Gone(Fault):
    """What was stored outside is no longer there: one room back."""


class NotInChannel(Fault):
    """The bot may not write in this conversation. `joinable`: a public channel; `direct`: nobody can invite it."""

    def __init__(self, code: str, *, joinable: bool = False, direct: bool = False) -> None:
        super().__init__(code, cause=Cause.NO_ROAD)
        self.joinable = joinable
        self.direct = direct


class LaneDown(Fault):
    """The account cannot be used now: the admins are told once, the queue is kept."""


class Misconfigured(Fault):
    """A setting is wrong: readiness goes red, the operator reads why."""


class Stale(Fault):
    """Somebody else wrote this row first: read it again."""


class NotAccepted(Fault):
    """The ask could not be stored in time; nobody promised anything."""
