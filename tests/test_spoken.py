"""What a message says to the bot."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import spoken
from bot.prompt import parse
from bot.request import MAX_TEXT

BOT = "U0IMAGINE01"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"<@{BOT}> a fox", "a fox"),
        (f"<@{BOT}|imagine>: a fox", "a fox"),
        (f"hey <@{BOT}> a fox", "hey  a fox"),
        (f"<@{BOT}>，雨中竹林", "雨中竹林"),
        (f"<@{BOT}>", ""),
        (f" <@{BOT}> <@{BOT}> ", ""),
        ("<@U0ADA00AAA1> a fox", "<@U0ADA00AAA1> a fox"),
        ("a fox", "a fox"),
    ],
)
def test_our_own_name_is_taken_out_and_nobody_elses(text: str, words: str) -> None:
    said = spoken.words_of({"text": text}, bot=BOT)
    assert said.split() == words.split()


@pytest.mark.parametrize(
    "event",
    [
        {"user": "U1", "subtype": "message_changed"},
        {"user": "U1", "subtype": "message_deleted"},
        {"user": "U1", "subtype": "channel_join"},
        {"user": "U1", "bot_id": "B1"},
        {"subtype": "bot_message"},
        {"user": "U1", "edited": {"user": "U1", "ts": "1.1"}},
        {"user": "U1", "hidden": True},
    ],
)
def test_edits_arrivals_and_machines_ask_for_nothing(event: dict[str, Any]) -> None:
    assert not spoken.is_a_persons(event)


def test_what_a_person_has_just_written_is_heard_with_files_or_without() -> None:
    assert spoken.is_a_persons({"user": "U1"})
    assert spoken.is_a_persons({"user": "U1", "subtype": "file_share"})


def test_the_first_picture_is_the_reference_and_other_files_are_not() -> None:
    files = [{"id": "F1", "mimetype": "application/pdf"}, {"id": "F2", "mimetype": "image/png"},
             {"id": "F3", "mimetype": "image/jpeg"}]  # fmt: skip
    assert spoken.picture_of({"files": files}) == "F2"
    assert spoken.picture_of({"files": files[:1]}) == spoken.picture_of({}) == spoken.picture_of({"files": None}) == ""


@given(st.text(max_size=3000))
def test_any_message_makes_a_prompt_that_the_form_takes(text: str) -> None:
    prompt = spoken.prompt_of({"text": text})
    assert len(prompt) <= MAX_TEXT
    assert "\n" not in prompt


def test_a_message_within_the_limit_stays_whole() -> None:
    assert spoken.prompt_of({"text": "雨" * MAX_TEXT}) == "雨" * MAX_TEXT
    assert spoken.prompt_of({"text": "雨" * (MAX_TEXT + 1)}) == "雨" * (MAX_TEXT - 1) + "…"
    assert spoken.prompt_of({"text": "🦊" * MAX_TEXT}) == "🦊" * MAX_TEXT


def test_a_longer_message_is_cut_between_two_characters() -> None:
    assert spoken.prompt_of({"text": "👍🏽" * MAX_TEXT}) == "👍🏽" * (MAX_TEXT // 2 - 1) + "…"


@pytest.mark.parametrize(
    ("message", "thread"),
    [
        ({"ts": "2.1"}, "2.1"),
        ({"ts": "2.1", "thread_ts": "1.1"}, "1.1"),
        ({"ts": "2.1", "permalink": "https://x.slack.com/archives/C1/p21?thread_ts=1.1&cid=C1"}, "1.1"),
        ({"ts": "2.1", "permalink": "https://x.slack.com/archives/C1/p21"}, "2.1"),
        ({"ts": "2.1", "permalink": "http://[broken"}, "2.1"),
    ],
)
def test_a_reply_is_answered_in_its_thread_and_a_message_in_one_that_it_opens(
    message: dict[str, Any], thread: str
) -> None:
    assert spoken.thread_of(message) == thread


def test_what_follows_our_name_is_read_as_a_command_is() -> None:
    said = spoken.words_of({"text": f"<@{BOT}> a fox &amp; a hen —ar 16:9"}, bot=BOT)
    assert parse(said).request.prompt == "a fox & a hen"
