"""Several asks at once: kept as they are, priced, and put into one thread."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import bundle, together
from bot.bundle import Bundle
from bot.errors import Throttled
from bot.job import ChannelId, Job, JobId, LaneId, State, TeamId, Ts, UserId
from bot.price import Price, price_from
from bot.request import Clarity, Request, Shape
from bot.shelf import DraftId
from bot.slack.confirming import proposal
from bot.slack.wording import Words

NOW = datetime(2026, 11, 22, tzinfo=UTC)
FIRST = Job(
    id=JobId("1"), team_id=TeamId("T"), channel_id=ChannelId("C1"), user_id=UserId("U"), lane=LaneId("l"),
    request=Request("a fox"), asked_at=NOW, state_at=NOW, due_at=NOW,
)  # fmt: skip
SECOND = replace(FIRST, id=JobId("2"), parent=FIRST.id)

requests = st.builds(
    Request,
    prompt=st.text(min_size=1, max_size=1024),
    negative=st.text(max_size=100),
    style=st.none() | st.just("shuimo"),
    shape=st.sampled_from(Shape),
    count=st.integers(1, 4),
    seed=st.none() | st.integers(1, 2**32 - 1),
    clarity=st.none() | st.sampled_from(Clarity),
    raw=st.booleans(),
    reference=st.sampled_from(["", "F1"]),
    label=st.booleans(),
)


@given(st.lists(requests, min_size=1, max_size=16), st.booleans())
def test_a_bundle_comes_back_exactly_as_it_was_written(several: list[Request], private: bool) -> None:
    it = bundle.bundle(several, private=private)
    assert bundle.read(bundle.written(it)) == it


@pytest.mark.parametrize("text", ["", "a fox --n 2", "[]", "{}", '{"requests":[{}],"private":false}'])
def test_a_draft_of_another_kind_is_no_bundle(text: str) -> None:
    assert bundle.read(text) is None


def test_pictures_are_counted_over_all_asks() -> None:
    assert Bundle((Request("a", count=4), Request("b"))).pictures == 5


@pytest.mark.parametrize(
    ("text", "pictures", "said"),
    [("0.50 CNY", 3, "1.50 CNY"), ("1 USD", 2, "2.00 USD"), ("0.125 EUR", 1, "0.125 EUR"), ("0.1¥", 3, "0.30 ¥")],
)
def test_a_price_is_told_to_the_hundredth_or_as_exactly_as_it_is(text: str, pictures: int, said: str) -> None:
    assert price_from(text).of(pictures) == said


@pytest.mark.parametrize("text", ["", "cheap", "0.5", "-1 CNY", "1e3 CNY", "0.5 yuan", "CNY 0.5"])
def test_what_is_no_price_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"0\.50 CNY"):
        price_from(text)


def test_a_price_is_exact() -> None:
    assert price_from("0.1 CNY") == Price(Decimal("0.1"), "CNY")


def test_the_second_waits_until_the_first_has_its_thread() -> None:
    with pytest.raises(Throttled) as soon:
        together.placed(SECOND, FIRST)
    with pytest.raises(Throttled) as later:
        together.placed(SECOND, replace(FIRST, blocked=True))
    assert soon.value.retry_after < later.value.retry_after


def test_the_second_goes_where_the_first_went() -> None:
    first = replace(FIRST, channel_id=ChannelId("D1"), thread_ts=Ts("1.1"), by_message=True)
    after = together.placed(SECOND, first)
    assert (after.channel_id, after.thread_ts, after.by_message) == ("D1", "1.1", True)


@pytest.mark.parametrize("first", [None, replace(FIRST, state=State.CANCELLED), replace(FIRST, state=State.FAILED)])
def test_where_there_will_be_no_thread_the_second_opens_its_own(first: Job | None) -> None:
    assert together.placed(SECOND, first) == SECOND


def test_of_long_alternatives_the_part_that_differs_is_shown() -> None:
    long = "a very long description of a harbour in the evening, with boats and gulls and much else, " * 4
    asks = [Request(f"{long}{colour} sails and a lighthouse") for colour in ("red", "blue", "green")]
    said = proposal(Words("en"), bundle.bundle(asks), draft_id=DraftId("d"), price=None).text
    for colour in ("red", "blue", "green"):
        assert f"much else, {colour} sails" in said
    few = bundle.bundle([Request("a red fox"), Request("a blue fox")])
    short = proposal(Words("en"), few, draft_id=DraftId("d"), price=None)
    assert "a red fox" in short.text
    assert "…" not in short.text
