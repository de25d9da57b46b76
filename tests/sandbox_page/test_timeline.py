"""The timeline is a fold over what was seen from outside."""

from __future__ import annotations

from typing import Any

from sandbox.feed import Feed
from sandbox.stages import Job, Stage, words_of
from sandbox.timeline import timelines

BOT, ADA, BEN = "UBOT", "UADA", "UBEN"
ROOM = "CROOM"


class Story:
    """Writes happenings one second apart, as the two fakes would."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.feed = Feed(clock=self.tick)

    def tick(self) -> float:
        self.now += 1.0
        return self.now

    def add(self, kind: str, **data: Any) -> Story:
        self.feed.publish(kind, **data)
        return self

    def ask(self, text: str, *, user: str = ADA, trigger: str = "t") -> Story:
        return self.add("slack.command", channel=ROOM, user=user, text=f"/imagine {text}", trigger_id=trigger)

    def root(
        self, ts: str, text: str, job: str | None = None, *, channel: str = ROOM, thread: str | None = None
    ) -> Story:
        metadata = {"event_type": "imagine_job", "event_payload": {"job": job}} if job else None
        return self.add(
            "slack.message", channel=channel, ts=ts, thread_ts=thread, user=BOT, text=text, metadata=metadata
        )

    def submit(self, job: str, prompt: str, *, num: int = 1) -> Story:
        return self.add("image.submit", job=job, prompt=prompt, num=num)

    def drawn(self, job: str, *pictures: str) -> Story:
        self.add("image.running", job=job).add("image.done", job=job, pictures=list(pictures))
        for index, sha in enumerate(pictures):
            self.add("image.download", job=job, index=index, sha256=sha)
        return self

    def shared(self, thread: str, *pictures: str, ts: str = "9.9", channel: str = ROOM) -> Story:
        for sha in pictures:
            self.add("slack.upload", file=f"F{sha}", sha256=sha, size=1, name="p.png")
        files = [{"id": f"F{sha}", "sha256": sha} for sha in pictures]
        return self.add("slack.share", channel=channel, ts=ts, thread_ts=thread, files=files)

    def jobs(self) -> list[Job]:
        return timelines(self.feed.happenings, bot_user=BOT)


def test_a_whole_job_has_all_eight_stages_in_order() -> None:
    story = Story().ask("a fox --n 2").root("1.1", "Ada asked: a fox", "j1").submit("p1", "a fox", num=2)
    (job,) = story.drawn("p1", "aa", "bb").shared("1.1", "aa", "bb").jobs()

    assert list(job.marks) == sorted(job.marks, key=lambda stage: job.marks[stage])
    assert list(job.seconds()) == [stage.value for stage in Stage]
    assert (job.key, job.user, job.prompt, job.provider, job.certain) == ("j1", ADA, "a fox", "p1", True)
    assert job.files == ["Faa", "Fbb"]
    assert job.expected == 2


def test_fetched_means_every_picture_is_fetched() -> None:
    story = Story().root("1.1", "a fox", "j1").submit("p1", "a fox", num=2)
    story.add("image.done", job="p1", pictures=["aa", "bb"]).add("image.download", job="p1", index=0, sha256="aa")
    assert Stage.FETCHED not in story.jobs()[0].marks

    story.add("image.download", job="p1", index=1, sha256="bb")
    assert story.jobs()[0].marks[Stage.FETCHED] == story.now


def test_two_asks_are_told_apart_by_their_words_even_out_of_order() -> None:
    story = Story().ask("a cat", trigger="t1").ask("a dog", user=BEN, trigger="t2")
    story.root("2.2", "dog: A  DOG", "dog").root("1.1", "cat: a cat", "cat").submit("p1", "a cat").submit("p2", "a dog")

    dog, cat = story.jobs()
    assert (dog.user, dog.provider) == (BEN, "p2")
    assert (cat.user, cat.provider) == (ADA, "p1")


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


def test_a_direct_message_takes_the_ask_that_was_given_in_a_channel() -> None:
    (job,) = Story().ask("a fox").root("1.1", "a fox", "j1", channel="DADA").jobs()
    assert (job.user, job.channel) == (ADA, "DADA")


def test_a_bot_without_metadata_has_jobs_too() -> None:
    (job,) = (
        Story().ask("a fox").root("1.1", "a fox").submit("p1", "a fox").drawn("p1", "aa").shared("1.1", "aa").jobs()
    )
    assert (job.key, job.delivered, job.certain) == ("1.1", True, True)


def test_an_edited_prompt_is_found_in_spite_of_entities_and_width() -> None:
    (job,) = Story().root("1.1", "Ada: cats &amp; dogs ｆｏｘ", "j1").submit("p9", "Cats & dogs  fox").jobs()
    assert job.provider == "p9"


def test_the_prompt_ends_where_the_flags_begin() -> None:
    assert words_of("/imagine a fox &amp; a hen \u2014ar 16:9 --n 2") == "a fox & a hen"
    assert words_of("/imagine --n 2") == ""
