"""What Block Kit refuses, and whom a message would ping."""

from __future__ import annotations

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.models import blocks as kit
from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import Message, SlackSandbox, pinged
from sandbox.slack.blocks import complaints, view_complaints
from tests.sandbox_slack.conftest import ADA, PICTURES

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str, **more: Any) -> Json:
    return {"type": "mrkdwn", "text": text} | more


def button(**more: Any) -> Json:
    return {"type": "button", "text": plain("Again"), "action_id": "again"} | more


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def section(text: Json) -> Json:
    return {"type": "section", "text": text}


def options(count: int, **more: Any) -> list[Json]:
    return [{"text": plain(str(number)), "value": str(number)} | more for number in range(count)]


def select(**more: Any) -> Json:
    return {"type": "static_select", "action_id": "pick"} | more


def inputs(element: Json, **more: Any) -> Json:
    return {"type": "input", "label": plain("L"), "element": {"action_id": "in"} | element} | more


def rich(*pieces: Json) -> Json:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(pieces)}]}


GOOD: list[list[Json]] = [
    [section(mrkdwn("x" * 3000))],
    [{"type": "section", "fields": [plain("a")] * 10}],
    [{"type": "header", "text": plain("x" * 150)}],
    [{"type": "context", "elements": [mrkdwn("a")] * 10}],
    [actions(*(button(action_id=str(n), value="v" * 2000) for n in range(25)))],
    [actions(button()), actions(button())],
    [{"type": "divider"}] * 50,
    [rich({"type": "text", "text": "a", "style": {"bold": True}}, {"type": "user", "user_id": ADA})],
    [{"type": "image", "image_url": "http://x/y.png", "alt_text": "y", "title": plain("t")}],
    [{"type": "markdown", "text": "x" * 12_000}],
    [actions(select(options=options(100), initial_option=options(1)[0], placeholder=plain("x" * 150)))],
    [actions(select(option_groups=[{"label": plain("g"), "options": options(3)}], initial_option=options(3)[2]))],
    [actions({"type": "overflow", "options": options(5, url="https://a.b")})],
    [inputs({"type": "checkboxes", "options": options(10), "initial_options": options(2)})],
    [inputs({"type": "number_input", "is_decimal_allowed": False, "min_value": "1", "max_value": "4"})],
    [inputs({"type": "plain_text_input", "max_length": 3000, "initial_value": "x" * 3000, "min_length": 1})],
]

