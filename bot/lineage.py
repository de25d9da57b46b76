"""How a job differs from the one it came from, and the family that a thread holds. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import pairwise

from bot import shapes
from bot.job import Job, JobId, State
from bot.request import Request


class Difference(StrEnum):
    """What can differ between two requests; each has its words in every language."""

    ADDED = "added"
    REMOVED = "removed"
    REWORDED = "reworded"
    NEGATIVE = "negative"
    STYLE = "style"
    SHAPE = "shape"
    COUNT = "count"
    SEED_SET = "seed_set"
    SEED_KEPT = "seed_kept"
    SEED_FREE = "seed_free"
    CLARITY = "clarity"
    RAW = "raw"
    REWRITTEN = "rewritten"
    REFERENCE = "reference"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `value` is what a person typed, or what they would type: plain text, perhaps empty."""

    kind: Difference
    value: str = ""


@dataclass(frozen=True, slots=True)
class Branch:
    """A job in its family: how many generations below the first one, and what changed since its parent."""

    job: Job
    depth: int
    changes: tuple[Change, ...] = ()


GONE = frozenset({State.DELETING, State.DELETED})
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\s\u3040-\u30ff\u3400-\u9fff]+")
_MOST_WORDS = 12  # a change of more than these is a new wording


def changes(before: Request, after: Request) -> tuple[Change, ...]:
    """What a reader needs to know of the difference: the prompt first, then the options."""
    found = [*_wording(before.prompt, after.prompt), *_options(before, after)]
    return tuple(found) or (Change(Difference.NOTHING),)


def family(jobs: Sequence[Job]) -> tuple[Branch, ...]:
    """The jobs as a tree, siblings in the order of asking. A job without a known parent is a root."""
    known = {job.id for job in jobs}
    children: dict[JobId | None, list[Job]] = {}
    for job in sorted(jobs, key=lambda job: (job.asked_at, job.id)):
        children.setdefault(job.parent if job.parent in known else None, []).append(job)
    branches: list[Branch] = []
    stack: list[tuple[Job, int, Job | None]] = [(root, 0, None) for root in reversed(children.get(None, []))]
    while stack:
        job, depth, parent = stack.pop()
        is_told = parent is not None and parent.state not in GONE  # nothing of what was deleted is quoted
        branches.append(Branch(job, depth, changes(parent.request, job.request) if parent and is_told else ()))
        stack += [(child, depth + 1, job) for child in reversed(children.get(job.id, []))]
    return tuple(branches)


def _wording(before: str, after: str) -> list[Change]:
    if before == after:
        return []
    old, new = _WORD.findall(before), _WORD.findall(after)
    added: list[str] = []
    removed: list[str] = []
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            removed += [_joined(old[i:j])] if j > i else []
            added += [_joined(new[k:m])] if m > k else []
    if not (added or removed) or len(_WORD.findall(" ".join(added + removed))) > _MOST_WORDS:
        return [Change(Difference.REWORDED)]
    return [
        *(Change(Difference.ADDED, each) for each in added),
        *(Change(Difference.REMOVED, each) for each in removed),
    ]


def _joined(words: Sequence[str]) -> str:
    """Words with blanks between, characters that need none without."""
    text = words[0]
    for last, word in pairwise(words):
        text += word if _needs_no_blank(last) and _needs_no_blank(word) else f" {word}"
    return text


def _needs_no_blank(word: str) -> bool:
    return "\u3040" <= word[0] <= "\u9fff"


def _options(before: Request, after: Request) -> list[Change]:
    found: list[Change] = []
    if before.negative != after.negative:
        found.append(Change(Difference.NEGATIVE, after.negative))
    if before.style != after.style:
        found.append(Change(Difference.STYLE, after.style or ""))
    if before.shape is not after.shape:
        found.append(Change(Difference.SHAPE, shapes.name(after.shape)))
    if before.count != after.count:
        found.append(Change(Difference.COUNT, str(after.count)))
    if before.clarity is not after.clarity:
        found.append(Change(Difference.CLARITY, after.clarity or ""))
    if before.reference != after.reference:
        found.append(Change(Difference.REFERENCE, after.reference))
    return [*found, *_chance(before, after)]


def _chance(before: Request, after: Request) -> list[Change]:
    """The seed, and whether the provider rewrites the prompt: a seed says both. Beside a reference neither counts."""
    if after.reference:
        return []
    if after.seed is not None:
        return [Change(Difference.SEED_KEPT if before.seed == after.seed else Difference.SEED_SET, str(after.seed))]
    found = [Change(Difference.SEED_FREE)] if before.seed is not None else []
    if before.raw != after.raw:
        found.append(Change(Difference.RAW if after.raw else Difference.REWRITTEN))
    return found
