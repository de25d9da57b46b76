"""Every switch and delay of the local image API; all may be changed while it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from sandbox.hunyuan.faults import Fault, Faults, Trouble


@dataclass(frozen=True, slots=True)
class Trigger:
    """A word in a prompt that makes something go wrong: what it does, in two languages, and the fault."""

    english: str
    chinese: str
    fault: Fault


TRIGGERS: Final[Mapping[str, Trigger]] = MappingProxyType(
    {
        "#refuse": Trigger(
            "the prompt is refused by moderation",
            "描述被内容审核拒绝",
            Fault(Trouble.CODE, code="OperationDenied.TextIllegalDetected"),
        ),
        "#fail": Trigger(
            "the job fails after it has run",
            "任务运行后失败",
            Fault(Trouble.FAIL, code="FailedOperation.GenerateImageFailed"),
        ),
        "#slow": Trigger("the job takes six times as long", "任务要慢六倍", Fault(Trouble.SLOW)),
        "#fewer": Trigger("one picture too few comes back", "少返回一张图", Fault(Trouble.FEWER)),
        "#expired": Trigger(
            "the first links have expired already", "第一次给的链接已经过期", Fault(Trouble.EXPIRED_ONCE)
        ),
        "#broken": Trigger(
            "the first download of each picture is a web page", "第一次下载到的是网页", Fault(Trouble.BROKEN_PICTURE)
        ),
    }
)
"""Words a newcomer can put into a prompt. A CODE trigger refuses the submit, the others strike the job."""


@dataclass(slots=True)
class ImageApiSettings:
    """The account, its limits, how long things take, and what goes wrong. Times are in seconds."""

    secret_id: str = "sandbox-secret-id"  # noqa: S105 (opens nothing)
    secret_key: str = "sandbox-secret-key"  # noqa: S105 (opens nothing)
    token: str | None = None
    """Set it to make the keys temporary: X-TC-Token must then come with each request."""

    slots: int = 1
    """Jobs at the same time; one more is refused with `RequestLimitExceeded.JobNumExceed`."""
    rate: int = 20
    """Requests in any sliding second, for each action."""

    speed: float = 1.0
    """All the durations below are divided by this."""
    waiting: tuple[float, float] = (1.0, 3.0)
    """A job waits for a time drawn evenly between these."""
    running: float = 8.0
    """Median time of a job with one picture."""
    running_extra: float = 4.0
    """More for each further picture."""
    running_spread: float = 0.15
    """Sigma of the log-normal factor on the running time; 0 makes it exact."""
    clarity_factors: Mapping[int, float] = field(default_factory=lambda: {1: 1.0, 2: 1.5, 4: 2.0})
    release_lag: tuple[float, float] = (0.0, 0.0)
    """The slot is freed this long after the job's end, drawn evenly. The real one has been seen to take 30 s."""
    link_life: float = 3600.0
    """How long a result link works after the query that gave it; not divided by `speed`."""

    random_seed: int | None = None
    """Makes durations, seeds and rewritten prompts repeat from run to run."""
    plain_pictures: bool = False
    """Draw a plain gradient of the right size instead of a scene: some milliseconds instead of a third of a second."""

    clock_offset: float = 0.0
    """The server's clock is wrong by this much: its `Date` header and the check of timestamps."""
    unpaid: bool = False
    """Submit answers `ResourceInsufficient.ChargeResourceExhaust`."""
    not_enabled: bool = False
    """Submit answers `ResourceUnavailable.NotExist`."""
    retired: bool = False
    """Every call answers `ActionOffline`."""
    keys_revoked: bool = False
    """Every call answers `AuthFailure.SecretIdNotFound`."""
    unknown_job_code: str = "FailedOperation.JobNotExist"
    """The code for an unknown JobId (the page names none); empty for an answer with an empty status."""

    triggers: Mapping[str, Trigger] = field(default_factory=lambda: TRIGGERS)
    faults: Faults = field(default_factory=Faults)
