"""From "/imagine a cat --ar 16:9" to a Request, and back. Pure.

`plain` takes Slack's escapes off, `flags` finds the flags, `shapes` and `styles` know the values; here they meet.
`parse(recipe(request)).request == request` for every request whose texts are tidy.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from bot import flags, graphemes, permutations, plain, shapes, styles, values
from bot.flags import Flag, Found
from bot.parsed import Note, Parsed, Problem, PromptError, Remark, Trouble, listed
from bot.request import MAX_TEXT, Clarity, Request, Shape

MAX_PROBLEMS = 8  # that one answer speaks of; what comes after them is not read
_SHOWN = 40  # characters of a wrong value that are repeated to the person


def parse(text: str) -> Parsed:
    """Understand what Slack sent behind the command; the first ask, if it stands for several. Raises `PromptError`."""
    return parse_all(text)[0]


def parse_all(text: str) -> tuple[Parsed, ...]:
    """Every ask that the text stands for, `--repeat` written out. Raises `PromptError`, and nothing else."""
    try:
        lines = permutations.expand(text)
    except permutations.TooManyError:
        raise PromptError((_too_many(),)) from None
    asks = tuple(each for line in lines for each in _repeated(_parse(line)))
    if len(asks) > permutations.MOST:
        raise PromptError((_too_many(),))
    return asks


def parse_step(text: str) -> Parsed:
    """The one ask of a workflow's step. Raises `PromptError`, for what only a person can be asked or shown too."""
    first, *others = parse_all(text)
    problems = [Problem(Trouble.ONE_IN_A_STEP)] if others else []
    asked = (("--private", first.private), ("--like", first.like))
    problems += [Problem(Trouble.NOT_IN_A_STEP, {"flag": flag}) for flag, is_asked in asked if is_asked]
    if problems:
        raise PromptError(tuple(problems))
    return first


def problems_of(text: str) -> tuple[Problem, ...]:
    """What `parse_step` would complain of; nothing, if it understands the text."""
    try:
        parse_step(text)
    except PromptError as error:
        return error.problems
    return ()


def _parse(text: str) -> Parsed:
    line = flags.split(_GUARDED.sub("", _PASTED.sub("", plain.from_slack(text))))
    reader = _Reader(line.head)
    for found in line.found:
        reader.read(found)
    return reader.finish()


def _repeated(parsed: Parsed) -> tuple[Parsed, ...]:
    if parsed.repeat > 1 and parsed.request.seed is not None and not parsed.like:
        raise PromptError((Problem(Trouble.SAME_AGAIN, {"seed": str(parsed.request.seed)}),))
    return (parsed,) * parsed.repeat


def _too_many() -> Problem:
    return Problem(Trouble.TOO_MANY, {"most": str(permutations.MOST)})


def recipe(request: Request) -> str:
    """The line that asks for the same again, and can be pasted as it is."""
    prompt = _COMMAND.sub(r"\\", flags.guarded(request.prompt))
    negative = values.wrapped_guarded(flags.guarded(request.negative))
    no = f"--no {negative}" if negative else ""
    line = plain.guarded(" ".join(filter(None, ("/imagine", prompt, *summary_parts(request), no))))
    return permutations.guarded(line)


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
_ALL_FLAGS = {
    "flags_en": ", ".join(f"--{flag}" for flag in Flag),
    "flags_zh": "、".join(f"--{flags.CHINESE[flag]}" for flag in Flag),
}
_EXAMPLES = {
    Flag.SHAPE: ("16:9", "16:9"),
    Flag.COUNT: ("2", "2"),
    Flag.STYLE: ("ink-wash", "水墨画"),
    Flag.NEGATIVE: ("text", "文字"),
    Flag.SEED: ("42", "42"),
    Flag.REPEAT: ("4", "4"),
}
_BARE = (Flag.RAW, Flag.CLARITY, Flag.PRIVATE, Flag.LIKE)


def _clipped(text: str) -> str:
    return graphemes.clipped(text, _SHOWN)


