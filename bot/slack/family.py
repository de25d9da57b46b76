"""A thread's family as a tree that one person sees. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from bot.job import FINAL, Job, State
from bot.lineage import Branch
from bot.ports import Standing
from bot.slack.blocks import status, told
from bot.slack.elements import Json, Message, clamp, escape, lines, rich_text, section, sentence, text, written
from bot.slack.origin import changes_said
from bot.slack.wording import Words

_MOST_SHOWN = 40
_MOST_LINE = 120
_DEEPEST = 6
_SHORT_ID = 8


def tree(words: Words, branches: Sequence[Branch]) -> Message:
    """Each job by the name that `/imagine again` takes; first ones by their words, others by what changed."""
    shown = branches[:_MOST_SHOWN]
    parts: list[Json] = [section(*sentence(words, "tree.intro"))]
    for depth, group in groupby(shown, key=lambda branch: min(branch.depth, _DEEPEST)):
        items = [section(text(_name(each.job), code=True), text(f" {_line(words, each)}")) for each in group]
        parts.append({"type": "rich_text_list", "style": "bullet", "indent": depth, "elements": items})
    left = len(branches) - len(shown)
    said = [written(words, "tree.intro")]
    said += ["  " * min(each.depth, _DEEPEST) + escape(f"{_name(each.job)} {_line(words, each)}") for each in shown]
    if left:
        parts.append(section(*sentence(words, "tree.more", n=left)))
        said.append(written(words, "tree.more", n=left))
    return Message(lines(*said), [rich_text(*parts)])


def _name(job: Job) -> str:
    return job.id[:_SHORT_ID]


def _line(words: Words, branch: Branch) -> str:
    what = changes_said(words, branch.changes) if branch.changes else branch.job.request.prompt
    return clamp(what, _MOST_LINE) + _how_it_ended(words, branch.job)


def _how_it_ended(words: Words, job: Job) -> str:
    """Said only of what has no pictures (yet)."""
    if job.state is State.DELIVERED:
        return ""
    state = told(words, status(job, Standing(), admins_told=False)) if job.state in FINAL else words.say("tree.open")
    return f" ({state})"
