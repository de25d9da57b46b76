"""What is found by what."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.terms import MOST_TERMS, terms, wanted


def test_words_are_terms_and_chinese_is_cut_into_pairs() -> None:
    assert terms("雨中竹林 Fox, fox") == ("雨", "雨中", "中", "中竹", "竹", "竹林", "林", "fox")
    assert wanted("竹林 FOX") == ("竹林", "fox")


@pytest.mark.parametrize("question", ["竹林", "竹", "中竹林", "ＦＯＸ", "café", "rain fox", "", "!!"])
def test_what_was_written_is_found(question: str) -> None:
    assert set(wanted(question)) <= set(terms("雨中竹林 a fox in the rain, CAFÉ"))


@pytest.mark.parametrize("question", ["林竹", "松", "foxes", "雨竹"])
def test_what_was_not_written_is_not_found(question: str) -> None:
    assert not set(wanted(question)) <= set(terms("雨中竹林 a fox in the rain"))


@given(st.text(max_size=100), st.integers(0, 99), st.integers(1, 20))
def test_a_piece_of_chinese_is_found_in_the_whole(text: str, start: int, length: int) -> None:
    chinese = "".join(chr(0x4E00 + ord(char) % 0x5000) for char in text)
    piece = chinese[start : start + length]
    assert set(wanted(piece)) <= set(terms(chinese))


@given(st.text(max_size=3000))
def test_a_text_has_a_bounded_number_of_terms_each_once(text: str) -> None:
    found = terms(text)
    assert len(found) == len(set(found)) <= MOST_TERMS
