"""Roots are kept up to date as a courtesy: few edits, the last one always."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from bot.errors import OutcomeUnknown, Rejected, Throttled
from bot.job import Job, JobId, State
from bot.slack.choosing import GAP, Rank, surplus
from bot.slack.client import SlackClient
from bot.slack.editing import Editor, rank_of
from bot.slack.elements import Message
from sandbox.slack import SlackSandbox
from tests.slack.conftest import PICTURES, Clock, a_job, rooted


class Recorder(SlackClient):
    """Slack's client with a list of what was sent, and faults to raise instead."""

    def record(self) -> Recorder:
        self.sent: list[str] = []
        self.faults: list[Exception] = []
        return self

    async def call(self, method: str, /, **arguments: Any) -> dict[str, Any]:
        self.sent.append(f"{arguments['ts']} {arguments['text']}")
        if self.faults:
            raise self.faults.pop(0)
        return {"ok": True}


@pytest.fixture
def recorder(client: SlackClient, clock: Clock) -> Recorder:
    return Recorder(client.session, token="xoxb-t", api_url=client.api_url, now=clock.now).record()


@pytest.fixture
async def editor(recorder: Recorder, clock: Clock) -> AsyncIterator[Editor]:
    editing = Editor(recorder, now=clock.now)
    editing.start()
    yield editing
    await editing.close(limit=1.0)


def saying(text: str) -> Message:
    return Message(text, [])


def queued(name: str = "a", ts: str = "1.0") -> Job:
    return rooted(a_job(id=JobId(name)), ts)


def at(job: Job, state: State, version: int) -> Job:
    return replace(job, state=state, version=version)


async def settle(editor: Editor) -> None:
    """Let the editor do all it can do now."""
    for _ in range(20):
        editor.nudge()
        await asyncio.sleep(0)


async def test_a_view_is_sent(editor: Editor, recorder: Recorder) -> None:
    editor.show(queued(), saying("number 2"))
    await settle(editor)
    assert recorder.sent == ["1.0 number 2"]


async def test_a_view_that_stands_there_already_is_not_sent(editor: Editor, recorder: Recorder) -> None:
    editor.noted(queued(), saying("number 2"))
    editor.show(queued(), saying("number 2"))
    await settle(editor)
    assert recorder.sent == []


async def test_a_view_that_is_taken_back_before_it_was_sent_is_not_sent(
    editor: Editor, recorder: Recorder, clock: Clock
) -> None:
    editor.show(queued(), saying("number 2"))
    await settle(editor)
    editor.show(queued(), saying("number 3"))
    editor.show(queued(), saying("number 2"))
    clock.forward(GAP)
    await settle(editor)
    assert recorder.sent == ["1.0 number 2"]


async def test_between_two_edits_of_a_message_three_seconds_pass_and_only_the_latest_view_is_sent(
    editor: Editor, recorder: Recorder, clock: Clock
) -> None:
    for number in range(5, 0, -1):
        editor.show(queued(), saying(f"number {number}"))
        await settle(editor)
    assert recorder.sent == ["1.0 number 5"]
    clock.forward(GAP - 0.1)
    await settle(editor)
    assert len(recorder.sent) == 1
    clock.forward(0.1)
    await settle(editor)
    assert recorder.sent == ["1.0 number 5", "1.0 number 1"]


async def test_an_older_view_does_not_take_the_place_of_a_newer_one(
    editor: Editor, recorder: Recorder, clock: Clock
) -> None:
    job = queued()
    editor.show(at(job, State.DELIVERED, 7), saying("done"))
    editor.show(at(job, State.GENERATING, 4), saying("drawing"))
    await settle(editor)
    editor.show(at(job, State.GENERATING, 4), saying("drawing"))
    clock.forward(GAP)
    await settle(editor)
    assert recorder.sent == ["1.0 done"]


