"""Lists, the Home tab and the end of a round: what Slack takes, however long and strange the words are."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.models.views import View

from bot.ballot import Outcome
from bot.job import ChannelId, Job, JobId
from bot.ports import Standing
from bot.shelf import Preferences
from bot.slack import actions, found, home, winning
from bot.slack.elements import units
from bot.slack.found import MOST_FOUND, Found
from bot.slack.home import MOST_SHOWN, Desktop, Waiting
from bot.slack.notices import failure_said
from bot.slack.pages import MOST_VALUE, Page, Which, page_from
from bot.slack.wording import Words
from tests.slack.conftest import ADA, BEN, START, a_job
from tests.slack.looking import action_ids, check, elements, failures, jobs, requests, standings, texts, words

ADDRESS = "https://sandbox.slack.com/archives/C0PICTURES1/p1700000000000100"
addresses = st.sampled_from(["", ADDRESS])
listed = st.lists(st.builds(Found, jobs, addresses, st.integers(0, 500)), min_size=1, max_size=20)
wishes = st.builds(
    Preferences,
    prefix=texts,
    negative=texts,
    style=st.sampled_from([None, "shuimo"]),
    count=st.sampled_from([None, 4]),
    raw=st.sampled_from([None, True, False]),
)
EN = Words("en")


def checked(view: dict[str, Any]) -> None:
    """By the SDK's model, and by Slack's own limits: 100 blocks, 250 KB."""
    View(**view).validate_json()
    assert len(view["blocks"]) <= 100
    assert len(json.dumps(view).encode()) < 250_000
    for each in elements(view["blocks"]):
        if each.get("type") == "button":
            assert len(each["text"]["text"]) <= 75
            assert len(each["value"]) <= 40
        if each.get("type") == "header":
            assert len(each["text"]["text"]) <= 150


pages = st.builds(Page, st.sampled_from(Which), texts, st.sampled_from(["", "8", "0" * 32, "deadbeef" * 4]))


@given(pages)
def test_a_button_carries_its_page_or_nothing(page: Page) -> None:
    value = page.value
    assert units(value) <= MOST_VALUE
    if value:
        assert page_from(value) == replace(page, words=" ".join(page.words.split()))
    else:
        assert units(page.words) > MOST_VALUE - 50


@given(st.text() | st.from_regex(r"\A\w* [0-9a-f-]* .*\Z"))
def test_whatever_a_button_carries_is_read_or_refused(value: str) -> None:
    page = page_from(value)
    assert page is None or page.skipped <= 10_000


def test_a_top_goes_on_by_number_and_every_other_list_after_its_last_picture() -> None:
    assert Page(Which.WEEK, after="8").following("ab", shown=8) == Page(Which.WEEK, after="16")
    assert Page(Which.WORDS, "fox", "8").following("ab", shown=8) == Page(Which.WORDS, "fox", "ab")
    assert Page(Which.HISTORY, after="ab").first == Page(Which.HISTORY)
    assert Page(Which.MONTH, after="not a number").skipped == Page(Which.HISTORY, after="8").skipped == 0


@given(words, listed)
def test_slack_takes_every_list_and_it_notifies_nobody(reader: Words, shown: list[Found]) -> None:
    message = found.listing(reader, "found.words", shown)
    check(message, may_ping=set())
    assert action_ids(message.blocks) == [actions.ANOTHER] * min(len(shown), MOST_FOUND)


@given(words, listed, st.lists(st.builds(Waiting, jobs, standings, addresses), max_size=12), wishes)
def test_slack_takes_every_home_tab(
    reader: Words, shown: list[Found], waiting: list[Waiting], wished: Preferences
) -> None:
    checked(home.home(reader, Desktop(user_id=ADA, waiting=waiting, recent=shown, favourites=shown, wishes=wished)))


@given(words, st.lists(jobs, min_size=1, max_size=20), st.integers(1, 300), addresses)
def test_slack_takes_every_end_of_a_round_and_it_names_the_winners(
    reader: Words, won: list[Job], votes: int, address: str
) -> None:
    message = winning.winner(reader, Outcome(tuple(won), votes), {job.id: address for job in won})
    check(message, may_ping={ADA})


@given(words, requests, failures)
def test_a_failed_step_says_why_in_plain_words(reader: Words, request: Any, failure: Any) -> None:
    said = failure_said(reader, a_job(request=request, failure=failure))
    assert said.strip()
    assert request.prompt not in said or len(request.prompt) < 40


def test_the_longest_home_tab_is_far_below_a_hundred_blocks() -> None:
    shown = [Found(a_job(id=JobId(f"{n:032x}"), delivered_at=START), ADDRESS) for n in range(50)]
    waiting = [Waiting(each.job, Standing(place=1), ADDRESS) for each in shown]
    view = home.home(EN, Desktop(user_id=ADA, waiting=waiting, recent=shown, favourites=shown, wishes=Preferences()))
    assert len(view["blocks"]) <= 5 * MOST_SHOWN + 12


def test_somebody_elses_picture_is_a_link_without_its_words_and_without_a_button() -> None:
    theirs = a_job(user_id=BEN, channel_id=ChannelId("C0DESIGN001"))
    view = home.home(
        EN, Desktop(user_id=ADA, wishes=Preferences(), favourites=[Found(theirs, ADDRESS), Found(replace(theirs))])
    )
    assert theirs.request.prompt not in str(view)
    assert str(view).count(ADDRESS) == 1
    assert actions.ANOTHER not in action_ids(view["blocks"])
