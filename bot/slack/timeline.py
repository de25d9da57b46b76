"""The answer to "why is this slow?". Pure."""

from __future__ import annotations

from datetime import datetime

from bot.job import IN_FLIGHT
from bot.slack.blocks import Said, spoken, status, told
from bot.slack.elements import Message, lines, rich_text, section, sentence, written
from bot.slack.wording import Words
from bot.timeline import Timeline

_MINUTE = 60


def timeline(words: Words, line: Timeline) -> Message:
    """What happened when, where it stands, and what is usual."""
    past = _past(line)
    now = status(line.job, line.standing, admins_told=False)
    rows = [section(*sentence(words, key, **params)) for key, params in past]
    rows.append(section(*spoken(words, now)))
    rest = _rest(line)
    tail = [section(*sentence(words, key, **params)) for key, params in rest]
    items = {"type": "rich_text_list", "style": "bullet", "elements": [*rows, *tail]}
    said = [written(words, key, **params) for key, params in (*past, *rest)]
    intro = section(*sentence(words, "timeline.intro"))
    text = lines(written(words, "timeline.intro"), *said[: len(past)], told(words, now), *said[len(past) :])
    return Message(text, [rich_text(intro, items)])


def _past(line: Timeline) -> list[Said]:
    job = line.job
    times: tuple[tuple[str, datetime | None], ...] = (
        ("timeline.asked", job.asked_at),
        ("timeline.queued", job.queued_at),
        ("timeline.sent", job.sent_at if job.state in IN_FLIGHT or job.done_at else None),
        ("timeline.done", job.done_at),
    )
    return [(key, {"at": at.replace(second=0, microsecond=0)}) for key, at in times if at is not None]


def _rest(line: Timeline) -> list[Said]:
    said: list[Said] = []
    if line.usual is not None:
        seconds = max(1, round(line.usual))
        minutes = round(seconds / _MINUTE)
        said.append(
            ("timeline.usual", {"n": seconds}) if seconds < 2 * _MINUTE else ("timeline.usual_minutes", {"n": minutes})
        )
    if line.job.redraws:
        said.append(("timeline.redrawn", {}))
    return said
