"""What else is said to people: complete, valid, and pinging nobody it should not."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import Cause
from bot.flags import ALIASES, Flag
from bot.intake import Answer
from bot.job import Charged, Failure, Job, State, Ts
from bot.parsed import Note, Problem, PromptError, Remark, Trouble
from bot.prompt import parse
from bot.request import Request, Shape
from bot.slack import notices
from bot.slack.verdicts import VERDICTS
from bot.slack.wording import Words, places
from handlers.messages import MENTIONS
from tests.slack.conftest import ADA, a_job
from tests.slack.looking import (
    check,
    jobs,
    requests,
    texts,
    words,
    words_in,
)


@given(words, jobs, st.booleans())
def test_an_apology_is_valid_and_pings_at_most_its_asker(said: Words, job: Job, told: bool) -> None:
    check(notices.apology(said, job, admins_told=told), may_ping={ADA})


@given(words, requests, st.text(max_size=40), st.booleans())
def test_a_receipt_is_valid_and_pings_nobody(said: Words, request: Request, value: str, fresh: bool) -> None:
    params = dict.fromkeys(("seed", "flag", "value", "clarity", "ratio", "size", "added"), value)
    notes = [Note(remark, params) for remark in Remark]
    check(notices.receipt(said, request, notes=notes, fresh=fresh), may_ping=set())


@given(words, st.lists(st.sampled_from(Trouble), min_size=1, max_size=40), texts)
def test_what_was_not_understood_is_named_safely(said: Words, troubles: list[Trouble], value: str) -> None:
    names = {place for trouble in troubles for place in places(said.template(f"trouble.{trouble}"))}
    params = dict.fromkeys(names, value[:40])
    check(notices.misunderstood(said, [Problem(trouble, params) for trouble in troubles]), may_ping=set())


@pytest.mark.parametrize("said", [Words("en"), Words("zh-CN")], ids=["en", "zh"])
def test_the_short_notices_are_valid(said: Words) -> None:
    made = [notices.note(said, key) for key in ("receipt.not_accepted", *(f"answer.{answer}" for answer in Answer))]
    made += [notices.help_text(said, reroll=["repeat", "game_die"], cancel=["x"])]
    made += [notices.alert(said, a_job().lane, cause=cause, code="Some.Code") for cause in (None, *Cause)]
    for message in made:
        check(message, may_ping=set())


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
    Trouble.REPEAT_WRONG: "x --repeat 99",
    Trouble.TOO_MANY: "{a, b} --repeat 9",
}


@pytest.mark.parametrize("trouble", WRONG)
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


@pytest.mark.parametrize("tag", ["en", "zh-CN"])
def test_the_help_names_every_flag_as_its_reader_may_type_it(tag: str) -> None:
    shown = words_in(notices.help_text(Words(tag), reroll=["repeat"], cancel=["x"]))
    named = re.findall(r"--([^\W\d_]+)", shown)
    assert {ALIASES[name] for name in named if name.isascii()} == set(Flag)
    assert {ALIASES[name] for name in named if not name.isascii()} == (set(Flag) if tag == "zh-CN" else set())


def test_every_chinese_word_of_the_help_is_heard_like_the_english_one_beside_it() -> None:
    words = Words("zh-CN")
    named = re.findall(
        r"([\u4e00-\u9fff]+)(?: [\u4e00-\u9fff]+)?（([a-z]+)）", words.say("help.form") + words.say("help.finding")
    )
    assert [english for _, english in named] == [
        "defaults",
        "house",
        "history",
        "find",
        "top",
        "again",
        "tree",
        "winner",
    ]
    assert all(MENTIONS[chinese] is MENTIONS[english] for chinese, english in named)