async def test_while_slack_says_wait_nothing_is_sent_and_nothing_is_lost(
    editor: Editor, recorder: Recorder, clock: Clock
) -> None:
    recorder.faults = [Throttled("ratelimited", retry_after=30)]
    editor.show(at(queued(), State.DELIVERED, 5), saying("done"))
    editor.show(queued("b", "2.0"), saying("number 1"))
    await settle(editor)
    assert recorder.sent == ["1.0 done"]
    clock.forward(30)
    await settle(editor)
    assert recorder.sent == ["1.0 done", "1.0 done", "2.0 number 1"]


async def test_a_last_word_is_said_again_until_it_is_heard(editor: Editor, recorder: Recorder, clock: Clock) -> None:
    recorder.faults = [OutcomeUnknown("connection"), OutcomeUnknown("timeout"), OutcomeUnknown("timeout")]
    editor.show(at(queued(), State.DELIVERED, 5), saying("done"))
    for _ in range(10):
        await settle(editor)
        clock.forward(60)
    assert recorder.sent == ["1.0 done"] * 4


async def test_progress_that_was_not_heard_is_dropped(editor: Editor, recorder: Recorder, clock: Clock) -> None:
    recorder.faults = [OutcomeUnknown("connection")]
    editor.show(queued(), saying("number 2"))
    for _ in range(3):
        await settle(editor)
        clock.forward(60)
    assert recorder.sent == ["1.0 number 2"]


async def test_an_edit_that_slack_refuses_is_not_tried_again(editor: Editor, recorder: Recorder, clock: Clock) -> None:
    recorder.faults = [Rejected("message_not_found")]
    editor.show(at(queued(), State.DELIVERED, 5), saying("done"))
    for _ in range(3):
        await settle(editor)
        clock.forward(60)
    assert recorder.sent == ["1.0 done"]


async def test_closing_says_the_last_words_and_leaves_the_rest(recorder: Recorder, clock: Clock) -> None:
    editor = Editor(recorder, now=clock.now)
    editor.show(queued("a", "1.0"), saying("number 4"))
    editor.show(at(queued("b", "2.0"), State.DELIVERED, 5), saying("done"))
    await editor.close(limit=1.0)
    assert recorder.sent == ["2.0 done"]
    editor.show(at(queued("c", "3.0"), State.DELIVERED, 5), saying("late"))
    assert recorder.sent == ["2.0 done"]


async def test_a_job_that_begins_at_once_is_not_told_so_while_what_its_root_says_still_holds(
    editor: Editor, recorder: Recorder, clock: Clock
) -> None:
    soon = clock.now().timestamp() + 20
    editor.noted(queued(), saying("next, about 14:32"), good_until=soon)
    clock.forward(4.0)
    editor.show(at(queued(), State.GENERATING, 3), saying("drawing, about 14:32"), once_late=saying("drawing"))
    await settle(editor)
    clock.forward(15.0)
    await settle(editor)
    assert recorder.sent == []
    clock.forward(1.0)
    await settle(editor)
    assert recorder.sent == ["1.0 drawing"]


async def test_the_last_word_does_not_wait_until_a_job_that_began_at_once_is_late(
    editor: Editor, recorder: Recorder, clock: Clock
) -> None:
    editor.noted(queued(), saying("next"), good_until=clock.now().timestamp() + 60)
    editor.show(at(queued(), State.GENERATING, 3), saying("drawing, about 14:32"), once_late=saying("drawing"))
    editor.show(at(queued(), State.DELIVERED, 5), saying("done"))
    await settle(editor)
    clock.forward(60)
    await settle(editor)
    assert recorder.sent == ["1.0 done"]


@pytest.mark.parametrize(("waited", "good"), [(5.0, 60.0), (4.0, 3.0)], ids=["began later", "late already"])
async def test_a_job_that_begins_later_or_is_late_is_told_that_it_is_drawn(
    editor: Editor, recorder: Recorder, clock: Clock, waited: float, good: float
) -> None:
    editor.noted(queued(), saying("next, about 14:32"), good_until=clock.now().timestamp() + good)
    clock.forward(waited)
    editor.show(at(queued(), State.GENERATING, 3), saying("drawing, about 14:40"), once_late=saying("drawing"))
    await settle(editor)
    assert recorder.sent == ["1.0 drawing, about 14:40"]


