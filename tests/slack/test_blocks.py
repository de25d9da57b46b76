"""What people see of a job in every state: valid for Slack, pinging nobody but the asker, whatever was typed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block

from bot.errors import Cause
from bot.job import Charged, Failure, Job, JobId, State, Ts
from bot.ports import Standing
from bot.prompt import Clarity, Note, Problem, PromptError, Remark, Request, Shape, Trouble, parse, recipe
from bot.slack import actions, blocks, captions, notices
from bot.slack.elements import MOST_TEXT, Message, units
from bot.slack.verdicts import VERDICTS
from bot.slack.wording import Words
from sandbox.slack import Message as Posted
from sandbox.slack import pinged
from sandbox.slack.blocks import MESSAGE, complaints
from tests.slack.conftest import ADA, START, a_job, pictures

NASTY = [
    "<!channel> <!here> <!everyone> <!subteam^S0123ABCD|team> <@U0BEN00BBB2> <#C0PICTURES1|pictures>",
    "@here @channel @everyone #general https://evil.example/?q=1 <http://x.example|Slack login>",
    "*bold* _it_ ~no~ `code` ```fence``` > quote &amp; &lt;",
    "字" * 1024, "😀" * 1024, "&" * 1024, "<" * 1024, "ـهـ" * 300, "مرحبا \u202e بالعالم",
    "{asker} {prompt} {0}", "a\u0301" * 500,
]  # fmt: skip
texts = st.one_of(st.sampled_from(NASTY), st.text(min_size=1, max_size=1024).filter(str.strip))
requests = st.builds(
    Request,
    prompt=texts,
    negative=st.one_of(st.just(""), texts),
    style=st.sampled_from([None, "shuimo"]),
    shape=st.sampled_from(Shape),
    count=st.integers(1, 4),
    seed=st.one_of(st.none(), st.integers(1, 4_294_967_295)),
    clarity=st.sampled_from([None, *Clarity]),
    raw=st.booleans(),
)
standings = st.builds(
    Standing,
    place=st.one_of(st.none(), st.integers(1, 500)),
    about=st.one_of(st.none(), st.timedeltas(timedelta(0), timedelta(days=2)).map(lambda later: START + later)),
    paused=st.sampled_from([None, *Cause]),
)
failures = st.builds(
    Failure, st.text(max_size=20), st.sampled_from(Cause), st.sampled_from(Charged), st.text(max_size=300)
)
words = st.sampled_from([Words("en"), Words("zh-CN")])
jobs = st.builds(
    lambda request, state, failure, made, revised, flags: a_job(
        request=request,
        state=state,
        failure=failure,
        pictures=tuple(picture for picture, _ in pictures(made)),
        links=("https://x",) * made,
        revised=tuple(revised),
        parent=JobId("parent") if flags & 1 else None,
        dropped=bool(flags & 2),
        unsure=flags >> 2 & 1,
        redraws=flags >> 3 & 1,
        sends=2,
    ),
    requests,
    st.sampled_from(State),
    failures,
    st.integers(1, 4),
    st.lists(st.one_of(texts, st.just("x" * 2000)), max_size=4),
    st.integers(0, 15),
)


def check(message: Message, *, may_ping: set[str]) -> None:
    """Three witnesses: the SDK's own models, the sandbox's rules, and the sandbox's idea of who is notified."""
    assert list(complaints(message.blocks, MESSAGE)) == []
    for block in Block.parse_all(message.blocks):
        block.to_dict()
    assert message.text.strip()
    assert units(message.text) <= MOST_TEXT
    assert len(json.dumps(message.blocks, ensure_ascii=False)) < 13_000
    seen = pinged(Posted("C1", "1.0", "B", message.text, blocks=message.blocks))
    assert seen <= may_ping


def elements(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, list):
        return [found for each in value for found in elements(each)]
    if not isinstance(value, dict):
        return []
    return [value, *(found for each in value.values() for found in elements(each))]


def words_in(message: Message) -> str:
    """All text that stands in the blocks."""
    return "".join(str(each["text"]) for each in elements(message.blocks) if isinstance(each.get("text"), str))


def buttons(made: list[dict[str, Any]]) -> list[str]:
    return [each["action_id"] for each in elements(made) if each.get("type") == "button"]


