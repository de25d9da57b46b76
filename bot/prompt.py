"""From "/imagine a cat --ar 16:9" to a Request, and back. Pure.

`plain` takes Slack's escapes off, `flags` finds the flags, `shapes` and `styles` know the values; here they meet.
`parse(recipe(request)).request == request` for every request whose texts are tidy.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from bot import flags, plain, shapes, styles, values
from bot.flags import Flag, Found

MAX_TEXT = 1024  # Unicode code points, for the prompt and for the negative prompt
MAX_PROBLEMS = 8  # that one answer speaks of; what comes after them is not read
_SHOWN = 40  # characters of a wrong value that are repeated to the person


class Shape(StrEnum):
    """The provider's `Resolution`, width:height in pixels."""

    SQUARE = "1024:1024"
    SQUARE_SMALL = "768:768"
    PORTRAIT_3_4 = "768:1024"
    LANDSCAPE_4_3 = "1024:768"
    TALL_9_16 = "720:1280"
    WIDE_16_9 = "1280:720"
    TALL_3_5 = "768:1280"
    WIDE_5_3 = "1280:768"


class Clarity(StrEnum):
    """The provider's upscaling factor."""

    X2 = "x2"
    X4 = "x4"


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of the provider: all that a picture depends on. `seed` implies `raw` (no prompt rewriting)."""

    prompt: str
    negative: str = ""
    style: str | None = None
    shape: Shape = Shape.SQUARE
    count: int = 1
    seed: int | None = None
    clarity: Clarity | None = None
    raw: bool = False


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


class Remark(StrEnum):
    """What a person should know about how the ask was understood."""

    SEED_TURNS_REWRITING_OFF = "seed_turns_rewriting_off"
    FLAG_REPEATED = "flag_repeated"
    CLARITY_ASSUMED = "clarity_assumed"
    SIZE_BECAME_RATIO = "size_became_ratio"


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
    """What was understood, and what should be said about it."""

    request: Request
    notes: tuple[Note, ...] = ()


class PromptError(Exception):
    """The ask cannot be carried out as it stands: everything that is wrong with it, in the order of the text."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(", ".join(problem.key for problem in problems))
        self.problems = problems


def parse(text: str) -> Parsed:
    """Understand what Slack sent behind the command. Raises `PromptError`, and nothing else."""
    line = flags.split(_GUARDED.sub("", _PASTED.sub("", plain.from_slack(text))))
    reader = _Reader(line.head)
    for found in line.found:
        reader.read(found)
    return reader.finish()


def recipe(request: Request) -> str:
    """The line that asks for the same again, and can be pasted as it is."""
    prompt = _COMMAND.sub(r"\\", flags.guarded(request.prompt))
    negative = values.wrapped_guarded(flags.guarded(request.negative))
    no = f"--no {negative}" if negative else ""
    return plain.guarded(" ".join(filter(None, ("/imagine", prompt, *summary_parts(request), no))))


def summary_parts(request: Request) -> tuple[str, ...]:
    """The flags of a recipe that say something else than the default, all but `--no`."""
    parts = (
        (request.shape is not Shape.SQUARE, f"--ar {shapes.name(request.shape)}"),
        (request.count != 1, f"--n {request.count}"),
        (request.style is not None, f"--style {styles.slug(request.style or '')}"),
        (request.seed is not None, f"--seed {request.seed}"),
        (request.clarity is not None, f"--hd {request.clarity}"),
        (request.raw, "--raw"),
    )
    return tuple(part for is_said, part in parts if is_said)


_NAME = r"[/／]imagine(?: |$)"
_PASTED = re.compile("^" + _NAME, re.IGNORECASE)
_GUARDED = re.compile(r"^\\(?=\\*" + _NAME + ")", re.IGNORECASE)
_COMMAND = re.compile(r"^(?=\\*" + _NAME + ")", re.IGNORECASE)
_ALL_FLAGS = ", ".join(f"--{flag}" for flag in Flag)
_EXAMPLES = {
    Flag.SHAPE: "--ar 16:9",
    Flag.COUNT: "--n 2",
    Flag.STYLE: "--style ink-wash",
    Flag.NEGATIVE: "--no text",
    Flag.SEED: "--seed 42",
    Flag.CLARITY: "--hd x2",
    Flag.RAW: "--raw",
}