BAD: list[tuple[list[Any], str, str]] = [
    ([section(mrkdwn("x" * 3001))], "must be less than 3001 characters", "/0/text/text"),
    ([section(plain(""))], "must be more than 0 characters", "/0/text/text"),
    ([{"type": "section"}], "must define either `fields` or `text`", "/0"),
    ([{"type": "section", "fields": [plain("a")] * 11}], "no more than 10 items allowed", "/0/fields"),
    ([{"type": "header", "text": mrkdwn("a")}], "unsupported type: mrkdwn", "/0/text/type"),
    ([{"type": "header", "text": plain("x" * 151)}], "must be less than 151 characters", "/0/text/text"),
    ([{"type": "context", "elements": [mrkdwn("a")] * 11}], "no more than 10 items allowed", "/0/elements"),
    ([actions(*(button(action_id=str(n)) for n in range(26)))], "no more than 25 items allowed", "/0/elements"),
    ([actions(button(), button())], "action_id again already exists", "/0"),
    ([actions(button(text=plain("x" * 76)))], "must be less than 76 characters", "/0/elements/0/text/text"),
    ([actions(button(value="x" * 2001))], "must be less than 2001 characters", "/0/elements/0/value"),
    ([actions(button(action_id="x" * 256))], "must be less than 256 characters", "/0/elements/0/action_id"),
    ([actions(button(style="loud"))], "value must be one of primary, danger", "/0/elements/0/style"),
    ([actions(button(colour="red"))], "invalid additional property: colour", "/0/elements/0"),
    ([actions({"type": "button"})], "missing required field: text", "/0/elements/0"),
    ([{"type": "divider"}] * 51, "no more than 50 items allowed", ""),
    ([{"type": "divider", "block_id": "a"}] * 2, "block_id a already exists", ""),
    ([{"type": "nonsense"}], "unsupported type: nonsense", "/0/type"),
    ([{"type": "alert", "text": plain("a")}], "unsupported type: alert", "/0/type"),
    (["text"], "must be an object", "/0"),
    ([section(plain("a") | {"emoji": "yes"})], "must be a boolean", "/0/text/emoji"),
    ([section(plain("a") | {"text": 1})], "must be a string", "/0/text/text"),
    ([{"type": "actions", "elements": "none"}], "must be an array", "/0/elements"),
    ([{"type": "actions", "elements": []}], "no fewer than 1 items allowed", "/0/elements"),
    ([actions(button(confirm="sure?"))], "must be an object", "/0/elements/0/confirm"),
    ([rich({"type": "emoji", "name": "x", "skin_tone": 9})], "must be an integer from 1 to 6",
     "/0/elements/0/elements/0/skin_tone"),
    ([{"type": "table", "rows": [[{"type": "raw_text", "text": "a"}]]}] * 2, "only one table is allowed", ""),
    ([rich({"type": "text", "text": ""})], "must be more than 0 characters", "/0/elements/0/elements/0/text"),
    ([rich({"type": "shout", "text": "a"})], "unsupported type: shout", "/0/elements/0/elements/0/type"),
    ([{"type": "image", "alt_text": "a"}], "must define exactly one of `image_url` and `slack_file`", "/0"),
    ([{"type": "image", "image_url": "http://x"}], "missing required field: alt_text", "/0"),
    ([actions(select())], "must define exactly one of `options` and `option_groups`", "/0/elements/0"),
    ([actions(select(options=options(1), option_groups=[{"label": plain("g"), "options": options(1)}]))],
     "must define exactly one of `options` and `option_groups`", "/0/elements/0"),
    ([{"type": "card", "title": plain("x" * 151)}], "must be less than 151 characters", "/0/title/text"),
    ([{"type": "card", "body": mrkdwn("x" * 201)}], "must be less than 201 characters", "/0/body/text"),
    ([{"type": "card", "actions": [button(action_id=str(n)) for n in range(4)]}], "no more than 3 items allowed",
     "/0/actions"),
    ([{"type": "carousel", "elements": [{"type": "card", "title": plain("x")}] * 11}], "no more than 10 items allowed",
     "/0/elements"),
    ([actions(select(options=options(101)))], "no more than 100 items allowed", "/0/elements/0/options"),
    ([actions(select(options=options(2), initial_option=options(3)[2]))],
     "initial option must match one of the options", "/0/elements/0"),
    ([actions(select(options=options(1, url="https://a.b")))], "invalid additional property: url",
     "/0/elements/0/options/0"),
    ([actions(select(options=options(1), min_query_length=1))], "invalid additional property: min_query_length",
     "/0/elements/0"),
    ([actions(select(options=[{"text": plain("x" * 76), "value": "a"}]))], "must be less than 76 characters",
     "/0/elements/0/options/0/text/text"),
    ([actions(select(options=[{"text": plain("x"), "value": "a" * 151}]))], "must be less than 151 characters",
     "/0/elements/0/options/0/value"),
    ([actions(select(options=options(1), placeholder=plain("x" * 151)))], "must be less than 151 characters",
     "/0/elements/0/placeholder/text"),
    ([actions({"type": "overflow", "options": options(6)})], "no more than 5 items allowed", "/0/elements/0/options"),
    ([actions({"type": "radio_buttons", "options": options(11)})], "no more than 10 items allowed",
     "/0/elements/0/options"),
    ([actions({"type": "datepicker", "initial_date": "tomorrow"})], "must be a date as YYYY-MM-DD",
     "/0/elements/0/initial_date"),
    ([actions({"type": "plain_text_input"})], "unsupported type: plain_text_input", "/0/elements/0/type"),
    ([inputs({"type": "number_input"})], "missing required field: is_decimal_allowed", "/0/element"),
    ([inputs({"type": "number_input", "is_decimal_allowed": True, "min_value": 1})], "must be a number, as text",
     "/0/element/min_value"),
    ([inputs({"type": "plain_text_input", "max_length": 3001})], "must be an integer from 1 to 3000",
     "/0/element/max_length"),
    ([inputs({"type": "plain_text_input", "min_length": 9, "max_length": 8})],
     "min_length must not be greater than max_length", "/0/element"),
    ([inputs({"type": "plain_text_input"}, hint=plain("x" * 2001))], "must be less than 2001 characters",
     "/0/hint/text"),
    ([inputs({"type": "file_input"})], "unsupported type: file_input", "/0/element/type"),
    ([inputs({"type": "plain_text_input", "focus_on_load": True})] * 2, "only one element may have focus_on_load", ""),
    ([{"type": "divider", "block_id": "x" * 256}], "must be less than 256 characters", "/0/block_id"),
    ([{"type": "markdown", "text": "x" * 7000}] * 2, "markdown text must be less than 12001 characters in total", ""),
]  # fmt: skip
"""Blocks, what Slack says of them, and where (the pointer below `/blocks`)."""


