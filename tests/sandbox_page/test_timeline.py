"""The timeline is a fold over what was seen from outside."""

from __future__ import annotations

from sandbox.stages import Stage
from tests.sandbox_page.story import ADA, ROOM, Story


def test_a_whole_job_has_all_eight_stages_in_order() -> None:
    story = Story().ask("a fox --n 2").root("1.1", "Ada asked: a fox", "j1").submit("p1", "a fox", num=2)
    (job,) = story.drawn("p1", "aa", "bb").shared("1.1", "aa", "bb").jobs()

    assert list(job.marks) == sorted(job.marks, key=lambda stage: job.marks[stage])
    assert list(job.seconds()) == [stage.value for stage in Stage]
    assert (job.key, job.user, job.prompt, job.provider, job.certain) == ("j1", ADA, "a fox", "p1", True)
    assert job.files == ["Faa", "Fbb"]
    assert job.expected == 2


def test_a_job_is_called_by_all_its_words_also_those_behind_a_flag_but_not_by_a_house_style() -> None:
    story = Story().ask("a fox --ar 16:9 in the rain").root("1.1", "Asked for: a fox in the rain", "j1")
    assert story.submit("p1", "a fox in the rain").jobs()[0].title == "a fox in the rain"
    story.ask("a hen").root("2.2", "Asked for: a hen", "j2").submit("p2", "In ink. a hen")
    assert story.jobs()[1].title == "a hen"


def test_fetched_means_every_picture_is_fetched() -> None:
    story = Story().root("1.1", "a fox", "j1").submit("p1", "a fox", num=2)
    story.add("image.done", job="p1", pictures=["aa", "bb"]).add("image.download", job="p1", index=0, sha256="aa")
    assert Stage.FETCHED not in story.jobs()[0].marks

    story.add("image.download", job="p1", index=1, sha256="bb")
    assert story.jobs()[0].marks[Stage.FETCHED] == story.now


def test_pictures_outrank_prompt_and_order() -> None:
    story = Story().root("1.1", "a fox", "one").root("2.2", "a fox", "two")
    story.submit("p1", "a fox").submit("p2", "a fox").drawn("p1", "aa").drawn("p2", "bb")
    one, two = story.shared("1.1", "bb", ts="3.3").shared("2.2", "aa", ts="4.4").jobs()

    assert (one.provider, one.certain, one.files) == ("p2", True, ["Fbb"])
    assert (two.provider, two.certain, two.files) == ("p1", True, ["Faa"])


def test_the_same_picture_twice_goes_to_the_job_of_its_thread() -> None:
    story = Story().root("1.1", "a fox", "one").submit("p1", "a fox").drawn("p1", "aa").shared("1.1", "aa")
    story.root("2.2", "a fox", "two").submit("p2", "a fox").drawn("p2", "aa")
    one, two = story.shared("2.2", "aa", ts="5.5").jobs()

    assert (one.provider, two.provider) == ("p1", "p2")
    assert two.marks[Stage.DELIVERED] > two.marks[Stage.UPLOADED] > one.marks[Stage.DELIVERED]


def test_a_failed_job_that_is_sent_again_starts_its_picture_anew() -> None:
    story = Story().root("1.1", "a fox", "j1").submit("p1", "a fox").add("image.running", job="p1")
    story.add("image.failed", job="p1", code="FailedOperation.X")
    assert story.jobs()[0].problem == "FailedOperation.X"

    (job,) = story.submit("p2", "a fox").jobs()
    assert (job.provider, job.submits, job.problem) == ("p2", 2, None)
    assert Stage.RUNNING not in job.marks


def test_what_the_bot_says_in_a_thread_is_kept_and_is_no_job() -> None:
    (job,) = Story().root("1.1", "a fox", "j1").root("1.2", "Sorry, refused.", thread="1.1").jobs()
    assert job.said == ["Sorry, refused."]


def test_an_apology_after_a_refused_submit_ends_the_job_with_its_code() -> None:
    story = Story().root("1.1", "a fox", "j1").add("image.refused", action="SubmitHunyuanImageJob", code="Denied.X")
    assert story.jobs()[0].problem is None
    (job,) = story.root("1.2", "Sorry.", "j1", thread="1.1").jobs()
    assert (job.problem, job.said) == ("Denied.X", ["Sorry."])


def test_words_beside_a_running_picture_are_no_apology() -> None:
    (job,) = Story().root("1.1", "a fox", "j1").submit("p1", "a fox").root("1.2", "Soon.", thread="1.1").jobs()
    assert (job.problem, job.said) == (None, ["Soon."])


def test_a_cancelled_job_has_ended_when_the_bot_agrees() -> None:
    story = Story().ask("a fox").root("1.1", "a fox", "j1")
    story.add("slack.click", channel=ROOM, ts="1.1", user=ADA, action_id="cancel", value="j1")
    assert story.jobs()[0].problem is None
    assert story.add("slack.message_changed", channel=ROOM, ts="1.1").jobs()[0].problem == "cancelled"


