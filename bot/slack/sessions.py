"""The bot as an agent, where its manifest says that it is one: it shows that it works, and suggests what to ask.

Courtesies in people's own conversation with the bot: they never raise, and nothing waits for them. An app that is no
agent learns so from its first refused call, and asks no more.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Coroutine

import structlog

from bot.errors import Fault, Misconfigured
from bot.job import ChannelId, Job, JobId, Ts
from bot.slack.client import SlackClient
from bot.slack.elements import clamp
from bot.slack.wording import Words

_log = structlog.get_logger(__name__)

Thread = tuple[ChannelId, Ts]
_REMEMBERED = 2000
_MOST_TITLE = 200
_PROMPTS = ("agent.prompt.first", "agent.prompt.second", "agent.prompt.third", "agent.prompt.fourth")
"""Four, as many as Slack shows."""


class Sessions:
    """Knows which threads are worked in. Slack takes a status back by itself after an hour."""

    def __init__(self, client: SlackClient) -> None:
        self._client = client
        self._busy: OrderedDict[Thread, set[JobId]] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()
        self._turn = asyncio.Lock()
        self._is_agent = True

    def begin(self, job: Job, channel_id: ChannelId, thread_ts: Ts) -> None:
        """The job is worked on in this thread."""
        thread = (channel_id, thread_ts)
        if not _is_ours(channel_id):
            return
        self._busy.setdefault(thread, set()).add(job.id)
        while len(self._busy) > _REMEMBERED:
            self._busy.popitem(last=False)
        self._later(self._tell(thread, title=job.request.prompt))

    def end(self, job: Job) -> None:
        """Nothing more is done for the job."""
        if job.thread_ts is not None and _is_ours(job.channel_id):
            thread = (job.channel_id, job.thread_ts)
            self._busy.get(thread, set()).discard(job.id)
            self._later(self._tell(thread))

    def rest(self, channel_id: ChannelId, thread_ts: Ts) -> None:
        """Somebody pressed Stop: say what is true now."""
        self._later(self._tell((channel_id, thread_ts)))

    async def suggest(self, channel_id: ChannelId, words: Words) -> None:
        """Above the box in which this person writes to us, in their language."""
        messages = [words.say(key) for key in _PROMPTS]
        prompts = [{"title": message, "message": message} for message in messages]
        title = words.say("agent.prompts")
        await self._call("assistant.threads.setSuggestedPrompts", channel_id=channel_id, title=title, prompts=prompts)

    async def close(self) -> None:
        """Have the last courtesies said, or given up."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _tell(self, thread: Thread, *, title: str = "") -> None:
        """One after the other, each with what is true by then."""
        async with self._turn:
            works = bool(self._busy.get(thread))
            if not works:
                self._busy.pop(thread, None)
            await self._call(
                "agents.sessions.setStatus",
                channel_id=thread[0],
                thread_ts=thread[1],
                status="processing" if works else "active",
                title=clamp(title, _MOST_TITLE) or None,
            )

    async def _call(self, method: str, **arguments: object) -> None:
        if not self._is_agent:
            return
        try:
            await self._client.call(method, **arguments)
        except Misconfigured as missing:
            self._is_agent = missing.code != "missing_scope"
            _log.info("no_agent", code=missing.code)
        except Fault as fault:
            _log.info("session_not_told", code=fault.code)

    def _later(self, courtesy: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(courtesy, name="session")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _is_ours(channel_id: ChannelId) -> bool:
    """A conversation between us and one person."""
    return channel_id.startswith("D")
