"""What a line with groups stands for, and that a recipe never becomes several by accident."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.permutations import MOST, TooManyError, expand, guarded

LINES = st.text(alphabet=st.sampled_from(list("ab ,{}\\，｛｝、")), max_size=14)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("a fox", ("a fox",)),
        ("a {red, blue} fox", ("a red fox", "a blue fox")),
        ("雨中{竹林，松林、梅林}", ("雨中竹林", "雨中松林", "雨中梅林")),
        ("｛雨，雪｝", ("雨", "雪")),
        ("{a, b} {c, d}", ("a c", "a d", "b c", "b d")),
        ("a fox --ar {1:1, 16:9}", ("a fox --ar 1:1", "a fox --ar 16:9")),
        ("{a {b, c}, d}", ("a b", "d", "a c")),
        ("a{, big} fox", ("a fox", "abig fox")),
        ("{a, a}", ("a",)),
        ("{a}", ("{a}",)),
        ("{}", ("{}",)),
        ("a, b", ("a, b",)),
        ("{a, b", ("{a, b",)),
        ("a, b}", ("a, b}",)),
        (r"\{a, b}", ("{a, b}",)),
        (r"\\{a, b}", (r"\{a, b}",)),
        (r"\{a, {b, c}}", ("{a, b}", "{a, c}")),
    ],
)
def test_a_group_stands_for_each_of_its_alternatives(text: str, lines: tuple[str, ...]) -> None:
    assert expand(text) == lines


def test_sixteen_are_enough_and_one_more_is_refused_however_they_come_about() -> None:
    assert len(expand("{a,b,c,d} {a,b,c,d}")) == MOST
    with pytest.raises(TooManyError):
        expand("{a,b,c,d} {a,b,c,d} {a,b}")
    with pytest.raises(TooManyError):
        expand("{" + ",".join(map(str, range(MOST + 1))) + "}")
    with pytest.raises(TooManyError):
        expand("{a,b}" * 1000)


@given(LINES)
def test_what_is_guarded_stands_for_itself_alone(text: str) -> None:
    assert expand(guarded(text)) == (text,)


@given(st.text(max_size=40))
def test_a_line_without_braces_is_left_alone(text: str) -> None:
    plain = text.translate(dict.fromkeys(map(ord, "{}｛｝")))
    assert expand(plain) == (plain,)
    assert guarded(plain) == plain


@given(LINES)
def test_no_line_is_said_twice(text: str) -> None:
    try:
        lines = expand(text)
    except TooManyError:
        return
    assert len(set(lines)) == len(lines) >= 1
