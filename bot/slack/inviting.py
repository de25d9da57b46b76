"""Private words with a button that opens the form: help for who named the bot and said nothing, and proposals. Pure."""

from __future__ import annotations

from bot.shelf import DraftId
from bot.slack import actions
from bot.slack.elements import (
    MOST_QUOTED,
    Message,
    button,
    escaped,
    lines,
    preformatted,
    quote,
    rich_text,
    row,
    section,
    sentence,
    written,
)
from bot.slack.wording import Words

NOWHERE = "-"
"""A button's value for no thread: Slack wants one."""


def welcome(words: Words, *, thread_ts: str | None) -> Message:
    """How to speak to the bot, for whoever called it and said nothing."""
    parts = rich_text(
        section(*sentence(words, "heard.welcome")),
        preformatted(words.say("heard.example")),
        section(*sentence(words, "heard.more")),
    )
    opener = button(words, "heard.button.form", action_id=actions.FORM, value=thread_ts or NOWHERE, style="primary")
    said = (written(words, key) for key in ("heard.welcome", "heard.example", "heard.more"))
    return Message(lines(*said), [parts, row(opener)])


def proposal(words: Words, prompt: str, *, draft_id: DraftId) -> Message:
    """What a message would be drawn as. Its asker alone sees this, and edits it before anybody else sees a thing."""
    key = "heard.illustrate" if prompt else "heard.illustrate.unread"
    parts = [section(*sentence(words, key)), *([quote(prompt)] if prompt else [])]
    opener = button(words, "heard.button.form", action_id=actions.ILLUSTRATE, value=draft_id, style="primary")
    said = lines(written(words, key), escaped(prompt, MOST_QUOTED))
    return Message(said, [rich_text(*parts), row(opener)])