class _Reader:
    """Reads flag by flag; remembers the request so far, the words that belong to no flag, and what to say.

    One method a flag takes its value and answers how many of the words it was.
    """

    def __init__(self, head: str) -> None:
        self._options: dict[str, Any] = {}
        self._text = [head]
        self._negatives: list[str] = []
        self._problems: list[Problem] = []
        self._notes: dict[Flag, list[Note]] = {}
        self._repeat = 1
        self._private = False
        self._like = False

    def read(self, found: Found) -> None:
        """Take a flag's value from the words behind it; the rest is text again."""
        if len(self._problems) >= MAX_PROBLEMS:
            return
        words = found.tail.split()
        flag = found.flag
        if flag is None:
            nearest = flags.suggestion(found.name)
            self._wrong(Trouble.FLAG_UNKNOWN, found, nearest=nearest, **_ALL_FLAGS)
            return
        if words[:1] == ["="] and flag is not Flag.NEGATIVE:
            words = words[1:]
        if not words and flag not in _BARE:
            self._missing(flag, found)
            return
        repeated = self._notes.pop(flag, None) is not None and flag is not Flag.NEGATIVE
        self._notes[flag] = []
        used = self._READERS[flag](self, found, words)
        self._text += words[used:]
        if repeated:
            self._note(flag, Remark.FLAG_REPEATED, flag=f"--{flag}", value=_clipped(" ".join(words[:used])))

    def finish(self) -> Parsed:
        """The request, if nothing was wrong."""
        negative = ", ".join(self._negatives)
        prompt = plain.tidy(" ".join(self._text))
        if not prompt:
            self._problems.insert(0, Problem(Trouble.PROMPT_EMPTY))
        for text, trouble in ((prompt, Trouble.PROMPT_TOO_LONG), (negative, Trouble.NEGATIVE_TOO_LONG)):
            if len(text) > MAX_TEXT:
                self._problems.append(Problem(trouble, {"n": str(len(text)), "limit": str(MAX_TEXT)}))
        if self._problems:
            raise PromptError(tuple(self._problems))
        if "seed" in self._options and "raw" not in self._options:
            self._options["raw"] = True
            self._note(Flag.SEED, Remark.SEED_TURNS_REWRITING_OFF, seed=str(self._options["seed"]))
        request = Request(prompt=prompt, negative=negative, **self._options)
        notes = tuple(note for notes in self._notes.values() for note in notes)
        return Parsed(request, notes, self._repeat, self._private, frozenset(self._notes), self._like)

    def _shape(self, found: Found, words: Sequence[str]) -> int:
        value = values.sides(words)
        reading = shapes.read(value.text)
        typed = _clipped(" ".join(words[: value.used]))
        if not reading.resolution:
            legal = listed("legal", shapes.NAMES)
            self._wrong(Trouble.SHAPE_UNKNOWN, found, value=typed, nearest=reading.nearest, **legal)
            return value.used
        self._options["shape"] = Shape(reading.resolution)
        if reading.scaled:
            size = reading.resolution.replace(":", "x")
            self._note(Flag.SHAPE, Remark.SIZE_BECAME_RATIO, value=typed, ratio=reading.nearest, size=size)
        return value.used

    def _count(self, found: Found, words: Sequence[str]) -> int:
        value = values.count(words[0])
        if value.text:
            self._options["count"] = int(value.text)
        else:
            self._wrong(Trouble.COUNT_WRONG, found, value=_clipped(words[0]), least="1", most=str(values.MAX_COUNT))
        return value.used

    def _style(self, found: Found, words: Sequence[str]) -> int:
        match = styles.match(words)
        if match is not None:
            self._options["style"] = match.code
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
            self._missing(Flag.NEGATIVE, found)
        return len(words)

    def _seed(self, found: Found, words: Sequence[str]) -> int:
        value = values.seed(words[0])
        if value.text:
            self._options["seed"] = int(value.text)
        else:
            self._wrong(Trouble.SEED_WRONG, found, value=_clipped(words[0]), least="1", most=str(values.MAX_SEED))
        return value.used

    def _clarity(self, found: Found, words: Sequence[str]) -> int:
        value = values.factor(words)
        if not value.text:
            self._wrong(Trouble.CLARITY_WRONG, found, value=_clipped(words[0]), **listed("legal", Clarity))
            return value.used
        self._options["clarity"] = Clarity(value.text)
        if not value.used:
            self._note(Flag.CLARITY, Remark.CLARITY_ASSUMED, clarity=value.text)
        return value.used

    def _raw(self, found: Found, words: Sequence[str]) -> int:
        self._options["raw"] = True
        return self._bare(found, words)

    def _quietly(self, found: Found, words: Sequence[str]) -> int:
        self._private = True
        return self._bare(found, words)

    def _alike(self, found: Found, words: Sequence[str]) -> int:
        self._like = True
        return self._bare(found, words)

    def _bare(self, found: Found, words: Sequence[str]) -> int:
        if found.assigned:
            self._wrong(Trouble.VALUE_UNWANTED, found, value=_clipped(" ".join(words[:1])))
        return 0

    def _times(self, found: Found, words: Sequence[str]) -> int:
        value = values.times(words[0])
        if value.text:
            self._repeat = int(value.text)
        else:
            self._wrong(Trouble.REPEAT_WRONG, found, value=_clipped(words[0]), least="1", most=str(values.MAX_REPEAT))
        return value.used

    def _missing(self, flag: Flag, found: Found) -> None:
        """With an example of the same flag, by the name that was typed."""
        english, chinese = (f"--{found.name} {value}" for value in _EXAMPLES[flag])
        self._wrong(Trouble.VALUE_MISSING, found, example_en=english, example_zh=chinese)

    def _wrong(self, key: Trouble, found: Found, **params: str) -> None:
        self._problems.append(Problem(key, {"flag": _clipped(f"--{found.name}"), **params}))

    def _note(self, about: Flag, key: Remark, **params: str) -> None:
        self._notes[about].append(Note(key, params))

    _READERS: ClassVar[Mapping[Flag, Callable[[_Reader, Found, Sequence[str]], int]]] = {
        Flag.SHAPE: _shape,
        Flag.COUNT: _count,
        Flag.STYLE: _style,
        Flag.NEGATIVE: _negative,
        Flag.SEED: _seed,
        Flag.CLARITY: _clarity,
        Flag.RAW: _raw,
        Flag.REPEAT: _times,
        Flag.PRIVATE: _quietly,
        Flag.LIKE: _alike,
    }
