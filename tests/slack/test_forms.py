"""The ask form: what Slack takes, what a person put in, and what stands beside a field that is wrong."""

from __future__ import annotations

from typing import Any

import pytest
from slack_sdk.models.views import View

from bot.form import WITH_REFERENCE, Field, Filled, FormError, read
from bot.request import MAX_TEXT, Shape
from bot.slack import forms
from bot.slack.elements import units
from bot.slack.forms import Purpose
from bot.slack.wording import Words

HERE = Purpose(channel="C1", thread="1.2", parent="ab" * 16)
FULL = Filled("雨" * MAX_TEXT, "🦊" * 512, "shuimo", Shape.SQUARE, "4", "x4", "42", raw=True, reference="F1")


def state(**values: Any) -> dict[str, Any]:
    return {"values": {name: {name: element} for name, element in values.items()}}


def option(value: str) -> dict[str, Any]:
    return {"selected_option": {"value": value}}


def blocks_of(view: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {block["block_id"]: block for block in view["blocks"] if "block_id" in block}


@pytest.mark.parametrize("tag", ["en-US", "zh-CN"])
@pytest.mark.parametrize("form", [Filled(""), FULL])
@pytest.mark.parametrize("purpose", [HERE, Purpose()])
def test_slack_takes_it_in_both_languages_empty_and_at_its_longest(tag: str, form: Filled, purpose: Purpose) -> None:
    view = forms.ask(Words(tag), form, purpose)
    View(**view).validate_json()
    assert units(view["title"]["text"]) <= 24
    assert units(view["submit"]["text"]) <= 24
    assert len(view["private_metadata"]) <= 3000
    for block in view["blocks"]:
        for choice in block.get("element", {}).get("options", []):
            assert units(choice["text"]["text"]) <= 75


def test_a_form_without_a_place_asks_for_one() -> None:
    assert Field.CHANNEL.value in blocks_of(forms.ask(Words(None), Filled("x"), Purpose()))
    assert Field.CHANNEL.value not in blocks_of(forms.ask(Words(None), Filled("x"), HERE))


def test_what_it_is_for_comes_back_with_it() -> None:
    assert forms.purpose_of(forms.ask(Words(None), FULL, HERE)) == HERE
    assert forms.purpose_of({}) == Purpose()


def test_with_a_reference_picture_only_its_shapes_are_offered() -> None:
    shape = blocks_of(forms.ask(Words(None), FULL, HERE))[Field.SHAPE.value]
    assert [choice["value"] for choice in shape["element"]["options"]] == [shape.value for shape in WITH_REFERENCE]


def test_styles_are_found_by_either_name() -> None:
    style = blocks_of(forms.ask(Words("en-US"), Filled("x"), HERE))[Field.STYLE.value]
    assert "ink wash · 水墨画" in [choice["text"]["text"] for choice in style["element"]["options"]]


def test_what_was_filled_in_is_read() -> None:
    view = forms.ask(Words(None), Filled("x"), HERE) | {
        "state": state(
            prompt={"value": "a fox"},
            negative={"value": None},
            style=option("shuimo"),
            shape=option("1280:720"),
            count=option("3"),
            clarity=option("-"),
            seed={"value": "7"},
            raw={"selected_options": [{"value": "raw"}]},
            reference={"files": []},
            channel={"selected_conversation": "C7"},
        )
    }
    assert forms.answer(view) == Filled("a fox", "", "shuimo", "1280:720", "3", "", "7", raw=True)
    assert forms.channel_of(view) == "C7"


def test_a_form_with_nothing_in_it_is_read_as_empty() -> None:
    assert forms.answer({"state": {"values": {}}}) == Filled("")


def test_a_new_reference_picture_comes_before_the_old_one() -> None:
    view = forms.ask(Words(None), FULL, HERE)
    assert forms.answer(view | {"state": state()}).reference == "F1"
    assert forms.answer(view | {"state": state(reference={"files": [{"id": "F2"}]})}).reference == "F2"


@pytest.mark.parametrize("tag", ["en-US", "zh-CN"])
def test_every_field_that_is_wrong_has_its_sentence(tag: str) -> None:
    wrong = Filled("", "x" * 2000, "nobody", "2:1", "9", "x8", "-1")
    with pytest.raises(FormError) as caught:
        read(wrong)
    said = forms.errors(Words(tag), caught.value.problems)
    assert set(said) == {"prompt", "negative", "style", "shape", "count", "clarity", "seed"}
    assert all(said.values())


@pytest.mark.parametrize("tag", ["en-US", "zh-CN"])
def test_beside_a_field_nothing_is_said_of_flags_and_what_was_typed_is(tag: str) -> None:
    with pytest.raises(FormError) as caught:
        read(Filled("", "x" * 2000, "nobody", "2:1", "9", "x8", "-1"))
    said = forms.errors(Words(tag), caught.value.problems)
    assert not [sentence for sentence in said.values() if "--" in sentence or "/imagine" in sentence]
    typed = {"style": "nobody", "shape": "2:1", "count": "9", "clarity": "x8", "seed": "-1"}
    assert [field for field, value in typed.items() if value not in said[field]] == []
