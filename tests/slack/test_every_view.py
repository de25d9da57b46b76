"""Every message, form and tab that can be made, at the longest legal input: Slack takes it, and it is inert.

The list is complete: a function of `bot.slack` that makes blocks, and is not in it, fails a test.
"""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_sdk.models.views import View

import bot.slack
from bot import bundle
from bot.ballot import Outcome
from bot.errors import Cause
from bot.form import Field, Filled
from bot.intake import Answer
from bot.job import Charged, Failure, Job, JobId, Kind, LaneId, State, Ts
from bot.lineage import changes, family
from bot.parsed import Note, Problem, Remark, Trouble
from bot.permutations import MOST
from bot.ports import Standing
from bot.price import Price
from bot.prompt import recipe
from bot.request import MAX_TEXT, Clarity, Request, Shape
from bot.shelf import DraftId, Preferences
from bot.slack import (
    blocks,
    captions,
    confirming,
    customs_forms,
    forms,
    found,
    home,
    inviting,
    notices,
    origin,
    results,
    winning,
)
from bot.slack import (
    family as family_tree,
)
from bot.slack import (
    timeline as timelines,
)
from bot.slack.elements import Message, units
from bot.slack.found import Found
from bot.slack.home import Desktop, Waiting
from bot.slack.origin import Origin
from bot.slack.wording import Words
from bot.styles import STYLES
from bot.timeline import Timeline
from sandbox.slack.blocks import HOME, MODAL, complaints
from tests.slack.conftest import ADA, START, a_job, pictures
from tests.slack.looking import check, elements

