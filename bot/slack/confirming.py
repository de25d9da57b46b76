"""Several pictures at once: how many, what they cost, and the button that has them drawn. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bot.bundle import Bundle
from bot.parsed import Note
from bot.price import Price
from bot.request import Request
from bot.shelf import DraftId
from bot.slack import actions
from bot.slack.blocks import Said, options_of, spoken, told
from bot.slack.elements import Message, button, clamp, escaped, lines, rich_text, row, section, sentence, text, written
from bot.slack.wording import Words

_SHOWN_PROMPT = 150
_SHOWN_OPTIONS = 150


def proposal(
    words: Words, bundle: Bundle, *, draft_id: DraftId, price: Price | None, notes: Sequence[Note] = ()
) -> Message:
    """Privately to the asker: everything that one press would have drawn. The buttons carry the draft's id."""
    said = [_counted(bundle), _priced(bundle, price)]
    items = [_line(request, times) for request, times in Counter(bundle.requests).items()]
    remarks = [(f"remark.{note.key}", dict(note.params)) for note in notes]
    parts = [
        section(*spoken(words, said)),
        {"type": "rich_text_list", "style": "bullet", "elements": [section(text(item)) for item in items]},
        *(section(*sentence(words, key, **params)) for key, params in remarks),
    ]
    buttons = row(
        button(words, "confirm.button.yes", action_id=actions.CONFIRM, value=draft_id, style="primary"),
        button(words, "confirm.button.no", action_id=actions.DISCARD, value=draft_id),
    )
    spoken_remarks = (written(words, key, **params) for key, params in remarks)
    return Message(
        lines(told(words, said), *(escaped(item, 300) for item in items), *spoken_remarks), [rich_text(*parts), buttons]
    )


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


def _line(request: Request, times: int) -> str:
    options = clamp(options_of(request), _SHOWN_OPTIONS)
    line = " ".join(filter(None, (clamp(request.prompt, _SHOWN_PROMPT), options)))
    return f"{times} × {line}" if times > 1 else line
