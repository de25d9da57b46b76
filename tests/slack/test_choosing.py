"""Which edit goes next: within the budget, the last word first, and nothing waits for ever."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from bot.job import JobId, TeamId
from bot.slack.choosing import BUDGET, GAP, RESERVE, WINDOW, Rank, Spent, Wanted, choose, surplus

TEAM = TeamId("T1")
NOW = 1000.0
seconds = st.floats(NOW - 200, NOW, allow_nan=False)


def want(
    name: str, rank: Rank = Rank.CHANGE, since: float = NOW, team: TeamId = TEAM, hold: float = -math.inf
) -> Wanted:
    return Wanted(JobId(name), team, rank, since, hold)


wants = st.lists(
    st.builds(
        want,
        st.sampled_from("abcdefgh"),
        st.sampled_from(Rank),
        seconds,
        st.sampled_from([TEAM, TeamId("T2")]),
        st.one_of(st.just(-math.inf), st.floats(NOW - 10, NOW + 10)),
    ),
    unique_by=lambda each: each.job,
)
spends = st.builds(
    Spent,
    st.dictionaries(st.sampled_from([JobId(each) for each in "abcdefgh"]), seconds),
    st.dictionaries(st.sampled_from([TEAM, TeamId("T2")]), st.lists(seconds, max_size=60).map(sorted)),
    st.dictionaries(st.sampled_from([TEAM, TeamId("T2")]), st.floats(NOW - 10, NOW + 10)),
)


def recent(spent: Spent, team: TeamId) -> int:
    return sum(at > NOW - WINDOW for at in spent.by_team.get(team, ()))


@given(wants, spends)
def test_what_is_chosen_may_go(wanted: list[Wanted], spent: Spent) -> None:
    chosen = next((each for each in wanted if each.job == choose(wanted, spent, NOW).job), None)
    if chosen is None:
        return
    assert NOW - spent.edited.get(chosen.job, -math.inf) >= GAP
    assert recent(spent, chosen.team) < BUDGET - (RESERVE if chosen.rank is Rank.PROGRESS else 0)
    assert chosen.hold <= NOW
    assert spent.blocked.get(chosen.team, -math.inf) <= NOW


@given(wants, spends)
def test_nothing_is_chosen_only_if_nothing_may_go_yet(wanted: list[Wanted], spent: Spent) -> None:
    choice = choose(wanted, spent, NOW)
    assert (choice.job is not None) == (choice.wake_at <= NOW)
    assert bool(wanted) == (choice.wake_at < math.inf)


@given(wants, spends)
def test_at_the_time_named_something_may_go(wanted: list[Wanted], spent: Spent) -> None:
    choice = choose(wanted, spent, NOW)
    if choice.job is None and wanted:
        assert choose(wanted, spent, choice.wake_at).job is not None


@given(wants)
def test_the_last_word_goes_first_then_the_longest_wait(wanted: list[Wanted]) -> None:
    free = [Wanted(each.job, each.team, each.rank, each.since) for each in wanted]
    order: list[Wanted] = []
    while free:
        chosen = choose(free, Spent(), NOW).job
        order += [each for each in free if each.job == chosen]
        free = [each for each in free if each.job != chosen]
    assert [(each.rank, each.since) for each in order] == sorted((each.rank, each.since) for each in order)


@given(st.integers(1, 120), st.sampled_from(Rank))
def test_a_minute_never_holds_more_than_the_budget(count: int, rank: Rank) -> None:
    wanted = {str(number): want(str(number), rank) for number in range(count)}
    sent: list[float] = []
    now = NOW
    while wanted:
        choice = choose(wanted.values(), Spent(by_team={TEAM: sent}), now)
        if choice.job is None:
            now = choice.wake_at
            continue
        del wanted[choice.job]
        sent.append(now)
        assert sum(at > now - WINDOW for at in sent) <= BUDGET
    assert len(sent) == count


def test_one_workspaces_budget_is_not_anothers() -> None:
    full = Spent(by_team={TEAM: [NOW] * BUDGET})
    assert choose([want("a"), want("b", team=TeamId("T2"))], full, NOW).job == "b"


def test_progress_leaves_room_for_what_matters_more() -> None:
    nearly = Spent(by_team={TEAM: [NOW] * (BUDGET - RESERVE)})
    assert choose([want("a", Rank.PROGRESS)], nearly, NOW).job is None
    assert choose([want("a", Rank.FINAL)], nearly, NOW).job == "a"


@given(wants, st.integers(0, 10))
def test_a_last_word_is_never_given_up(wanted: list[Wanted], most: int) -> None:
    dropped = surplus(wanted, most)
    ranks = {each.job: each.rank for each in wanted}
    assert all(ranks[job] is not Rank.FINAL for job in dropped)
    kept = [each for each in wanted if each.job not in dropped]
    assert len(kept) <= most or all(each.rank is Rank.FINAL for each in kept)


@given(wants, st.integers(0, 10))
def test_stale_progress_is_given_up_first(wanted: list[Wanted], most: int) -> None:
    dropped = surplus(wanted, most)
    kept = [each for each in wanted if each.job not in dropped and each.rank is not Rank.FINAL]
    gone = [each for each in wanted if each.job in dropped]
    for one in gone:
        for other in kept:
            assert (-one.rank, one.since) <= (-other.rank, other.since)
