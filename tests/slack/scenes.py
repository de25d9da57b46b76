"""What many tests begin with, and how they look at what people see."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.errors import Cause
from bot.job import Charged, Failure, Job, State
from bot.ports import Standing
from bot.request import Request, Shape
from bot.slack.client import SlackClient
from bot.slack.posting import SlackChat
from bot.slack.uploading import Uploader
from bot.slack.wording import Words
from sandbox.slack import Message, SlackSandbox
from tests.slack.conftest import PICTURES, a_job, pictures, read, rooted

EN = Words("en")
FIRST = Standing(place=1)


def messages(sandbox: SlackSandbox, channel: str = PICTURES) -> list[Message]:
    return list(sandbox.workspace.channels[channel].messages.values())


def whispers(sandbox: SlackSandbox, channel: str) -> list[Message]:
    return list(sandbox.workspace.channels[channel].ephemerals.values())


def buttons(message: Message) -> list[str]:
    rows = [block["elements"] for block in message.blocks or [] if block["type"] == "actions"]
    return [each["action_id"] for row in rows for each in row]


async def announced(chat: SlackChat, **more: Any) -> Job:
    job = a_job(**more)
    posted = await chat.announce(job, FIRST)
    return rooted(replace(job, channel_id=posted.channel_id, locale=posted.locale), posted.ts)


def failing(job: Job, cause: Cause = Cause.TEXT_REFUSED, **more: Any) -> Job:
    return replace(job, state=State.FAILING, version=5, failure=Failure("X.Y", cause, Charged.NO), **more)


def a_reply_url(sandbox: SlackSandbox, channel: str, user: str) -> str:
    return sandbox.slack.response_urls.issue(channel, user)


async def delivered(chat: SlackChat) -> Job:
    job = replace(await announced(chat), pictures=pictures(2))
    job = replace(job, file_ids=await chat.upload(job, read))
    await chat.share(job)
    there = await chat.landed(job)
    assert there is not None
    return replace(job, share_ts=there.ts)


async def a_root(client: SlackClient) -> Job:
    answer = await client.call("chat.postMessage", channel=PICTURES, text="root")
    job = a_job(request=Request("a fox", shape=Shape.WIDE_16_9, count=2))
    return rooted(job, answer["ts"])


async def uploaded(uploader: Uploader, job: Job, *, n: int = 2) -> Job:
    job = replace(job, pictures=pictures(n))
    return replace(job, state=State.UPLOADED, file_ids=await uploader.upload(job, read, EN))
