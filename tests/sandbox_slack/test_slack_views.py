"""Modals: filled in, checked, submitted, refused, updated, pushed, closed; and select menus that the app fills."""

from __future__ import annotations

from typing import Any

import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import Answer, Offer, SlackSandbox
from tests.sandbox_slack.conftest import ADA, ADAS_IM, BEN, PICTURES, Clock, png
from tests.sandbox_slack.form_bot import MANIFEST, Seen, ask, form_app, plain

Json = dict[str, Any]
SECOND: Json = {"type": "modal", "callback_id": "second", "title": plain("More"), "blocks": []}


@pytest.fixture
def manifest() -> Json:
    return MANIFEST


@pytest.fixture
def seen() -> Seen:
    return Seen()


@pytest.fixture
def app(client: AsyncWebClient, seen: Seen) -> AsyncApp:
    return form_app(client, seen)


@pytest.fixture
async def opened(sandbox: SlackSandbox, connected: AsyncSocketModeHandler) -> Json:
    assert (await sandbox.command(user=ADA, channel=PICTURES, text="")).ok
    return sandbox.modal(ADA)


def views(sandbox: SlackSandbox) -> list[str]:
    return [view["callback_id"] for view in sandbox.snapshot(viewer=ADA)["views"]]


async def show(sandbox: SlackSandbox, client: AsyncWebClient, view: Json) -> Json:
    answer = await client.views_open(trigger_id=sandbox.slack.triggers.issue(ADA, PICTURES), view=view)
    opened: Json = answer["view"]
    return opened


async def test_every_kind_of_field_arrives_as_slack_sends_it(sandbox: SlackSandbox, opened: Json, seen: Seen) -> None:
    picture = await sandbox.attach(user=ADA, name="ref.png", data=png())
    offer = await sandbox.suggest(user=ADA, action_id="place", text="hang")
    assert offer.words == ["Hangzhou", "Hangar"]
    filled = {"prompt": "a fox", "Style": "Ink wash · 水墨画", "shape": "16:9", "count": 2, "more": ["raw"],
              "place": "Hangzhou", "tags": ["calm", "dark"], "where": ADAS_IM, "picture": [picture]}  # fmt: skip
    assert (await sandbox.submit(user=ADA, values=filled)).ok
    state = {block: next(iter(each.values())) for block, each in seen.submitted[0]["view"]["state"]["values"].items()}
    assert state["prompt"] == {"type": "plain_text_input", "value": "a fox"}
    assert state["style"]["selected_option"]["value"] == "shuimo"
    assert (state["shape"]["type"], state["shape"]["selected_option"]["value"]) == ("radio_buttons", "16:9")
    assert state["count"]["value"] == "2"
    assert [each["value"] for each in state["more"]["selected_options"]] == ["raw"]
    assert state["place"]["selected_option"]["value"] == "hangzhou"
    assert [each["value"] for each in state["tags"]["selected_options"]] == ["calm", "dark"]
    assert state["where"]["selected_conversation"] == ADAS_IM
    assert [file["id"] for file in state["picture"]["files"]] == [picture]
    assert seen.submitted[0]["response_urls"][0]["channel_id"] == ADAS_IM
    assert seen.submitted[0]["view"]["private_metadata"] == "from-test"


async def test_what_nobody_touched_arrives_as_it_began(sandbox: SlackSandbox, opened: Json, seen: Seen) -> None:
    assert (await sandbox.submit(user=ADA, values={"prompt": "a fox"})).ok
    values = seen.submitted[0]["view"]["state"]["values"]
    assert values["shape"]["shape"]["selected_option"]["value"] == "1:1"
    assert values["where"]["where"]["selected_conversation"] == PICTURES
    assert values["style"]["style"] == {"type": "static_select", "selected_option": None}
    assert values["tags"]["tags"]["selected_options"] == []


@pytest.mark.parametrize(
    ("values", "where", "said"),
    [
        ({}, "prompt", "Please complete this required field."),
        ({"prompt": "x" * 1025}, "prompt", "Please enter no more than 1024 characters."),
        ({"prompt": "a", "count": "two"}, "count", "Please enter a number."),
        ({"prompt": "a", "count": "1.5"}, "count", "Please enter a whole number."),
        ({"prompt": "a", "count": "5"}, "count", "Please enter a number of at most 4."),
        ({"prompt": "a", "count": "0"}, "count", "Please enter a number of at least 1."),
        ({"prompt": "a", "shape": None}, "shape", "Please complete this required field."),
    ],
)
async def test_slacks_client_refuses_what_does_not_fit_and_sends_nothing(
    sandbox: SlackSandbox, opened: Json, seen: Seen, values: Json, where: str, said: str
) -> None:
    answer = await sandbox.submit(user=ADA, values=values)
    assert (answer.ok, answer.error, answer.errors) == (False, "incomplete", {where: said})
    assert seen.submitted == []
    assert views(sandbox) == ["ask"]