@settings(deadline=None, max_examples=150)
@given(words, jobs, standings, st.booleans())
def test_a_root_is_valid_and_pings_at_most_its_asker(said: Words, job: Job, at: Standing, told: bool) -> None:
    check(blocks.root(said, job, at, admins_told=told), may_ping={ADA})


@settings(deadline=None, max_examples=150)
@given(words, jobs, st.booleans())
def test_a_caption_is_valid_and_pings_at_most_its_asker(said: Words, job: Job, mentioning: bool) -> None:
    made = captions.caption(said, job, mentioning=mentioning)
    check(Message("x", made), may_ping={ADA} if mentioning else set())


@settings(deadline=None, max_examples=100)
@given(words, jobs, st.booleans())
def test_an_apology_is_valid_and_pings_at_most_its_asker(said: Words, job: Job, told: bool) -> None:
    check(notices.apology(said, job, admins_told=told), may_ping={ADA})


@settings(deadline=None, max_examples=50)
@given(words, jobs, st.booleans(), st.booleans())
def test_the_offer_of_a_road_is_valid_and_pings_nobody(said: Words, job: Job, joinable: bool, direct: bool) -> None:
    check(blocks.road(said, job, joinable=joinable, direct=direct), may_ping=set())


@settings(deadline=None, max_examples=100)
@given(words, requests, st.text(max_size=40), st.booleans())
def test_a_receipt_is_valid_and_pings_nobody(said: Words, request: Request, value: str, fresh: bool) -> None:
    params = dict.fromkeys(("seed", "flag", "value", "clarity", "ratio", "size"), value)
    notes = [Note(remark, params) for remark in Remark]
    check(notices.receipt(said, request, notes=notes, fresh=fresh), may_ping=set())


@settings(deadline=None, max_examples=100)
@given(words, st.lists(st.sampled_from(Trouble), min_size=1, max_size=40), texts)
def test_what_was_not_understood_is_named_safely(said: Words, troubles: list[Trouble], value: str) -> None:
    names = ("flag", "value", "nearest", "nearest_en", "nearest_zh", "legal", "legal_en", "legal_zh", "flags",
             "example", "least", "most", "n", "limit")  # fmt: skip
    params = dict.fromkeys(names, value[:40])
    check(notices.misunderstood(said, [Problem(trouble, params) for trouble in troubles]), may_ping=set())


@pytest.mark.parametrize("said", [Words("en"), Words("zh-CN")], ids=["en", "zh"])
def test_the_short_notices_are_valid(said: Words) -> None:
    made = [notices.note(said, line) for line in notices.Line]
    made += [
        notices.answer(said, name) for name in ("done", "stopping", "deleting", "too_late", "not_yours", "unknown")
    ]
    made += [notices.help_text(said, reroll=["repeat", "game_die"], cancel=["x"])]
    made += [notices.alert(said, a_job().lane, cause=cause, code="Some.Code") for cause in (None, *Cause)]
    for message in made:
        check(message, may_ping=set())


def test_the_prompt_is_one_text_element_as_it_was_typed() -> None:
    job = a_job(request=Request("<!channel> *b* :tada: @here"))
    made = blocks.root(Words("en"), job, Standing(), admins_told=False).blocks
    assert {"type": "text", "text": "<!channel> *b* :tada: @here"} in elements(made)


@pytest.mark.parametrize("state", [State.ACCEPTED, State.QUEUED])
def test_a_waiting_root_can_be_cancelled(state: State) -> None:
    made = blocks.root(Words("en"), a_job(state=state), Standing(), admins_told=False)
    assert buttons(made.blocks) == [actions.CANCEL]


@pytest.mark.parametrize("state", sorted(set(State) - {State.ACCEPTED, State.QUEUED}))
def test_any_other_root_has_no_button(state: State) -> None:
    made = blocks.root(Words("en"), a_job(state=state), Standing(), admins_told=False)
    assert buttons(made.blocks) == []


def test_a_buttons_value_is_the_jobs_id_and_nothing_else() -> None:
    job = a_job()
    made = [*captions.caption(Words("en"), job), *blocks.road(Words("en"), job, joinable=True, direct=False).blocks]
    assert {each["value"] for each in elements(made) if each.get("type") == "button"} == {job.id}


def test_the_place_and_the_time_are_told() -> None:
    at = Standing(place=3, about=START)
    said = blocks.root(Words("en"), a_job(state=State.QUEUED), at, admins_told=False)
    assert "Number 3 in line, ready about " in words_in(said)
    assert "Number 3 in line" in said.text
    assert "08:00 UTC" in said.text


