"""Who asked for a job, when and in which words."""

from __future__ import annotations

from sandbox.stages import Stage, words_of
from tests.sandbox_page.story import ADA, BEN, ROOM, Story


def test_two_asks_are_told_apart_by_their_words_even_out_of_order() -> None:
    story = Story().ask("a cat", trigger="t1").ask("a dog", user=BEN, trigger="t2")
    story.root("2.2", "dog: A  DOG", "dog").root("1.1", "cat: a cat", "cat").submit("p1", "a cat").submit("p2", "a dog")

    dog, cat = story.jobs()
    assert (dog.user, dog.provider) == (BEN, "p2")
    assert (cat.user, cat.provider) == (ADA, "p1")


def test_a_reaction_begins_another_job_in_the_same_thread() -> None:
    story = Story().ask("a fox").root("1.1", "a fox", "j1").submit("p1", "a fox").drawn("p1", "aa").shared("1.1", "aa")
    story.add("slack.reaction", channel=ROOM, ts="9.9", user=BEN, name="repeat", added=True)
    again = story.root("1.5", "again: a fox", "j2", thread="1.1").submit("p2", "a fox").jobs()[1]

    assert (again.again, again.thread, again.user, again.provider) == (True, "1.1", BEN, "p2")


def test_a_refused_command_is_no_ask_for_the_next_message() -> None:
    story = (
        Story()
        .ask("--n 9", trigger="bad")
        .add("slack.command_answer", trigger_id="bad", ok=False, error="x", text=None)
    )
    (job,) = story.ask("a fox", user=BEN, trigger="good").root("1.1", "something else", "j1").jobs()
    assert job.user == BEN


def test_a_direct_message_takes_the_ask_that_was_given_in_a_channel() -> None:
    (job,) = Story().ask("a fox").root("1.1", "a fox", "j1", channel="DADA").jobs()
    assert (job.user, job.channel) == (ADA, "DADA")


def test_the_prompt_ends_where_the_flags_begin() -> None:
    assert words_of("/imagine a fox &amp; a hen \u2014ar 16:9 --n 2") == "a fox & a hen"
    assert words_of("/imagine --n 2") == ""
    assert words_of("<@UBOT> a fox --n 2") == "a fox"


def test_what_was_answered_privately_is_no_ask_for_the_next_message() -> None:
    story = Story().ask("history").whispered("1.1").ask("a {red, blue} bird").whispered("1.2")
    story.add("slack.click", channel=ROOM, ts="1.2", user=ADA, action_id="confirm", value="d")
    pressed = story.now
    (job,) = story.root("2.2", "Asked for: a red bird", "j1", asker=ADA).submit("p1", "a red bird").jobs()
    assert (job.user, job.prompt, job.again, job.marks[Stage.ASKED]) == (ADA, "a red bird", False, pressed)


def test_an_answered_ask_still_finds_the_job_with_its_words() -> None:
    (job,) = Story().ask("a fox").whispered("1.1").root("2.2", "Asked for: a fox", "j1").jobs()
    assert (job.user, job.prompt) == (ADA, "a fox")


def test_each_of_a_set_is_its_askers_and_none_is_another_time_the_same() -> None:
    story = (
        Story().whispered("1.1").add("slack.click", channel=ROOM, ts="1.1", user=ADA, action_id="confirm", value="d")
    )
    story.root("2.2", "Asked for: a red bird", "j1", asker=ADA)
    second = story.root("2.3", "Asked for another: a blue bird\nNext in line", "j2", thread="2.2", asker=ADA).jobs()[1]
    assert (second.user, second.again, second.title) == (ADA, False, "a blue bird")


def test_a_form_is_the_ask_of_who_submitted_it() -> None:
    story = Story().ask("a cat", user=BEN).add("slack.submit", view="V1", user=ADA, callback_id="form")
    sent = story.now
    (job,) = story.root("1.1", "Asked for: a fox", "j1", asker=ADA).jobs()
    assert (job.user, job.marks[Stage.ASKED]) == (ADA, sent)


def test_a_favourite_is_no_ask_for_what_somebody_else_wants_in_the_thread() -> None:
    story = Story().root("1.1", "a fox", "j1").submit("p1", "a fox").drawn("p1", "aa").shared("1.1", "aa")
    story.add("slack.reaction", channel=ROOM, ts="9.9", user=BEN, name="star", added=True)
    story.says("1.4", "<@UBOT> a blue owl", thread="1.1")
    asked = story.now
    owl = story.root("1.5", "Asked for: a blue owl", "j2", thread="1.1", asker=ADA).jobs()[1]
    assert (owl.user, owl.prompt, owl.again, owl.marks[Stage.ASKED]) == (ADA, "a blue owl", False, asked)


def test_in_a_direct_message_every_word_is_an_ask() -> None:
    story = Story().says("1.1", "a whale", channel="DADA")
    (job,) = story.root("1.2", "Asked for: a whale", "j1", channel="DADA", asker=ADA).jobs()
    assert (job.user, job.prompt, Stage.ASKED in job.marks) == (ADA, "a whale", True)


def test_a_list_that_was_answered_is_no_ask_of_a_later_job_of_the_same_person() -> None:
    (job,) = Story().ask("history").whispered("1.1").root("2.2", "Asked for: a fox", "j1", asker=ADA).jobs()
    assert (job.user, Stage.ASKED in job.marks, job.prompt) == (ADA, False, "")


def test_of_two_who_ask_for_the_same_each_gets_their_own() -> None:
    story = Story().ask("a fox", user=BEN, trigger="t1").ask("a fox", trigger="t2")
    ada, ben = story.root("1.1", "a fox", "j1", asker=ADA).root("2.2", "a fox", "j2", asker=BEN).jobs()
    assert (ada.user, ben.user) == (ADA, BEN)
    assert ada.marks[Stage.ASKED] > ben.marks[Stage.ASKED]


def test_of_a_persons_own_presses_in_a_thread_the_last_one_asked() -> None:
    story = Story().root("1.1", "a fox", "j1").submit("p1", "a fox").drawn("p1", "aa").shared("1.1", "aa")
    for name in ("star", "repeat"):
        story.add("slack.reaction", channel=ROOM, ts="9.9", user=ADA, name=name, added=True)
    pressed = story.now
    again = story.root("1.5", "Asked for another: a fox", "j2", thread="1.1", asker=ADA).jobs()[1]
    assert (again.again, again.marks[Stage.ASKED]) == (True, pressed)
