"""What is found by what."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.request import MAX_TEXT
from bot.terms import MOST_TERM, MOST_TERMS, terms, wanted

PROMPT = "雨中竹林 Foxes dancing in a wooded valley, CAFÉ, 여우가 숲에서 🦊 👩🏽‍🚀 🇨🇳 :party_parrot: ー"


def finds(question: str, text: str = PROMPT) -> bool:
    """Whether the question has anything to look for, and all of it is there."""
    return bool(wanted(question)) and set(wanted(question)) <= set(terms(text))


def test_words_are_terms_and_chinese_is_cut_into_pairs() -> None:
    assert terms("雨中竹林 Fox, foxes") == ("雨", "雨中", "中", "中竹", "竹", "竹林", "林", "fox")
    assert wanted("竹林 FOX") == ("竹林", "fox")


@pytest.mark.parametrize("question", [
    "竹林", "竹", "中竹林", "ＦＯＸ", "fox", "foxes", "dance", "dances", "danced", "valleys", "woods", "cafe", "Cafés",
    "여우", "우가", "숲", "🦊", ":fox_face:", "face", "👩🏽‍🚀", "👩‍🚀", "👩", "rocket", "🇨🇳", "party parrot",
    ":party_parrot::skin-tone-3:", "dancing fox 竹林",
])  # fmt: skip
def test_what_was_written_is_found_however_it_is_written(question: str) -> None:
    assert finds(question)


@pytest.mark.parametrize("question", ["林竹", "松", "owl", "雨竹", "우여", "🐺", "👨‍🚀", "🇳🇨", "", "!!", "fox owl"])
def test_what_was_not_written_is_not_found(question: str) -> None:
    assert not finds(question)


FORMS = (
    "fox foxes", "city cities", "fly flies flying", "dance dances danced dancing", "run runs running", "tree trees",
    "glass glasses", "house houses", "bus buses", "paint paints painted painting paintings", "carry carried carrying",
    "movie movies", "eye eyes", "sky skies", "wall walls", "hope hopes hoped hoping", "hop hops hopped hopping",
)  # fmt: skip


@pytest.mark.parametrize("forms", FORMS)
def test_each_form_of_an_english_word_finds_every_other(forms: str) -> None:
    [stem] = terms(forms)
    for form in forms.split():
        assert wanted(form) == (stem,)


@pytest.mark.parametrize("words", ["king kin", "spring spr", "red r", "this thi", "glass gla", "bed b", "seed se"])
def test_what_only_looks_like_an_ending_is_part_of_the_word(words: str) -> None:
    assert len(terms(words)) == 2


@pytest.mark.parametrize(
    ("emoji", "name"), [("🐱", ":cat:"), ("🦊", ":fox_face:"), ("👍🏽", "thumbs up"), ("🐉", "dragon")]
)
def test_an_emoji_and_its_name_find_each_other(emoji: str, name: str) -> None:
    assert finds(name, f"a {emoji} in the rain")
    assert finds(emoji, f"a {name} in the rain")
    assert finds(emoji, f"a {emoji} in the rain")


def test_an_emoji_that_has_no_name_is_found_by_itself() -> None:
    nameless = next(chr(code) for code in range(0x1FA70, 0x1FB00) if not unicodedata.name(chr(code), ""))
    assert wanted(nameless) == terms(nameless) == (nameless,)


@given(st.text(max_size=100), st.integers(0, 99), st.integers(1, 20), st.sampled_from([0x4E00, 0xAC00, 0x20000]))
def test_a_piece_of_a_text_without_blanks_is_found_in_the_whole(text: str, start: int, length: int, base: int) -> None:
    whole = "".join(chr(base + ord(char) % 0x2000) for char in text)
    assert set(wanted(whole[start : start + length])) <= set(terms(whole))


said = st.lists(
    st.one_of(
        st.text(min_size=1, max_size=12),
        st.sampled_from(PROMPT.split()),
        st.sampled_from(" ".join(FORMS).split()),
        st.from_regex(r"[a-z]{1,9}(s|es|ies|ing|ed|y|e)?", fullmatch=True),
    ),
    max_size=60,
).map(" ".join)


@given(said)
def test_whatever_is_in_a_prompt_is_found_by_any_word_of_it(text: str) -> None:
    stored = set(terms(text))
    assert len(stored) < MOST_TERMS
    for word in text.split():
        assert set(wanted(word)) <= stored
    assert set(wanted(text)) <= stored


def test_the_last_word_of_the_longest_prompt_is_found() -> None:
    longest = "".join(chr(0x4E00 + 7 * number) for number in range(MAX_TEXT - 4)) + " owl"
    assert finds("owl", longest)


@given(st.text(max_size=3000))
def test_a_text_has_a_bounded_number_of_short_terms_each_once(text: str) -> None:
    found = terms(text)
    assert len(found) == len(set(found)) <= MOST_TERMS
    assert all(0 < len(term) <= MOST_TERM for term in (*found, *wanted(text)))


def test_a_word_that_is_too_long_is_known_by_its_beginning() -> None:
    endless = "w" * 1000
    assert wanted(endless) == terms(endless) == ("w" * MOST_TERM,)
