"""Edits of the roots: the latest view of each job, sent when the budget allows; `choosing` decides which."""

from __future__ import annotations

import asyncio
import math
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from bot.errors import Fault, NotInChannel, Rejected, Throttled
from bot.job import FINAL, Job, JobId, State, TeamId
from bot.slack.choosing import BUDGET, WINDOW, Rank, Spent, Wanted, choose, surplus
from bot.slack.client import SlackClient
from bot.slack.elements import Message

_log = structlog.get_logger(__name__)

_REMEMBERED = 5000
_RETRY = 5.0
_MOST_RETRY = 300.0
_LONGEST_NAP = 30.0
_SOON = 5.0
"""Seconds after its root within which a job that begins needs no word of it: the root told when it will be ready."""
_WAITING = frozenset({State.ACCEPTED, State.QUEUED})
_ENDS = FINAL | {State.FAILING, State.DELETING}


@dataclass(frozen=True, slots=True)
class _Shown:
    """What stands in the conversation, since when, and until when it says enough of a job that has begun meanwhile."""

    version: int
    state: State
    message: Message
    at: float
    good_until: float = -math.inf


@dataclass(frozen=True, slots=True)
class _View:
    job: Job
    message: Message
    wanted: Wanted
    tries: int = 0


def rank_of(job: Job, shown: State | None) -> Rank:
    """How much an edit matters: the last word, a state that was not shown yet, or a place in line."""
    if job.state in _ENDS:
        return Rank.FINAL
    return Rank.PROGRESS if shown is None or shown is job.state else Rank.CHANGE


class Editor:
    """Keeps roots up to date as a courtesy. `show` never waits and never raises; `close` sends the last words."""

    def __init__(self, client: SlackClient, *, now: Callable[[], datetime]) -> None:
        self._client = client
        self._clock = now
        self._views: dict[JobId, _View] = {}
        self._shown: OrderedDict[JobId, _Shown] = OrderedDict()
        self._edited: OrderedDict[JobId, float] = OrderedDict()
        self._sent: dict[TeamId, deque[float]] = {}
        self._blocked: dict[TeamId, float] = {}
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    def start(self) -> None:
        """Begin to send."""
        if self._task is None and not self._closed:
            self._task = asyncio.create_task(self._run(), name="editor")
            self._task.add_done_callback(_ended)

    def noted(self, job: Job, message: Message, *, good_until: float = -math.inf) -> None:
        """This view stands in the conversation already; `good_until` (Unix seconds): it is next, and told a time."""
        self._shown[job.id] = _Shown(job.version, job.state, message, self._seconds(), good_until)
        self._shown.move_to_end(job.id)
        while len(self._shown) > _REMEMBERED:
            self._shown.popitem(last=False)

    def show(self, job: Job, message: Message, *, once_late: Message | None = None) -> None:
        """Want this view; it takes the place of an older one. Older views than one wanted or shown are ignored.

        `once_late` is the view of a job that has begun for the time when what it was told on its root holds no more; if
        it began at once, there is nothing to say before.
        """
        waiting = self._views.get(job.id)
        shown = self._shown.get(job.id)
        newest = max(waiting.job.version if waiting else -1, shown.version if shown else -1)
        if self._closed or job.version < newest:
            return
        if shown is not None and shown.message == message:
            self._views.pop(job.id, None)
            return
        now = self._seconds()
        hold = waiting.wanted.hold if waiting and waiting.tries else -math.inf
        if once_late is not None and shown is not None and now < min(shown.at + _SOON, shown.good_until):
            message, hold = once_late, shown.good_until
        rank = rank_of(job, shown.state if shown else None)
        since = waiting.wanted.since if waiting else now
        self._views[job.id] = _View(job, message, Wanted(job.id, job.team_id, rank, since, hold))
        for dropped in surplus([view.wanted for view in self._views.values()]):
            del self._views[dropped]
        self.nudge()

    async def last_word(self, job: Job, message: Message) -> None:
        """Send a job's last view at once, or keep it until the workspace's budget allows. Never raises."""
        self.show(job, message)
        view = self._views.get(job.id)
        spent = self._spent(self._seconds())
        is_blocked = self._blocked.get(job.team_id, -math.inf) > self._seconds()
        if view is not None and not is_blocked and len(spent.by_team.get(job.team_id, ())) < BUDGET:
            await self._send(view)

    def _seconds(self) -> float:
        return self._clock().timestamp()

    def nudge(self) -> None:
        """Look again whether something can be sent."""
        self._changed.set()

    async def _run(self) -> None:
        while True:
            self._changed.clear()
            now = self._seconds()
            choice = choose([view.wanted for view in self._views.values()], self._spent(now), now)
            if choice.job is not None:
                await self._send(self._views[choice.job])
                continue
            try:
                async with asyncio.timeout(min(max(choice.wake_at - now, 0.0), _LONGEST_NAP)):
                    await self._changed.wait()
            except TimeoutError:
                continue

    def _spent(self, now: float) -> Spent:
        for sent in self._sent.values():
            while sent and sent[0] <= now - WINDOW:
                sent.popleft()
        return Spent(self._edited, {team: tuple(sent) for team, sent in self._sent.items()}, self._blocked)

    async def _send(self, view: _View) -> None:
        """Send one view, and keep it for later if Slack has no time for it and nothing newer came meanwhile."""
        job, now = view.job, self._seconds()
        self._note_spent(job, now)
        try:
            message = {"text": view.message.text, "blocks": view.message.blocks, "parse": "none"}
            await self._client.call("chat.update", channel=job.channel_id, ts=job.root_ts, **message)
        except Throttled as throttled:
            self._blocked[job.team_id] = now + throttled.retry_after
            return
        except (Rejected, NotInChannel) as refused:
            _log.info("edit_refused", job=job.id, code=refused.code)
        except Fault as fault:
            self._later(view, fault)
            return
        self.noted(job, view.message)
        if self._views.get(job.id) is view:
            del self._views[job.id]

    def _note_spent(self, job: Job, now: float) -> None:
        self._sent.setdefault(job.team_id, deque()).append(now)
        self._edited[job.id] = now
        self._edited.move_to_end(job.id)
        while len(self._edited) > _REMEMBERED:
            self._edited.popitem(last=False)

    def _later(self, view: _View, fault: Fault) -> None:
        """An edit does the same however often it is done. Progress is not worth a second try."""
        if self._views.get(view.job.id) is not view:
            return
        _log.info("edit_failed", job=view.job.id, code=fault.code, tries=view.tries)
        if view.wanted.rank is Rank.PROGRESS:
            del self._views[view.job.id]
            return
        hold = self._seconds() + min(_MOST_RETRY, _RETRY * 2.0 ** min(view.tries, 10))
        self._views[view.job.id] = replace(view, wanted=replace(view.wanted, hold=hold), tries=view.tries + 1)

    async def close(self, *, limit: float) -> None:
        """Send the last words that are still wanted, within `limit` seconds, and end."""
        self._closed = True
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        last_words = [view for view in self._views.values() if view.wanted.rank is Rank.FINAL]
        try:
            async with asyncio.timeout(limit):
                for view in sorted(last_words, key=lambda view: view.wanted.since):
                    await self._send(view)
        except TimeoutError:
            _log.warning("edits_left", count=len(self._views))


def _ended(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception() is not None:
        _log.error("editor_broke", exc_info=task.exception())
