"""Whatever is said, however long and strange: Slack takes everything that the bot can show, and nothing in it bites."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import sys
from collections.abc import Iterator
from types import FrameType, FunctionType
from typing import Any

import pytest
from hypothesis import given, settings

import bot.slack
from bot.slack.wording import LOCALES, Words
from tests.slack.legal import message_faults, strings, text_faults, view_faults
from tests.slack.longest import LONGEST, WHOLE, Case, a_case, cases, filling
from tests.slack.producers import PRODUCERS, Line, Seen, Shown, standing_alone

SHOWING = {"Message", "Json", "list[Json]", "dict[str, str]", "str"}
"""What a function returns that makes something to be shown."""
INWARD = {"bot.slack.forms.channel_of", "bot.slack.customs_forms.channel_of"}
"""Return such a thing too, but read it from what Slack says."""


def faults(seen: Seen) -> list[str]:
    match seen:
        case Shown(message=message, may_ping=may_ping):
            return message_faults(message, may_ping=set(may_ping))
        case Line(what=what, text=text, most=most):
            return text_faults(what, text, most)
        case view:
            return view_faults(view)


def read(seen: Seen) -> Iterator[str]:
    """Every text in it."""
    match seen:
        case Shown(message=message):
            yield message.text
            yield from strings(message.blocks)
        case Line(text=text):
            yield text
        case view:
            yield from strings(view)


@pytest.mark.parametrize("name", PRODUCERS)
def test_slack_takes_it_at_its_longest_and_it_notifies_nobody_else(name: str) -> None:
    for at, (text, other) in enumerate(zip(LONGEST, [*LONGEST[1:], LONGEST[0]], strict=True)):
        for seen in PRODUCERS[name](a_case(Words(LOCALES[at % 2]), [text, other])):
            assert faults(seen) == [], text[:20]


@pytest.mark.parametrize("locale", LOCALES)
def test_slack_takes_every_sentence_that_stands_alone(locale: str) -> None:
    for seen in standing_alone(Words(locale)):
        assert faults(seen) == []


@pytest.mark.parametrize("name", PRODUCERS)
@pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisWarning")
@settings(deadline=None, max_examples=4)
@given(case=cases)
def test_slack_takes_it_whatever_was_said(name: str, case: Case) -> None:
    for seen in PRODUCERS[name](case):
        assert faults(seen) == []


@pytest.mark.parametrize("name", PRODUCERS)
@pytest.mark.parametrize("char", WHOLE.values(), ids=WHOLE)
def test_no_cut_shows_half_a_character(name: str, char: str) -> None:
    for seen in PRODUCERS[name](a_case(Words("en"), [filling(char)])):
        for text in read(seen):
            assert not set(char) & set(text.replace(char, "")), text[-30:]


def makers() -> dict[Any, str]:
    """Every public function of the room whose result is shown, by its code."""
    found = {}
    for info in pkgutil.iter_modules(bot.slack.__path__, "bot.slack."):
        module = importlib.import_module(info.name)
        for name, it in inspect.getmembers(module, inspect.isfunction):
            if it.__module__ == info.name and not name.startswith("_") and _shows(it):
                found[it.__code__] = f"{info.name}.{name}"
    return found


def _shows(it: FunctionType) -> bool:
    return it.__annotations__.get("return") in SHOWING and not inspect.iscoroutinefunction(it)


def test_everything_that_makes_something_to_be_shown_was_looked_at() -> None:
    missing = makers()

    def note(frame: FrameType, event: str, _argument: Any) -> None:
        if event == "call":
            missing.pop(frame.f_code, None)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        for produce in PRODUCERS.values():
            list(produce(a_case(Words("en"), ["a fox"])))
        list(standing_alone(Words("en")))
    finally:
        sys.setprofile(before)
    assert set(missing.values()) == INWARD