class Deaf(Recorder):
    """Never answers."""

    async def call(self, method: str, /, **arguments: Any) -> dict[str, Any]:
        await asyncio.Event().wait()
        return {}


async def test_closing_does_not_wait_for_a_deaf_slack(client: SlackClient, clock: Clock) -> None:
    deaf = Deaf(client.session, token="xoxb-t", api_url=client.api_url, now=clock.now).record()
    editor = Editor(deaf, now=clock.now)
    editor.start()
    editor.show(at(queued(), State.DELIVERED, 5), saying("done"))
    await asyncio.wait_for(editor.close(limit=0.01), timeout=5.0)


async def test_the_message_in_slack_changes(client: SlackClient, sandbox: SlackSandbox, clock: Clock) -> None:
    posted = await client.call("chat.postMessage", channel=PICTURES, text="number 2")
    editor = Editor(client, now=clock.now)
    editor.show(at(queued(ts=posted["ts"]), State.DELIVERED, 5), saying("done"))
    await editor.close(limit=5.0)
    message = sandbox.workspace.message(PICTURES, posted["ts"])
    assert message is not None
    assert message.text == "done"


@pytest.mark.parametrize(
    ("state", "shown", "rank"),
    [
        (State.QUEUED, State.QUEUED, Rank.PROGRESS),
        (State.QUEUED, None, Rank.PROGRESS),
        (State.GENERATING, State.QUEUED, Rank.CHANGE),
        (State.DELIVERED, State.UPLOADED, Rank.FINAL),
        (State.FAILING, None, Rank.FINAL),
        (State.CANCELLED, State.CANCELLED, Rank.FINAL),
        (State.DELETING, State.DELIVERED, Rank.FINAL),
    ],
)
def test_what_an_edit_is_worth(state: State, shown: State | None, rank: Rank) -> None:
    assert rank_of(a_job(state=state), shown) is rank


async def test_when_too_much_is_wanted_places_in_line_are_given_up_and_last_words_are_not(
    recorder: Recorder, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(surplus, "__defaults__", (2,))
    editor = Editor(recorder, now=clock.now)
    for number in range(5):
        editor.show(queued(f"q{number}", f"{number}.0"), saying("number 2"))
        editor.show(at(queued(f"d{number}", f"{number}.5"), State.DELIVERED, 5), saying("done"))
    await editor.close(limit=1.0)
    assert recorder.sent == [f"{number}.5 done" for number in range(5)]


async def test_a_newer_view_is_kept_while_an_older_one_is_being_sent(client: SlackClient, clock: Clock) -> None:
    slow = Slow(client.session, token="xoxb-t", api_url=client.api_url, now=clock.now).record()
    editor = Editor(slow, now=clock.now)
    editor.start()
    editor.show(queued(), saying("number 2"))
    await settle(editor)
    editor.show(at(queued(), State.DELIVERED, 5), saying("done"))
    slow.going.set()
    await settle(editor)
    clock.forward(GAP)
    await settle(editor)
    await editor.close(limit=1.0)
    assert slow.sent == ["1.0 number 2", "1.0 done"]


async def test_a_newer_view_outlives_the_failure_of_an_older_one(client: SlackClient, clock: Clock) -> None:
    slow = Slow(client.session, token="xoxb-t", api_url=client.api_url, now=clock.now).record()
    slow.faults = [OutcomeUnknown("timeout")]
    editor = Editor(slow, now=clock.now)
    editor.start()
    editor.show(queued(), saying("number 2"))
    await settle(editor)
    editor.show(at(queued(), State.DELIVERED, 5), saying("done"))
    slow.going.set()
    await settle(editor)
    await editor.close(limit=1.0)
    assert slow.sent == ["1.0 number 2", "1.0 done"]


class Slow(Recorder):
    """Answers when it is told to."""

    def record(self) -> Slow:
        super().record()
        self.going = asyncio.Event()
        return self

    async def call(self, method: str, /, **arguments: Any) -> dict[str, Any]:
        await self.going.wait()
        return await super().call(method, **arguments)
