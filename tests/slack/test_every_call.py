"""The longest ask goes through every call that shows something: the local Slack refuses none, and none is left out."""

from __future__ import annotations

import ast
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot import manifest
from bot.errors import Cause
from bot.job import Charged, Failure, FileId, Job, LaneId, State, Ts, UserId
from bot.ports import Standing
from bot.prompt import recipe
from bot.request import Request
from bot.slack import captions
from bot.slack.client import SlackClient
from bot.slack.completing import MOST_ERROR, Completions
from bot.slack.elements import Message, units
from bot.slack.posting import SlackChat
from bot.slack.sessions import Sessions
from bot.slack.surfaces import Surfaces
from bot.slack.wording import LOCALES, Words
from sandbox.feed import Feed
from sandbox.slack import FaultKind, SlackSandbox
from tests.slack.conftest import ADA, ADAS_IM, PICTURES, START, TEAM, Clock, pictures, read
from tests.slack.legal import message_faults
from tests.slack.longest import WHOLE, a_case, filling, full_job
from tests.slack.producers import PRODUCERS, Shown
from tests.slack.scenes import messages, whispers

TOP = Path(__file__).parents[2]
TEXTS = [filling(piece) for piece in ("字", "🦊", "<!channel> @here & ", '"', WHOLE["family"], "مرحبا بالعالم ")]
SHOWING = {"text", "blocks", "view", "title", "prompts", "outputs", "error", "files", "filename", None}
CALLS = {
    ("admins", "chat.postMessage"),
    ("completing", "functions.completeError"),
    ("completing", "functions.completeSuccess"),
    ("editing", "chat.update"),
    ("posting", "chat.postMessage"),
    ("replying", "chat.postEphemeral"),
    ("sessions", "agents.sessions.setStatus"),
    ("sessions", "assistant.threads.setSuggestedPrompts"),
    ("surfaces", "chat.postEphemeral"),
    ("surfaces", "chat.postMessage"),
    ("surfaces", "views.open"),
    ("surfaces", "views.publish"),
    ("surfaces", "views.update"),
    ("tickets", "files.getUploadURLExternal"),
    ("uploading", "files.completeUploadExternal"),
}
"""Everywhere that something to be seen leaves us; each is gone through below."""


