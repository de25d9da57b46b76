"""Bytes reach Slack as they are, and nobody sees them before the share."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from bot.errors import Fault, Gone, Rejected, Throttled, Unavailable
from bot.job import Job, JobId, Picture
from bot.ports import Landed
from bot.slack.client import SlackClient
from bot.slack.tickets import MOST, Parcel, Tickets
from bot.slack.uploading import AT_ONCE, Uploader
from sandbox.feed import Feed
from sandbox.slack import FaultKind, FileState, SlackSandbox
from tests.slack.conftest import PICTURES, Clock, bytes_of, calls, pictures, read
from tests.slack.scenes import EN, a_root, uploaded


def sums(n: int) -> list[str]:
    return [hashlib.sha256(bytes_of(number)).hexdigest() for number in range(1, n + 1)]


async def test_pictures_arrive_in_one_message_in_the_thread_in_their_order_and_unchanged(
    client: SlackClient, uploader: Uploader, sandbox: SlackSandbox, feed: Feed
) -> None:
    job = await uploaded(uploader, await a_root(client), n=4)
    await uploader.share(job, EN)
    there = await uploader.landed(job)
    [share] = feed.of("slack.share")
    assert there == Landed(share.data["ts"], public=True)
    assert share.data["thread_ts"] == job.thread_ts
    assert [each["sha256"] for each in share.data["files"]] == sums(4)
    assert len(calls(feed, "files.completeUploadExternal")) == 1


async def test_nobody_sees_anything_before_the_share(
    client: SlackClient, uploader: Uploader, sandbox: SlackSandbox
) -> None:
    job = await uploaded(uploader, await a_root(client))
    assert len(sandbox.workspace.channels[PICTURES].messages) == 1
    assert {sandbox.workspace.files[each].state for each in job.file_ids} == {FileState.RECEIVED}


async def test_a_picture_has_a_description_a_title_and_a_name_of_ours(
    client: SlackClient, uploader: Uploader, sandbox: SlackSandbox
) -> None:
    job = await uploaded(uploader, await a_root(client))
    await uploader.share(job, EN)
    file = sandbox.workspace.files[job.file_ids[1]]
    assert file.alt_txt == "Picture 2 of 2: a fox (16:9)"
    assert file.title == "a fox"
    assert file.name == "imagine-3f2a9c0d-2.png"


async def test_after_a_share_that_was_never_seen_it_goes_without_a_description(
    client: SlackClient, uploader: Uploader, sandbox: SlackSandbox
) -> None:
    job = await uploaded(uploader, replace(await a_root(client), uploads=1))
    assert sandbox.workspace.files[job.file_ids[0]].alt_txt == ""


async def test_descriptions_can_be_switched_off(client: SlackClient, sandbox: SlackSandbox) -> None:
    job = await uploaded(Uploader(client, with_alt_text=False), await a_root(client))
    assert sandbox.workspace.files[job.file_ids[0]].alt_txt == ""


async def test_a_gateway_that_times_out_gets_the_bytes_again_at_the_same_address(
    client: SlackClient, uploader: Uploader, sandbox: SlackSandbox, feed: Feed
) -> None:
    sandbox.settings.fail("upload", FaultKind.STATUS, status=504)
    job = await uploaded(uploader, await a_root(client), n=1)
    assert len(calls(feed, "files.getUploadURLExternal")) == 1
    assert sandbox.workspace.files[job.file_ids[0]].state is FileState.RECEIVED


async def test_a_connection_cut_after_the_bytes_arrived_sends_them_again(
    client: SlackClient, uploader: Uploader, sandbox: SlackSandbox, feed: Feed
) -> None:
    sandbox.settings.fail("upload", FaultKind.CUT, after=True)
    await uploaded(uploader, await a_root(client), n=1)
    assert len(feed.of("slack.upload")) == 2


async def test_bytes_stored_short_are_noticed_and_sent_again(
    client: SlackClient, uploader: Uploader, sandbox: SlackSandbox
) -> None:
    sandbox.settings.upload_skew, sandbox.settings.upload_skew_times = 3, 1
    job = await uploaded(uploader, await a_root(client), n=1)
    assert len(sandbox.workspace.files[job.file_ids[0]].data) == len(bytes_of(1))


async def test_an_upload_that_fails_twice_is_tried_later(
    client: SlackClient, uploader: Uploader, sandbox: SlackSandbox
) -> None:
    sandbox.settings.fail("upload", FaultKind.STATUS, status=504, times=2)
    with pytest.raises(Unavailable, match="upload_http_504"):
        await uploaded(uploader, await a_root(client), n=1)


async def test_one_picture_that_fails_fails_the_step_with_a_single_fault(
    client: SlackClient, uploader: Uploader, sandbox: SlackSandbox
) -> None:
    job = await a_root(client)
    sandbox.settings.fail("files.getUploadURLExternal", FaultKind.ERROR, error="storage_limit_reached")
    with pytest.raises(Rejected, match="storage_limit_reached"):
        await uploaded(uploader, job, n=4)


async def test_a_throttled_step_is_throttled(client: SlackClient, uploader: Uploader, sandbox: SlackSandbox) -> None:
    job = await a_root(client)
    sandbox.settings.fail("files.getUploadURLExternal", FaultKind.THROTTLE, seconds=7)
    with pytest.raises(Throttled) as throttled:
        await uploaded(uploader, job, n=1)
    assert throttled.value.retry_after == pytest.approx(7)


class Elsewhere(SlackClient):
    """A Slack that names another upload address."""

    address: object = "https://evil.example/upload"

    async def call(self, method: str, /, **arguments: object) -> dict[str, object]:
        answer = await super().call(method, **arguments)
        return answer | ({"upload_url": self.address} if "upload_url" in answer else {})


async def test_bytes_go_to_slack_only(sandbox: SlackSandbox, client: SlackClient, clock: Clock) -> None:
    job = await a_root(client)
    foreign = Elsewhere(client.session, token=sandbox.bot_token, api_url=sandbox.api_url, now=clock.now)
    with pytest.raises(Rejected, match="upload_address_foreign"):
        await uploaded(Uploader(foreign), job, n=1)


class Crowd:
    """Readers that all stand at the door until so many are there."""

    def __init__(self, enough: int) -> None:
        self.inside = 0
        self.most = 0
        self._enough = enough
        self._full = asyncio.Event()

    async def read(self, picture: Picture) -> AsyncIterator[bytes]:
        self.inside += 1
        self.most = max(self.most, self.inside)
        if self.inside >= self._enough:
            self._full.set()
        await self._full.wait()
        async for piece in read(picture):
            yield piece
        self.inside -= 1


async def test_many_go_up_at_once_whosever_they_are_and_no_more(
    client: SlackClient, uploader: Uploader, sandbox: SlackSandbox
) -> None:
    sandbox.settings.tier_limits = False
    crowd = Crowd(AT_ONCE)
    root = await a_root(client)
    jobs = [replace(root, id=JobId(f"{number:016x}"), pictures=pictures(4)) for number in range(8)]
    await asyncio.gather(*(uploader.upload(job, crowd.read, EN) for job in jobs))
    assert crowd.most == AT_ONCE


@pytest.mark.parametrize("pieces", [0, 1], ids=["at-once", "half-way"])
async def test_bytes_that_are_gone_are_said_to_be_gone_and_never_arrive(
    client: SlackClient, uploader: Uploader, feed: Feed, pieces: int
) -> None:
    tries = 0

    async def gone(picture: Picture) -> AsyncIterator[bytes]:
        nonlocal tries
        tries += 1
        given = 0
        async for piece in read(picture):
            if given == pieces:
                raise Gone("spool_altered")
            given += 1
            yield piece

    with pytest.raises(Gone, match="spool_altered"):
        await uploader.upload(replace(await a_root(client), pictures=pictures(1)), gone, EN)
    assert tries == 1
    assert feed.of("slack.upload") == []


class TestHeadStart:
    """An address is asked for while the picture is on its way."""

    def promise(self, uploader: Uploader, job: Job, **other: Any) -> Job:
        job = replace(job, pictures=pictures(2))
        for number, picture in enumerate(job.pictures, 1):
            said: dict[str, Any] = {"number": number, "of": 2, "length": picture.size, "mime": picture.mime}
            uploader.expect(job, EN, **(said | other))
        return job

    async def test_an_upload_that_was_expected_asks_for_no_address(
        self, client: SlackClient, uploader: Uploader, feed: Feed
    ) -> None:
        job = self.promise(uploader, await a_root(client))
        self.promise(uploader, job)
        ids = await uploader.upload(job, read, EN)
        assert len(calls(feed, "files.getUploadURLExternal")) == 2
        assert len(set(ids)) == 2

    async def test_an_address_serves_one_upload_only(self, client: SlackClient, uploader: Uploader, feed: Feed) -> None:
        job = self.promise(uploader, await a_root(client))
        ids = await uploader.upload(job, read, EN) + await uploader.upload(job, read, EN)
        assert len(set(ids)) == 4
        assert len(calls(feed, "files.getUploadURLExternal")) == 4

    @pytest.mark.parametrize("other", [{"length": 7}, {"mime": "image/jpeg"}, {"of": 3}], ids=str)
    async def test_what_came_otherwise_than_expected_gets_an_address_of_its_own(
        self, client: SlackClient, uploader: Uploader, sandbox: SlackSandbox, other: dict[str, Any]
    ) -> None:
        job = self.promise(uploader, await a_root(client), **other)
        ids = await uploader.upload(job, read, EN)
        file = sandbox.workspace.files[ids[1]]
        assert (file.name, file.alt_txt) == ("imagine-3f2a9c0d-2.png", "Picture 2 of 2: a fox (16:9)")
        assert hashlib.sha256(file.data).hexdigest() == sums(2)[1]

    async def test_a_head_start_that_failed_is_only_lost_time(
        self, client: SlackClient, uploader: Uploader, sandbox: SlackSandbox
    ) -> None:
        sandbox.settings.fail("files.getUploadURLExternal", FaultKind.STATUS, times=2)
        job = self.promise(uploader, await a_root(client))
        assert len(await uploader.upload(job, read, EN)) == 2

    async def test_an_address_that_grew_old_is_not_used(self, client: SlackClient, feed: Feed) -> None:
        tickets = Tickets(client, life=0.0)
        parcel = Parcel(JobId("j1"), "a.png", 7, None)
        tickets.expect(parcel)
        await tickets.take(parcel)
        assert len(calls(feed, "files.getUploadURLExternal")) >= 1
        await tickets.close()

    async def test_what_is_expected_and_never_comes_is_forgotten(self, client: SlackClient) -> None:
        tickets = Tickets(client)
        for number in range(MOST + 10):
            tickets.expect(Parcel(JobId(f"j{number}"), "a.png", 7, None))
        assert len(tickets) == MOST
        tickets.forget(JobId(f"j{MOST}"))
        assert len(tickets) == MOST - 1
        await tickets.close()
        assert len(tickets) == 0


@pytest.mark.parametrize("kind", [FaultKind.CUT, FaultKind.STATUS])
@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "files.info", "files.delete", "upload"])
async def test_nothing_but_a_fault_comes_out(
    client: SlackClient, uploader: Uploader, sandbox: SlackSandbox, kind: FaultKind, method: str
) -> None:
    job = await uploaded(uploader, await a_root(client))
    await uploader.share(job, EN)
    sandbox.settings.fail(method, kind, times=10)
    steps: dict[str, Callable[[], Awaitable[object]]] = {
        "files.info": lambda: uploader.landed(job),
        "files.delete": lambda: uploader.delete(job),
    }
    step = steps.get(method, lambda: uploaded(uploader, job, n=1))
    with pytest.raises(Fault):
        await step()


@pytest.mark.parametrize(
    ("status", "fault"), [(429, Throttled), (413, Rejected), (415, Rejected), (404, Unavailable), (302, Unavailable)]
)
async def test_an_upload_address_that_says_no_is_understood(
    client: SlackClient, uploader: Uploader, sandbox: SlackSandbox, status: int, fault: type[Fault]
) -> None:
    job = await a_root(client)
    sandbox.settings.fail("upload", FaultKind.STATUS, status=status, times=2)
    with pytest.raises(fault):
        await uploaded(uploader, job, n=1)


@pytest.mark.parametrize("address", [None, 7])
async def test_an_answer_without_an_upload_address_is_no_answer(
    sandbox: SlackSandbox, client: SlackClient, clock: Clock, address: object
) -> None:
    job = await a_root(client)
    odd = Elsewhere(client.session, token=sandbox.bot_token, api_url=sandbox.api_url, now=clock.now)
    odd.address = address
    with pytest.raises(Unavailable, match="upload_address_missing"):
        await uploaded(Uploader(odd), job, n=1)


async def test_a_cancelled_upload_is_cancelled(client: SlackClient, uploader: Uploader) -> None:
    job = await a_root(client)
    task = asyncio.create_task(uploaded(uploader, job))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