async def test_a_file_of_another_kind_is_refused_beside_its_field(sandbox: SlackSandbox, opened: Json) -> None:
    text = await sandbox.attach(user=ADA, name="a.pdf", data=b"%PDF-1")
    answer = await sandbox.submit(user=ADA, values={"prompt": "a", "picture": [text]})
    assert answer.errors == {"picture": "This kind of file is not accepted: a.pdf"}


async def test_errors_of_the_app_stand_beside_the_field_and_what_was_typed_stays(
    sandbox: SlackSandbox, opened: Json, seen: Seen
) -> None:
    answer = await sandbox.submit(user=ADA, values={"prompt": "forbidden", "shape": "16:9"})
    assert (answer.error, answer.errors) == ("errors", {"prompt": "This word is not allowed: forbidden"})
    assert (await sandbox.submit(user=ADA, values={"prompt": "a fox"})).ok
    assert seen.submitted[0]["view"]["state"]["values"]["shape"]["shape"]["selected_option"]["value"] == "16:9"
    assert views(sandbox) == []


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"response_action": "errors", "errors": {"nowhere": "x"}}, "invalid_errors"),
        ({"response_action": "errors", "errors": {"row": "not an input"}}, "invalid_errors"),
        ({"response_action": "update", "view": {"type": "modal"}}, "invalid_arguments"),
        ({"response_action": "push", "view": {"type": "home", "blocks": []}}, "invalid_arguments"),
        ({"response_action": "dance"}, "invalid_response_action"),
    ],
)
async def test_nonsense_as_an_answer_is_slacks_trouble_and_the_modal_stays(
    sandbox: SlackSandbox,
    client: AsyncWebClient,
    connected: AsyncSocketModeHandler,
    app: AsyncApp,
    body: Json,
    error: str,
) -> None:
    @app.view("other")
    async def answered(ack: Any) -> None:
        await ack(**body)

    await show(sandbox, client, ask("a") | {"callback_id": "other"})
    answer = await sandbox.submit(user=ADA)
    assert (answer.ok, answer.error, answer.text) == (False, error, "We had some trouble connecting. Try again?")
    assert views(sandbox) == ["other"]
    assert sandbox.slack.feed.of("slack.api")[-1].data["error"] == error


async def test_the_app_can_update_push_and_clear_in_its_answer(
    sandbox: SlackSandbox, client: AsyncWebClient, connected: AsyncSocketModeHandler, app: AsyncApp
) -> None:
    submit = SECOND | {"submit": plain("Go")}

    @app.view("first")
    async def first(ack: Any) -> None:
        await ack(response_action="update", view=submit)

    @app.view("second")
    async def second(ack: Any) -> None:
        await ack(response_action="push", view=submit | {"callback_id": "third"})

    @app.view("third")
    async def third(ack: Any) -> None:
        await ack(response_action="clear")

    opened = await show(sandbox, client, ask("a") | {"callback_id": "first"})
    assert (await sandbox.submit(user=ADA)).ok
    assert views(sandbox) == ["second"]
    assert sandbox.modal(ADA)["id"] == opened["id"]
    assert sandbox.modal(ADA)["hash"] != opened["hash"]
    assert (await sandbox.submit(user=ADA)).ok
    assert (views(sandbox), sandbox.modal(ADA)["previous_view_id"]) == (["second", "third"], opened["id"])
    assert (await sandbox.submit(user=ADA)).ok
    assert views(sandbox) == []


async def test_a_fourth_modal_does_not_fit_on_the_stack(sandbox: SlackSandbox, client: AsyncWebClient) -> None:
    await show(sandbox, client, SECOND)
    for _ in range(2):
        await client.views_push(trigger_id=sandbox.slack.triggers.issue(ADA), view=SECOND)
    with pytest.raises(SlackApiError) as raised:
        await client.views_push(trigger_id=sandbox.slack.triggers.issue(ADA), view=SECOND)
    assert raised.value.response["error"] == "push_limit_reached"


async def test_a_submission_that_nobody_acknowledges_is_slacks_error_and_the_modal_stays(
    sandbox: SlackSandbox, client: AsyncWebClient
) -> None:
    await show(sandbox, client, ask("a fox"))
    answer = await sandbox.submit(user=ADA)
    assert (answer.ok, answer.error) == (False, "dispatch_failed")
    assert answer.text == "We had some trouble connecting. Try again?"
    assert views(sandbox) == ["ask"]


async def test_an_update_keeps_what_was_filled_in_where_the_ids_stay(
    sandbox: SlackSandbox, opened: Json, seen: Seen
) -> None:
    typed = {"prompt": "my own words", "count": "3"}
    assert (await sandbox.act(user=ADA, action_id="surprise", values=typed)).ok
    assert seen.payloads[0]["view"]["state"]["values"]["count"]["count"]["value"] == "3"
    assert (seen.payloads[0]["container"]["type"], "response_url" in seen.payloads[0]) == ("view", False)
    await sandbox.submit(user=ADA)
    values = seen.submitted[0]["view"]["state"]["values"]
    assert values["count"]["count"]["value"] == "3"
    assert values["prompt2"]["prompt"]["value"] == "a teapot on the moon"
    assert "prompt" not in values


