"""The form that asks for a picture, as a modal, and what a person put into it. Pure.

Blocks and actions keep their names for ever: what was typed survives an update only under the same names.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from bot import shapes, styles
from bot.form import WITH_REFERENCE, Field, Filled
from bot.parsed import Problem, Trouble
from bot.request import MAX_TEXT, Clarity, Shape
from bot.slack.elements import Json, plain_text, typed
from bot.slack.wording import Words
from bot.values import MAX_COUNT

CALLBACK = "ask"
_MOST_LABEL = 2000
_MOST_TITLE = 24
_MOST_OPTION = 75
_NONE = "-"  # Slack wants a value for "no choice" too
BESIDE = frozenset(
    {Trouble.PROMPT_EMPTY, Trouble.SEED_WRONG, Trouble.SHAPE_UNKNOWN, Trouble.COUNT_WRONG, Trouble.CLARITY_WRONG}
)
"""What is said in other words beside a field than of a line: nobody typed a flag there."""


@dataclass(frozen=True, slots=True)
class Purpose:
    """What the form is for; it travels in the modal as ids, never as text.

    `channel` and `thread`: where the picture is to go (empty: the form asks). `parent`: the job it is made from.
    """

    channel: str = ""
    thread: str = ""
    parent: str = ""
    draft: str = ""
    private: bool = False


def ask(words: Words, form: Filled, purpose: Purpose, *, title: str = "form.title") -> Json:
    """The modal, filled in."""
    blocks = [
        _text(words, Field.PROMPT, form.prompt, multiline=True, optional=False),
        _text(words, Field.NEGATIVE, form.negative),
        _list(words, Field.STYLE, _styles(words), form.style),
        _list(words, Field.SHAPE, _shapes(words, with_reference=bool(form.reference)), form.shape),
        _list(words, Field.COUNT, _counts(), form.count),
        _list(words, Field.CLARITY, _clarities(words), form.clarity),
        _text(words, Field.SEED, form.seed, hinted=True),
        _raw(words, chosen=form.raw),
        *_reference(words, form.reference),
        *([] if purpose.channel else [_channel(words)]),
    ]
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "private_metadata": json.dumps(asdict(purpose) | {"reference": form.reference}),
        "title": plain_text(words.say(title), _MOST_TITLE),
        "submit": plain_text(words.say("form.submit"), _MOST_TITLE),
        "close": plain_text(words.say("form.close"), _MOST_TITLE),
        "blocks": blocks,
    }


def purpose_of(view: Mapping[str, Any]) -> Purpose:
    """What the submitted form was for."""
    known = json.loads(view.get("private_metadata") or "{}")
    known.pop("reference", None)
    return Purpose(**known)


def answer(view: Mapping[str, Any]) -> Filled:
    """What stands in the submitted form. A new reference picture comes before the one that the form was opened with."""
    values = view["state"]["values"]
    before = json.loads(view.get("private_metadata") or "{}").get("reference", "")
    files = _element(values, Field.REFERENCE).get("files") or ()
    is_kept = not _element(values, Field.WITHOUT).get("selected_options")
    return Filled(
        prompt=_typed(values, Field.PROMPT),
        negative=_typed(values, Field.NEGATIVE),
        style=_chosen(values, Field.STYLE),
        shape=_chosen(values, Field.SHAPE) or Shape.SQUARE,
        count=_chosen(values, Field.COUNT) or "1",
        clarity=_chosen(values, Field.CLARITY),
        seed=_typed(values, Field.SEED),
        raw=bool(_element(values, Field.RAW).get("selected_options")),
        reference=str(files[0]["id"]) if files else before if is_kept else "",
    )


def channel_of(view: Mapping[str, Any]) -> str:
    """The conversation that was chosen, where the form asked for one."""
    return str(_element(view["state"]["values"], Field.CHANNEL).get("selected_conversation") or "")


def errors(words: Words, problems: Mapping[Field, Problem]) -> dict[str, str]:
    """A sentence beside each field that is wrong, as the acknowledgement of a submission takes it."""
    return {field.value: _beside(words, problem) for field, problem in problems.items()}


def _beside(words: Words, problem: Problem) -> str:
    key = f"trouble.{problem.key}"
    return words.say(f"form.{key}" if problem.key in BESIDE else key, **problem.params)


def _element(values: Mapping[str, Any], field: Field) -> Mapping[str, Any]:
    found: Mapping[str, Any] = (values.get(field.value) or {}).get(field.value) or {}
    return found


def _typed(values: Mapping[str, Any], field: Field) -> str:
    return str(_element(values, field).get("value") or "")


def _chosen(values: Mapping[str, Any], field: Field) -> str:
    value = str((_element(values, field).get("selected_option") or {}).get("value") or "")
    return "" if value == _NONE else value


def _input(words: Words, field: Field, element: Json, *, optional: bool, hinted: bool = False) -> Json:
    block = {
        "type": "input",
        "block_id": field.value,
        "optional": optional,
        "label": plain_text(words.say(f"form.{field}"), _MOST_LABEL),
        "element": {**element, "action_id": field.value},
    }
    return block | ({"hint": plain_text(words.say(f"form.{field}.hint"), _MOST_LABEL)} if hinted else {})


def _text(
    words: Words, field: Field, value: str, *, multiline: bool = False, optional: bool = True, hinted: bool = False
) -> Json:
    element = typed(value, MAX_TEXT, multiline=multiline)
    return _input(words, field, element, optional=optional, hinted=hinted)


def _list(words: Words, field: Field, options: list[Json], value: str) -> Json:
    chosen = next((option for option in options if option["value"] == (value or _NONE)), options[0])
    element = {"type": "static_select", "options": options, "initial_option": chosen}
    return _input(words, field, element, optional=False)


def _option(text: str, value: str) -> Json:
    return {"text": plain_text(text, _MOST_OPTION), "value": value}


def _styles(words: Words) -> list[Json]:
    """Both names in each line: Slack searches in what is shown, whatever the reader's language."""
    named = [_option(f"{style.english} · {style.chinese}", style.code) for style in styles.STYLES]
    return [_option(words.say("form.style.none"), _NONE), *named]


