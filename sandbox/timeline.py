"""The life of each job as seen from outside: a fold over the feed's happenings, without clock, socket or file.

A Slack job is a message of the bot that carries `imagine_job` metadata, or that opens a thread. Provider jobs are first
matched to Slack jobs by prompt and order; what is shared in the end settles it, because a picture's SHA-256 is certain.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sandbox.feed import Happening
from sandbox.stages import Ask, Job, Provided, Stage, job_id, plain, words_of

PROMPT_PROBE = 80
"""So many characters of a prompt are enough to find it in a message that may have been clamped."""


@dataclass(slots=True)
class Timelines:
    """Folds happenings into jobs; keeps the newest `keep` of them, oldest first."""

    bot_user: str
    keep: int = 300
    jobs: list[Job] = field(default_factory=list)
    asks: deque[Ask] = field(default_factory=lambda: deque(maxlen=500))
    provided: dict[str, Provided] = field(default_factory=dict)
    _threads: dict[tuple[str, str], str] = field(default_factory=dict)
    _makers: dict[str, list[str]] = field(default_factory=dict)
    _stops: set[tuple[str, str]] = field(default_factory=set)
    _refusal: str | None = None

    def see(self, happening: Happening) -> None:
        """Take one happening in; kinds that say nothing about jobs are passed over."""
        fold = getattr(self, "_on_" + happening.kind.replace(".", "_"), None)
        if fold is not None:
            fold(happening.at, happening.data)

    def in_thread(self, channel: str, thread: str) -> list[Job]:
        """The jobs of one thread, oldest first."""
        return [job for job in self.jobs if job.channel == channel and job.thread == thread]

    def by_ask(self, user: str, since: float) -> Job | None:
        """The first job that `user` asked for at `since` or later."""
        return next((j for j in self.jobs if j.user == user and j.marks.get(Stage.ASKED, 0.0) >= since), None)

    # Slack: asks ------------------------------------------------------------------------------------------------

    def _on_slack_command(self, at: float, data: dict[str, Any]) -> None:
        self.asks.append(Ask(at, data["channel"], data["user"], data["text"], None, data.get("trigger_id")))

    def _on_slack_command_answer(self, _at: float, data: dict[str, Any]) -> None:
        if not data.get("ok", True):
            kept = [ask for ask in self.asks if ask.trigger_id is None or ask.trigger_id != data.get("trigger_id")]
            self.asks = deque(kept, maxlen=self.asks.maxlen)

    def _on_slack_click(self, at: float, data: dict[str, Any]) -> None:
        if "cancel" in data.get("action_id", ""):
            self._stops.add((data["channel"], data["ts"]))
        else:
            self._ask_below(at, data)

    def _on_slack_reaction(self, at: float, data: dict[str, Any]) -> None:
        if not data.get("added") or data["user"] == self.bot_user:
            return
        if data["name"] == "x":
            self._stops.add((data["channel"], data["ts"]))
        else:
            self._ask_below(at, data)

    def _ask_below(self, at: float, data: dict[str, Any]) -> None:
        thread = self._threads.get((data["channel"], data["ts"]), data["ts"])
        self.asks.append(Ask(at, data["channel"], data["user"], "", thread))

    def _on_slack_message_changed(self, _at: float, data: dict[str, Any]) -> None:
        """An edit after somebody pressed Cancel is the bot's consent, unless the picture is under way."""
        if (data["channel"], data["ts"]) not in self._stops:
            return
        for job in self.jobs:
            if (job.channel, job.ts) == (data["channel"], data["ts"]) and self._idle(job):
                job.problem = "cancelled"

    # Slack: messages --------------------------------------------------------------------------------------------

    def _on_slack_message(self, at: float, data: dict[str, Any]) -> None:
        channel, ts, thread = data["channel"], data["ts"], data.get("thread_ts")
        self._threads[channel, ts] = thread or ts
        if data.get("user") != self.bot_user:
            if thread or "@" in (data.get("text") or ""):
                self.asks.append(Ask(at, channel, data.get("user") or "", data.get("text") or "", thread))
            return
        key = job_id(data.get("metadata"))
        known = next((job for job in self.jobs if job.key == key), None)
        if known is None and (key is not None or thread in {None, ts}):
            self._begin(at, data, key or ts)
        else:
            self._note(known or self._newest(channel, thread), data.get("text"))

    def _newest(self, channel: str, thread: str | None) -> Job | None:
        return next((job for job in reversed(self.jobs) if (job.channel, job.thread) == (channel, thread)), None)

    def _note(self, job: Job | None, text: str | None) -> None:
        """Words without pictures about a job that no longer runs are taken for its apology."""
        if job is None or not text or job.share_ts is not None:
            return
        job.said.append(text)
        if self._idle(job) and job.problem is None:
            job.problem = self._refusal or "given up"

    def _begin(self, at: float, data: dict[str, Any], key: str) -> None:
        channel, ts, text = data["channel"], data["ts"], data.get("text") or ""
        thread = data.get("thread_ts") or ts
        again = thread != ts
        ask = self._claim(channel, thread if again else None, plain(text))
        marks = {Stage.QUEUED: at} if ask is None else {Stage.ASKED: ask.at, Stage.QUEUED: at}
        job = Job(key, channel, ts, thread, text, ask.user if ask else None, marks, again)
        job.prompt = words_of(ask.text) if ask else ""
        self.jobs.append(job)
        del self.jobs[: -self.keep]

    def _claim(self, channel: str, thread: str | None, text: str) -> Ask | None:
        """Take the ask that led to a message: best one whose words it repeats, otherwise the oldest of that place."""
        here = [ask for ask in self.asks if ask.thread == thread and ask.channel == channel]
        if thread is None:
            here = here or [ask for ask in self.asks if ask.thread is None and channel.startswith("D")]
            said = [ask for ask in here if plain(words_of(ask.text))[:PROMPT_PROBE] in text]
            here = said or here
        if not here:
            return None
        self.asks.remove(here[0])
        return here[0]

    # The image API ----------------------------------------------------------------------------------------------

    def _on_image_submit(self, at: float, data: dict[str, Any]) -> None:
        prompt, count = data.get("prompt") or "", int(data.get("num") or 1)
        there = Provided(data["job"], prompt, count, {Stage.SENT: at})
        self._refusal = None
        self.provided[there.id] = there
        waiting = [job for job in self.jobs if self._idle(job)]
        probe = plain(prompt)[:PROMPT_PROBE]
        same = [job for job in waiting if probe in plain(job.text) or probe in plain(job.prompt)]
        for job in (same or waiting)[:1]:
            self._join(job, there)

    def _on_image_refused(self, _at: float, data: dict[str, Any]) -> None:
        if str(data.get("action")).startswith("Submit"):
            self._refusal = data.get("code")

    def _idle(self, job: Job) -> bool:
        """Whether nothing is drawn for the job at this moment."""
        return not job.delivered and (job.provider is None or self.provided[job.provider].code is not None)

    def _join(self, job: Job, there: Provided) -> None:
        job.provider, job.submits, job.expected = there.id, job.submits + 1, there.count
        job.prompt = job.prompt or there.prompt
        job.problem, job.polls = there.code, there.polls
        for stage in (Stage.SENT, Stage.RUNNING, Stage.DONE, Stage.FETCHED, Stage.UPLOADED):
            job.marks.pop(stage, None)
        job.marks.update(there.marks)

    def _of(self, provider: str) -> Job | None:
        return next((job for job in self.jobs if job.provider == provider), None)

    def _mark(self, provider: str, stage: Stage, at: float) -> None:
        there = self.provided.get(provider)
        if there is None:
            return
        there.marks[stage] = at
        job = self._of(provider)
        if job is not None and not job.delivered:
            job.marks[stage] = at

    def _on_image_running(self, at: float, data: dict[str, Any]) -> None:
        self._mark(data["job"], Stage.RUNNING, at)

    def _on_image_done(self, at: float, data: dict[str, Any]) -> None:
        self._mark(data["job"], Stage.DONE, at)
        there = self.provided.get(data["job"])
        if there is None:
            return
        there.pictures = list(data.get("pictures") or [])
        for sha in there.pictures:
            self._makers.setdefault(sha, []).append(there.id)

    def _on_image_failed(self, _at: float, data: dict[str, Any]) -> None:
        there, job = self.provided.get(data["job"]), self._of(data["job"])
        code = str(data.get("code") or "failed")
        if there is not None:
            there.code = code
        if job is not None:
            job.problem = code

    def _on_image_query(self, _at: float, data: dict[str, Any]) -> None:
        there, job = self.provided.get(data.get("job") or ""), self._of(data.get("job") or "")
        if there is not None:
            there.polls += 1
        if job is not None:
            job.polls += 1

    def _on_image_download(self, at: float, data: dict[str, Any]) -> None:
        there = self.provided.get(data["job"])
        if there is None:
            return
        there.fetched.add(data.get("sha256") or str(data.get("index")))
        if len(there.fetched) >= max(1, len(there.pictures)) and Stage.FETCHED not in there.marks:
            self._mark(there.id, Stage.FETCHED, at)

    # Slack: pictures --------------------------------------------------------------------------------------------

    def _on_slack_upload(self, at: float, data: dict[str, Any]) -> None:
        for maker in self._makers.get(data.get("sha256") or "", []):
            job = self._of(maker)
            if job is not None and not job.delivered:
                self._mark(maker, Stage.UPLOADED, at)
                return

    def _on_slack_share(self, at: float, data: dict[str, Any]) -> None:
        channel, thread = data["channel"], data.get("thread_ts") or data["ts"]
        self._threads[channel, data["ts"]] = thread
        shas = {file.get("sha256") for file in data.get("files") or []}
        job = self._settle(channel, thread, shas)
        if job is None:
            return
        job.marks[Stage.DELIVERED] = at
        job.share_ts, job.problem = data["ts"], None
        job.files = [file["id"] for file in data.get("files") or []]

    def _settle(self, channel: str, thread: str, shas: set[str | None]) -> Job | None:
        """Find the job that these pictures belong to; their hashes outrank what prompt and order suggested."""
        here = [job for job in self.in_thread(channel, thread) if not job.delivered]
        makers = [maker for sha in shas for maker in self._makers.get(sha or "", [])]
        known = [job for job in here if job.provider in makers]
        if known:
            known[0].certain = True
            return known[0]
        if not here or not makers:
            return here[0] if here else None
        return self._rejoin(here[0], self.provided[makers[-1]])

    def _rejoin(self, job: Job, maker: Provided) -> Job:
        """Give `job` the provider job that really made its pictures, and its old one to whoever held that."""
        holder, former = self._of(maker.id), self.provided.get(job.provider or "")
        self._join(job, maker)
        job.certain, job.submits = True, max(1, job.submits - 1)
        if holder is not None and not holder.delivered:
            holder.provider = None
            if former is not None:
                self._join(holder, former)
        return job


def timelines(happenings: Iterable[Happening], *, bot_user: str) -> list[Job]:
    """All jobs that these happenings tell of, oldest first."""
    fold = Timelines(bot_user)
    for happening in happenings:
        fold.see(happening)
    return fold.jobs
