"""What a filled-in form asks for, and which field is told when it cannot be had."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import plain, styles
from bot.form import WITH_REFERENCE, Field, Filled, FormError, filled, read
from bot.parsed import Remark, Trouble
from bot.request import MAX_TEXT, Clarity, Request, Shape

FOX = Filled("a fox in the rain")
TEXTS = st.text(max_size=60).map(plain.tidy)
REQUESTS = st.builds(
    Request,
    prompt=TEXTS.filter(bool),
    negative=TEXTS,
    style=st.none() | st.sampled_from([style.code for style in styles.STYLES]),
    shape=st.sampled_from(WITH_REFERENCE),
    count=st.integers(1, 4),
    clarity=st.none() | st.sampled_from(list(Clarity)),
    raw=st.booleans(),
    reference=st.sampled_from(["", "F0REFERENCE"]),
)


def troubles(form: Filled) -> dict[Field, Trouble]:
    with pytest.raises(FormError) as caught:
        read(form)
    return {field: problem.key for field, problem in caught.value.problems.items()}


def test_a_prompt_alone_is_enough() -> None:
    assert read(FOX).request == Request("a fox in the rain")


def test_what_is_guarded_in_a_form_is_text() -> None:
    typed = r"a fox \--ar 16:9 \{a, b} &amp; <b> {c}"
    assert read(Filled(typed)).request.prompt == "a fox --ar 16:9 {a, b} &amp; <b> {c}"


@pytest.mark.parametrize("text", ["a fox --private", "狐狸 --私密", "a fox --ar 16:9", "--like a fox", "a fox --nn 9"])
def test_a_flag_in_a_form_is_neither_drawn_nor_dropped_but_told(text: str) -> None:
    assert troubles(Filled(text)) == {Field.PROMPT: Trouble.FLAG_IN_A_FORM}


@pytest.mark.parametrize("text", ["a {red, blue} fox", "{a, b, c, d, e} {f, g, h, i}", "a ｛红，蓝｝ fox"])
def test_alternatives_in_a_form_are_told(text: str) -> None:
    assert troubles(Filled(text)) == {Field.PROMPT: Trouble.ONE_IN_A_FORM}


@pytest.mark.parametrize(
    ("form", "field", "trouble"),
    [
        (Filled(" \u200b "), Field.PROMPT, Trouble.PROMPT_EMPTY),
        (Filled("x" * (MAX_TEXT + 1)), Field.PROMPT, Trouble.PROMPT_TOO_LONG),
        (replace(FOX, negative="x" * (MAX_TEXT + 1)), Field.NEGATIVE, Trouble.NEGATIVE_TOO_LONG),
        (replace(FOX, seed="-3"), Field.SEED, Trouble.SEED_WRONG),
        (replace(FOX, seed="4294967296"), Field.SEED, Trouble.SEED_WRONG),
        (replace(FOX, shape="2:1"), Field.SHAPE, Trouble.SHAPE_UNKNOWN),
        (replace(FOX, shape=Shape.WIDE_16_9, reference="F1"), Field.SHAPE, Trouble.SHAPE_WITH_REFERENCE),
        (replace(FOX, style="nobody"), Field.STYLE, Trouble.STYLE_UNKNOWN),
        (replace(FOX, count="5"), Field.COUNT, Trouble.COUNT_WRONG),
        (replace(FOX, clarity="x8"), Field.CLARITY, Trouble.CLARITY_WRONG),
    ],
)
def test_what_is_wrong_is_told_beside_its_field(form: Filled, field: Field, trouble: Trouble) -> None:
    assert troubles(form) == {field: trouble}


def test_everything_that_is_wrong_is_told_at_once() -> None:
    assert set(troubles(Filled("", seed="x", count="9"))) == {Field.PROMPT, Field.SEED, Field.COUNT}


@pytest.mark.parametrize("seed", ["42", " ４２ ", "42。"])
def test_a_seed_turns_rewriting_off_and_says_so(seed: str) -> None:
    parsed = read(replace(FOX, seed=seed))
    assert (parsed.request.seed, parsed.request.raw) == (42, True)
    assert [note.key for note in parsed.notes] == [Remark.SEED_TURNS_REWRITING_OFF]


@given(REQUESTS)
def test_a_form_filled_from_a_request_asks_for_the_same(request: Request) -> None:
    assert read(filled(request)).request == request


@given(REQUESTS, st.integers(1, 4_294_967_295))
def test_a_seed_survives_the_form_too(request: Request, seed: int) -> None:
    seeded = replace(request, seed=seed, raw=True)
    assert read(filled(seeded)).request == seeded
