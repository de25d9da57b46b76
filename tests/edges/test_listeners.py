"""What Slack says to us that is odd: forged, late, foreign, or at a moment when we cannot take it."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from bot.app import Ports
from bot.errors import NotAccepted, Unavailable
from bot.slack import actions
from sandbox.slack import Message, payloads
from sandbox.slack.delivery import Envelope, Outcome
from tests.journeys.town import Town

NAMES_NO_JOB = {actions.FORM, actions.HOME_ASK, actions.HOME_DEFAULTS}
"""These open a form of the presser's own, whatever they carry."""

NAMES_A_PAGE = {actions.LIST_MORE, actions.LIST_FIRST}
"""What they carry is no job: they say nothing to it."""

NAMES_A_DRAFT = {actions.CONFIRM, actions.DISCARD}
"""What they say replaces the private message that they stand in."""


@pytest.fixture
async def bot(place: Town) -> Town:
    """A town with the bot awake."""
    await place.start_bot()
    return place


async def a_result(place: Town) -> Message:
    """The message with Ada's picture, when all is done."""
    await place.asks(place.ada, "a fox")
    [share] = await place.shared()
    await place.until(lambda: "in this thread" in place.roots()[0].text)
    return place.slack.workspace.channels[place.pictures].messages[share.data["ts"]]


async def press(place: Town, message: Message, action_id: str, value: str, **changes: Any) -> Outcome:
    """A click as Slack would send it, or as somebody might forge it."""
    slack = place.slack.slack
    action = {"type": "button", "action_id": action_id, "value": value, "block_id": "b"}
    trigger = slack.triggers.issue(place.ben)
    payload = payloads.block_actions(slack, message, action, user=place.ben, trigger_id=trigger)
    return await slack.delivery.send(Envelope.INTERACTIVE, {**payload, **changes})


def job_of(message: Message) -> str:
    values = (e.get("value") for block in message.blocks or [] for e in block.get("elements", []))
    return next(str(value) for value in values if value)


def whispers(place: Town, person: str) -> list[str]:
    return [h.data["text"] for h in place.feed.of("slack.ephemeral") if h.data["user"] == person]


async def told(place: Town, person: str, words: str) -> None:
    await place.until(lambda: any(words in said for said in whispers(place, person)))


async def test_a_button_with_a_job_of_another_conversation_does_nothing_and_says_so(bot: Town) -> None:
    result = await a_result(bot)
    elsewhere = bot.channel("random")
    forged = {"channel": {"id": elsewhere}, "container": {"type": "message", "channel_id": elsewhere}}
    assert (await press(bot, result, "again", job_of(result), **forged)).acked
    await told(bot, bot.ben, "I don't know this one any more")
    assert len(bot.images.submits) == 1


@pytest.mark.parametrize("name", sorted(value for name, value in vars(actions).items() if name.isupper()))
async def test_whatever_is_pressed_from_another_conversation_about_this_job_is_refused_with_a_word(
    bot: Town, name: str
) -> None:
    result = await a_result(bot)
    elsewhere = bot.channel("random")
    forged = {"channel": {"id": elsewhere}, "container": {"type": "message", "channel_id": elsewhere}}
    calls = len(bot.feed.of("slack.api"))
    for value in (job_of(result), f"{job_of(result)}:1", f"{job_of(result)}:winner", f"{job_of(result)}:copy"):
        assert (await press(bot, result, name, value, **forged)).acked
    if name not in NAMES_NO_JOB | NAMES_A_DRAFT | NAMES_A_PAGE:
        await bot.until(lambda: len(whispers(bot, bot.ben)) == 4)
    await bot.slack.settled()
    made = [call.data["method"] for call in bot.feed.of("slack.api")[calls:]]
    assert set(made) <= {"users.info", "response_url"} | ({"views.open"} if name in NAMES_NO_JOB else set())
    assert len(bot.images.submits) == 1
    assert len(bot.roots()) == 1


async def test_somebody_of_another_workspace_presses_in_a_shared_channel_as_anybody_does(bot: Town) -> None:
    result = await a_result(bot)
    assert (await press(bot, result, "again", job_of(result), team={"id": "T0OTHER"})).acked
    await bot.shared(2)
    assert (await press(bot, result, "delete", job_of(result), team={"id": "T0OTHER"})).acked
    await told(bot, bot.ben, "Only the person who asked for it")


async def test_somebody_of_another_workspace_asks_in_a_shared_channel_and_the_picture_is_as_any_other(
    bot: Town,
) -> None:
    event = {
        "type": "app_mention", "user": "U0OUTSIDE01", "channel": bot.pictures, "ts": "1700000000.000100",
        "text": f"<@{bot.slack.bot_user_id}> an owl", "team": "T0OTHER",
    }  # fmt: skip
    ours = bot.slack.slack.workspace.team_id
    payload = {"team_id": "T0OTHER", "event_id": "Ev7", "type": "event_callback", "event": event,
               "authorizations": [{"team_id": ours, "user_id": bot.slack.bot_user_id, "is_bot": True}]}  # fmt: skip
    assert (await bot.slack.slack.delivery.send(Envelope.EVENT, payload)).acked
    [share] = await bot.shared()
    await bot.until(lambda: "in this thread" in bot.roots()[0].text)
    shown = bot.slack.workspace.channels[bot.pictures].messages[share.data["ts"]]
    assert (await press(bot, shown, "again", job_of(shown))).acked
    await bot.shared(2)


