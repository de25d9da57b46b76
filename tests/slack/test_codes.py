"""Every refusal of Slack's becomes the fault that says what we do about it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.errors import Cause, Closed, Fault, Misconfigured, NotInChannel, Rejected, Throttled, Unavailable
from bot.slack.codes import BAD_BLOCKS, KINDS, NO_THREAD, Kind, Refusal, fault_of
from bot.slack.limits import Limits
from tests.slack.conftest import Clock

FAULTS: dict[Kind, type[Fault]] = {
    Kind.THROTTLED: Throttled,
    Kind.TRANSIENT: Unavailable,
    Kind.MEMBERSHIP: NotInChannel,
    Kind.PLACE: Closed,
    Kind.POLICY: Rejected,
    Kind.INSTALLATION: Misconfigured,
    Kind.SCOPE: Misconfigured,
    Kind.ABSENT: Rejected,
    Kind.OURS: Rejected,
}


@pytest.mark.parametrize("code", sorted(KINDS))
def test_a_known_code_becomes_the_fault_of_its_kind(code: str) -> None:
    fault = fault_of(Refusal("chat.postMessage", 200, code, channel="C1"))
    assert type(fault) is FAULTS[KINDS[code]]
    assert fault.code.replace("_", "") == code.replace("_", "")


def test_what_no_table_knows_is_refused_for_good() -> None:
    assert type(fault_of(Refusal("chat.postMessage", 200, "moon_in_wrong_phase"))) is Rejected


@pytest.mark.parametrize("status", [500, 502, 503, 504, 404])
def test_an_answer_without_a_code_is_nobodys_verdict(status: int) -> None:
    assert type(fault_of(Refusal("chat.postMessage", status, ""))) is Unavailable


@pytest.mark.parametrize(
    ("code", "channel", "joinable", "direct"),
    [
        ("not_in_channel", "C1", True, False),
        ("channel_not_found", "C1", False, False),
        ("channel_not_found", "G1", False, False),
        ("channel_not_found", "D1", False, True),
        ("not_in_channel", "D1", False, True),
    ],
)
def test_a_closed_door_says_whether_it_can_be_opened(code: str, channel: str, joinable: bool, direct: bool) -> None:
    fault = fault_of(Refusal("chat.postMessage", 200, code, channel=channel))
    assert isinstance(fault, NotInChannel)
    assert (fault.joinable, fault.direct) == (joinable, direct)


def test_a_missing_scope_is_named_to_the_operator() -> None:
    assert "files:read" in fault_of(Refusal("files.info", 200, "missing_scope", needed="files:read")).detail


def test_a_refusal_by_policy_has_the_cause_that_people_are_told() -> None:
    assert fault_of(Refusal("chat.postMessage", 200, "restricted_action")).cause is Cause.SLACK_REFUSED


def test_what_can_be_said_simpler_is_refused_by_the_table_too() -> None:
    assert all(type(fault_of(Refusal("m", 200, code))) is Rejected for code in BAD_BLOCKS | NO_THREAD)


def test_a_blocked_method_is_not_called_until_its_time_is_over(clock: Clock) -> None:
    limits = Limits(clock.now)
    limits.hit("chat.update", "C1", retry_after=30.0)
    clock.forward(10)
    with pytest.raises(Throttled) as throttled:
        limits.check("chat.update", "C2")
    assert throttled.value.retry_after == pytest.approx(20.0)
    clock.forward(20)
    limits.check("chat.update", "C2")


def test_one_method_blocked_leaves_the_others_alone(clock: Clock) -> None:
    limits = Limits(clock.now)
    limits.hit("files.info", "", retry_after=30.0)
    limits.check("chat.postMessage", "C1")


def test_a_post_is_blocked_in_its_own_conversation_only(clock: Clock) -> None:
    limits = Limits(clock.now)
    limits.hit("chat.postMessage", "C1", retry_after=30.0)
    limits.check("chat.postMessage", "C2")
    with pytest.raises(Throttled):
        limits.check("chat.postMessage", "C1")


def test_without_a_number_the_wait_doubles_and_a_success_ends_that(clock: Clock) -> None:
    limits = Limits(clock.now)
    assert [limits.hit("m", "", retry_after=None) for _ in range(8)] == [1, 2, 4, 8, 16, 32, 60, 60]
    limits.passed("m", "")
    limits.check("m", "")
    assert limits.hit("m", "", retry_after=None) == 1
    clock.at += timedelta(seconds=1)
    limits.check("m", "")
