"""All states with all events: the oracle is the shape of the outcome."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import lifecycle
from bot.errors import SOON, STEADY, Cause, Patience
from bot.events import (
    Announced,
    Apologised,
    Blocked,
    BytesGone,
    Cancelled,
    DeleteAsked,
    Displaced,
    Event,
    Faulted,
    Fetched,
    Finished,
    Intended,
    LinksDied,
    NotTaken,
    ProviderFailed,
    Removed,
    Rerouted,
    Shared,
    Submitted,
    Uploaded,
)
from bot.job import (
    FINAL,
    IN_FLIGHT,
    STEPS,
    ChannelId,
    Charged,
    FileId,
    Job,
    JobId,
    Kind,
    LaneId,
    Picture,
    ProviderJobId,
    State,
    TeamId,
    Ts,
    UserId,
)
from bot.lifecycle import TRANSITIONS, IllegalTransition, advance
from bot.request import Request

NOW = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
LATER = NOW + timedelta(seconds=30)
PICTURE = Picture("k/1", "00" * 32, 10, 4, 4, "image/png")

EVENTS: tuple[Event, ...] = (
    Announced(ChannelId("C1"), Ts("1.1"), "en-US"),
    Blocked(direct=False),
    Blocked(direct=True),
    Rerouted(by_message=True),
    Intended(LATER),
    Submitted(ProviderJobId("p1"), LATER, LATER),
    NotTaken(LATER),
    Finished(("https://x/1",), LATER),
    ProviderFailed("code", Cause.PROVIDER_STUMBLED, redraw=True),
    ProviderFailed("code", Cause.TEXT_REFUSED),
    LinksDied(),
    Fetched((PICTURE,)),
    Uploaded((FileId("F1"),)),
    Displaced(ChannelId("D1")),
    Displaced(ChannelId("C1")),
    BytesGone(),
    Shared(Ts("1.2")),
    Faulted("code", Cause.UNEXPECTED),
    Faulted("code", Cause.UNEXPECTED, SOON),
    Cancelled(),
    Apologised(),
    DeleteAsked(),
    Removed(),
)


def job(state: State = State.ACCEPTED, **fields: Any) -> Job:
    base = Job(
        id=JobId("j1"),
        team_id=TeamId("T1"),
        channel_id=ChannelId("C1"),
        user_id=UserId("U1"),
        lane=LaneId("main"),
        request=Request("a fox"),
        asked_at=NOW,
        state_at=NOW,
        due_at=NOW,
        state=state,
    )
    return replace(base, **fields)


@pytest.mark.parametrize(("state", "event"), list(itertools.product(State, EVENTS)), ids=str)
def test_what_the_table_does_not_hold_is_refused_and_what_it_holds_leads_where_it_says(
    state: State, event: Event
) -> None:
    legal = TRANSITIONS[state].get(type(event))
    if legal is None:
        with pytest.raises(IllegalTransition):
            advance(job(state), event, NOW)
    else:
        assert advance(job(state), event, NOW).state in legal


def test_every_row_of_the_table_can_be_reached() -> None:
    variants: list[dict[str, Any]] = [
        {},
        {"blocked": True},
        {"dropped": True},
        {"redraws": lifecycle.MAX_REDRAWS},
        {"requeries": lifecycle.MAX_REQUERIES},
        {"uploads": lifecycle.MAX_UPLOADS},
        {"kind": Kind.COPY},
    ]
    seen: dict[tuple[State, type], set[State]] = {}
    for state, event, fields in itertools.product(State, EVENTS, variants):
        possible = "dropped" not in fields or state in IN_FLIGHT  # only what is being drawn is ever dropped
        if possible and type(event) in TRANSITIONS[state]:
            after = advance(job(state, **fields), event, NOW)
            seen.setdefault((state, type(event)), set()).add(after.state)
    table = {(state, kind): set(after) for state, row in TRANSITIONS.items() for kind, after in row.items()}
    assert seen == table


def test_every_kind_of_event_has_its_decision() -> None:
    kinds = {type(event) for event in EVENTS}
    assert kinds == set(Event.__args__)
    assert {kind for row in TRANSITIONS.values() for kind in row} == kinds


def test_a_decision_that_the_table_does_not_hold_is_refused() -> None:
    """Nothing that waits in line is ever `dropped`: the table is right, whatever a row says."""
    with pytest.raises(IllegalTransition):
        advance(job(State.QUEUED, dropped=True), Faulted("code", Cause.UNEXPECTED), NOW)


def test_an_event_that_nobody_decides_about_is_refused_even_if_the_table_holds_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Unheard:
        pass

    row = cast("dict[type, frozenset[State]]", TRANSITIONS[State.QUEUED])
    monkeypatch.setitem(row, Unheard, frozenset({State.QUEUED}))
    with pytest.raises(IllegalTransition):
        advance(job(State.QUEUED), Unheard(), NOW)  # type: ignore[arg-type]


def test_the_step_of_a_job_is_its_states_and_none_when_nothing_is_owed() -> None:
    assert {state: job(state).step for state in State} == {state: STEPS.get(state) for state in State}


def test_every_unfinished_state_has_one_step_and_no_final_state_has_any() -> None:
    assert set(STEPS) == set(State) - FINAL


@pytest.mark.parametrize("state", sorted(set(State) - FINAL))
def test_every_unfinished_state_answers_a_fault_and_gives_up_only_when_patience_ends(state: State) -> None:
    kept = advance(job(state), Faulted("code", Cause.UNEXPECTED, Patience(1.0, 8.0, tries=3)), NOW)
    assert not kept.is_final
    assert kept.attempts == 1
    assert kept.due_at > NOW
    ended = advance(job(state, attempts=2), Faulted("code", Cause.UNEXPECTED, Patience(1.0, 8.0, tries=3)), NOW)
    assert ended.state in {State.FAILING, State.FAILED, State.DELIVERED}


def test_a_fault_waits_as_long_as_the_other_side_asks() -> None:
    after = advance(job(), Faulted("ratelimited", Cause.BUSY, STEADY, retry_after=30.0), NOW)
    assert after.due_at == NOW + timedelta(seconds=30)


def test_patience_that_lasts_ends_by_the_clock_not_by_the_count() -> None:
    patience = Patience(1.0, 8.0, lasting=60.0)
    waiting = advance(job(attempts=500), Faulted("c", Cause.SLACK_DOWN, patience), NOW + timedelta(seconds=59))
    assert waiting.state is State.ACCEPTED
    over = advance(job(), Faulted("c", Cause.SLACK_DOWN, patience), NOW + timedelta(seconds=60))
    assert over.state is State.FAILING


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_a_delay_grows_to_its_cap_and_no_further(attempt: int, luck: float) -> None:
    patience = Patience(first=1.0, cap=16.0)
    delay = patience.delay(attempt, luck=luck)
    assert 0.75 <= delay <= 16.0 * 1.25
    assert patience.delay(attempt + 1, luck=luck) >= delay


def test_a_submit_of_unknown_outcome_keeps_its_slot_then_goes_once_more_and_says_so() -> None:
    first = advance(job(State.QUEUED), Intended(LATER), NOW)
    assert (first.state, first.due_at, first.sends, first.charged) == (State.SUBMITTING, LATER, 1, Charged.NO)
    second = advance(first, Intended(LATER), NOW)
    assert (second.sends, second.unsure, second.charged) == (2, 1, Charged.MAYBE_TWICE)


@pytest.mark.parametrize("patience", [SOON, Patience(1.0, 8.0, lasting=60.0)])
def test_a_submit_that_is_refused_again_and_again_is_given_up_and_its_owner_told(patience: Patience) -> None:
    current, now = job(State.QUEUED, queued_at=NOW), NOW
    for _ in range(40):
        if current.state is not State.QUEUED:
            break
        now = max(now + timedelta(seconds=2), current.due_at)
        sent = advance(current, Intended(now + timedelta(seconds=60)), now)
        current = advance(sent, Faulted("FailedOperation.InnerError", Cause.PROVIDER_STUMBLED, patience), now)
    assert current.state is State.FAILING
    assert current.charged is Charged.NO


def test_pictures_whose_conversation_was_lost_go_to_the_asker_and_no_further() -> None:
    moved = advance(
        job(State.UPLOADED, thread_ts="1.0", root_ts="1.0", file_ids=("F1",)), Displaced(ChannelId("D1")), NOW
    )
    assert (moved.state, moved.channel_id, moved.thread_ts, moved.file_ids) == (State.UPLOADED, "D1", None, ("F1",))
    assert advance(moved, Displaced(ChannelId("D1")), NOW).state is State.FAILING


def test_an_answer_that_proves_nothing_was_created_gives_the_attempt_back() -> None:
    sent = advance(job(State.QUEUED, attempts=1), Intended(LATER), NOW)
    back = advance(sent, NotTaken(LATER), NOW)
    assert (back.state, back.sends, back.sent_at, back.charged) == (State.QUEUED, 0, None, Charged.NO)


@pytest.mark.parametrize("state", [State.SUBMITTING, State.GENERATING])
def test_what_is_being_drawn_is_cancelled_only_when_the_provider_is_done_with_it(state: State) -> None:
    dropped = advance(job(state, sends=1), Cancelled(), NOW)
    assert dropped.state is state
    assert dropped.dropped
    ends = [event for event in EVENTS if isinstance(event, NotTaken | Finished | ProviderFailed | Faulted)]
    for event in ends:
        if type(event) in TRANSITIONS[state] and not (
            state is State.GENERATING and isinstance(event, Faulted) and event.patience
        ):
            assert advance(dropped, event, NOW).state is State.CANCELLED


def test_a_provider_failure_is_drawn_again_once_and_then_told() -> None:
    failed = ProviderFailed("FailedOperation.InnerError", Cause.PROVIDER_STUMBLED, redraw=True, reference="r1")
    again = advance(job(State.GENERATING, provider_job_id="p1"), failed, NOW)
    assert (again.state, again.redraws, again.provider_job_id) == (State.QUEUED, 1, None)
    told = advance(replace(again, state=State.GENERATING), failed, NOW)
    assert told.state is State.FAILING
    assert told.failure is not None
    assert (told.failure.cause, told.failure.reference) == (Cause.PROVIDER_STUMBLED, "r1")


def test_dead_links_are_asked_for_again_but_not_for_ever() -> None:
    current = job(State.READY, links=("https://x/1",), provider_job_id="p1")
    for _ in range(lifecycle.MAX_REQUERIES):
        current = advance(current, LinksDied(), NOW)
        assert current.state is State.GENERATING
        current = replace(current, state=State.READY)
    assert advance(current, LinksDied(), NOW).state is State.FAILING


def test_nobody_is_told_twice_that_the_bot_is_not_in_the_conversation() -> None:
    asked = advance(job(), Blocked(direct=False), NOW)
    assert (asked.state, asked.due_at) == (State.ACCEPTED, NOW + lifecycle.ROAD_WAIT)
    assert advance(asked, Blocked(direct=False), LATER).state is State.FAILING


def test_where_nobody_can_invite_the_bot_a_direct_message_is_tried_at_once() -> None:
    asked = advance(job(), Blocked(direct=True), NOW)
    assert (asked.by_message, asked.due_at) == (True, NOW)


def test_a_chosen_road_is_taken_at_once() -> None:
    asked = advance(job(), Blocked(direct=False), NOW)
    chosen = advance(asked, Rerouted(by_message=True), LATER)
    assert (chosen.by_message, chosen.blocked, chosen.due_at) == (True, False, LATER)


def test_a_reroll_keeps_its_parents_thread() -> None:
    after = advance(job(thread_ts="1.0"), Announced(ChannelId("C1"), Ts("1.5")), NOW)
    assert (after.thread_ts, after.root_ts) == ("1.0", "1.5")


def test_the_first_ask_makes_its_own_thread_and_remembers_where_it_was_asked() -> None:
    after = advance(job(), Announced(ChannelId("D1"), Ts("1.5"), "zh-CN"), NOW)
    assert (after.thread_ts, after.channel_id, after.origin_channel_id, after.locale) == ("1.5", "D1", "C1", "zh-CN")


def test_a_root_that_was_being_posted_when_its_owner_cancelled_is_known_and_can_say_so() -> None:
    after = advance(advance(job(), Cancelled(), NOW), Announced(ChannelId("C1"), Ts("1.5")), LATER)
    assert (after.state, after.root_ts, after.queued_at) == (State.CANCELLED, "1.5", None)


@pytest.mark.parametrize(
    ("fields", "charged"),
    [
        ({}, Charged.NO),
        ({"provider_job_id": "p"}, Charged.MAYBE),
        ({"provider_job_id": "p", "done_at": NOW}, Charged.YES),
        ({"redraws": 1, "sends": 0}, Charged.MAYBE),
        ({"redraws": 1, "sends": 1}, Charged.MAYBE_TWICE),
        ({"unsure": 1, "sends": 2}, Charged.MAYBE_TWICE),
    ],
)
def test_what_may_be_billed_is_said_honestly(fields: dict[str, Any], charged: Charged) -> None:
    assert job(**fields).charged is charged


def test_a_final_state_is_left_only_by_its_owner_deleting_the_pictures() -> None:
    ways_out = {(state, kind) for state in FINAL for kind, after in TRANSITIONS[state].items() if after - {state}}
    assert ways_out == {(State.DELIVERED, DeleteAsked)}


@given(st.lists(st.sampled_from(EVENTS), max_size=60))
def test_no_sequence_of_events_breaks_what_a_state_says(events: list[Event]) -> None:
    current = job()
    for event in events:
        try:
            current = advance(current, event, NOW)
        except IllegalTransition:
            continue
        assert (current.failure is not None) == (current.state in {State.FAILING, State.FAILED})
        if current.state is State.UPLOADED:
            assert current.file_ids
        if current.state is State.GENERATING and not current.requeries:
            assert current.provider_job_id
        assert 0 <= current.unsure <= max(0, current.sends - 1) + current.redraws + 1


def test_whoever_is_answered_by_direct_message_is_not_answered_in_the_thread_that_they_asked_in() -> None:
    asked = replace(job(), thread_ts=Ts("1.1"))
    assert advance(asked, Blocked(direct=True), NOW).thread_ts is None
    waiting = advance(asked, Blocked(direct=False), NOW)
    assert waiting.thread_ts == "1.1"
    assert advance(waiting, Rerouted(by_message=True), LATER).thread_ts is None
    assert advance(waiting, Rerouted(by_message=False, join=True), LATER).thread_ts == "1.1"


def test_a_copy_whose_bytes_are_gone_is_fetched_again_and_not_drawn() -> None:
    copy = job(State.FETCHED, kind=Kind.COPY, pictures=(PICTURE,))
    again = advance(copy, BytesGone(), NOW)
    assert (again.state, again.pictures, again.requeries) == (State.READY, (), 1)
    tired = replace(copy, requeries=lifecycle.MAX_REQUERIES)
    assert advance(tired, BytesGone(), NOW).state is State.FAILING


def test_a_copy_by_direct_message_goes_to_the_conversation_that_was_found() -> None:
    fetched = advance(job(State.READY, kind=Kind.COPY), Fetched((PICTURE,), ChannelId("D1")), NOW)
    assert (fetched.channel_id, fetched.origin_channel_id) == ("D1", "C1")
    assert advance(job(State.READY), Fetched((PICTURE,)), NOW).channel_id == "C1"