def _clipped(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


class _Reader:
    """Reads flag by flag; remembers the request so far, the words that belong to no flag, and what to say.

    One method a flag takes its value and answers how many of the words it was.
    """

    def __init__(self, head: str) -> None:
        self._request = Request(prompt="")
        self._text = [head]
        self._negatives: list[str] = []
        self._problems: list[Problem] = []
        self._notes: dict[Flag, list[Note]] = {}
        self._readers: Mapping[Flag, Callable[[Found, Sequence[str]], int]] = {
            Flag.SHAPE: self._shape,
            Flag.COUNT: self._count,
            Flag.STYLE: self._style,
            Flag.NEGATIVE: self._negative,
            Flag.SEED: self._seed,
            Flag.CLARITY: self._clarity,
            Flag.RAW: self._raw,
        }

    def read(self, found: Found) -> None:
        """Take a flag's value from the words behind it; the rest is text again."""
        if len(self._problems) >= MAX_PROBLEMS:
            return
        words = found.tail.split()
        flag = found.flag
        if flag is None:
            nearest = flags.suggestion(found.name)
            self._wrong(Trouble.FLAG_UNKNOWN, found, nearest=nearest, flags=_ALL_FLAGS)
            return
        if words[:1] == ["="] and flag is not Flag.NEGATIVE:
            words = words[1:]
        if not words and flag not in (Flag.RAW, Flag.CLARITY):
            self._wrong(Trouble.VALUE_MISSING, found, example=_EXAMPLES[flag])
            return
        repeated = self._notes.pop(flag, None) is not None and flag is not Flag.NEGATIVE
        self._notes[flag] = []
        used = self._readers[flag](found, words)
        self._text += words[used:]
        if repeated:
            self._note(flag, Remark.FLAG_REPEATED, flag=f"--{flag}", value=_clipped(" ".join(words[:used])))

    def finish(self) -> Parsed:
        """The request, if nothing was wrong."""
        negative = ", ".join(self._negatives)
        request = replace(self._request, prompt=plain.tidy(" ".join(self._text)), negative=negative)
        if not request.prompt:
            self._problems.insert(0, Problem(Trouble.PROMPT_EMPTY))
        for text, trouble in ((request.prompt, Trouble.PROMPT_TOO_LONG), (negative, Trouble.NEGATIVE_TOO_LONG)):
            if len(text) > MAX_TEXT:
                self._problems.append(Problem(trouble, {"n": str(len(text)), "limit": str(MAX_TEXT)}))
        if self._problems:
            raise PromptError(tuple(self._problems))
        if request.seed is not None and not request.raw:
            request = replace(request, raw=True)
            self._note(Flag.SEED, Remark.SEED_TURNS_REWRITING_OFF, seed=str(request.seed))
        return Parsed(request, tuple(note for notes in self._notes.values() for note in notes))

    def _shape(self, found: Found, words: Sequence[str]) -> int:
        value = values.sides(words)
        reading = shapes.read(value.text)
        typed = _clipped(" ".join(words[: value.used]))
        if not reading.resolution:
            legal = ", ".join((*shapes.RATIOS, *shapes.SMALL))
            self._wrong(Trouble.SHAPE_UNKNOWN, found, value=typed, nearest=reading.nearest, legal=legal)
            return value.used
        self._request = replace(self._request, shape=Shape(reading.resolution))
        if reading.scaled:
            size = reading.resolution.replace(":", "x")
            self._note(Flag.SHAPE, Remark.SIZE_BECAME_RATIO, value=typed, ratio=reading.nearest, size=size)
        return value.used

    def _count(self, found: Found, words: Sequence[str]) -> int:
        value = values.count(words[0])
        if value.text:
            self._request = replace(self._request, count=int(value.text))
        else:
            self._wrong(Trouble.COUNT_WRONG, found, value=_clipped(words[0]), least="1", most=str(values.MAX_COUNT))
        return value.used

    def _style(self, found: Found, words: Sequence[str]) -> int:
        match = styles.match(words)
        if match is not None:
            self._request = replace(self._request, style=match.code)
            return match.used
        guess = styles.guess(words)
        self._wrong(
            Trouble.STYLE_UNKNOWN,
            found,
            value=_clipped(" ".join(words[: guess.used])),
            nearest=guess.style.code,
            nearest_en=guess.style.english,
            nearest_zh=guess.style.chinese,
            legal_en=", ".join(style.english for style in styles.STYLES),
            legal_zh="、".join(style.chinese for style in styles.STYLES),
        )
        return guess.used

    def _negative(self, found: Found, words: Sequence[str]) -> int:
        negative = plain.tidy(values.unwrapped(plain.tidy(found.tail)))
        if negative:
            self._negatives.append(negative)
        else:
            self._wrong(Trouble.VALUE_MISSING, found, example=_EXAMPLES[Flag.NEGATIVE])
        return len(words)

    def _seed(self, found: Found, words: Sequence[str]) -> int:
        value = values.seed(words[0])
        if value.text:
            self._request = replace(self._request, seed=int(value.text))
        else:
            self._wrong(Trouble.SEED_WRONG, found, value=_clipped(words[0]), least="1", most=str(values.MAX_SEED))
        return value.used

    def _clarity(self, found: Found, words: Sequence[str]) -> int:
        value = values.factor(words)
        if not value.text:
            self._wrong(Trouble.CLARITY_WRONG, found, value=_clipped(words[0]), legal="x2, x4")
            return value.used
        self._request = replace(self._request, clarity=Clarity(value.text))
        if not value.used:
            self._note(Flag.CLARITY, Remark.CLARITY_ASSUMED, clarity=value.text)
        return value.used

    def _raw(self, found: Found, words: Sequence[str]) -> int:
        if found.assigned:
            self._wrong(Trouble.VALUE_UNWANTED, found, value=_clipped(" ".join(words[:1])))
        self._request = replace(self._request, raw=True)
        return 0

    def _wrong(self, key: Trouble, found: Found, **params: str) -> None:
        self._problems.append(Problem(key, {"flag": _clipped(f"--{found.name}"), **params}))

    def _note(self, about: Flag, key: Remark, **params: str) -> None:
        self._notes[about].append(Note(key, params))
