"""What stands with the pictures."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.job import Job, Kind
from bot.prompt import recipe
from bot.request import Request, Shape
from bot.slack import actions, captions
from bot.slack.elements import Message, units
from bot.slack.wording import Words
from tests.slack.conftest import ADA, a_job, pictures
from tests.slack.looking import (
    action_ids,
    check,
    elements,
    jobs,
    requests,
    words,
    words_in,
)


@given(words, jobs, st.booleans(), st.sampled_from(Kind))
def test_a_caption_is_valid_and_pings_its_asker_alone(said: Words, job: Job, private: bool, kind: Kind) -> None:
    made = captions.caption(said, replace(job, private=private, kind=kind))
    check(Message("x", made), may_ping={ADA})
    assert ADA in str(made)


def test_a_caption_holds_the_recipe_to_paste_back() -> None:
    request = Request("a fox", shape=Shape.WIDE_16_9, count=2)
    made = captions.caption(Words("en"), a_job(request=request))
    pasted = [each for each in elements(made) if each.get("type") == "rich_text_preformatted"]
    assert [each["elements"][0]["text"] for each in pasted] == [recipe(request)]


def test_a_caption_shows_the_other_wording_only_if_it_is_another() -> None:
    same = Message("", captions.caption(Words("en"), a_job(revised=("a fox in the rain",))))
    other = Message("", captions.caption(Words("en"), a_job(revised=("a red fox", "a red fox"))))
    assert "read it as" not in words_in(same)
    assert words_in(other).count("a red fox") == 1


def test_wordings_that_differ_stand_under_the_numbers_of_their_pictures() -> None:
    job = a_job(request=Request("a fox", count=4), pictures=pictures(4))
    shown = captions.caption(Words("en"), replace(job, revised=("a red fox", "a blue fox", "a red fox", "a fox")))
    quoted = [each["elements"][0]["text"] for each in elements(shown) if each.get("type") == "rich_text_quote"]
    assert quoted == ["a fox", "1, 3. a red fox", "2. a blue fox"]
    alike = captions.caption(Words("en"), replace(job, revised=("a red fox",) * 4))
    assert "1" not in words_in(Message("", alike)).split("paste")[0].split("read it as")[1]


def test_a_caption_says_when_pictures_are_missing() -> None:
    one = pictures(1)
    job = a_job(request=Request("x", count=4), pictures=one)
    assert "made 1 of the 4 pictures" in words_in(Message("", captions.caption(Words("en"), job)))
    whole = replace(job, request=Request("x", count=1))
    assert "of the" not in words_in(Message("", captions.caption(Words("en"), whole)))


def test_a_caption_admits_that_it_may_have_been_charged_twice() -> None:
    twice = a_job(unsure=1, sends=2)
    assert "charged twice" in words_in(Message("", captions.caption(Words("en"), twice)))
    assert "charged" not in words_in(Message("", captions.caption(Words("en"), a_job())))


def test_exact_words_are_offered_only_where_they_were_not_used() -> None:
    assert action_ids(captions.caption(Words("en"), a_job())) == [
        actions.AGAIN,
        actions.EDIT,
        actions.EXACT,
        actions.VARY,
        actions.DELETE,
    ]
    raw = a_job(request=Request("x", raw=True))
    assert action_ids(captions.caption(Words("en"), raw)) == [
        actions.AGAIN,
        actions.EDIT,
        actions.VARY,
        actions.DELETE,
    ]


def test_deleting_asks_once_more() -> None:
    made = [
        each for each in elements(captions.caption(Words("en"), a_job())) if each.get("action_id") == actions.DELETE
    ]
    assert set(made[0]["confirm"]) == {"title", "text", "confirm", "deny", "style"}


@given(words, requests, st.integers(1, 4))
def test_a_picture_is_described_within_slacks_limit(said: Words, request: Request, number: int) -> None:
    alt = captions.alt_text(said, a_job(request=request), number=number, n=4)
    assert len(alt) <= units(alt) <= 1000
    assert alt.startswith(("Picture", "第"))


def test_a_filename_is_all_ours() -> None:
    assert captions.filename(a_job(request=Request("../../x")), number=2, mime="image/jpeg") == "imagine-3f2a9c0d-2.jpg"