@pytest.mark.parametrize("blocks", GOOD)
def test_blocks_within_the_limits_are_welcome(blocks: list[Json]) -> None:
    assert list(complaints(blocks, "message")) == []


@pytest.mark.parametrize(("blocks", "said", "at"), BAD)
def test_blocks_beyond_a_limit_are_refused_with_a_pointer(blocks: list[Any], said: str, at: str) -> None:
    assert list(complaints(blocks, "message")) == [f"[ERROR] {said} [json-pointer:/blocks{at}]"]


async def test_a_refusal_reaches_the_client_with_its_messages(client: AsyncWebClient) -> None:
    with pytest.raises(SlackApiError) as raised:
        await client.chat_postMessage(channel=PICTURES, text="a", blocks=[{"type": "nonsense"}])
    assert raised.value.response["error"] == "invalid_blocks"
    assert "/blocks/0/type" in raised.value.response["response_metadata"]["messages"][0]


async def test_blocks_that_are_no_list_are_refused(client: AsyncWebClient) -> None:
    for blocks in ("{", "{}"):
        with pytest.raises(SlackApiError) as raised:
            await client.chat_postMessage(channel=PICTURES, text="a", blocks=blocks)
        assert raised.value.response["error"] == "invalid_blocks_format"


async def test_what_slacks_own_block_classes_build_is_accepted(sandbox: SlackSandbox, client: AsyncWebClient) -> None:
    built = [
        kit.HeaderBlock(text="Head"),
        kit.SectionBlock(text="*bold*", accessory=kit.ButtonElement(text="Go", action_id="go", value="1")),
        kit.ContextBlock(elements=[kit.MarkdownTextObject(text="small", verbatim=True)]),
        kit.ActionsBlock(elements=[kit.ButtonElement(text="Again", action_id="again", style="primary")]),
        kit.RichTextBlock(elements=[kit.RichTextQuoteElement(elements=[kit.RichTextElementParts.Text(text="a")])]),
    ]
    answer = await client.chat_postMessage(channel=PICTURES, text="a", blocks=built)
    assert [each["type"] for each in answer["message"]["blocks"]] == [
        "header", "section", "context", "actions", "rich_text",
    ]  # fmt: skip


def test_a_modal_with_inputs_needs_a_submit() -> None:
    entry = {"type": "input", "label": plain("a"), "element": {"type": "plain_text_input", "action_id": "a"}}
    view = {"type": "modal", "title": plain("x" * 25), "blocks": [entry]}
    assert list(view_complaints(view)) == [
        "[ERROR] must be less than 25 characters [json-pointer:/view/title/text]",
        "[ERROR] submit is required when an input block is present [json-pointer:/view/submit]",
    ]


def message(text: str = "quiet", *blocks: Json, **more: Any) -> Message:
    return Message(PICTURES, "1.000000", ADA, text, blocks=list(blocks) or None, **more)


