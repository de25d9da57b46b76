"""Pictures that were made before, as a list that one person sees. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.job import Job
from bot.plain import tidy
from bot.slack import actions
from bot.slack.elements import (
    Json,
    Message,
    button,
    clamp,
    escape,
    lines,
    link,
    rich_text,
    row,
    section,
    sentence,
    text,
    written,
)
from bot.slack.wording import Words

SHORT_ID = 8
"""So much of an id names a job; more only where two begin alike."""
MOST_FOUND = 8
_MOST_PROMPT = 120


@dataclass(frozen=True, slots=True)
class Found:
    """A job, where its pictures are to be seen, and how many stars they have where that is the point."""

    job: Job
    address: str = ""
    stars: int = 0


def listing(words: Words, key: str, found: Sequence[Found], *, more: str = "", first: str = "") -> Message:
    """Under the sentence `key`: each with a link, what names it, and a button for another one.

    `more` and `first`: what the buttons to the next page and to the first one carry; nothing where there is none.
    """
    shown = found[:MOST_FOUND]
    blocks = [rich_text(section(*sentence(words, key)))]
    for each in shown:
        blocks += [rich_text(section(*entry(words, each))), another(words, each.job)]
    ways = (("found.button.more", actions.LIST_MORE, more), ("found.button.first", actions.LIST_FIRST, first))
    turns = [button(words, label, action_id=action_id, value=value) for label, action_id, value in ways if value]
    blocks += [row(*turns)] if turns else []
    return Message(lines(written(words, key), *(_written(each) for each in shown)), blocks)


def entry(words: Words, found: Found, *, label: str = "") -> list[Json]:
    """One line: the prompt (or `label`) as a link, the name, the day, the stars."""
    said = label or clamp(tidy(found.job.request.prompt) or "…", _MOST_PROMPT)
    elements = [link(found.address, said) if found.address else text(said), text("  ")]
    elements += [text(found.job.id[:SHORT_ID], code=True), text("  "), _day(found.job)]
    if found.stars:
        elements += [text("  "), *sentence(words, "found.stars", n=found.stars)]
    return elements


def another(words: Words, job: Job) -> Json:
    """The row that asks for another picture of the same; its answer leaves the list where it is."""
    return row(button(words, "caption.button.again", action_id=actions.ANOTHER, value=job.id))


def _day(job: Job) -> Json:
    when: datetime = job.delivered_at or job.asked_at
    fallback = f"{when:%Y-%m-%d}"
    return {"type": "date", "timestamp": int(when.timestamp()), "format": "{date_short_pretty}", "fallback": fallback}


def _written(found: Found) -> str:
    prompt = clamp(tidy(found.job.request.prompt), _MOST_PROMPT)
    return escape(f"{found.job.id[:SHORT_ID]} {prompt}")