def test_the_first_in_line_is_next() -> None:
    said = blocks.root(Words("zh-CN"), a_job(state=State.QUEUED), Standing(place=1), admins_told=False)
    assert "下一个就是你" in words_in(said)


@pytest.mark.parametrize(("told", "sentence"), [(True, "An admin has been told."), (False, "Please tell whoever")])
def test_a_pause_says_why_and_claims_a_told_admin_only_if_there_was_one(told: bool, sentence: str) -> None:
    paused = Standing(place=1, paused=Cause.NO_CREDIT)
    said = words_in(blocks.root(Words("en"), a_job(state=State.QUEUED), paused, admins_told=told))
    assert "image credit has run out" in said
    assert sentence in said
    assert "Your place in line is kept." in said
    assert ("An admin has been told." in said) is told


def test_each_state_looks_different_where_it_means_something_different() -> None:
    states = [State.QUEUED, State.SUBMITTING, State.GENERATING, State.READY, State.DELIVERED, State.FAILED,
              State.CANCELLED, State.DELETING, State.DELETED]  # fmt: skip
    made = [blocks.root(Words("en"), a_job(state=state), Standing(), admins_told=False).text for state in states]
    assert len(set(made)) == len(states)


def test_a_cancelled_job_that_was_being_drawn_may_be_charged_and_says_so() -> None:
    said = blocks.root(Words("en"), a_job(state=State.CANCELLED, dropped=True), Standing(), admins_told=False)
    assert "may still be charged" in said.text


def test_an_unsure_submit_says_that_it_waits() -> None:
    said = blocks.root(Words("en"), a_job(state=State.SUBMITTING, unsure=1), Standing(), admins_told=False)
    assert "whether it heard me" in said.text


@pytest.mark.parametrize(
    ("joinable", "direct", "ways"),
    [
        (True, False, [actions.ROAD_JOIN, actions.ROAD_MESSAGE, actions.CANCEL]),
        (False, False, [actions.ROAD_RETRY, actions.ROAD_MESSAGE, actions.CANCEL]),
        (False, True, [actions.CANCEL]),
    ],
)
def test_only_the_roads_that_exist_are_offered(joinable: bool, direct: bool, ways: list[str]) -> None:
    assert buttons(blocks.road(Words("en"), a_job(), joinable=joinable, direct=direct).blocks) == ways


def test_a_caption_holds_the_recipe_to_paste_back() -> None:
    request = Request("a fox", shape=Shape.WIDE_16_9, count=2)
    made = captions.caption(Words("en"), a_job(request=request))
    pasted = [each for each in elements(made) if each.get("type") == "rich_text_preformatted"]
    assert [each["elements"][0]["text"] for each in pasted] == [recipe(request)]


def test_a_caption_shows_the_other_wording_only_if_it_is_another() -> None:
    same = Message("", captions.caption(Words("en"), a_job(revised=("a fox in the rain",))))
    other = Message("", captions.caption(Words("en"), a_job(revised=("a red fox", "a red fox"))))
    assert "read it as" not in words_in(same)
    assert words_in(other).count("a red fox") == 1


def test_a_caption_says_when_pictures_are_missing() -> None:
    one = tuple(picture for picture, _ in pictures(1))
    job = a_job(request=Request("x", count=4), pictures=one)
    assert "made 1 of the 4 pictures" in words_in(Message("", captions.caption(Words("en"), job)))
    whole = replace(job, request=Request("x", count=1))
    assert "of the" not in words_in(Message("", captions.caption(Words("en"), whole)))


def test_a_caption_admits_that_it_may_have_been_charged_twice() -> None:
    twice = a_job(unsure=1, sends=2)
    assert "charged twice" in words_in(Message("", captions.caption(Words("en"), twice)))
    assert "charged" not in words_in(Message("", captions.caption(Words("en"), a_job())))


def test_exact_words_are_offered_only_where_they_were_not_used() -> None:
    assert buttons(captions.caption(Words("en"), a_job())) == [actions.AGAIN, actions.EXACT, actions.DELETE]
    raw = a_job(request=Request("x", raw=True))
    assert buttons(captions.caption(Words("en"), raw)) == [actions.AGAIN, actions.DELETE]


