"""Private words with a button that opens the form."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from bot import spoken
from bot.shelf import DraftId
from bot.slack import actions, inviting
from bot.slack.wording import Words
from tests.slack.looking import action_ids, check, elements, texts, words, words_in

ID = DraftId("ab" * 16)


def values(made: list[dict[str, Any]]) -> list[str]:
    return [each["value"] for each in elements(made) if each.get("type") == "button"]


@given(words, texts)
def test_slack_takes_a_proposal_of_any_message_and_nobody_is_notified(reader: Words, text: str) -> None:
    prompt = spoken.prompt_of({"text": text})
    message = inviting.proposal(reader, prompt, draft_id=ID)
    check(message, may_ping=set())
    assert (action_ids(message.blocks), values(message.blocks)) == ([actions.ILLUSTRATE], [ID])


@pytest.mark.parametrize("tag", ["en-US", "zh-CN"])
def test_the_button_of_the_welcome_knows_its_thread_and_a_message_that_was_not_read_says_so(tag: str) -> None:
    here = inviting.welcome(Words(tag), thread_ts="1.1")
    check(here, may_ping=set())
    assert (action_ids(here.blocks), values(here.blocks)) == ([actions.FORM], ["1.1"])
    assert values(inviting.welcome(Words(tag), thread_ts=None).blocks) == [inviting.NOWHERE]
    unread = inviting.proposal(Words(tag), "", draft_id=ID)
    check(unread, may_ping=set())
    assert words_in(unread) != words_in(inviting.proposal(Words(tag), "a fox", draft_id=ID)).removesuffix("a fox")