LINK = "https://sandbox-of-a-company-with-a-long-name.slack.com/archives/C0PICTURES1/p1700000000000100?thread_ts=1.1"
LONGEST = [
    unit * (MAX_TEXT // len(unit)) + "x" * (MAX_TEXT % len(unit))
    for unit in (
        "字",
        "👩🏽‍🚀",
        "😀",
        "مرحبا ",
        "\u202eשלום ",
        "&",
        "<",
        "<!channel> ",
        "<@U0BEN00BBB2> ",
        "@here ",
        "<https://evil.example|Slack> ",
        "*b* ",
        "`",
        "e\u0301",
        "{a, b} ",
        "--n 2 ",
        "\\",
        '"',
        "https://evil.example ",
    )
]
WORDS = st.sampled_from([Words("en"), Words("zh-CN")])
longest = st.sampled_from(LONGEST)
requests = st.builds(
    Request,
    prompt=longest,
    negative=longest,
    style=st.sampled_from([None, max(STYLES, key=lambda style: len(style.english)).code]),
    shape=st.sampled_from(Shape),
    count=st.sampled_from([1, 4]),
    seed=st.sampled_from([None, 4_294_967_295]),
    clarity=st.sampled_from([None, Clarity.X4]),
    raw=st.booleans(),
    reference=st.sampled_from(["", "F0123456789AB"]),
    label=st.booleans(),
)
failures = st.builds(Failure, longest, st.sampled_from(Cause), st.sampled_from(Charged), longest)


def _job(request: Request, state: State, failure: Failure, revised: str, kind: Kind, *, private: bool) -> Job:
    moments = ("queued_at", "sent_at", "running_at", "done_at", "fetched_at", "uploaded_at", "delivered_at")
    return a_job(
        id=JobId("f" * 32),
        request=request,
        state=state,
        failure=failure,
        kind=kind,
        private=private,
        root_ts=Ts("1.1"),
        pictures=pictures(request.count),
        links=("https://x",) * request.count,
        revised=(revised,) * request.count,
        parent=JobId("e" * 32),
        origin_channel_id="C0DESIGN001",
        redraws=9,
        sends=9,
        unsure=1,
        attempts=9,
        deadline_at=START + timedelta(days=1),
        **{name: START + timedelta(hours=n) for n, name in enumerate(moments)},
    )


jobs = st.builds(
    _job, requests, st.sampled_from(State), failures, longest, st.sampled_from(Kind), private=st.booleans()
)
standings = st.builds(
    Standing,
    place=st.sampled_from([None, 1, 100_000]),
    about=st.sampled_from([None, START + timedelta(days=400)]),
    paused=st.sampled_from([None, *Cause]),
    is_rough=st.booleans(),
)
notes = longest.map(lambda text: [Note(remark, _Any(text[:300])) for remark in Remark])
problems = longest.map(lambda text: [Problem(trouble, _Any(text[:40])) for trouble in Trouble])
origins = st.builds(Origin, st.builds(changes, requests, requests), st.sampled_from(["", LINK]))
wishes = st.builds(
    Preferences,
    longest,
    longest,
    st.sampled_from([None, *(style.code for style in STYLES)]),
    st.sampled_from([None, *Shape]),
    st.sampled_from([None, 4]),
    st.sampled_from([None, True]),
    st.sampled_from([None, False]),
)
listed = st.lists(st.builds(Found, jobs, st.sampled_from(["", LINK]), st.just(100_000)), min_size=1, max_size=20)
bundles = st.lists(requests, min_size=2, max_size=MOST).map(lambda each: bundle.bundle(each, private=True))
prices = st.sampled_from([None, Price(Decimal("0.0004"), "CNY"), Price(Decimal(99_999), "USD")])
filled = st.builds(
    Filled,
    longest,
    longest,
    st.sampled_from(["", *(style.code for style in STYLES)]),
    st.sampled_from(Shape),
    st.sampled_from("1234"),
    st.sampled_from(["", "x4"]),
    longest,
    st.booleans(),
    st.sampled_from(["", "F0123456789AB"]),
)
purposes = st.builds(
    forms.Purpose,
    st.sampled_from(["", "C0123456789ABCDE"]),
    st.just("1700000000.000100"),
    st.just("f" * 32),
    st.just("f" * 32),
    st.booleans(),
)
desktops = st.builds(
    Desktop,
    user_id=st.just(ADA),
    wishes=wishes,
    waiting=st.lists(st.builds(Waiting, jobs, standings, st.sampled_from(["", LINK])), max_size=20),
    recent=listed,
    favourites=listed,
)


class _Any(dict[str, str]):
    """The same text for whatever a sentence has a place for."""

    def __init__(self, text: str) -> None:
        names = (
            "added",
            "clarity",
            "example",
            "flag",
            "flags",
            "least",
            "legal",
            "legal_en",
            "legal_zh",
            "limit",
            "most",
            "n",
            "nearest",
            "nearest_en",
            "nearest_zh",
            "ratio",
            "seed",
            "size",
            "value",
        )
        super().__init__(dict.fromkeys(names, text))


def _branches(wanted: list[Request]) -> Any:
    """One under the other, as deep as they are many."""
    made = [
        a_job(
            id=JobId(f"{at:032x}"),
            parent=JobId(f"{at - 1:032x}") if at else None,
            request=request,
            asked_at=START + timedelta(seconds=at),
        )
        for at, request in enumerate(wanted)
    ]
    return family(made)


Make = Callable[..., Any]
MESSAGES: dict[Make, st.SearchStrategy[Message]] = {
    blocks.root: st.builds(
        blocks.root, WORDS, jobs, standings, admins_told=st.booleans(), origin=st.one_of(st.none(), origins)
    ),
    blocks.road: st.builds(blocks.road, WORDS, jobs, joinable=st.booleans(), direct=st.booleans()),
    confirming.proposal: st.builds(
        confirming.proposal, WORDS, bundles, draft_id=st.just(DraftId("f" * 32)), price=prices, notes=notes
    ),
    confirming.confirmed: st.builds(confirming.confirmed, WORDS, bundles),
    family_tree.tree: st.builds(family_tree.tree, WORDS, st.lists(requests, min_size=1, max_size=100).map(_branches)),
    found.listing: st.builds(lambda words, each: found.listing(words, "found.words", each), WORDS, listed),
    inviting.welcome: st.builds(inviting.welcome, WORDS, thread_ts=st.sampled_from([None, "1700000000.000100"])),
    inviting.proposal: st.builds(inviting.proposal, WORDS, longest, draft_id=st.just(DraftId("f" * 32))),
    notices.apology: st.builds(notices.apology, WORDS, jobs, admins_told=st.booleans()),
    notices.receipt: st.builds(
        notices.receipt, WORDS, requests, notes=notes, fresh=st.booleans(), private=st.booleans()
    ),
    notices.misunderstood: st.builds(notices.misunderstood, WORDS, problems),
    notices.note: st.builds(notices.note, WORDS, st.sampled_from([f"answer.{each}" for each in Answer])),
    notices.recipe_note: st.builds(notices.recipe_note, WORDS, requests.map(recipe)),
    notices.alert: st.builds(
        notices.alert, WORDS, st.just(LaneId("hunyuan-" * 8)), cause=st.sampled_from([None, *Cause]), code=longest
    ),
    notices.help_text: st.builds(
        notices.help_text, WORDS, reroll=st.just(["x" * 100] * 5), cancel=st.just(["x" * 100] * 5)
    ),
    timelines.timeline: st.builds(
        timelines.timeline, WORDS, st.builds(Timeline, jobs, standings, st.sampled_from([None, 0.0, 1e6]))
    ),
    winning.winner: st.builds(
        lambda words, won: winning.winner(words, Outcome(tuple(won), 100_000), {job.id: LINK for job in won}),
        WORDS,
        st.lists(jobs, min_size=1, max_size=20),
    ),
}
VIEWS: dict[Make, st.SearchStrategy[dict[str, Any]]] = {
    forms.ask: st.builds(forms.ask, WORDS, filled, purposes),
    customs_forms.defaults: st.builds(customs_forms.defaults, WORDS, wishes),
    customs_forms.house: st.builds(customs_forms.house, WORDS, wishes, channel=st.just("C0123456789ABCDE")),
    home.home: st.builds(home.home, WORDS, desktops),
}
PARTS: dict[Make, str] = {
    captions.caption: "looked at below: it goes with the files",
    found.entry: "part of a list and of Home",
    found.another: "part of a list and of Home",
    origin.origin_section: "part of a root",
    results.result_row: "part of a caption",
    blocks.spoken: "a sentence in any of them",
}
MAY_PING: dict[Make, set[str]] = {
    make: {ADA} for make in (blocks.root, blocks.road, notices.apology, winning.winner, captions.caption)
}


def makers() -> list[Make]:
    """Every public function of `bot.slack` that makes something to be shown, but for the bricks in `elements`."""
    modules = [importlib.import_module(f"bot.slack.{each.name}") for each in pkgutil.iter_modules(bot.slack.__path__)]
    found_there = [
        make
        for module in modules
        if module.__name__ != "bot.slack.elements"
        for name, make in inspect.getmembers(module, inspect.isfunction)
        if not inspect.iscoroutinefunction(make) and make.__module__ == module.__name__ and not name.startswith("_")
    ]
    return [make for make in found_there if make.__annotations__.get("return") in {"Message", "Json", "list[Json]"}]


def named(make: Make) -> str:
    return f"{make.__module__.removeprefix('bot.slack.')}.{make.__name__}"


def test_nothing_that_can_be_shown_is_left_out_here() -> None:
    listed_here = {*MESSAGES, *VIEWS, *PARTS}
    assert sorted(map(named, makers())) == sorted(map(named, listed_here))


@pytest.mark.parametrize("make", MESSAGES, ids=named)
def test_slack_takes_every_message_at_its_longest_and_it_notifies_at_most_its_asker(make: Make) -> None:
    @settings(deadline=None, max_examples=40)
    @given(MESSAGES[make])
    def holds(message: Message) -> None:
        check(message, may_ping=MAY_PING.get(make, set()))

    holds()


@pytest.mark.parametrize("make", VIEWS, ids=named)
def test_slack_takes_every_form_and_tab_at_its_longest(make: Make) -> None:
    @settings(deadline=None, max_examples=40)
    @given(VIEWS[make])
    def holds(view: dict[str, Any]) -> None:
        assert list(complaints(view["blocks"], HOME if view["type"] == "home" else MODAL)) == []
        View(**view).validate_json()
        assert len(json.dumps(view).encode()) < 250_000
        assert len(view.get("private_metadata", "")) <= 3000
        assert all(units(view[name]["text"]) <= 24 for name in ("title", "submit", "close") if name in view)
        assert not [each for each in elements(view["blocks"]) if each.get("type") == "mrkdwn"]

    holds()


@settings(deadline=None, max_examples=60)
@given(WORDS, jobs)
def test_slack_takes_every_caption_title_and_alternative_text_at_its_longest(words: Words, job: Job) -> None:
    made = captions.caption(words, job)
    check(Message("x", made), may_ping={ADA})
    count = len(job.pictures)
    assert units(captions.title(job)) <= 150
    assert all(units(captions.alt_text(words, job, number=n + 1, n=count)) <= 1000 for n in range(count))


@settings(deadline=None, max_examples=40)
@given(WORDS, longest, st.sampled_from(Trouble), st.sampled_from(Field))
def test_what_stands_beside_a_field_is_one_sentence(words: Words, text: str, trouble: Trouble, field: Field) -> None:
    [said] = forms.errors(words, {field: Problem(trouble, _Any(text[:40]))}).values()
    assert 0 < units(said) <= 3000


@settings(deadline=None, max_examples=40)
@given(WORDS, jobs)
def test_what_a_workflow_is_told_is_plain_and_short(words: Words, job: Job) -> None:
    assert 0 < len(notices.failure_said(words, job)) <= 1000
