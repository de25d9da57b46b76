"""One whole job without a browser: ask as Ada in #pictures, watch it live, keep what arrives in the thread."""

from __future__ import annotations

import asyncio
import html
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

import aiohttp
from PIL import Image
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from sandbox.feed import Happening
from sandbox.page.wording import picture_kind, readable
from sandbox.stages import Job, Stage
from sandbox.world import BotEndedError, Wishes, World, open_world

T = TypeVar("T")

SILENCE: float = 10.0
"""Seconds after the command's answer in which its message must appear in the channel."""
LABELS: Final = {
    Stage.ASKED: "asked",
    Stage.QUEUED: "waiting in line",
    Stage.SENT: "sent to the image API",
    Stage.RUNNING: "being drawn",
    Stage.DONE: "drawn",
    Stage.FETCHED: "fetched",
    Stage.UPLOADED: "uploaded",
    Stage.DELIVERED: "delivered",
}


class NotDeliveredError(Exception):
    """The pictures did not arrive; the message says why, in words."""


class LiveLine:
    """What happens now: one line with a running clock on a terminal, one line for each stage elsewhere."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._seen: set[Stage] = set()
        columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
        self._bar = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._task = self._bar.add_task("starting the bot")

    def __enter__(self) -> LiveLine:
        self._bar.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._bar.stop()

    def follow(self, job: Job) -> None:
        """Say which stages the job has reached since the last time."""
        seconds = job.seconds()
        for stage in Stage:
            if stage in job.marks and stage not in self._seen:
                self._seen.add(stage)
                self._bar.update(self._task, description=LABELS[stage])
                if not self._console.is_terminal:
                    self._console.print(f"{seconds[stage.value]:7.2f} s  {LABELS[stage]}", highlight=False)


async def once(text: str, *, save: Path, patience: float, wishes: Wishes, console: Console | None = None) -> int:
    """Do it; returns the exit code: 0 only if every picture arrived and is saved. `patience` is in seconds."""
    console = console or Console(soft_wrap=True)
    async with open_world(wishes) as world:
        try:
            with LiveLine(console) as line:
                async with asyncio.timeout(patience):
                    job = await _ask(world, text, line)
                    pictures = await _download(world, job)
            paths = [keep(data, save, prompt=job.prompt) for data in pictures]
        except (NotDeliveredError, BotEndedError, TimeoutError) as error:
            _explain(console, world, str(error) or f"Nothing was delivered within {patience:g} seconds.")
            return 1
        console.print(table(job))
        for path in paths:
            console.print(f"saved {path}", markup=False, highlight=False)
        return 0


async def _ask(world: World, text: str, line: LiveLine) -> Job:
    """Send the command and return its job once it is delivered; raises NotDeliveredError when it cannot be any more."""
    await world.ready()
    ada, pictures = world.person("ada"), world.channel("pictures")
    words = re.sub(r"^/imagine(\s+|$)", "", text.strip())
    since = world.feed.clock()
    answer = await world.slack.command(user=ada, channel=pictures, text=words)
    if not answer.ok:
        raise NotDeliveredError(f"Slack says: {answer.text or answer.error}")
    try:
        async with asyncio.timeout(SILENCE):
            job = await until(world, lambda: world.timelines.by_ask(ada, since))
    except TimeoutError as error:
        raise NotDeliveredError(answer.text or "The bot took the command but posted no message.") from error
    return await until(world, lambda: _finished(job, line))


def _finished(job: Job, line: LiveLine) -> Job | None:
    line.follow(job)
    if job.delivered:
        if len(job.files) < job.expected:
            raise NotDeliveredError(f"Only {len(job.files)} of {job.expected} pictures arrived.")
        return job
    if job.problem is not None and job.said:
        raise NotDeliveredError(f"The bot says: {job.said[-1]}")
    return None


async def until(world: World, look: Callable[[], T | None]) -> T:
    """Look after everything that happens, until there is something; raises BotEndedError if the bot dies."""
    news = asyncio.Event()

    def hear(_happening: Happening) -> None:
        news.set()

    forget = world.feed.listen(hear)
    try:
        while True:
            news.clear()
            found = look()
            if found is not None:
                return found
            if world.bot is not None and world.bot.died:
                raise BotEndedError(world.bot.code)
            await news.wait()
    finally:
        forget()


async def _download(world: World, job: Job) -> list[bytes]:
    """The bytes of the job's pictures, from where a person's browser would get them."""
    files = world.slack.snapshot(viewer=world.person("ada"))["files"]
    async with aiohttp.ClientSession(raise_for_status=True) as session:
        found = []
        for each in job.files:
            async with session.get(files[each]["url"]) as answer:
                found.append(await answer.read())
    if any(picture_kind(data) is None for data in found):
        raise NotDeliveredError("What arrived in the thread is not a picture.")
    return found


def slug(prompt: str) -> str:
    """A harmless file name from a prompt: letters and digits of any script, nothing else, at most 60 characters."""
    words = re.findall(r"[^\W_]+", prompt.casefold())
    return "-".join(words)[:60].strip("-") or "picture"


def keep(data: bytes, folder: Path, *, prompt: str) -> Path:
    """Save one picture as PNG under the next free number; nothing is overwritten, and PNG bytes stay as they are."""
    folder.mkdir(parents=True, exist_ok=True)
    png = data if picture_kind(data) == "image/png" else _as_png(data)
    number = 1
    while True:
        path = folder / f"{slug(prompt)}-{number}.png"
        try:
            with path.open("xb") as file:
                file.write(png)
        except FileExistsError:
            number += 1
        else:
            return path


def _as_png(data: bytes) -> bytes:
    try:
        out = io.BytesIO()
        Image.open(io.BytesIO(data)).save(out, "PNG")
    except OSError as error:
        raise NotDeliveredError("What arrived in the thread is not a picture.") from error
    return out.getvalue()


def table(job: Job) -> Table:
    """The job's timeline with seconds since the ask and since the stage before."""
    shown = Table("stage", "after", "step", title=None, box=None, pad_edge=False)
    shown.columns[1].justify = shown.columns[2].justify = "right"
    before = 0.0
    for stage, seconds in job.seconds().items():
        shown.add_row(stage, f"{seconds:.2f} s", f"+{seconds - before:.2f} s")
        before = seconds
    return shown


def in_words(text: str) -> str:
    """A message's text for a terminal: dates as their fallback, entities as characters, one line."""
    return " · ".join(html.unescape(re.sub(r"<!date\^[^|>]*\|([^>]*)>", r"\1", text)).split("\n"))


def _explain(console: Console, world: World, why: str) -> None:
    """Say why nothing arrived: what the bot said last, and the end of its log."""
    lines = [f"Not delivered. {why}"]
    ada = world.person("ada")
    for happening in world.feed.of("slack.ephemeral", "slack.message", "slack.message_changed")[-4:]:
        whispered = happening.kind == "slack.ephemeral"
        text = happening.data.get("text")
        if text and text not in why and (whispered or happening.data.get("user") != ada):
            lines.append(f"  the bot said: {in_words(text)}")
    if world.bot is not None:
        lines += [f"  its log: {readable(line)}" for line in list(world.bot.lines)[-12:]]
    console.print("\n".join(lines), markup=False, highlight=False)