async def test_an_update_with_an_old_hash_is_a_conflict(sandbox: SlackSandbox, client: AsyncWebClient) -> None:
    opened = await show(sandbox, client, SECOND)
    await client.views_update(view_id=opened["id"], hash=opened["hash"], view=SECOND)
    with pytest.raises(SlackApiError) as raised:
        await client.views_update(view_id=opened["id"], hash=opened["hash"], view=SECOND)
    assert raised.value.response["error"] == "hash_conflict"
    await sandbox.close_view(user=ADA)
    with pytest.raises(SlackApiError) as raised:
        await client.views_update(view_id=opened["id"], view=SECOND)
    assert raised.value.response["error"] == "not_found"


async def test_a_button_in_a_modal_opens_another_on_top(sandbox: SlackSandbox, opened: Json) -> None:
    assert (await sandbox.act(user=ADA, action_id="deeper")).ok
    assert [view["title"]["text"] for view in sandbox.snapshot(viewer=ADA)["views"]] == [
        "Imagine a picture", "House style"]  # fmt: skip
    await sandbox.close_view(user=ADA)
    assert views(sandbox) == ["ask"]


async def test_closing_is_told_where_the_view_asks_for_it(sandbox: SlackSandbox, opened: Json, seen: Seen) -> None:
    await sandbox.act(user=ADA, action_id="deeper")
    assert (await sandbox.close_view(user=ADA, everything=True)).ok
    assert [(each["type"], each["is_cleared"]) for each in seen.payloads] == [("view_closed", True)]
    assert views(sandbox) == []


async def test_nobody_acts_in_a_modal_of_somebody_else(sandbox: SlackSandbox, opened: Json) -> None:
    with pytest.raises(LookupError, match="has no view"):
        await sandbox.submit(user=BEN, view_id=opened["id"])
    with pytest.raises(LookupError, match="has no modal open"):
        await sandbox.submit(user=BEN)


@pytest.mark.parametrize("name", ["nowhere", "Colour"])
async def test_a_field_that_is_not_there_cannot_be_filled_in(sandbox: SlackSandbox, opened: Json, name: str) -> None:
    with pytest.raises(LookupError, match=f"0 fields are called {name}"):
        await sandbox.submit(user=ADA, values={name: "x"})
    with pytest.raises(LookupError, match="does not offer cubism"):
        await sandbox.submit(user=ADA, values={"style": "cubism"})


async def test_options_that_break_the_limits_are_not_offered(
    sandbox: SlackSandbox, client: AsyncWebClient, connected: AsyncSocketModeHandler, app: AsyncApp
) -> None:
    @app.options("town")
    async def towns(ack: Any) -> None:
        await ack(options=[{"text": plain(str(n)), "value": str(n)} for n in range(101)])

    element = {"type": "external_select", "action_id": "town", "min_query_length": 0}
    view = SECOND | {"blocks": [{"type": "actions", "block_id": "b", "elements": [element]}]}
    await show(sandbox, client, view)
    offer = await sandbox.suggest(user=ADA, action_id="town", text="x")
    assert (offer.ok, offer.error, offer.options) == (False, "invalid_options", ())
    assert "no more than 100 items allowed" in (offer.text or "")


async def test_a_select_in_a_message_offers_and_carries_what_was_chosen(
    sandbox: SlackSandbox, client: AsyncWebClient, connected: AsyncSocketModeHandler, app: AsyncApp
) -> None:
    clicks: list[Json] = []

    @app.action("place")
    async def chosen(ack: Any, body: Json) -> None:
        await ack()
        clicks.append(body)

    element = {"type": "external_select", "action_id": "place", "min_query_length": 1}
    blocks = [{"type": "actions", "block_id": "b", "elements": [element]}]
    posted = await client.chat_postMessage(channel=PICTURES, text="x", blocks=blocks)
    where = {"user": ADA, "channel": PICTURES, "ts": posted["ts"], "action_id": "place"}
    assert (await sandbox.suggest(**where, text="hel")).words == ["Helsinki"]
    assert (await sandbox.click(**where, value="Helsinki")).ok
    assert clicks[0]["actions"][0]["selected_option"]["value"] == "helsinki"
    assert clicks[0]["state"]["values"]["b"]["place"]["selected_option"]["value"] == "helsinki"


@pytest.mark.parametrize("manifest", [MANIFEST | {"settings": {"org_deploy_enabled": True}}])
async def test_without_interactivity_no_modal_reaches_the_app(
    sandbox: SlackSandbox, client: AsyncWebClient, clock: Clock
) -> None:
    await show(sandbox, client, ask("a fox"))
    answers: list[Answer | Offer] = [
        await sandbox.submit(user=ADA),
        await sandbox.act(user=ADA, action_id="surprise"),
        await sandbox.suggest(user=ADA, action_id="place", text="x"),
        await sandbox.shortcut(user=ADA, callback_id="ask"),
    ]
    assert [each.error for each in answers] == ["interactivity_disabled"] * 4
    ts = await sandbox.say(user=ADA, channel=ADAS_IM, text="x")
    assert (await sandbox.shortcut(user=ADA, callback_id="illustrate", channel=ADAS_IM, ts=ts)).ok is False