@pytest.mark.parametrize(
    ("posted", "expected"),
    [
        (message("<!channel> and <@U0ADA00AAA1> and <!subteam^S0TEAM|@team>"), {"channel", ADA, "S0TEAM"}),
        (message("&lt;!channel&gt; @here"), set()),
        (message("@here", link_names=True), {"here"}),
        (message("@channel", parse="full"), {"channel"}),
        (message("<!channel>", mrkdwn=False), set()),
        (message("quiet", section(mrkdwn("hi <!here>", verbatim=True))), {"here"}),
        (message("quiet", section(mrkdwn("hi @here"))), {"here"}),
        (message("quiet", section(mrkdwn("hi @here", verbatim=True))), set()),
        (message("quiet", section(mrkdwn("mail me@here.org"))), set()),
        (message("quiet", section(plain("<!channel> @here <@U0ADA00AAA1>"))), set()),
        (message("quiet", rich({"type": "text", "text": "<!channel> @here <@U0ADA00AAA1>"})), set()),
        (message("quiet", rich({"type": "broadcast", "range": "everyone"})), {"everyone"}),
        (message("quiet", rich({"type": "user", "user_id": ADA})), {ADA}),
        (message("quiet", {"type": "context", "elements": [mrkdwn("<!everyone>")]}), {"everyone"}),
        (message("quiet", rich({"type": "usergroup", "usergroup_id": "S0TEAM"})), {"S0TEAM"}),
        (message("quiet", {"type": "markdown", "text": "@here"}), {"here"}),
    ],
)
def test_only_markup_and_automatic_links_ping(posted: Message, expected: set[str]) -> None:
    assert pinged(posted) == expected


async def test_the_pings_of_a_posted_message_can_be_asked_for(sandbox: SlackSandbox, client: AsyncWebClient) -> None:
    answer = await client.chat_postMessage(channel=PICTURES, text="<!channel>")
    assert sandbox.pings(PICTURES, answer["ts"]) == {"channel"}


def test_every_field_of_slacks_own_classes_is_accepted_in_a_modal() -> None:
    one = kit.Option(text="a", value="a")
    elements: list[Any] = [
        kit.PlainTextInputElement(action_id="a", multiline=True, max_length=1024, placeholder="p"),
        kit.NumberInputElement(action_id="a", is_decimal_allowed=False, min_value="1", max_value="4"),
        kit.StaticSelectElement(action_id="a", options=[one], initial_option=one, placeholder="p"),
        kit.StaticMultiSelectElement(action_id="a", options=[one], max_selected_items=2),
        kit.ExternalDataSelectElement(action_id="a", min_query_length=1),
        kit.RadioButtonsElement(action_id="a", options=[one]),
        kit.CheckboxesElement(action_id="a", options=[one], initial_options=[one]),
        kit.ConversationSelectElement(action_id="a", default_to_current_conversation=True, response_url_enabled=True),
        kit.ChannelSelectElement(action_id="a"),
        kit.UserSelectElement(action_id="a", initial_user=ADA),
        kit.DatePickerElement(action_id="a", initial_date="2026-12-24"),
        {"type": "file_input", "action_id": "a", "filetypes": ["png"], "max_files": 1},
        kit.UrlInputElement(action_id="a"),
        kit.EmailInputElement(action_id="a"),
    ]
    blocks = [
        kit.InputBlock(label="L", element=each, block_id=str(n), optional=True) for n, each in enumerate(elements)
    ]
    view = View(type="modal", title="T", submit="S", blocks=blocks, notify_on_close=True).to_dict()
    assert list(view_complaints(view)) == []


def test_a_modal_holds_a_hundred_blocks_and_a_message_fifty() -> None:
    view = {"type": "modal", "title": plain("T"), "private_metadata": "x" * 3000, "blocks": [{"type": "divider"}] * 100}
    assert list(view_complaints(view)) == []
    found = [*view_complaints(view | {"blocks": [{"type": "divider"}] * 101, "private_metadata": "x" * 3001})]
    assert found == [
        "[ERROR] must be less than 3001 characters [json-pointer:/view/private_metadata]",
        "[ERROR] no more than 100 items allowed [json-pointer:/view/blocks]",
    ]


async def test_the_buttons_of_cards_can_be_used(sandbox: SlackSandbox, client: AsyncWebClient) -> None:
    cards = [{"type": "card", "title": plain(name), "actions": [button(action_id="vary", value=name)]} for name in "ab"]
    posted = await client.chat_postMessage(channel=PICTURES, text="x", blocks=[{"type": "carousel", "elements": cards}])
    await sandbox.click(user=ADA, channel=PICTURES, ts=posted["ts"], action_id="vary", value="b")
    assert sandbox.slack.feed.of("slack.click")[-1].data["value"] == "b"
