"""The end of a round, for everybody in the thread. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from bot.ballot import Outcome
from bot.job import Job, JobId
from bot.plain import tidy
from bot.slack.elements import (
    Json,
    Mention,
    Message,
    clamp,
    escape,
    lines,
    link,
    rich_text,
    section,
    sentence,
    text,
    written,
)
from bot.slack.wording import Words

_MOST_PROMPT = 300
_MOST_SHOWN = 10


def winner(words: Words, outcome: Outcome, addresses: Mapping[JobId, str]) -> Message:
    """Who won, with how many votes; a tie is called one."""
    key = "winner.tie" if outcome.is_tie else "winner.clear"
    shown = outcome.winners[:_MOST_SHOWN]
    parts = [section(*sentence(words, key, n=outcome.votes))]
    parts += [section(*_line(words, job, addresses.get(job.id, ""))) for job in shown]
    return Message(
        lines(written(words, key, n=outcome.votes), *(escape(_prompt(job)) for job in shown)), [rich_text(*parts)]
    )


def _line(words: Words, job: Job, address: str) -> list[Json]:
    title = link(address, _prompt(job)) if address else text(_prompt(job))
    return [title, text("  "), *sentence(words, "caption.shared", asker=Mention(job.user_id))]


def _prompt(job: Job) -> str:
    return clamp(tidy(job.request.prompt) or "…", _MOST_PROMPT)