def test_a_cross_on_a_picture_under_way_does_not_end_it() -> None:
    story = Story().root("1.1", "a fox", "j1").submit("p1", "a fox")
    story.add("slack.reaction", channel=ROOM, ts="1.1", user=ADA, name="x", added=True)
    assert story.add("slack.message_changed", channel=ROOM, ts="1.1").jobs()[0].problem is None


def test_a_bot_without_metadata_has_jobs_too() -> None:
    (job,) = (
        Story().ask("a fox").root("1.1", "a fox").submit("p1", "a fox").drawn("p1", "aa").shared("1.1", "aa").jobs()
    )
    assert (job.key, job.delivered, job.certain) == ("1.1", True, True)


def test_an_edited_prompt_is_found_in_spite_of_entities_and_width() -> None:
    (job,) = Story().root("1.1", "Ada: cats &amp; dogs ｆｏｘ", "j1").submit("p9", "Cats & dogs  fox").jobs()
    assert job.provider == "p9"


def test_a_copy_a_favourite_and_a_winner_are_no_jobs_and_count_for_the_one_they_show() -> None:
    story = Story().ask("a fox").root("1.1", "a fox", "j1").submit("p1", "a fox").drawn("p1", "aa").shared("1.1", "aa")
    story.shared(None, "aa", ts="2.2", channel="CGALLERY").shared(None, "aa", ts="3.3", channel="DADA")
    (job,) = story.root("4.4", "The winner is a fox").shown()
    assert (job.key, job.copies, job.share_ts) == ("j1", 2, "9.9")


def test_a_copy_in_the_thread_of_a_waiting_job_is_not_its_picture() -> None:
    story = Story().root("1.1", "a fox", "first111").submit("p1", "a fox").drawn("p1", "aa")
    story.shared("1.1", "ff", name="imagine-first111-1.png").root("1.2", "another fox", "second22", thread="1.1")
    first, second = story.shared("1.1", "ff", ts="1.3", name="imagine-copy3333-1.png").shown()
    assert (first.copies, second.delivered) == (1, False)


def test_what_only_answers_is_no_job_even_of_a_bot_without_metadata() -> None:
    story = Story().ask("tree").root("1.1", "The family of this thread")
    assert story.shown() == []
    (job,) = story.ask("a fox").root("2.2", "a fox").submit("p1", "a fox").shown()
    assert job.ts == "2.2"


def test_a_bot_that_names_its_jobs_has_no_others() -> None:
    story = Story().root("1.1", "a fox", "j1").ask("a cat").root("2.2", "a cat is a fine idea")
    cat = story.root("3.3", "Asked for: a cat", "j2", asker=ADA).submit("p1", "a cat").jobs()[-1]
    assert [job.key for job in story.jobs()] == ["j1", "j2"]
    assert (cat.user, cat.provider, Stage.ASKED in cat.marks) == (ADA, "p1", True)


def test_the_first_pictures_of_a_set_do_not_end_those_that_wait() -> None:
    story = Story().root("2.2", "a red bird", "red11111").root("2.3", "a blue bird", "blue2222", thread="2.2")
    story.submit("p1", "a red bird").drawn("p1", "aa").shared("2.2", "ff", name="imagine-red11111-1.png")
    red, blue = story.jobs()
    assert (red.delivered, blue.delivered, blue.problem) == (True, False, None)


def test_pictures_that_the_bot_wrote_into_are_known_by_the_names_of_their_files() -> None:
    story = Story().root("1.1", "a fox", "first111").root("1.2", "a fox", "second22", thread="1.1")
    story.submit("p1", "a fox").submit("p2", "a fox").drawn("p1", "aa").drawn("p2", "bb")
    first, second = story.shared("1.1", "ff", name="imagine-second22-1.png").jobs()
    assert (first.delivered, second.delivered) == (False, True)
    assert Stage.UPLOADED in second.marks
    assert Stage.UPLOADED not in first.marks


def test_a_greeting_before_the_first_job_takes_nothing_that_is_drawn() -> None:
    story = Story().root("1.1", "Hello").root("2.2", "Asked for: a fox", "j1").submit("p1", "in ink: a fox")
    assert [(job.key, job.provider) for job in story.shown()] == [("j1", "p1")]


def test_a_picture_of_unknown_bytes_and_name_was_uploaded_before_it_was_shared() -> None:
    (job,) = Story().root("1.1", "a fox", "j1").submit("p1", "a fox").drawn("p1", "aa").shared("1.1", "ff").jobs()
    assert job.marks[Stage.DONE] < job.marks[Stage.UPLOADED] < job.marks[Stage.DELIVERED]