def _shapes(words: Words, *, with_reference: bool) -> list[Json]:
    return [
        _option(words.say(f"form.shape.{shape.name.lower()}", shape=shapes.name(shape)), shape.value)
        for shape in (WITH_REFERENCE if with_reference else Shape)
    ]


def _counts() -> list[Json]:
    return [_option(str(count), str(count)) for count in range(1, MAX_COUNT + 1)]


def _clarities(words: Words) -> list[Json]:
    named = [_option(words.say(f"form.clarity.{clarity}"), clarity.value) for clarity in Clarity]
    return [_option(words.say("form.clarity.none"), _NONE), *named]


def _raw(words: Words, *, chosen: bool) -> Json:
    option = _option(words.say("form.raw.option"), Field.RAW.value)
    element: Json = {"type": "checkboxes", "options": [option]}
    if chosen:
        element["initial_options"] = [option]
    return _input(words, Field.RAW, element, optional=True, hinted=True)


def _reference(words: Words, reference: str) -> list[Json]:
    element = {"type": "file_input", "filetypes": ["jpg", "jpeg", "png"], "max_files": 1}
    block = _input(words, Field.REFERENCE, element, optional=True, hinted=True)
    if not reference:
        return [block]
    kept = {"type": "context", "elements": [plain_text(words.say("form.reference.kept"), _MOST_LABEL)]}
    option = _option(words.say("form.without.option"), Field.WITHOUT.value)
    return [kept, block, _input(words, Field.WITHOUT, {"type": "checkboxes", "options": [option]}, optional=True)]


def _channel(words: Words) -> Json:
    element = {"type": "conversations_select", "default_to_current_conversation": True}
    return _input(words, Field.CHANNEL, element, optional=False)
