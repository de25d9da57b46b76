"""Each step does one thing, and says what it found."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.errors import (
    LATER,
    SOON,
    STEADY,
    Cause,
    Closed,
    LinksExpired,
    Misconfigured,
    NotInChannel,
    OutcomeUnknown,
    Rejected,
    Throttled,
    Unavailable,
)
from bot.events import Rerouted
from bot.job import ChannelId, Charged, FileId, Job, State
from bot.lifecycle import ROAD_WAIT, advance
from bot.request import Request
from bot.steps import AN_HOUR, FEW, LOOKS, SHARE_PATIENCE, faulted
from tests.core.engine import CHANNEL, Engine
from tests.core.world import NOON

LINKS = ("https://pictures/a", "https://pictures/b")


async def ready(engine: Engine, links: tuple[str, ...] = LINKS) -> Job:
    return await engine.sent_ready(links=links, links_die_at=NOON + timedelta(hours=1), done_at=NOON)


class TestAnnounce:
    async def test_where_the_bot_is_not_a_member_the_asker_is_told_once_and_nothing_is_spent(
        self, engine: Engine
    ) -> None:
        engine.chat.closed[CHANNEL] = NotInChannel("not_in_channel", joinable=True)
        job = await engine.ask()
        wake = await engine.turn()
        asked = await engine.now(job)
        assert (asked.state, asked.blocked, wake) == (State.ACCEPTED, True, (NOON + ROAD_WAIT).timestamp())
        assert (engine.chat.roads, engine.images.calls["submit"]) == ([(True, False)], 0)
        told = await engine.until_state(job, State.FAILED)
        assert told.failure is not None
        assert (told.failure.cause, engine.chat.roads) == (Cause.NO_ROAD, [(True, False)])

    async def test_where_nobody_can_invite_it_the_result_comes_by_direct_message(self, engine: Engine) -> None:
        engine.chat.closed[CHANNEL] = NotInChannel("channel_not_found", direct=True)
        done = await engine.until_state(await engine.ask(), State.DELIVERED)
        assert (done.channel_id, done.origin_channel_id, engine.time.now() - NOON < ROAD_WAIT) == ("D1", CHANNEL, True)

    async def test_an_offer_that_is_refused_leaves_the_job_waiting(self, engine: Engine) -> None:
        engine.chat.closed[CHANNEL] = NotInChannel("not_in_channel")
        engine.chat.then("offer_road", Rejected("user_not_found"))
        job = await engine.ask()
        await engine.turn()
        asked = await engine.now(job)
        assert (asked.blocked, asked.attempts) == (True, 0)

    async def test_an_offer_that_slack_was_too_busy_for_is_made_again(self, engine: Engine) -> None:
        engine.chat.closed[CHANNEL] = NotInChannel("not_in_channel")
        engine.chat.then("offer_road", Unavailable("slack_down"))
        await engine.ask()
        await engine.until(lambda: engine.chat.roads == [(False, False)])
        assert engine.time.now() - NOON < timedelta(seconds=5)

    async def test_a_chosen_road_is_taken(self, engine: Engine) -> None:
        engine.chat.closed[CHANNEL] = NotInChannel("not_in_channel")
        job = await engine.ask()
        await engine.turn()
        asked = await engine.now(job)
        engine.runner.start(await engine.real.save(advance(asked, Rerouted(by_message=True), engine.time.now())))
        await engine.turn()
        assert engine.chat.roots == [(job.id, ChannelId("D1"))]

    async def test_asks_that_were_confirmed_together_stand_in_one_thread(self, engine: Engine) -> None:
        first, *others = await together(engine, 3)
        done = await engine.until_state(others[-1], *ANNOUNCED)
        opened = await engine.now(first)
        assert done.thread_ts == opened.thread_ts == opened.root_ts

    async def test_they_wait_while_the_first_has_no_road_and_then_take_the_same(self, engine: Engine) -> None:
        engine.chat.closed[CHANNEL] = NotInChannel("not_in_channel")
        first, second = await together(engine, 2)
        await engine.turn()
        assert engine.chat.roads == [(False, False)]
        blocked = await engine.now(first)
        engine.runner.start(await engine.real.save(advance(blocked, Rerouted(by_message=True), engine.time.now())))
        done = await engine.until_state(second, *ANNOUNCED)
        opened = await engine.now(first)
        assert (done.channel_id, done.thread_ts) == ("D1", opened.root_ts)

    async def test_where_the_first_was_cancelled_the_next_opens_the_thread_alone(self, engine: Engine) -> None:
        first = await engine.put(State.CANCELLED, root_ts=None, thread_ts=None)
        asker = engine.asker(key="second")
        second = (await engine.intake.ask(asker, Request("a hare"), parent=first)).job
        done = await engine.until_state(second, *ANNOUNCED)
        assert done.thread_ts == done.root_ts


ANNOUNCED = (State.QUEUED, State.SUBMITTING, State.GENERATING)


async def together(engine: Engine, number: int) -> list[Job]:
    """So many asks of which all but the first follow the first."""
    first = await engine.ask("a fox 0")
    rest = [
        await engine.intake.ask(engine.asker(key=str(n)), Request(f"a fox {n}"), parent=first) for n in range(1, number)
    ]
    return [first, *(receipt.job for receipt in rest)]


class TestFetch:
    async def test_an_unusable_picture_is_left_out_where_another_is_good(self, engine: Engine) -> None:
        engine.images.then("fetch", Rejected("not_an_image", cause=Cause.BAD_PICTURE))
        job = await ready(engine)
        done = await engine.until_state(job, State.DELIVERED)
        assert [picture.key for picture in done.pictures] == [f"{job.id}/1"]

    async def test_no_usable_picture_at_all_is_told(self, engine: Engine) -> None:
        engine.images.then("fetch", *(Rejected("not_an_image", cause=Cause.BAD_PICTURE) for _ in LINKS))
        ended = await engine.until_state(await ready(engine), State.FAILED)
        assert ended.failure is not None
        assert ended.failure.cause is Cause.BAD_PICTURE

    async def test_a_result_without_links_is_told(self, engine: Engine) -> None:
        ended = await engine.until_state(await ready(engine, ()), State.FAILED)
        assert ended.failure is not None
        assert ended.failure.code == "no_links"

    async def test_dead_links_are_asked_for_again_and_fetched_fresh(self, engine: Engine) -> None:
        engine.images.dead.update(LINKS)
        job = await ready(engine)
        done = await engine.until_state(job, State.DELIVERED)
        assert (done.requeries, engine.images.calls["submit"]) == (1, 1)

    async def test_one_dead_link_among_good_ones_is_enough_to_ask_again(self, engine: Engine) -> None:
        engine.images.then("fetch", Unavailable("reset"), LinksExpired("expired"))
        done = await engine.until_state(await ready(engine), State.DELIVERED)
        assert done.requeries == 1

    async def test_a_broken_download_is_tried_again_before_anything_is_given_up(self, engine: Engine) -> None:
        engine.images.then("fetch", Rejected("not_an_image"), Unavailable("reset"))
        done = await engine.until_state(await ready(engine), State.DELIVERED)
        assert (len(done.pictures), done.requeries) == (2, 0)

    async def test_a_defect_in_one_download_is_no_picture_left_out(self, engine: Engine) -> None:
        engine.images.then("fetch", ZeroDivisionError("ours"))
        done = await engine.until_state(await ready(engine), State.DELIVERED)
        assert len(done.pictures) == 2

    async def test_slack_hears_of_each_picture_before_it_is_uploaded(self, engine: Engine) -> None:
        async def look_well() -> None:
            assert sorted(engine.chat.expected) == [(job.id, 1, length), (job.id, 2, length)]

        engine.chat.then("upload", look_well)
        length = len(engine.images.bytes(LINKS[0]))
        job = await ready(engine)
        await engine.until_state(job, State.DELIVERED)
        assert len(engine.chat.expected) == 2

    async def test_as_long_as_one_download_fails_nothing_is_kept(self, engine: Engine) -> None:
        engine.images.then("fetch", None, Unavailable("reset"))
        await ready(engine)
        await engine.turn()
        assert (engine.images.calls["fetch"], engine.spool.objects) == (2, {})


class TestUpload:
    @pytest.mark.parametrize("spoilt", [None, b"something else"], ids=["gone", "altered"])
    async def test_bytes_that_are_gone_or_altered_are_fetched_again(self, engine: Engine, spoilt: bytes | None) -> None:
        job = await engine.sent_ready(state=State.FETCHED, pictures=(engine.picture(),))
        engine.spool.objects = {"j1/1": spoilt} if spoilt else {}
        done = await engine.until_state(job, State.DELIVERED)
        assert (done.requeries, engine.images.calls["submit"], len(engine.chat.shares)) == (1, 1, 1)


async def test_where_nobody_may_write_nothing_is_drawn_and_the_cause_is_told(engine: Engine) -> None:
    engine.chat.closed[CHANNEL] = Closed("is_archived", cause=Cause.ARCHIVED)
    ended = await engine.until_state(await engine.ask(), State.FAILED)
    assert ended.failure is not None
    assert (ended.failure.cause, ended.failure.charged) == (Cause.ARCHIVED, Charged.NO)
    assert engine.images.calls["submit"] == 0


async def several(engine: Engine) -> list[Job]:
    """Three that were confirmed together, in a conversation where the bot is not."""
    engine.chat.closed[CHANNEL] = NotInChannel("not_in_channel")
    first = await engine.ask("a red fox")
    asked = [(engine.asker(key=name), Request(name)) for name in ("blue", "green")]
    more = [(await engine.intake.ask(asker, request, together=first)).job for asker, request in asked]
    await engine.turn()
    return [first, *more]


async def test_several_that_are_called_off_before_they_have_a_thread_ask_for_no_other_road(engine: Engine) -> None:
    first, *more = await several(engine)
    await engine.intake.cancel(await engine.now(first), team_id=first.team_id, user_id=first.user_id)
    for job in more:
        await engine.until_state(job, State.CANCELLED)
    assert len(engine.chat.roads) == 1
    assert engine.images.calls["submit"] == 0


async def test_several_whose_first_finds_no_road_end_with_it_and_one_apology(engine: Engine) -> None:
    first, *more = await several(engine)
    await engine.until_state(first, State.FAILED)
    for job in more:
        await engine.until_state(job, State.CANCELLED)
    assert (len(engine.chat.roads), len(engine.chat.apologies)) == (1, 1)


async def test_several_whose_road_is_chosen_follow_the_first(engine: Engine) -> None:
    first, *more = await several(engine)
    del engine.chat.closed[CHANNEL]
    await engine.intake.choose_road(await engine.now(first), user_id=first.user_id, by_message=False)
    await engine.until_state(first, State.DELIVERED)
    threads = {(await engine.until_state(job, State.DELIVERED)).thread_ts for job in more}
    assert threads == {(await engine.now(first)).thread_ts}


class TestShare:
    async def test_what_this_very_run_uploaded_is_shared_without_asking(self, engine: Engine) -> None:
        job = await engine.put(State.FETCHED, pictures=(engine.picture(),))
        await engine.until_state(job, State.DELIVERED)
        assert (engine.chat.calls["share"], engine.chat.calls["landed"]) == (1, 1)

    async def test_after_a_crash_a_share_that_landed_is_not_repeated(self, engine: Engine) -> None:
        job = await engine.uploaded(shared=True)
        done = await engine.until_state(job, State.DELIVERED)
        assert (done.share_ts, engine.chat.calls["share"]) == ("2.1", 0)

    async def test_after_a_crash_before_the_share_it_is_made_once(self, engine: Engine) -> None:
        job = await engine.uploaded()
        await engine.until_state(job, State.DELIVERED)
        assert engine.chat.shares == [job.id]

    async def test_after_a_crash_a_share_that_is_only_late_is_waited_for(self, engine: Engine) -> None:
        engine.chat.late = 3
        job = await engine.uploaded(shared=True)
        done = await engine.until_state(job, State.DELIVERED)
        assert (done.share_ts, engine.chat.shares) == ("2.1", [])

    async def test_a_late_share_is_looked_for_ever_more_rarely(self, engine: Engine) -> None:
        engine.chat.late = len(LOOKS) - 1
        job = await engine.put(State.FETCHED, pictures=(engine.picture(),))
        await engine.until_state(job, State.DELIVERED)
        assert engine.time.slept == list(LOOKS)
        assert engine.chat.shares == [job.id]

    async def test_a_share_unseen_for_two_minutes_is_removed_before_new_ids_are_used(self, engine: Engine) -> None:
        engine.chat.late = 1000
        job = await engine.uploaded()

        async def look_well() -> None:
            assert engine.time.now() - NOON >= SHARE_PATIENCE
            assert FileId("F0") in engine.chat.files
            engine.chat.late = 0

        engine.chat.then("remove", look_well)
        done = await engine.until_state(job, State.DELIVERED)
        assert (done.uploads, len(engine.chat.shares), FileId("F0") in engine.chat.files) == (1, 2, False)
        assert list(engine.chat.files) == list(done.file_ids)

    async def test_a_share_unseen_for_less_is_only_looked_for_again(self, engine: Engine) -> None:
        engine.chat.late = 2 * len(LOOKS)
        done = await engine.until_state(await engine.uploaded(), State.DELIVERED)
        assert (done.uploads, engine.chat.calls["remove"], engine.chat.calls["share"]) == (0, 0, 2)

    async def test_without_the_scope_to_look_a_fresh_share_is_believed(self, engine: Engine) -> None:
        engine.chat.can_look = False
        job = await engine.put(State.FETCHED, pictures=(engine.picture(),))
        done = await engine.until_state(job, State.DELIVERED)
        assert (done.share_ts, engine.chat.shares) == (None, [job.id])

    @pytest.mark.parametrize("shared", [False, True])
    async def test_without_the_scope_to_look_a_share_after_a_crash_is_tried_and_trusted_once(
        self, engine: Engine, *, shared: bool
    ) -> None:
        engine.chat.can_look = False
        job = await engine.uploaded(shared=shared)
        await engine.until_state(job, State.DELIVERED)
        assert engine.chat.calls["share"] == 1
        assert engine.chat.shares == ([] if shared else [job.id])

    async def test_without_the_scope_to_look_a_lost_conversation_is_left_for_a_direct_message_too(
        self, engine: Engine
    ) -> None:
        engine.chat.can_look = False
        engine.chat.closed[CHANNEL] = NotInChannel("not_in_channel")
        done = await engine.until_state(await engine.uploaded(), State.DELIVERED)
        assert (done.channel_id, engine.chat.shares) == ("D1", [done.id])

    async def test_files_that_slack_does_not_have_are_uploaded_anew(self, engine: Engine) -> None:
        job = await engine.uploaded()
        engine.chat.files.clear()
        done = await engine.until_state(job, State.DELIVERED)
        assert (done.uploads, len(engine.chat.shares)) == (1, 1)

    @pytest.mark.parametrize("fault", [NotInChannel("not_in_channel"), Closed("is_archived", cause=Cause.ARCHIVED)])
    async def test_what_can_t_be_shown_there_any_more_is_sent_by_direct_message(
        self, engine: Engine, fault: NotInChannel | Closed
    ) -> None:
        job = await engine.uploaded()
        engine.chat.closed[CHANNEL] = fault
        done = await engine.until_state(job, State.DELIVERED)
        assert (done.channel_id, done.thread_ts, engine.chat.shares) == ("D1", None, [job.id])

    async def test_where_even_the_direct_message_is_refused_the_owner_is_told(self, engine: Engine) -> None:
        engine.chat.closed = {CHANNEL: NotInChannel("not_in_channel"), "D1": NotInChannel("not_in_channel")}
        ended = await engine.until_state(await engine.uploaded(), State.FAILED)
        assert ended.failure is not None
        assert ended.failure.cause is Cause.NO_ROAD

    async def test_slack_losing_the_files_again_and_again_is_told(self, engine: Engine) -> None:
        async def lose() -> None:
            engine.chat.files.clear()

        engine.chat.then("share", *(lose for _ in range(99)))
        ended = await engine.until_state(await engine.uploaded(), State.FAILED)
        assert ended.failure is not None
        assert (ended.failure.code, engine.chat.shares) == ("share_never_seen", [])


async def test_an_apology_is_made_once_and_ends_the_job(engine: Engine) -> None:
    job = await engine.put(State.FAILING)
    await engine.until_state(job, State.FAILED)
    assert [each.id for each in engine.chat.apologies] == [job.id]
    assert engine.chat.ends == [(job.id, State.FAILED)]


async def test_what_is_deleted_is_gone_from_slack_and_the_root_says_so(engine: Engine) -> None:
    job = await engine.uploaded(shared=True)
    await engine.until_state(job, State.DELIVERED)
    deleting = await engine.intake.delete(await engine.now(job), team_id=job.team_id, user_id=job.user_id)
    assert deleting == "deleting"
    await engine.until_state(job, State.DELETED)
    assert (engine.chat.files, engine.chat.ends[-1]) == ({}, (job.id, State.DELETED))


class TestWhatAFaultMeans:
    @pytest.mark.parametrize(
        "state", [State.ACCEPTED, State.FETCHED, State.UPLOADED, State.FAILING, State.DELETING], ids=str
    )
    def test_what_is_owed_to_slack_is_tried_for_a_day_however_slack_fails(self, state: State) -> None:
        assert faulted(Unavailable("slack_down"), state).patience is STEADY
        assert faulted(Misconfigured("invalid_auth"), state).patience is STEADY

    def test_what_is_refused_for_good_is_not_tried_again(self) -> None:
        assert faulted(Rejected("msg_too_long"), State.FETCHED).patience is None

    def test_elsewhere_a_fault_brings_its_own_patience(self) -> None:
        assert faulted(Unavailable("reset"), State.SUBMITTING).patience is SOON
        assert faulted(Misconfigured("setting"), State.READY).patience is None

    def test_a_fault_may_bring_a_patience_of_its_own(self) -> None:
        assert faulted(Unavailable("cut", patience=LATER), State.READY).patience is LATER

    def test_paid_pictures_are_tried_for_as_long_as_their_links_live(self) -> None:
        assert faulted(Unavailable("disk_full"), State.READY).patience is AN_HOUR

    def test_a_post_whose_answer_was_lost_is_repeated_only_a_few_times(self) -> None:
        assert faulted(OutcomeUnknown("reset"), State.ACCEPTED).patience is FEW
        assert faulted(OutcomeUnknown("reset"), State.UPLOADED).patience is STEADY

    def test_a_throttled_step_waits_as_long_as_it_was_told(self) -> None:
        assert faulted(Throttled("ratelimited", retry_after=30.0), State.FETCHED).retry_after == 30.0
        assert faulted(Unavailable("slack_down"), State.FETCHED).retry_after is None

    def test_the_providers_request_id_is_kept(self) -> None:
        assert faulted(Rejected("refused", reference="r1"), State.SUBMITTING).reference == "r1"
