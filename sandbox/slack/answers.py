"""What a person sees of what the app said, or of Slack's own error when it said nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sandbox.slack.delivery import Outcome
from sandbox.slack.workspace import Json


@dataclass(frozen=True, slots=True)
class Answer:
    """What the person saw: Slack's own error, or the app's words (None if it said nothing).

    `errors` are sentences beside fields of a modal, by block_id: the app's, or those of Slack's client (`incomplete`).
    """

    ok: bool
    error: str | None = None
    text: str | None = None
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Offer:
    """The options that the app gave for what was typed into a select menu, in groups or not."""

    ok: bool
    error: str | None = None
    text: str | None = None
    options: tuple[Json, ...] = ()
    option_groups: tuple[Json, ...] = ()

    @property
    def words(self) -> list[str]:
        """The words of every option, in order."""
        grouped = (option for group in self.option_groups for option in group["options"])
        return [option["text"]["text"] for option in (*self.options, *grouped)]


NOT_INTERACTIVE = Answer(
    ok=False,
    error="interactivity_disabled",
    text="This app is not configured to handle interactive responses.",
)
TROUBLE = "We had some trouble connecting. Try again?"
"""What Slack's client shows in a modal whose submission was not answered, or was answered with nonsense."""


def failed(outcome: Outcome, text: str) -> Answer:
    """Slack's own error, in the words that fit the place."""
    return Answer(ok=False, error=outcome.shown_error, text=text)
