"""The forms of wishes and the question before several are drawn: what Slack takes, and what comes back."""

from __future__ import annotations

from typing import Any

import pytest
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from bot.bundle import Bundle
from bot.parsed import Note, Remark, Trouble
from bot.price import price_from
from bot.request import MAX_TEXT, Clarity, Request, Shape
from bot.shelf import DraftId, Preferences
from bot.slack import confirming, customs_forms
from bot.slack.customs_forms import MOST_PREFIX, Wish
from bot.slack.elements import MOST_TEXT, units
from bot.slack.wording import Words

FULL = Preferences("雨" * MOST_PREFIX, "🦊" * 512, "shuimo", Shape.TALL_3_5, 4, raw=False, label=False)
ID = DraftId("ab" * 16)


def sent(view: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The view as Slack sends it when nothing was touched but `changes`."""
    values: dict[str, Any] = {}
    for block in view["blocks"]:
        if block["type"] == "input":
            element = block["element"]
            state = {"value": element.get("initial_value"), "selected_option": element.get("initial_option")}
            values[block["block_id"]] = {element["action_id"]: changes.get(block["block_id"], state)}
    return {**view, "state": {"values": values}}


@pytest.mark.parametrize("tag", ["en-US", "zh-CN"])
@pytest.mark.parametrize("kept", [Preferences(), FULL], ids=["empty", "longest"])
def test_slack_takes_both_forms_in_both_languages(tag: str, kept: Preferences) -> None:
    for view in (customs_forms.defaults(Words(tag), kept), customs_forms.house(Words(tag), kept, channel="C1")):
        View(**view).validate_json()
        assert units(view["title"]["text"]) <= 24
        assert units(view["submit"]["text"]) <= 24
        for block in view["blocks"]:
            for choice in block.get("element", {}).get("options", []):
                assert units(choice["text"]["text"]) <= 75


@pytest.mark.parametrize("kept", [Preferences(), FULL], ids=["empty", "longest"])
def test_a_form_that_is_sent_as_it_was_opened_changes_nothing(kept: Preferences) -> None:
    view = customs_forms.house(Words(None), kept, channel="C1")
    assert customs_forms.answer(sent(view)) == kept
    assert customs_forms.channel_of(view) == "C1"


def test_what_no_list_offers_is_no_wish() -> None:
    view = customs_forms.house(Words(None), FULL, channel="C1")
    alien = {"selected_option": {"value": "alien"}}
    fields = dict.fromkeys(("style", "shape", "count", "raw", "label"), alien)
    assert customs_forms.answer(sent(view, **fields)) == Preferences(FULL.prefix, FULL.negative)


def test_what_is_too_long_is_said_beside_its_field() -> None:
    found = customs_forms.problems(Preferences("x" * (MOST_PREFIX + 1), "y" * (MAX_TEXT + 1)))
    assert {wish: problem.key for wish, problem in found.items()} == {
        Wish.PREFIX: Trouble.PREFIX_TOO_LONG,
        Wish.NEGATIVE: Trouble.NEGATIVE_TOO_LONG,
    }
    assert str(MOST_PREFIX) in customs_forms.errors(Words(None), found)["prefix"]
    assert not customs_forms.problems(FULL)


@pytest.mark.parametrize("tag", ["en-US", "zh-CN"])
@pytest.mark.parametrize("char", ["雨", "🦊", "م", "<"])
def test_slack_takes_sixteen_of_the_longest_asks(tag: str, char: str) -> None:
    text = (char * MAX_TEXT)[:MAX_TEXT]
    requests = tuple(Request(text, text, "shuimo", count=4, seed=n, clarity=Clarity.X4, raw=True) for n in range(1, 17))
    notes = [Note(Remark.CUSTOMS_ADDED, {"added": text})]
    message = confirming.proposal(Words(tag), Bundle(requests), draft_id=ID, price=price_from("1 CNY"), notes=notes)
    assert units(message.text) <= MOST_TEXT
    for block in message.blocks:
        Block.parse(block).validate_json()  # type: ignore[union-attr]
    assert "64.00 CNY" in message.text


def test_the_same_ask_several_times_is_one_line() -> None:
    it = Bundle((Request("a fox"), Request("a fox"), Request("a hare")))
    message = confirming.proposal(Words(None), it, draft_id=ID, price=None)
    assert "2 × a fox" in message.text
    assert "don't know" in message.text


def test_the_buttons_carry_the_draft_and_no_text() -> None:
    message = confirming.proposal(Words(None), Bundle((Request("a fox"),)), draft_id=ID, price=None)
    [row] = [block for block in message.blocks if block["type"] == "actions"]
    assert [button["value"] for button in row["elements"]] == [ID, ID]
