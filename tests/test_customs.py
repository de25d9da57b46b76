"""How pictures are liked: what is filled in, what is left alone, and what is said about it."""

from __future__ import annotations

import pytest

from bot.customs import CHOSEN_IN_A_FORM, Customs, blank, dressed, labelled
from bot.form import filled, read
from bot.parsed import Note, Parsed, Remark
from bot.prompt import parse
from bot.request import Request, Shape
from bot.shelf import Preferences

INK = Customs(own=Preferences(prefix="ink,", style="shuimo", shape=Shape.WIDE_16_9, count=2, raw=True))


def test_without_wishes_nothing_is_touched_and_nothing_is_said() -> None:
    asked = parse("a fox --no text")
    assert dressed(asked, Customs()) is asked


def test_what_was_not_typed_is_filled_in_and_said_as_it_would_be_typed() -> None:
    it = dressed(parse("a fox"), INK)
    assert (it.request.prompt, it.request.count, it.request.raw) == ("ink, a fox", 2, True)
    [note] = it.notes
    assert note == Note(Remark.CUSTOMS_ADDED, {"added": "ink, --ar 16:9 --n 2 --style ink-wash --raw"})


def test_what_was_typed_stays_as_it_was_typed() -> None:
    it = dressed(parse("a fox --ar 1:1 --n 1 --style comic"), INK)
    assert (it.request.shape, it.request.count) == (Shape.SQUARE, 1)
    assert it.request.style != "shuimo"


def test_what_the_house_avoids_is_avoided_besides_and_said() -> None:
    it = dressed(parse("a fox --no text"), Customs(house=Preferences(negative="logos")))
    assert it.request.negative == "logos, text"
    assert it.notes == (Note(Remark.CUSTOMS_ADDED, {"added": "--no logos, text"}),)


def test_that_the_mark_is_left_out_is_said() -> None:
    it = dressed(parse("a fox"), Customs(house=Preferences(label=False)))
    assert not it.request.label
    assert it.notes == (Note(Remark.LABEL_LEFT_OUT),)


def test_only_the_house_decides_about_the_mark_of_an_edited_picture() -> None:
    customs = Customs(INK.own, Preferences(label=False, prefix="house,"))
    assert labelled(Request("a fox"), customs) == Request("a fox", label=False)
    assert labelled(Request("a fox"), INK) == Request("a fox")


def test_a_shape_that_no_reference_picture_can_have_is_not_filled_in() -> None:
    asked = Parsed(Request("a fox", reference="F1"))
    assert dressed(asked, INK).request.shape is Shape.SQUARE


def test_the_form_opens_as_its_asker_likes_it() -> None:
    form = blank(INK)
    assert (form.prompt, form.style, form.shape, form.count, form.raw) == ("", "shuimo", "1280:720", "2", True)


@pytest.mark.parametrize("raw", [True, False])
def test_what_stands_in_a_form_is_what_is_meant(raw: bool) -> None:
    request = Request("a fox", raw=raw)
    parsed = Parsed(read(filled(request)).request, given=CHOSEN_IN_A_FORM)
    customs = Customs(Preferences(style="shuimo", shape=Shape.WIDE_16_9, raw=True), Preferences(raw=True, count=4))
    assert dressed(parsed, customs).request == request
