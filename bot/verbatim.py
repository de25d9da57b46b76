r"""The prompt in a form's field: every word of it is drawn, so what only a command hears is told. Pure.

`\--ar` and `\{a, b}` are drawn as `--ar` and `{a, b}`; `read(guarded(prompt)) == prompt` for every tidy prompt.
"""

from __future__ import annotations

from bot import flags, permutations
from bot.parsed import Problem, Trouble


class CommandError(Exception):
    """The field holds what only `/imagine` hears."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.key)
        self.problem = problem


def guarded(prompt: str) -> str:
    """As it stands in the field of a form that begins with this prompt."""
    return permutations.guarded(flags.guarded(prompt))


def read(text: str) -> str:
    """The prompt that the field asks for. Raises `CommandError` for flags and alternatives that are not guarded."""
    try:
        line, *others = permutations.expand(text)
    except permutations.TooManyError:
        others = [text]
    if others:
        raise CommandError(Problem(Trouble.ONE_IN_A_FORM))
    parted = flags.split(line)
    if parted.found:
        raise CommandError(Problem(Trouble.FLAG_IN_A_FORM, {"flag": f"--{parted.found[0].name[:40]}"}))
    return parted.head
