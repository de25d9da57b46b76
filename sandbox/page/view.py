"""What the page draws, as one JSON object: a person's Slack, the jobs, the image API's numbers, faults, the bot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.bot import BotProcess
from sandbox.feed import Feed
from sandbox.hunyuan import ImageApi
from sandbox.page.meters import Meters
from sandbox.page.switches import panel
from sandbox.page.wording import readable
from sandbox.slack import SlackSandbox
from sandbox.timeline import Timelines

MESSAGES = 200
"""So many messages of each conversation travel to the browser."""
JOBS = 30
"""So many jobs, the newest, are shown with their timeline."""


@dataclass(slots=True)
class Scene:
    """All that the page looks at and acts on. It owns none of it: the world starts and stops these."""

    feed: Feed
    slack: SlackSandbox
    images: ImageApi
    timelines: Timelines
    meters: Meters
    commands: Sequence[Mapping[str, Any]]
    bot: BotProcess | None = None

    def people(self) -> list[str]:
        """The ids of those who may use the page: everybody who is not a bot, in the workspace's order."""
        return [user.id for user in self.slack.workspace.users.values() if not user.is_bot]

    def as_seen_by(self, viewer: str | None) -> dict[str, Any]:
        """Everything the page draws for `viewer` (a user id; without one, the first person)."""
        snapshot = self.slack.snapshot(viewer=viewer or self.people()[0])
        snapshot["messages"] = {channel: messages[-MESSAGES:] for channel, messages in snapshot["messages"].items()}
        now = self.feed.clock()
        return {
            "now": now,
            "slack": snapshot,
            "bot_user": self.slack.bot_user_id,
            "locales": {user.id: user.locale for user in self.slack.workspace.users.values()},
            "http": self.slack.settings.request_url is not None,
            "commands": [dict(command) for command in self.commands],
            "jobs": [job.json() for job in self.timelines.shown[-JOBS:]],
            "provider": self._provider(now),
            "log": list(self.meters.log),
            "faults": panel(slack=self.slack.settings, images=self.images.settings),
            "bot": self._bot(),
        }

    def _provider(self, now: float) -> dict[str, Any]:
        return {
            "slots": self.images.settings.slots,
            "rate": self.images.settings.rate,
            "running": len(self.meters.running),
            "peak": self.images.peak_jobs,
            "submitted": self.meters.submitted,
            "refused": self.meters.refused,
            "calls": self.meters.rates(now),
            "sockets": self.meters.connections,
        }

    def _bot(self) -> dict[str, Any] | None:
        bot = self.bot
        if bot is None:
            return None
        state = {"alive": bot.alive, "died": bot.died, "code": bot.code, "pid": bot.pid, "starts": bot.starts}
        return state | {"lines": [readable(line) for line in list(bot.lines)[-30:]]}