def test_every_call_that_shows_something_is_gone_through() -> None:
    found = set()
    for path in sorted((TOP / "bot" / "slack").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                is_call = isinstance(node.func, ast.Attribute) and node.func.attr in {"call", "_call"}
                if is_call and {keyword.arg for keyword in node.keywords} & SHOWING:
                    found.add((path.stem, str(node.args[0].value)))
    assert found == CALLS


def test_listeners_put_no_message_together_themselves() -> None:
    """So that what `bot.slack` makes is all there is; `SILENCE` says nothing."""
    for path in sorted((TOP / "handlers").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Message":
                assert ast.unparse(node) == "Message('', [])"
            if isinstance(node, ast.Dict):
                keys = {key.value for key in node.keys if isinstance(key, ast.Constant)}
                assert "type" not in keys
                assert not keys & {"text", "blocks"} or path.stem == "desk"


@pytest.fixture(params=TEXTS, ids=range(len(TEXTS)))
def job(request: pytest.FixtureRequest) -> Job:
    return full_job([request.param], state=State.QUEUED, root_ts=None, thread_ts=None, version=1, locale="zh-CN")


@pytest.fixture(autouse=True)
async def nothing_refused(feed: Feed) -> AsyncIterator[None]:
    yield
    refused = [each.data for each in feed.of("slack.api") if not each.data["ok"]]
    assert [each for each in refused if not each["error"].startswith("sandbox fault")] == []


@pytest.fixture
def surfaces(client: SlackClient) -> Surfaces:
    return Surfaces(client)


async def announced(chat: SlackChat, job: Job) -> Job:
    posted = await chat.announce(job, Standing(place=500, about=START, is_rough=True))
    return replace(job, root_ts=posted.ts, thread_ts=posted.ts)


def there(sandbox: SlackSandbox, channel: str = PICTURES) -> list[Any]:
    """What was posted, its blocks whole, and notifying at most Ada."""
    found = messages(sandbox, channel)
    for each in found:
        assert each.blocks
        assert sandbox.pings(channel, each.ts) <= {ADA}
    return found


async def test_a_root_is_posted_and_edited_and_an_apology_follows(
    job: Job, chat: SlackChat, sandbox: SlackSandbox
) -> None:
    rooted = await announced(chat, job)
    await chat.finish(replace(rooted, state=State.FAILED, version=9))
    await chat.apologise(replace(rooted, state=State.FAILING))
    root, apology = there(sandbox)
    assert root.metadata["event_payload"] == {"job": job.id}
    assert root.edited
    assert apology.thread_ts == root.ts


async def test_pictures_are_uploaded_and_shared_with_all_that_is_said_of_them(
    job: Job, chat: SlackChat, sandbox: SlackSandbox
) -> None:
    rooted = replace(await announced(chat, job), pictures=pictures(4))
    uploaded = replace(rooted, file_ids=await chat.upload(rooted, read))
    await chat.share(uploaded)
    sandbox.run_due()
    files = [file for file in sandbox.workspace.files.values() if file.shares]
    assert len(files) == 4
    assert {file.title for file in files} == {captions.title(job)}
    assert all(0 < units(file.alt_txt) <= 1000 for file in files)
    assert len(there(sandbox)) == 2


async def test_a_road_is_offered_where_the_bot_is_no_member(job: Job, chat: SlackChat, sandbox: SlackSandbox) -> None:
    for joinable, direct in ((True, False), (False, False), (False, True)):
        await chat.offer_road(job, joinable=joinable, direct=direct)
    assert len(whispers(sandbox, PICTURES)) == 3


async def test_admins_are_told(job: Job, client: SlackClient, sandbox: SlackSandbox, clock: Clock) -> None:
    chat = SlackChat(client, now=clock.now, admins=(UserId(ADA),), team_id=TEAM)
    for cause in (*Cause, None):
        await chat.alert(LaneId("hunyuan"), cause=cause, code=job.request.prompt)
    assert len(there(sandbox, ADAS_IM)) == len(Cause) + 1


@pytest.mark.parametrize("locale", LOCALES)
async def test_every_message_is_posted_and_whispered(
    locale: str, job: Job, surfaces: Surfaces, sandbox: SlackSandbox
) -> None:
    names = ("confirmations", "trees", "lists", "invitations", "receipts", "recipes", "rounds")
    case = a_case(Words(locale), [job.request.prompt])
    said = [seen.message for name in names for seen in PRODUCERS[name](case) if isinstance(seen, Shown)]
    for message in said:
        await surfaces.post_in(PICTURES, message)
        await surfaces.whisper_in(PICTURES, ADA, message)
    assert len(there(sandbox)) == len(whispers(sandbox, PICTURES)) == len(said)


@pytest.mark.parametrize("locale", LOCALES)
async def test_every_view_is_opened_updated_and_published(
    locale: str, job: Job, surfaces: Surfaces, sandbox: SlackSandbox
) -> None:
    case = a_case(Words(locale), [job.request.prompt])
    for view in PRODUCERS["homes"](case):
        assert isinstance(view, dict)
        await surfaces.publish_home(ADA, view)
    for name in ("ask_forms", "customs"):
        for view in (each for each in PRODUCERS[name](case) if isinstance(each, dict)):
            await surfaces.open_view(sandbox.slack.triggers.issue(ADA), view)
            opened = sandbox.slack.views.stack(ADA)[-1]
            await surfaces.update_view(opened.id, opened.hash, view)
            assert len(opened.body["blocks"]) == len(view["blocks"])


async def test_a_workflow_step_is_told(job: Job, client: SlackClient, sandbox: SlackSandbox) -> None:
    step = {"user": ADA, "callback_id": "make_picture", "inputs": {"prompt": "x", "channel": PICTURES}}
    made, failed = await sandbox.run_step(**step), await sandbox.run_step(**step)  # type: ignore[arg-type]
    completions = Completions(client)
    done = replace(job, failure=None, file_ids=(FileId("F1"),), execution=made.id)
    await completions.tell(done, Words("en"))
    await completions.tell(replace(job, execution=failed.id), Words("en"))
    assert made.outputs["recipe"] == recipe(job.request)
    assert 0 < units(failed.error or "") <= MOST_ERROR


async def test_a_step_that_was_not_understood_is_told_with_no_entity_broken(
    job: Job, client: SlackClient, sandbox: SlackSandbox
) -> None:
    failure = Failure("not_understood", Cause.NOT_UNDERSTOOD, Charged.NO)
    for pad in range(5):
        run = await sandbox.run_step(user=ADA, callback_id="make_picture", inputs={"prompt": "x", "channel": PICTURES})
        asked = Request(" ".join(["x" * pad, *[f"--n {'&' * 40}"] * 9]))
        await Completions(client).tell(replace(job, execution=run.id, failure=failure, request=asked), Words("en"))
        assert (run.error or "").endswith("…")
        assert not re.search("&(?!amp;|lt;|gt;)", run.error or "")


async def test_an_agent_says_what_it_works_at(job: Job, client: SlackClient, sandbox: SlackSandbox) -> None:
    sandbox.reconfigure(manifest.as_agent(manifest.load()))
    ts = Ts(await sandbox.dm(user=ADA, text="a fox"))
    sessions = Sessions(client)
    sessions.begin(replace(job, channel_id=ADAS_IM), ADAS_IM, ts)
    while sessions._tasks:
        await next(iter(sessions._tasks))
    for locale in LOCALES:
        await sessions.suggest(ADAS_IM, Words(locale))
    assert 0 < units(sandbox.slack.agents.sessions[ADAS_IM, ts].title) <= 200
    await sessions.close()


async def test_blocks_that_slack_refuses_are_said_in_words_that_notify_nobody(
    job: Job, chat: SlackChat, sandbox: SlackSandbox
) -> None:
    sandbox.settings.fail("chat.postMessage", FaultKind.ERROR, error="invalid_blocks")
    await chat.announce(job, Standing(place=1))
    [root] = messages(sandbox)
    assert not root.blocks
    assert message_faults(Message(root.text, [{"type": "rich_text", "elements": []}]), may_ping=set()) == []
