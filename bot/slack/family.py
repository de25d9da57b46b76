"""A thread's family as a tree that one person sees. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from bot.job import FINAL, Job, State
from bot.lineage import GONE, Branch
from bot.ports import Standing
from bot.slack.blocks import status, told
from bot.slack.elements import (
    Json,
    Message,
    clamp,
    escape,
    lines,
    rich_text,
    section,
    sentence,
    text,
    within,
    written,
)
from bot.slack.origin import changes_said
from bot.slack.wording import Words

_MOST_SHOWN = 40
_MOST_LINE = (120, 80, 40)
"""Units of each line; less where so much would be more than Slack takes."""
_DEEPEST = 6
_SHORT_ID = 8


def tree(words: Words, branches: Sequence[Branch]) -> Message:
    """Each job by the name that `/imagine again` takes; first ones by their words, others by what changed."""
    shown, left = branches[:_MOST_SHOWN], len(branches[_MOST_SHOWN:])
    more = [section(*sentence(words, "tree.more", n=left))] if left else []
    blocks = within(lambda most: [rich_text(*_parts(words, shown, most), *more)], *_MOST_LINE)
    said = [written(words, "tree.intro"), *(_written(words, each) for each in shown)]
    if left:
        said.append(written(words, "tree.more", n=left))
    return Message(lines(*said), blocks)


def _parts(words: Words, shown: Sequence[Branch], most: int) -> list[Json]:
    parts: list[Json] = [section(*sentence(words, "tree.intro"))]
    for depth, group in groupby(shown, key=lambda branch: min(branch.depth, _DEEPEST)):
        items = [section(text(_name(each.job), code=True), text(f" {_line(words, each, most)}")) for each in group]
        parts.append({"type": "rich_text_list", "style": "bullet", "indent": depth, "elements": items})
    return parts


def _written(words: Words, branch: Branch) -> str:
    line = f"{_name(branch.job)} {_line(words, branch, _MOST_LINE[0])}"
    return "  " * min(branch.depth, _DEEPEST) + escape(line)


def _name(job: Job) -> str:
    return job.id[:_SHORT_ID]


def _line(words: Words, branch: Branch, most: int) -> str:
    if branch.job.state in GONE:
        return _how_it_ended(words, branch.job).strip(" ()")
    what = changes_said(words, branch.changes) if branch.changes else branch.job.request.prompt
    return clamp(what, most) + _how_it_ended(words, branch.job)


def _how_it_ended(words: Words, job: Job) -> str:
    """Said only of what has no pictures (yet)."""
    if job.state is State.DELIVERED:
        return ""
    state = told(words, status(job, Standing(), admins_told=False)) if job.state in FINAL else words.say("tree.open")
    return f" ({state})"
