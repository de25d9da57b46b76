"""Pieces of messages: inert, and never longer than Slack takes."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.slack.elements import MOST_TEXT, Mention, clamp, escape, escaped, lines, minute, sentence, units, written
from bot.slack.wording import Words

EN = Words("en")
AT = datetime(2027, 1, 15, 14, 31, 20, tzinfo=UTC)


@given(st.text(), st.integers(1, 50))
def test_a_clamped_text_is_within_its_limit_and_begins_as_the_whole(text: str, most: int) -> None:
    short = clamp(text, most)
    assert units(short) <= most
    assert short == text or text.startswith(short.removesuffix("…"))


@given(st.text(alphabet="ab&<>😀"), st.integers(1, 60))
def test_an_escaped_text_is_within_its_limit_and_breaks_no_entity(text: str, most: int) -> None:
    short = escaped(text, most)
    assert units(short) <= most
    assert not re.sub("&(?:amp|lt|gt);", "", short).count("&")
    assert not set("<>") & set(short)


def test_exactly_three_characters_are_escaped_and_only_once() -> None:
    assert escape("a<b>&\"'`*_~@here &amp;") == "a&lt;b&gt;&amp;\"'`*_~@here &amp;amp;"


def test_an_emoji_counts_two() -> None:
    assert units("a😀") == 3


@given(st.lists(st.text(max_size=3000), max_size=5))
def test_lines_are_within_what_an_update_takes(parts: list[str]) -> None:
    assert units(lines(*parts)) <= MOST_TEXT


def test_lines_leave_out_what_says_nothing() -> None:
    assert lines("a", "", "b") == "a\nb"


@given(st.integers(0, 10_000))
def test_a_clock_time_is_the_full_minute_that_is_not_too_early(seconds: int) -> None:
    moment = AT + timedelta(seconds=seconds)
    shown = minute(moment)
    assert shown.second == 0
    assert timedelta(0) <= shown - moment < timedelta(minutes=1)


def test_a_clock_time_is_shown_in_the_readers_zone() -> None:
    date = sentence(EN, "status.drawing.about", about=AT)[1]
    assert date == {"type": "date", "timestamp": 1800023520, "format": "{time}", "fallback": "14:32 UTC"}
    assert "<!date^1800023520^{time}|14:32 UTC>" in written(EN, "status.drawing.about", about=AT)


def test_a_mention_is_an_element_in_blocks_and_nothing_in_text() -> None:
    assert sentence(EN, "failed.for", asker=Mention("U1"))[0] == {"type": "user", "user_id": "U1"}
    assert "U1" not in written(EN, "failed.for", asker=Mention("U1"))


@given(st.text(min_size=1))
def test_whatever_is_put_into_a_sentence_is_escaped_in_text(content: str) -> None:
    said = written(EN, "root.asked.text", prompt=content)
    assert not set("<>") & set(said)


def test_a_line_that_does_not_fit_is_left_out_whole() -> None:
    assert lines("a" * 3000, "b" * 1000, "c") == "a" * 3000