def test_deleting_asks_once_more() -> None:
    made = [
        each for each in elements(captions.caption(Words("en"), a_job())) if each.get("action_id") == actions.DELETE
    ]
    assert set(made[0]["confirm"]) == {"title", "text", "confirm", "deny", "style"}


@settings(deadline=None)
@given(words, requests, st.integers(1, 4))
def test_a_picture_is_described_within_slacks_limit(said: Words, request: Request, number: int) -> None:
    alt = captions.alt_text(said, a_job(request=request), number=number, n=4)
    assert len(alt) <= units(alt) <= 1000
    assert alt.startswith(("Picture", "第"))


def test_a_filename_is_all_ours() -> None:
    assert captions.filename(a_job(request=Request("../../x")), number=2, mime="image/jpeg") == "imagine-3f2a9c0d-2.jpg"


@pytest.mark.parametrize("cause", Cause)
@pytest.mark.parametrize("charged", Charged)
@pytest.mark.parametrize("tag", ["en", "zh-CN"])
def test_an_apology_says_what_whose_fault_whether_charged_and_what_next(
    cause: Cause, charged: Charged, tag: str
) -> None:
    said = Words(tag)
    job = a_job(state=State.FAILING, failure=Failure("X.Y", cause, charged, "req-1"), thread_ts=Ts("1.0"))
    message = notices.apology(said, job, admins_told=True)
    for shown in (message.text, words_in(message)):
        assert said.say(f"cause.{cause}", n=len(job.request.prompt), limit=1024) in shown
        assert said.say(f"charged.{charged}") in shown
        assert said.say(f"blame.{VERDICTS[cause].blame}") in shown
        assert "req-1" in shown
        assert "X.Y" not in shown


def test_an_apology_needs_a_failure() -> None:
    with pytest.raises(ValueError):
        notices.apology(Words("en"), a_job(), admins_told=False)


def test_a_refused_option_is_named() -> None:
    job = a_job(request=Request("x", count=3), failure=Failure("c", Cause.OPTION_REFUSED, Charged.NO))
    assert "--n 3" in notices.apology(Words("en"), job, admins_told=False).text


def test_a_twin_is_told_that_it_is_drawn_once() -> None:
    assert "drawn once" in notices.receipt(Words("en"), Request("x"), fresh=False).text


def test_a_receipt_repeats_what_was_understood() -> None:
    said = notices.receipt(Words("en"), Request("a <b>", shape=Shape.WIDE_16_9, negative="text")).text
    assert "a &lt;b&gt;" in said
    assert "--ar 16:9 --no text" in said


WRONG = {
    Trouble.PROMPT_EMPTY: "",
    Trouble.PROMPT_TOO_LONG: "x" * 1025,
    Trouble.NEGATIVE_TOO_LONG: "x --no " + "y" * 1025,
    Trouble.FLAG_UNKNOWN: "x --sed 3",
    Trouble.VALUE_MISSING: "x --ar",
    Trouble.VALUE_UNWANTED: "x --raw=yes",
    Trouble.SHAPE_UNKNOWN: "x --ar 7:1",
    Trouble.COUNT_WRONG: "x --n 9",
    Trouble.STYLE_UNKNOWN: "x --style watercolr",
    Trouble.SEED_WRONG: "x --seed x",
    Trouble.CLARITY_WRONG: "x --hd x9",
}


@pytest.mark.parametrize("trouble", Trouble)
@pytest.mark.parametrize("tag", ["en", "zh-CN"])
def test_what_the_parser_finds_wrong_can_be_said(trouble: Trouble, tag: str) -> None:
    with pytest.raises(PromptError) as wrong:
        parse(WRONG[trouble])
    assert trouble in [problem.key for problem in wrong.value.problems]
    said = notices.misunderstood(Words(tag), wrong.value.problems)
    check(said, may_ping=set())
    assert "{" not in said.text


@pytest.mark.parametrize("text", ["x --seed 7", "x --n 2 --n 3", "x --hd", "x --ar 1920x1080"])
@pytest.mark.parametrize("tag", ["en", "zh-CN"])
def test_what_the_parser_remarks_can_be_said(text: str, tag: str) -> None:
    parsed = parse(text)
    assert parsed.notes
    said = notices.receipt(Words(tag), parsed.request, notes=parsed.notes)
    check(said, may_ping=set())
    assert "{" not in said.text
