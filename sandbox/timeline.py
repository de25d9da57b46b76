"""The life of each job as seen from outside: a fold over the feed's happenings, without clock, socket or file.

A Slack job is a message of the bot that carries `imagine_job` metadata. Of a bot that writes none, it is a message that
opens a thread; such a one only counts once something is drawn for it. Provider jobs are first matched to Slack jobs by
prompt and order. What is shared in the end settles it: a picture's SHA-256 is certain, and a bot that writes into its
pictures may name their files after its job.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sandbox.asks import PROMPT_PROBE, Asks
from sandbox.feed import Happening
from sandbox.stages import Ask, Job, Provided, Stage, job_id, plain

NAME_PROBE = 8
"""So many characters of a job's own name are enough to find it in the name of a file."""


@dataclass(slots=True)
class Timelines:
    """Folds happenings into jobs; keeps the newest `keep` of them, oldest first."""

    bot_user: str
    keep: int = 300
    jobs: list[Job] = field(default_factory=list)
    asks: Asks = field(default_factory=Asks)
    provided: dict[str, Provided] = field(default_factory=dict)
    _threads: dict[tuple[str, str], str] = field(default_factory=dict)
    _makers: dict[str, list[str]] = field(default_factory=dict)
    _uploads: dict[str, tuple[float, str]] = field(default_factory=dict)
    _shared: dict[str, Job] = field(default_factory=dict)
    _stops: set[tuple[str, str]] = field(default_factory=set)
    _refusal: str | None = None

    def see(self, happening: Happening) -> None:
        """Take one happening in; kinds that say nothing about jobs are passed over."""
        fold = getattr(self, "_on_" + happening.kind.replace(".", "_"), None)
        if fold is not None:
            fold(happening.at, happening.data)

    @property
    def shown(self) -> list[Job]:
        """What is surely a job, oldest first: no answers, lists or pictures that are only shown once more."""
        return [job for job in self.jobs if job.shown]

    def in_thread(self, channel: str, thread: str) -> list[Job]:
        """The jobs of one thread, oldest first."""
        return [job for job in self.jobs if job.channel == channel and job.thread == thread]

    def by_ask(self, user: str, since: float) -> Job | None:
        """The first job that `user` asked for at `since` or later."""
        return next((j for j in self.jobs if j.user == user and j.marks.get(Stage.ASKED, 0.0) >= since), None)

    # Slack: asks ------------------------------------------------------------------------------------------------

    def _on_slack_command(self, at: float, data: dict[str, Any]) -> None:
        self.asks.add(Ask(at, data["channel"], data["user"], data["text"], None, data.get("trigger_id")))

    def _on_slack_command_answer(self, _at: float, data: dict[str, Any]) -> None:
        if not data.get("ok", True):
            self.asks.refused(data.get("trigger_id"))

    def _on_slack_ephemeral(self, _at: float, data: dict[str, Any]) -> None:
        self._threads[data["channel"], data["ts"]] = ""
        self.asks.answered(data["channel"], data["user"])

    def _on_slack_submit(self, at: float, data: dict[str, Any]) -> None:
        self.asks.add(Ask(at, "", data["user"], "", ""))

    def _on_slack_view_click(self, at: float, data: dict[str, Any]) -> None:
        self.asks.add(Ask(at, "", data["user"], "", ""))

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
        self.asks.add(Ask(at, data["channel"], data["user"], "", thread))

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
            text = data.get("text") or ""
            if thread or "@" in text or channel.startswith("D"):
                self.asks.add(Ask(at, channel, data.get("user") or "", text, thread))
            return
        if data.get("files"):
            return  # pictures are told of again, as a share
        key = job_id(data.get("metadata"))
        known = next((job for job in self.jobs if job.key == key), None)
        if known is None and (key is not None or (thread in {None, ts} and not self._names)):
            self._begin(at, data, key)
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

    @property
    def _names(self) -> bool:
        """Whether this bot names its jobs; then what it names after none is no job."""
        return any(job.named for job in self.jobs)

    def _begin(self, at: float, data: dict[str, Any], key: str | None) -> None:
        channel, ts, text, pings = data["channel"], data["ts"], data.get("text") or "", data.get("pings") or []
        thread = data.get("thread_ts") or ts
        ask = self.asks.claim(channel, thread if thread != ts else None, text, pings)
        user = ask.user if ask else pings[0] if len(pings) == 1 else None
        marks = {Stage.QUEUED: at} if ask is None else {Stage.ASKED: ask.at, Stage.QUEUED: at}
        again = thread != ts and ask is not None and not ask.words
        job = Job(key or ts, channel, ts, thread, text, user, marks, again, named=key is not None)
        job.prompt = ask.words if ask and plain(ask.words)[:PROMPT_PROBE] in plain(text) else ""
        self.jobs = [job for job in self.jobs if job.shown or key is None] + [job]
        del self.jobs[: -self.keep]

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
        if plain(there.prompt).startswith(plain(job.prompt)):
            job.prompt = there.prompt  # words may have stood behind a flag
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
        self._uploads[data["file"]] = (at, data.get("name") or "")
        made = [job for maker in self._makers.get(data.get("sha256") or "", []) if (job := self._of(maker)) is not None]
        for job in [*made, *(job for job in self.jobs if self._names_file(job, data["file"]))]:
            if not job.delivered:
                job.marks[Stage.UPLOADED] = at
                return

    def _names_file(self, job: Job, file: str) -> bool:
        """Whether the file's name has the beginning of the job's own in it."""
        return job.named and job.key[:NAME_PROBE] in self._uploads.get(file, (0.0, ""))[1]

    def _on_slack_share(self, at: float, data: dict[str, Any]) -> None:
        channel, thread = data["channel"], data.get("thread_ts") or data["ts"]
        self._threads[channel, data["ts"]] = thread
        files = {file["id"]: file.get("sha256") or "" for file in data.get("files") or []}
        job = self._settle(channel, thread, files)
        if job is None:
            self._show_again(files)
            return
        held = [self._uploads[file][0] for file in files if file in self._uploads]
        job.marks |= ({Stage.UPLOADED: max(held)} if held else {}) | {Stage.DELIVERED: at}
        job.share_ts, job.problem, job.files = data["ts"], None, list(files)
        self._shared.update(dict.fromkeys(files.values(), job))

    def _show_again(self, files: dict[str, str]) -> None:
        """A copy, a favourite, a winner: pictures that were delivered before."""
        job = next((self._shared[sha] for sha in files.values() if sha in self._shared), None)
        if job is not None:
            job.copies += 1

    def _settle(self, channel: str, thread: str, files: dict[str, str]) -> Job | None:
        """Find the job that these pictures belong to; hashes and names outrank what prompt and order suggested."""
        here = [job for job in self.in_thread(channel, thread) if not job.delivered]
        makers = [maker for sha in files.values() for maker in self._makers.get(sha, [])]
        made = [job for job in here if job.provider in makers]
        if made:
            made[0].certain = True
            return made[0]
        named = [job for job in here if any(self._names_file(job, file) for file in files)]
        if named or not makers:
            fresh = [] if any(sha in self._shared for sha in files.values()) else here
            return next(iter(named or fresh), None)
        return self._rejoin(here[0], self.provided[makers[-1]]) if here else None

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
