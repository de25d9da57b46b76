"""What a job was made from and what changed since, in words. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.lineage import Change, Difference
from bot.slack.elements import Json, clamp, link, section, text, written
from bot.slack.wording import Words

_MOST_VALUE = 100
_MOST_CHANGES = 400
MAY_BE_NONE = frozenset({Difference.NEGATIVE, Difference.STYLE, Difference.CLARITY, Difference.REFERENCE})


_OF_THE_SAME = frozenset(
    {
        Difference.NOTHING, Difference.COUNT, Difference.CLARITY, Difference.RAW, Difference.REWRITTEN,
        Difference.SEED_SET, Difference.SEED_KEPT, Difference.SEED_FREE,
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Origin:
    """What changed since the parent, and the address of its message, if that can be had."""

    changes: tuple[Change, ...]
    link: str = ""


def is_variation(origin: Origin) -> bool:
    """Whether something else is asked for than before, and not only another picture of the same."""
    return any(change.kind not in _OF_THE_SAME for change in origin.changes)


def origin_section(words: Words, origin: Origin) -> Json:
    """As a paragraph of a root."""
    earlier = words.say("lineage.parent")
    parent = link(origin.link, earlier) if origin.link else text(earlier)
    given: dict[str, Json] = {"parent": parent, "changes": text(changes_said(words, origin.changes))}
    pieces = words.cut("lineage.made", given)
    return section(*(text(piece) if isinstance(piece, str) else piece for piece in pieces if piece))


def origin_written(words: Words, origin: Origin) -> str:
    """The same for `text`."""
    earlier = words.say("lineage.parent")
    return written(words, "lineage.made", parent=earlier, changes=changes_said(words, origin.changes))


def changes_said(words: Words, changes: Sequence[Change]) -> str:
    """Every change, one after the other: plain text."""
    return clamp((", " if words.gap else "，").join(_said(words, change) for change in changes), _MOST_CHANGES)


def _said(words: Words, change: Change) -> str:
    taken_away = change.kind in MAY_BE_NONE and not change.value
    key = f"lineage.{change.kind}.none" if taken_away else f"lineage.{change.kind}"
    return words.say(key, value=clamp(change.value, _MOST_VALUE))
