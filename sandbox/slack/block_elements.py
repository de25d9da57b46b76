"""What may stand inside blocks: buttons, selects, inputs and the pieces of rich text, with their lengths."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sandbox.slack.block_rules import (
    Rule,
    anything,
    boolean,
    choice,
    complaint,
    integer,
    listing,
    matching,
    shape,
    string,
    text_object,
    typed,
)
from sandbox.slack.workspace import Json

ID = string(255)
ACTION = {"action_id": ID}
BOTH = ("plain_text", "mrkdwn")


def plain(most: int) -> Rule:
    """A `plain_text` object."""
    return text_object("plain_text", most=most)


CONFIRM = shape(
    {"title": plain(100), "text": text_object(*BOTH, most=300), "confirm": plain(30), "deny": plain(30)},
    {"style": choice("primary", "danger")},
)
CHOICE = {"text": text_object(*BOTH, most=75), "value": string(150)}
OPTION = shape(CHOICE, {"description": text_object(*BOTH, most=75)})
MENU_OPTION = shape(CHOICE, {"description": text_object(*BOTH, most=75), "url": string(3000)})
OPTIONS = listing(OPTION, most=100)
GROUPS = listing(shape({"label": plain(75), "options": OPTIONS}), most=100)
BUTTON = shape(
    {"text": plain(75)},
    ACTION | {"value": string(2000), "url": string(3000), "style": choice("primary", "danger"), "confirm": CONFIRM,
              "accessibility_label": string(75), "agent_prompt": string(4000), "visible_to_user_ids": anything},
)  # fmt: skip
IMAGE = shape({"alt_text": string(2000)}, {"image_url": string(3000), "slack_file": anything})

FOCUSED = ACTION | {"confirm": CONFIRM, "focus_on_load": boolean}
SELECT = FOCUSED | {"placeholder": plain(150)}
MOST = {"max_selected_items": integer(1, 100)}
RESPONSE = {"response_url_enabled": boolean}
CONVERSATIONS = {"default_to_current_conversation": boolean, "filter": shape({}, {
    "include": listing(choice("im", "mpim", "private", "public"), most=4), "exclude_external_shared_channels": boolean,
    "exclude_bot_users": boolean})}  # fmt: skip
IDS = listing(ID, most=100)
FEW = listing(OPTION, most=10)
STATIC = {"options": OPTIONS, "option_groups": GROUPS}
EXTERNAL = {"min_query_length": integer(0, 3000)}


def chooser(rule: Rule) -> Rule:
    """A static select or a group of boxes: one of `options` and `option_groups`, and first choices among them."""

    def check(value: Any, at: str) -> Iterator[str]:
        yield from rule(value, at)
        if isinstance(value, dict):
            yield from _misfitting(value, at)

    return check


def _misfitting(element: Json, at: str) -> Iterator[str]:
    if ("options" in element) == ("option_groups" in element):
        yield complaint("must define exactly one of `options` and `option_groups`", at)
        return
    groups = _list(element.get("option_groups"))
    inside = [_list(each.get("options")) for each in groups if isinstance(each, dict)]
    offered = [each for options in (_list(element.get("options")), *inside) for each in options]
    first = _list(element.get("initial_options")) + [element[name] for name in ("initial_option",) if name in element]
    for each in first:
        if each not in offered:
            yield complaint("initial option must match one of the options", at)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


ACTION_ELEMENTS: dict[str, Rule] = {
    "button": BUTTON,
    "overflow": shape({"options": listing(MENU_OPTION, most=5)}, ACTION | {"confirm": CONFIRM}),
    "checkboxes": chooser(shape({"options": FEW}, FOCUSED | {"initial_options": FEW})),
    "radio_buttons": chooser(shape({"options": FEW}, FOCUSED | {"initial_option": OPTION})),
    "static_select": chooser(shape({}, SELECT | STATIC | {"initial_option": OPTION})),
    "multi_static_select": chooser(shape({}, SELECT | MOST | STATIC | {"initial_options": OPTIONS})),
    "external_select": shape({}, SELECT | EXTERNAL | {"initial_option": OPTION}),
    "multi_external_select": shape({}, SELECT | MOST | EXTERNAL | {"initial_options": OPTIONS}),
    "users_select": shape({}, SELECT | {"initial_user": ID}),
    "multi_users_select": shape({}, SELECT | MOST | {"initial_users": IDS}),
    "channels_select": shape({}, SELECT | RESPONSE | {"initial_channel": ID}),
    "multi_channels_select": shape({}, SELECT | MOST | {"initial_channels": IDS}),
    "conversations_select": shape({}, SELECT | RESPONSE | CONVERSATIONS | {"initial_conversation": ID}),
    "multi_conversations_select": shape({}, SELECT | MOST | CONVERSATIONS | {"initial_conversations": IDS}),
    "datepicker": shape({}, SELECT | {"initial_date": matching(r"\d{4}-\d{2}-\d{2}", "a date as YYYY-MM-DD")}),
    "timepicker": shape({}, SELECT | {"initial_time": matching(r"\d{2}:\d{2}", "a time as HH:mm"),
                                      "timezone": string(255)}),
    "datetimepicker": shape({}, FOCUSED | {"initial_date_time": integer(1_000_000_000, 9_999_999_999)}),
    "workflow_button": anything,
}  # fmt: skip
FEEDBACK = shape({"text": plain(75), "value": string(2000)}, {"accessibility_label": string(75)})
CONTEXT_ACTION_ELEMENTS: dict[str, Rule] = {
    "feedback_buttons": shape({"positive_button": FEEDBACK, "negative_button": FEEDBACK}, ACTION),
    "icon_button": shape({"icon": string(75), "text": plain(75)},
                         ACTION | {"value": string(2000), "confirm": CONFIRM, "accessibility_label": string(75),
                                   "visible_to_user_ids": listing(ID, most=10)}),
}  # fmt: skip
INPUT = ACTION | {
    "dispatch_action_config": shape(
        {}, {"trigger_actions_on": listing(choice("on_enter_pressed", "on_character_entered"), most=2)}
    ),
    "placeholder": plain(150),
    "focus_on_load": boolean,
}
TYPED = INPUT | {"initial_value": string(3000)}
LENGTHS = {"multiline": boolean, "min_length": integer(0, 3000), "max_length": integer(1, 3000)}
NUMBER = matching(r"-?\d+(\.\d+)?", "a number, as text")
INPUT_ELEMENTS: dict[str, Rule] = {
    **{kind: rule for kind, rule in ACTION_ELEMENTS.items() if kind not in {"button", "overflow", "workflow_button"}},
    "plain_text_input": shape({}, TYPED | LENGTHS),
    "email_text_input": shape({}, TYPED),
    "url_text_input": shape({}, TYPED),
    "number_input": shape({"is_decimal_allowed": boolean},
                          INPUT | {"initial_value": NUMBER, "min_value": NUMBER, "max_value": NUMBER}),
    "rich_text_input": shape({}, INPUT | {"initial_value": anything, "min_lines": integer(1, 100),
                                          "max_lines": integer(1, 100)}),
    "file_input": shape({}, ACTION | {"filetypes": listing(string(20, least=1), most=100),
                                      "max_files": integer(1, 10)}),
}  # fmt: skip

STYLE = {"style": shape({}, dict.fromkeys(("bold", "italic", "strike", "code", "underline", "highlight",
                                           "client_highlight", "unlink"), boolean))}  # fmt: skip
RICH_TEXT_PIECES: dict[str, Rule] = {
    "text": shape({"text": string(40_000, least=1)}, STYLE),
    "link": shape({"url": string(3000, least=1)}, STYLE | {"text": string(40_000), "unsafe": boolean}),
    "user": shape({"user_id": ID}, STYLE),
    "usergroup": shape({"usergroup_id": ID}, STYLE),
    "channel": shape({"channel_id": ID}, STYLE),
    "team": shape({"team_id": ID}, STYLE),
    "broadcast": shape({"range": choice("here", "channel", "everyone")}, STYLE),
    "emoji": shape({"name": ID}, STYLE | {"unicode": string(255), "skin_tone": integer(1, 6)}),
    "date": shape({"timestamp": integer(0, 99_999_999_999), "format": string(255, least=1)},
                  STYLE | {"url": string(3000), "fallback": string(255)}),
    "color": shape({"value": string(20)}, STYLE),
}  # fmt: skip
PIECES = listing(typed(RICH_TEXT_PIECES), most=1000, least=0)
BORDER = {"border": integer(0, 1)}
SECTION = shape({"elements": PIECES})
RICH_TEXT_ELEMENTS: dict[str, Rule] = {
    "rich_text_section": SECTION,
    "rich_text_quote": shape({"elements": PIECES}, BORDER),
    "rich_text_preformatted": shape({"elements": PIECES}, BORDER | {"language": string(50)}),
    "rich_text_list": shape({"elements": listing(typed({"rich_text_section": SECTION}), most=1000),
                             "style": choice("bullet", "ordered")},
                            BORDER | {"indent": integer(0, 8), "offset": integer(0, 10_000)}),
}  # fmt: skip
