"""What is offered after a refusal, and that it is never worse than what was refused."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.coach import proposal
from bot.errors import Cause
from bot.request import MAX_TEXT, Clarity, Request


@pytest.mark.parametrize(
    ("prompt", "offered", "replaced"),
    [
        ("a bloody knight, dead on the grass", "a red paint knight, sleeping on the grass", ("bloody", "dead")),
        ("两个人在战场上拿着手枪", "两个人在比赛上拿着雨伞", ("战场", "手枪")),
        ("a GUN and a gun", "a umbrella and a umbrella", ("GUN", "gun")),
        ("warm begun bluebloods", "warm begun bluebloods", ()),
        ("a fox in the rain", "a fox in the rain", ()),
    ],
)
def test_hard_words_become_softer_and_whole_words_only(prompt: str, offered: str, replaced: tuple[str, ...]) -> None:
    found = proposal(Request(prompt), Cause.TEXT_REFUSED)
    assert found is not None
    assert (found.request.prompt, found.replaced) == (offered, replaced)


def test_what_is_to_be_avoided_keeps_its_name() -> None:
    request = Request("a knight", negative="blood")
    found = proposal(request, Cause.RESULT_REFUSED)
    assert found is not None
    assert found.request == request


def test_a_prompt_that_was_too_long_ends_with_a_clause() -> None:
    found = proposal(Request("a fox in the rain, " * 50), Cause.PROMPT_TOO_LONG)
    assert found is not None
    assert found.request.prompt.endswith("a fox in the rain")
    assert len(found.request.prompt) < len("a fox in the rain, " * 50)


def test_a_refused_option_is_offered_without_style_and_upscaling() -> None:
    request = Request("a fox", style="shuimo", clarity=Clarity.X2, count=2)
    found = proposal(request, Cause.OPTION_REFUSED)
    assert found is not None
    assert found.request == replace(request, style=None, clarity=None)


@pytest.mark.parametrize("cause", [Cause.NO_CREDIT, Cause.RETIRED, Cause.SLACK_DOWN, Cause.UNEXPECTED])
def test_nothing_is_offered_where_words_are_not_the_trouble(cause: Cause) -> None:
    assert proposal(Request("blood"), cause) is None


@given(st.text(min_size=1, max_size=1200), st.sampled_from([Cause.TEXT_REFUSED, Cause.PROMPT_TOO_LONG]))
def test_an_offer_is_legal_and_softening_it_again_changes_nothing(prompt: str, cause: Cause) -> None:
    found = proposal(Request(prompt), cause)
    assert found is not None
    assert 0 < len(found.request.prompt) <= MAX_TEXT or cause is Cause.TEXT_REFUSED
    softened = proposal(found.request, Cause.TEXT_REFUSED)
    again = proposal(softened.request, Cause.TEXT_REFUSED) if softened else None
    assert softened is not None
    assert again is not None
    assert again.request == softened.request
