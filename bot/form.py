"""What a filled-in form asks for. Pure.

Slack hands over a form's text as it was typed, without the escapes of a command, and a form has no flags: two dashes in
a prompt are two dashes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from bot import graphemes, plain, shapes, styles, values, verbatim
from bot.parsed import Note, Parsed, Problem, Remark, Trouble, listed
from bot.request import MAX_TEXT, Clarity, Request, Shape

WITH_REFERENCE = (Shape.SQUARE, Shape.SQUARE_SMALL, Shape.PORTRAIT_3_4, Shape.LANDSCAPE_4_3)
"""The shapes that the provider draws after a reference picture (1729/105969: the first four of its list)."""

_SHOWN = 40  # characters of a wrong value that are repeated to the person


class Field(StrEnum):
    """The fields of the form, by the names that they keep."""

    PROMPT = "prompt"
    NEGATIVE = "negative"
    STYLE = "style"
    SHAPE = "shape"
    COUNT = "count"
    CLARITY = "clarity"
    SEED = "seed"
    RAW = "raw"
    REFERENCE = "reference"
    WITHOUT = "without"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True)
class Filled:
    """What stands in the form. `reference`: the id of a file at Slack, empty for none."""

    prompt: str
    negative: str = ""
    style: str = ""
    shape: str = Shape.SQUARE
    count: str = "1"
    clarity: str = ""
    seed: str = ""
    raw: bool = False
    reference: str = ""


class FormError(Exception):
    """Some fields hold what cannot be asked for; each has its problem."""

    def __init__(self, problems: Mapping[Field, Problem]) -> None:
        super().__init__(", ".join(f"{field}: {problem.key}" for field, problem in problems.items()))
        self.problems = dict(problems)


def filled(request: Request) -> Filled:
    """The form that asks for this again."""
    return Filled(
        prompt=verbatim.guarded(request.prompt),
        negative=request.negative,
        style=request.style or "",
        shape=request.shape,
        count=str(request.count),
        clarity=request.clarity or "",
        seed="" if request.seed is None else str(request.seed),
        raw=request.raw,
        reference=request.reference,
    )


def read(form: Filled) -> Parsed:
    """The request, and what should be said about it. Raises `FormError` with everything that is wrong."""
    negative, seed = plain.tidy(form.negative), plain.tidy(form.seed)
    prompt, unheard = _prompt(plain.tidy(form.prompt))
    problems = _texts(prompt, negative) | unheard | _seed(seed) | _choices(form)
    if problems:
        raise FormError(problems)
    request = Request(
        prompt=prompt,
        negative=negative,
        style=form.style or None,
        shape=Shape(form.shape),
        count=int(form.count),
        seed=int(values.seed(seed).text) if seed else None,
        clarity=Clarity(form.clarity) if form.clarity else None,
        raw=form.raw,
        reference=form.reference,
    )
    if request.seed is None or request.raw:
        return Parsed(request)
    note = Note(Remark.SEED_TURNS_REWRITING_OFF, {"seed": str(request.seed)})
    return Parsed(replace(request, raw=True), (note,))


def _prompt(text: str) -> tuple[str, dict[Field, Problem]]:
    try:
        return plain.tidy(verbatim.read(text)), {}
    except verbatim.CommandError as error:
        return text, {Field.PROMPT: error.problem}


def _texts(prompt: str, negative: str) -> dict[Field, Problem]:
    problems = {} if prompt else {Field.PROMPT: Problem(Trouble.PROMPT_EMPTY)}
    long = ((Field.PROMPT, prompt, Trouble.PROMPT_TOO_LONG), (Field.NEGATIVE, negative, Trouble.NEGATIVE_TOO_LONG))
    for field, text, trouble in long:
        if len(text) > MAX_TEXT:
            problems[field] = Problem(trouble, {"n": str(len(text)), "limit": str(MAX_TEXT)})
    return problems


def _seed(seed: str) -> dict[Field, Problem]:
    if not seed or values.seed(seed).text:
        return {}
    params = {"value": graphemes.clipped(seed, _SHOWN), "least": "1", "most": str(values.MAX_SEED)}
    return {Field.SEED: Problem(Trouble.SEED_WRONG, params)}


def _choices(form: Filled) -> dict[Field, Problem]:
    """What a list offered; only a form that nobody of ours drew can hold anything else."""
    problems: dict[Field, Problem] = {}
    if form.shape not in set(Shape):
        problems[Field.SHAPE] = _alien(Trouble.SHAPE_UNKNOWN, form.shape, **listed("legal", shapes.NAMES))
    elif form.reference and form.shape not in WITH_REFERENCE:
        legal = listed("legal", map(shapes.name, WITH_REFERENCE))
        problems[Field.SHAPE] = Problem(Trouble.SHAPE_WITH_REFERENCE, legal)
    if form.style and form.style not in styles.BY_CODE:
        nearest = styles.guess([form.style]).style
        names = {"nearest": nearest.code, "nearest_en": nearest.english, "nearest_zh": nearest.chinese}
        names["legal_en"] = ", ".join(style.english for style in styles.STYLES)
        names["legal_zh"] = "、".join(style.chinese for style in styles.STYLES)
        problems[Field.STYLE] = _alien(Trouble.STYLE_UNKNOWN, form.style, **names)
    if form.count not in map(str, range(1, values.MAX_COUNT + 1)):
        problems[Field.COUNT] = _alien(Trouble.COUNT_WRONG, form.count, least="1", most=str(values.MAX_COUNT))
    if form.clarity and form.clarity not in set(Clarity):
        problems[Field.CLARITY] = _alien(Trouble.CLARITY_WRONG, form.clarity, **listed("legal", Clarity))
    return problems


def _alien(trouble: Trouble, value: str, **params: str) -> Problem:
    return Problem(trouble, {"value": graphemes.clipped(value, _SHOWN), **params})
