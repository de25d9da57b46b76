"""What people did that may become a job, until a message of the bot is found to answer it: plain data, no clock."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, field

from sandbox.stages import Ask, plain

PROMPT_PROBE = 80
"""So many characters of a prompt are enough to find it in a message that may have been clamped."""


@dataclass(slots=True)
class Asks:
    """The asks that no job has claimed yet, oldest first."""

    open: deque[Ask] = field(default_factory=lambda: deque(maxlen=500))

    def add(self, ask: Ask) -> None:
        """Somebody did something that may become a job."""
        self.open.append(ask)

    def refused(self, trigger_id: str | None) -> None:
        """Slack showed an error instead of the command's answer: nothing comes of it."""
        for ask in [ask for ask in self.open if trigger_id is not None and ask.trigger_id == trigger_id]:
            self.open.remove(ask)

    def answered(self, channel: str, user: str) -> None:
        """The bot told them something privately: only their own words can still find a job for what they did."""
        for ask in self.open:
            if ask.user == user and ask.channel == channel:
                ask.answered = True

    def claim(self, channel: str, thread: str | None, text: str, pings: Collection[str]) -> Ask | None:
        """Take the ask that led to a message that stands in `thread` and mentions `pings`.

        Best is one whose words the message repeats. Otherwise, of those whom it mentions, what was done last, because
        not all that people press asks for a picture; where it mentions nobody, people are served in order.
        """
        here = self._around(channel, thread)
        said = [ask for ask in here if ask.words and plain(ask.words)[:PROMPT_PROBE] in plain(text)]
        rest = [ask for ask in here if not (ask.words and ask.answered)]
        theirs = [ask for ask in reversed(rest) if ask.user in pings] if pings else rest
        found = next(iter([*(ask for ask in said if ask.user in pings), *said, *theirs]), None)
        if found is not None:
            self.open.remove(found)
        return found

    def _around(self, channel: str, thread: str | None) -> list[Ask]:
        """What was done in this place; a form has none, and what is private is answered by a direct message."""
        here = [ask for ask in self.open if ask.channel in {channel, ""} and ask.thread in {thread, ""}]
        if here or thread is not None or not channel.startswith("D"):
            return here
        return [ask for ask in self.open if ask.thread in {None, ""}]
