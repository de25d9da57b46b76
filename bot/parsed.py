"""What an ask was understood as, or what is wrong with it. Pure data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.flags import Flag
from bot.request import Request


class Trouble(StrEnum):
    """What can be wrong with an ask; each has its sentence in every language."""

    PROMPT_EMPTY = "prompt_empty"
    PROMPT_TOO_LONG = "prompt_too_long"
    NEGATIVE_TOO_LONG = "negative_too_long"
    FLAG_UNKNOWN = "flag_unknown"
    VALUE_MISSING = "value_missing"
    VALUE_UNWANTED = "value_unwanted"
    SHAPE_UNKNOWN = "shape_unknown"
    COUNT_WRONG = "count_wrong"
    STYLE_UNKNOWN = "style_unknown"
    SEED_WRONG = "seed_wrong"
    CLARITY_WRONG = "clarity_wrong"
    SHAPE_WITH_REFERENCE = "shape_with_reference"
    NOTHING_LIKE_IT = "nothing_like_it"
    REPEAT_WRONG = "repeat_wrong"
    TOO_MANY = "too_many"
    SAME_AGAIN = "same_again"
    ONE_IN_A_FORM = "one_in_a_form"
    FLAG_IN_A_FORM = "flag_in_a_form"
    ONE_IN_A_STEP = "one_in_a_step"
    NOT_IN_A_STEP = "not_in_a_step"
    PREFIX_TOO_LONG = "prefix_too_long"


class Remark(StrEnum):
    """What a person should know about how the ask was understood."""

    SEED_TURNS_REWRITING_OFF = "seed_turns_rewriting_off"
    FLAG_REPEATED = "flag_repeated"
    CLARITY_ASSUMED = "clarity_assumed"
    SIZE_BECAME_RATIO = "size_became_ratio"
    CUSTOMS_ADDED = "customs_added"
    LABEL_LEFT_OUT = "label_left_out"
    REFERENCE_REWRITES = "reference_rewrites"


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an ask was not understood. `params` hold what the person typed: plain text, never markup."""

    key: Trouble
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Note:
    """A remark, with what it speaks of."""

    key: Remark
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Parsed:
    """What was understood, and what should be said about it. `given`: the flags that were typed.

    `repeat`: how many jobs it is to be; `private`: only the asker is to see them; `like`: to be drawn after the
    newest picture of the thread.
    """

    request: Request
    notes: tuple[Note, ...] = ()
    repeat: int = 1
    private: bool = False
    given: frozenset[Flag] = field(default=frozenset(), compare=False)
    like: bool = False


def listed(name: str, values: Iterable[str]) -> dict[str, str]:
    """Several values for a sentence: its place `NAME_en` or `NAME_zh`, parted as each language parts them."""
    several = tuple(values)
    return {f"{name}_en": ", ".join(several), f"{name}_zh": "、".join(several)}


class PromptError(Exception):
    """The ask cannot be carried out as it stands: everything that is wrong with it, in the order of the text."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(", ".join(problem.key for problem in problems))
        self.problems = problems
