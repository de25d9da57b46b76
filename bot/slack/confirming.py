"""Several pictures at once: how many, what they cost, and the button that has them drawn. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bot import graphemes
from bot.bundle import Bundle
from bot.parsed import Note
from bot.price import Price
from bot.request import Request
from bot.shelf import DraftId
from bot.slack import actions
from bot.slack.blocks import Said, options_of, spoken, told
from bot.slack.elements import (
    Json,
    Message,
    button,
    clamp,
    escaped,
    lines,
    rich_text,
    row,
    section,
    sentence,
    text,
    units,
    within,
    written,
)
from bot.slack.wording import Words

_SHOWN = (150, 100, 60)
"""Units of each prompt, and of its options; less where so much would be more than Slack takes."""
_BEFORE = 20
"""Characters that are shown of what is the same in all, before what differs."""


def proposal(
    words: Words, bundle: Bundle, *, draft_id: DraftId, price: Price | None, notes: Sequence[Note] = ()
) -> Message:
    """Privately to the asker: everything that one press would have drawn. The buttons carry the draft's id."""
    said = [_counted(bundle), _priced(bundle, price)]
    remarks = [(f"remark.{note.key}", dict(note.params)) for note in notes]
    noted = [section(*sentence(words, key, **params)) for key, params in remarks]
    buttons = row(
        button(words, "confirm.button.yes", action_id=actions.CONFIRM, value=draft_id, style="primary"),
        button(words, "confirm.button.no", action_id=actions.DISCARD, value=draft_id),
    )
    shown = within(
        lambda most: [rich_text(section(*spoken(words, said)), _items(bundle, most), *noted), buttons], *_SHOWN
    )
    items = (escaped(item, 300) for item in _lines(bundle, _SHOWN[0]))
    return Message(lines(told(words, said), *items, *(written(words, key, **params) for key, params in remarks)), shown)


def confirmed(words: Words, bundle: Bundle) -> Message:
    """What stands in its place once they are in line."""
    key = "confirm.done.private" if bundle.private else "confirm.done"
    said: list[Said] = [(key, {"n": len(bundle.requests)})]
    return Message(told(words, said), [rich_text(section(*spoken(words, said)))])


def _counted(bundle: Bundle) -> Said:
    asks, pictures = len(bundle.requests), bundle.pictures
    return ("confirm.count", {"asks": asks, "pictures": pictures})


def _priced(bundle: Bundle, price: Price | None) -> Said:
    if price is None:
        return ("confirm.price_unknown", {})
    return ("confirm.price", {"price": price.of(bundle.pictures)})


def _items(bundle: Bundle, most: int) -> Json:
    items = [section(text(line)) for line in _lines(bundle, most)]
    return {"type": "rich_text_list", "style": "bullet", "elements": items}


def _lines(bundle: Bundle, most: int) -> list[str]:
    """One for each that differs, and of long ones the part that does."""
    counted = Counter(bundle.requests)
    skipped = _skipped([request.prompt for request in counted], most)
    return [_line(request, request.prompt[skipped:], times, most) for request, times in counted.items()]


def _skipped(prompts: Sequence[str], most: int) -> int:
    """How much of the beginning, the same in all, is left out so that what differs is seen."""
    if len(prompts) < 2 or max(map(units, prompts)) <= most:
        return 0
    differs = (at for at, characters in enumerate(zip(*prompts, strict=False)) if len(set(characters)) > 1)
    same = next(differs, min(map(len, prompts)))
    return len(graphemes.cut(prompts[0], max(0, same - _BEFORE)))


def _line(request: Request, shown: str, times: int, most: int) -> str:
    prompt = shown if shown == request.prompt else f"…{shown}"
    line = " ".join(filter(None, (clamp(prompt, most), clamp(options_of(request), most))))
    return f"{times} × {line}" if times > 1 else line
