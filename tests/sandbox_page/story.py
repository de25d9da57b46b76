"""Happenings as the two fakes would write them, one second apart."""

from __future__ import annotations

from typing import Any

from sandbox.feed import Feed
from sandbox.stages import Job
from sandbox.timeline import timelines

BOT, ADA, BEN = "UBOT", "UADA", "UBEN"
ROOM = "CROOM"


class Story:
    """Writes happenings, and reads what the timeline makes of them."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.feed = Feed(clock=self.tick)

    def tick(self) -> float:
        """The next second."""
        self.now += 1.0
        return self.now

    def add(self, kind: str, **data: Any) -> Story:
        """Something happened."""
        self.feed.publish(kind, **data)
        return self

    def ask(self, text: str, *, user: str = ADA, trigger: str = "t") -> Story:
        """Somebody types the command."""
        return self.add("slack.command", channel=ROOM, user=user, text=f"/imagine {text}", trigger_id=trigger)

    def root(
        self,
        ts: str,
        text: str,
        job: str | None = None,
        *,
        channel: str = ROOM,
        thread: str | None = None,
        asker: str | None = None,
    ) -> Story:
        """The bot writes a message, which may name a job."""
        metadata = {"event_type": "imagine_job", "event_payload": {"job": job}} if job else None
        said = {"text": text, "metadata": metadata, "pings": [asker] if asker else []}
        return self.add("slack.message", channel=channel, ts=ts, thread_ts=thread, user=BOT, **said)

    def says(self, ts: str, text: str, *, user: str = ADA, channel: str = ROOM, thread: str | None = None) -> Story:
        """A person writes a message."""
        return self.add("slack.message", channel=channel, ts=ts, thread_ts=thread, user=user, text=text)

    def whispered(self, ts: str, *, user: str = ADA) -> Story:
        """The bot tells one person something."""
        return self.add("slack.ephemeral", channel=ROOM, user=user, text="Only for you", ts=ts)

    def submit(self, job: str, prompt: str, *, num: int = 1) -> Story:
        """The image API takes a job."""
        return self.add("image.submit", job=job, prompt=prompt, num=num)

    def drawn(self, job: str, *pictures: str) -> Story:
        """The pictures are ready and fetched."""
        self.add("image.running", job=job).add("image.done", job=job, pictures=list(pictures))
        for index, sha in enumerate(pictures):
            self.add("image.download", job=job, index=index, sha256=sha)
        return self

    def shared(
        self, thread: str | None, *pictures: str, ts: str = "9.9", channel: str = ROOM, name: str = "p.png"
    ) -> Story:
        """Upload pictures and show them; Slack tells of the message first, then of what it shares."""
        for sha in pictures:
            self.add("slack.upload", file=f"F{sha}", sha256=sha, size=1, name=name)
        ids = [f"F{sha}" for sha in pictures]
        self.add(
            "slack.message", channel=channel, ts=ts, thread_ts=thread, user=BOT, text="Here", pings=[ADA], files=ids
        )
        files = [{"id": f"F{sha}", "sha256": sha} for sha in pictures]
        return self.add("slack.share", channel=channel, ts=ts, thread_ts=thread, files=files)

    def jobs(self) -> list[Job]:
        """All that may be a job."""
        return timelines(self.feed.happenings, bot_user=BOT)

    def shown(self) -> list[Job]:
        """What is surely a job."""
        return [job for job in self.jobs() if job.shown]