async def test_a_press_that_slack_brings_twice_opens_one_form_and_complains_of_nothing(bot: Town) -> None:
    result = await a_result(bot)
    slack = bot.slack.slack
    action = {"type": "button", "action_id": "edit", "value": job_of(result), "block_id": "b"}
    payload = payloads.block_actions(slack, result, action, user=bot.ben, trigger_id=slack.triggers.issue(bot.ben))
    for _ in range(2):
        assert (await slack.delivery.send(Envelope.INTERACTIVE, payload)).acked
    await bot.until(lambda: len(bot.calls("views.open")) == 2)
    await bot.slack.settled()
    assert [call.data["ok"] for call in bot.calls("views.open")] == [True, False]
    assert not whispers(bot, bot.ben)


async def test_a_form_whose_answer_was_lost_does_not_swallow_what_is_typed_instead(bot: Town) -> None:
    await bot.asks(bot.ada, "")
    slack = bot.slack.slack
    view = await bot.until(lambda: next(iter(slack.views.open.values()), None))
    errors = []
    for words in ("a hare", "a hare", "an owl"):
        view.state = {"prompt": {"prompt": {"type": "plain_text_input", "value": words}}}
        payload = payloads.view_submission(slack, view, user=bot.ada, trigger_id=slack.triggers.issue(bot.ada))
        outcome = await slack.delivery.send(Envelope.INTERACTIVE, payload)
        errors.append(str((outcome.body or {}).get("errors", "")))
    assert errors[:2] == ["", ""]
    assert "with other words" in errors[2]
    await bot.shared()
    assert [job.order.prompt for job in bot.images.submits] == ["a hare"]


async def test_a_button_with_a_value_that_nobody_gave_it_does_nothing(bot: Town) -> None:
    result = await a_result(bot)
    values = ["", "nonsense", "x" * 2000, "' OR 1=1 --", "0" * 32]
    for value in values:
        assert (await press(bot, result, "delete", value)).acked
    unknown = "I don't know this one any more"
    await bot.until(lambda: sum(unknown in said for said in whispers(bot, bot.ben)) == len(values))
    assert not bot.feed.of("slack.message_deleted")


async def test_a_button_that_is_not_ours_is_not_acknowledged(bot: Town) -> None:
    result = await a_result(bot)
    bot.slack.settings.ack_window = 0.3
    assert not (await press(bot, result, "not_ours", "1")).acked


async def reacts(place: Town, **changes: Any) -> int:
    """How many calls a reaction like this costs us."""
    before = len(place.feed.of("slack.api"))
    event = {"type": "reaction_added", "user": place.ada, "reaction": "repeat", "event_ts": "1.1"}
    place.slack.slack.events.emit("reaction_added", {**event, **changes})
    await place.slack.settled()
    return len(place.feed.of("slack.api")) - before


async def test_a_reaction_that_is_nothing_to_us_costs_no_call_and_no_job(bot: Town) -> None:
    result = await a_result(bot)
    ours = {"type": "message", "channel": bot.pictures, "ts": result.ts}
    assert await reacts(bot, item={**ours, "ts": "1700000000.000100"}) == 0
    assert await reacts(bot, item={**ours, "channel": bot.channel("random")}) == 0
    assert await reacts(bot, item={"type": "file", "file": "F1"}) == 0
    assert await reacts(bot, item={}) == 0
    assert await reacts(bot, item=ours, reaction="thumbsup") == 0
    assert len(bot.images.submits) == 1


async def test_a_reaction_of_another_workspace_makes_no_job(bot: Town) -> None:
    result = await a_result(bot)
    payload = {
        "team_id": "T0OTHER", "event_id": "Ev1", "type": "event_callback",
        "event": {"type": "reaction_added", "user": bot.ada, "reaction": "repeat",
                  "item": {"type": "message", "channel": bot.pictures, "ts": result.ts}},
    }  # fmt: skip
    assert (await bot.slack.slack.delivery.send(Envelope.EVENT, payload)).acked
    assert len(bot.images.submits) == 1


class Failing:
    """Passes every call on but one, which fails as the world would make it fail."""

    def __init__(self, real: Any, method: str, error: Exception) -> None:
        self._real, self._method, self._error = real, method, error

    def __getattr__(self, name: str) -> Any:
        async def fail(*_args: Any, **_kwargs: Any) -> None:
            raise self._error

        return fail if name == self._method else getattr(self._real, name)


async def starts_with(place: Town, method: str, error: Exception) -> None:
    def adorned(ports: Ports) -> Ports:
        return dataclasses.replace(ports, store=Failing(ports.store, method, error))

    place.adorn = adorned
    await place.start_bot()


async def test_an_ask_that_was_not_stored_in_time_is_answered_and_nothing_is_promised(place: Town) -> None:
    await starts_with(place, "accept", NotAccepted("late"))
    answer = await place.asks(place.ada, "a fox")
    assert answer.ok
    assert "nothing was started or charged" in (answer.text or "")


@pytest.mark.parametrize("error", [Unavailable("disk_full"), RuntimeError("a bug, and a fox")], ids=["fault", "bug"])
async def test_what_could_not_be_stored_is_not_acknowledged(place: Town, error: Exception) -> None:
    place.slack.settings.ack_window = 0.3
    await starts_with(place, "accept", error)
    assert not (await place.asks(place.ada, "a fox")).ok
    assert not place.roots()


async def test_an_event_that_could_not_be_taken_is_not_acknowledged_so_that_slack_comes_again(place: Town) -> None:
    place.slack.settings.ack_window = 0.3
    await starts_with(place, "find", Unavailable("database_busy"))
    payload = {
        "team_id": place.slack.workspace.team_id, "event_id": "Ev1", "type": "event_callback",
        "event": {"type": "reaction_added", "user": place.ada, "reaction": "repeat",
                  "item": {"type": "message", "channel": place.pictures, "ts": "1.1"}},
    }  # fmt: skip
    assert not (await place.slack.slack.delivery.send(Envelope.EVENT, payload)).acked
