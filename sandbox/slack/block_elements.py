"""What may stand inside blocks: buttons, selects, inputs and the pieces of rich text, with their lengths."""

from __future__ import annotations

from sandbox.slack.block_rules import (
    Rule,
    anything,
    boolean,
    choice,
    integer,
    listing,
    shape,
    string,
    text_object,
    typed,
)

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
OPTION = shape({"text": text_object(*BOTH, most=75), "value": string(150)},
               {"description": text_object(*BOTH, most=75), "url": string(3000)})  # fmt: skip
OPTIONS = listing(OPTION, most=100)
GROUPS = listing(shape({"label": plain(75), "options": OPTIONS}), most=100)
BUTTON = shape(
    {"text": plain(75)},
    ACTION | {"value": string(2000), "url": string(3000), "style": choice("primary", "danger"), "confirm": CONFIRM,
              "accessibility_label": string(75), "agent_prompt": string(4000), "visible_to_user_ids": anything},
)  # fmt: skip
IMAGE = shape({"alt_text": string(2000)}, {"image_url": string(3000), "slack_file": anything})

SELECT = ACTION | {"placeholder": plain(150), "confirm": CONFIRM, "focus_on_load": boolean}
STATIC = {"options": OPTIONS, "option_groups": GROUPS, "initial_option": OPTION, "initial_options": OPTIONS}
CHOSEN = {"initial_user": ID, "initial_users": anything, "initial_channel": ID, "initial_channels": anything,
          "initial_conversation": ID, "initial_conversations": anything, "default_to_current_conversation": boolean,
          "response_url_enabled": boolean, "filter": anything, "min_query_length": integer(0, 3000),
          "max_selected_items": integer(1, 100)}  # fmt: skip
CHECKED = {"options": listing(OPTION, most=10)}
PICKED = {"initial_date": string(10), "initial_time": string(5), "initial_date_time": integer(0, 9_999_999_999),
          "timezone": string(255)}  # fmt: skip

ACTION_ELEMENTS: dict[str, Rule] = {
    "button": BUTTON,
    "overflow": shape({"options": listing(OPTION, most=5)}, ACTION | {"confirm": CONFIRM}),
    "checkboxes": shape(CHECKED, SELECT | {"initial_options": listing(OPTION, most=10)}),
    "radio_buttons": shape(CHECKED, SELECT | {"initial_option": OPTION}),
    **{f"{many}static_select": shape({}, SELECT | STATIC | CHOSEN) for many in ("", "multi_")},
    **{
        f"{many}{what}_select": shape({}, SELECT | STATIC | CHOSEN)
        for many in ("", "multi_")
        for what in ("users", "channels", "conversations", "external")
    },
    **{kind: shape({}, SELECT | PICKED) for kind in ("datepicker", "timepicker", "datetimepicker")},
    "workflow_button": anything,
}
FEEDBACK = shape({"text": plain(75), "value": string(2000)}, {"accessibility_label": string(75)})
CONTEXT_ACTION_ELEMENTS: dict[str, Rule] = {
    "feedback_buttons": shape({"positive_button": FEEDBACK, "negative_button": FEEDBACK}, ACTION),
    "icon_button": shape({"icon": string(75), "text": plain(75)},
                         ACTION | {"value": string(2000), "confirm": CONFIRM, "accessibility_label": string(75),
                                   "visible_to_user_ids": listing(ID, most=10)}),
}  # fmt: skip
INPUT_TEXT = {"initial_value": string(3000), "multiline": boolean, "min_length": integer(0, 3000),
              "max_length": integer(1, 3000), "dispatch_action_config": anything, "placeholder": plain(150),
              "focus_on_load": boolean}  # fmt: skip
INPUT_ELEMENTS: dict[str, Rule] = {
    **{kind: rule for kind, rule in ACTION_ELEMENTS.items() if kind not in {"button", "overflow", "workflow_button"}},
    "plain_text_input": shape({}, ACTION | INPUT_TEXT),
    "email_text_input": shape({}, ACTION | INPUT_TEXT),
    "url_text_input": shape({}, ACTION | INPUT_TEXT),
    "number_input": shape({"is_decimal_allowed": boolean}, ACTION | INPUT_TEXT | {"min_value": anything,
                                                                                  "max_value": anything}),
    "rich_text_input": anything,
    "file_input": shape({}, ACTION | {"filetypes": listing(string(20), most=100), "max_files": integer(1, 10)}),
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
