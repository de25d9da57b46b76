"""A cut never shows half a character."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import graphemes

WHOLE = {
    "family": "👩🏽\u200d❤️\u200d💋\u200d👨🏿",
    "skin tone": "👍🏽",
    "flag": "🇨🇳",
    "tags": "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "keycap": "1️⃣",
    "marks": "ʘ\u0301\u0323",
    "jamo": "\u1112\u1161\u11ab",
    "doubled jamo": "\u1100\uac00",
    "syllable": "क्षि",
}


@pytest.mark.parametrize("char", WHOLE.values(), ids=WHOLE)
@given(n=st.integers(1, 40), at=st.integers(0, 400))
def test_a_row_of_one_character_is_cut_between_two_of_them(char: str, n: int, at: int) -> None:
    short = graphemes.cut(char * n, at)
    assert short == char * (min(at, len(char) * n) // len(char)) or at < len(char)
    assert len(short) <= at


@given(st.text(), st.integers(0, 30))
def test_a_cut_text_is_the_beginning_of_the_whole_and_loses_little(text: str, at: int) -> None:
    short = graphemes.cut(text, at)
    assert text.startswith(short)
    assert len(short) <= at
    assert len(short) > 0 or not at or not text


@given(st.text(alphabet="abc 雨狐اب", max_size=40), st.integers(0, 40))
def test_letters_that_stand_alone_are_cut_where_one_asks(text: str, at: int) -> None:
    assert graphemes.cut(text, at) == text[:at]


def test_a_character_without_an_end_is_cut_all_the_same() -> None:
    assert graphemes.cut("a" + "\u0301" * 500, 60) == "a" + "\u0301" * 59
