"""The conversation that a job lives in: `SlackChat` puts the pieces together."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, BinaryIO

import structlog

from bot import policy
from bot.errors import Cause, Gone, Misconfigured, NotInChannel, OutcomeUnknown, Rejected, Unavailable
from bot.job import ChannelId, FileId, Job, JobId, LaneId, State, TeamId, Ts, UserId
from bot.ports import Landed, Photo, Posted, Read, Standing
from bot.slack import blocks, gallery, notices
from bot.slack.admins import Admins
from bot.slack.client import SlackClient
from bot.slack.codes import BAD_BLOCKS, NO_THREAD
from bot.slack.completing import Completions
from bot.slack.editing import Editor
from bot.slack.elements import Message
from bot.slack.files import SlackFiles
from bot.slack.kinship import JobOf, Kinship
from bot.slack.origin import Origin
from bot.slack.readers import Readers
from bot.slack.reference import reference_at
from bot.slack.replying import Replies
from bot.slack.sessions import Sessions
from bot.slack.uploading import Uploader
from bot.slack.wording import Words

_log = structlog.get_logger(__name__)

EVENT_TYPE = "imagine_job"


class SlackChat:
    """Satisfies `ports.Chat`. `admins` are the people who are told when a lane stops."""

    def __init__(
        self,
        client: SlackClient,
        *,
        now: Callable[[], datetime],
        admins: Sequence[UserId] = (),
        team_id: TeamId | None = None,
        with_alt_text: bool = True,
        job_of: JobOf | None = None,
    ) -> None:
        self._client = client
        self.readers = Readers(client, now=now)
        self._now = now
        self._no_files: tuple[str, datetime] | None = None
        self._admins = Admins(
            admins, team_id=team_id or TeamId(""), client=client, readers=self.readers, direct=self._direct
        )
        self._editor = Editor(client, now=now)
        self._replies = Replies(client, now=now)
        self._uploader = Uploader(client, with_alt_text=with_alt_text)
        self._files = SlackFiles(client)
        self._completions = Completions(client)
        self.sessions = Sessions(client)
        self._kinship = Kinship(client, job_of or _nobody)

    def start(self) -> None:
        """Begin to edit roots."""
        self._editor.start()

    async def close(self, *, limit: float = 5.0) -> None:
        """Send the last edits within `limit` seconds."""
        await self.sessions.close()
        await self.readers.close()
        await self._uploader.close()
        await self._editor.close(limit=limit)

    async def announce(self, job: Job, standing: Standing) -> Posted:
        """Post the job's root, or its reply in the parent's thread.

        An announcement whose answer is lost may be posted again: Slack has no idempotency key for posts, and reading
        histories is no right of ours. A second status line is the worst that comes of it.
        """
        self._check_files()
        locale = await self.readers.locale(job.team_id, job.user_id, default=job.locale)
        message = self._root(Words(locale), job, standing, await self._kinship.trace(job))
        channel = job.channel_id
        if job.by_message and job.thread_ts is None:
            channel = await self._direct(job.user_id)
        elif job.joining:
            await self.join(channel)
        posted = await self._announce(job, channel, message)
        self._editor.noted(job, message, good_until=_good_until(standing))
        thread = posted.ts if posted.alone else job.thread_ts or posted.ts
        self.sessions.begin(job, posted.channel_id, thread)
        return replace(posted, locale=locale)

    async def _announce(self, job: Job, channel: ChannelId, message: Message) -> Posted:
        try:
            return await self._post(job, channel, message, thread_ts=job.thread_ts)
        except Rejected as refused:
            if refused.code not in NO_THREAD or job.thread_ts is None:
                raise
            _log.warning("thread_gone", job=job.id, code=refused.code)
        return replace(await self._post(job, channel, message, thread_ts=None), alone=True)

    async def _direct(self, user_id: UserId) -> ChannelId:
        """The conversation between the bot and this person; uploads need its `D…` id."""
        answer = await self._client.call("conversations.open", users=user_id)
        channel = answer.get("channel")
        channel_id = channel.get("id") if isinstance(channel, dict) else None
        if not isinstance(channel_id, str):
            raise Unavailable("conversation_missing", cause=Cause.SLACK_DOWN)
        return ChannelId(channel_id)

    async def _post(self, job: Job, channel: ChannelId, message: Message, *, thread_ts: Ts | None) -> Posted:
        """Post once; and once more in plain words if Slack does not like the blocks."""
        metadata = {"event_type": EVENT_TYPE, "event_payload": {"job": job.id}}
        common = {"channel": channel, "thread_ts": thread_ts, "metadata": metadata, **_QUIET}
        try:
            answer = await self._client.call("chat.postMessage", text=message.text, blocks=message.blocks, **common)
        except Rejected as refused:
            if refused.code not in BAD_BLOCKS:
                raise
            answer = await self._client.call("chat.postMessage", text=message.text, **common)
        ts = answer.get("ts")
        if not isinstance(ts, str) or not ts:
            raise OutcomeUnknown("ts_missing", cause=Cause.SLACK_DOWN)
        return Posted(ChannelId(str(answer.get("channel") or channel)), Ts(ts))

    async def join(self, channel_id: ChannelId) -> None:
        """Join a public channel, on somebody's click. Where that is no right of ours, it must be let in by a member."""
        try:
            await self._client.call("conversations.join", channel=channel_id)
        except Misconfigured as missing:
            if missing.code != "missing_scope":
                raise
            raise NotInChannel(missing.code) from None

    async def offer_road(self, job: Job, *, joinable: bool, direct: bool) -> None:
        """Tell the asker privately that the bot is not in the conversation, with a button for each way out."""
        locale = await self.readers.locale(job.team_id, job.user_id, default=job.locale)
        message = blocks.road(Words(locale), job, joinable=joinable, direct=direct)
        if await self._replies.privately(job, message):
            return
        await self._post(job, await self._direct(job.user_id), message, thread_ts=None)

    async def whisper(self, reply_url: str, body: Mapping[str, Any]) -> None:
        """Answer a press privately, once; the body is what a `response_url` takes. Raises a fault if it cannot be."""
        await self._replies.whisper(reply_url, body)

    def show(self, job: Job, standing: Standing) -> None:
        """Have the root say where the job stands, when the budget allows."""
        if job.root_ts is None:
            return
        if job.dropped or job.is_final:
            self.sessions.end(job)
        words, origin = Words(self._locale(job)), self._kinship.known(job)
        message = self._root(words, job, standing, origin)
        is_drawn = job.state is State.GENERATING and not job.dropped
        late = self._root(words, job, Standing(), origin) if is_drawn else None
        self._editor.show(job, message, once_late=late)

    async def finish(self, job: Job) -> None:
        """Have the root say how it ended, now if the budget allows."""
        self.sessions.end(job)
        if job.root_ts is not None:
            origin = await self._kinship.trace(job)
            await self._editor.last_word(job, self._root(Words(self._locale(job)), job, Standing(), origin))

    def _root(self, words: Words, job: Job, standing: Standing, origin: Origin | None) -> Message:
        return blocks.root(words, job, standing, admins_told=self._admins.told, origin=origin)

    def _locale(self, job: Job) -> str | None:
        return job.locale or self.readers.known(job.team_id, job.user_id)

    async def reference(self, file_id: FileId) -> bytes:
        """The bytes of a picture that is to be drawn after, checked."""
        return await reference_at(self._files, file_id)

    async def collect(self, file_id: FileId, into: BinaryIO) -> Photo:
        """The bytes of a picture that lies at Slack already, into a file."""
        file = await self._files.look(file_id)
        digest = await self._files.fetch(file, into)
        return Photo(file.mime, file.width, file.height, into.tell(), digest)

    def expect(self, job: Job, *, number: int, of: int, length: int, mime: str) -> None:
        """A picture is on its way: ask for its address meanwhile."""
        words = Words(self._locale(job))
        self._uploader.expect(job, words, number=number, of=of, length=length, mime=mime)

    async def upload(self, job: Job, read: Read) -> tuple[FileId, ...]:
        """Give Slack the bytes, unshared, in order."""
        with self._learning_of_files():
            return await self._uploader.upload(job, read, Words(self._locale(job)))

    async def share(self, job: Job) -> None:
        """Complete the uploads into the thread: one message."""
        with self._learning_of_files():
            await self._uploader.share(job, Words(self._locale(job)))
        self._no_files = None

    @contextmanager
    def _learning_of_files(self) -> Iterator[None]:
        """Remember for a while that the workspace takes no files: nothing is to be drawn, and paid for, meanwhile."""
        try:
            yield
        except Rejected as refused:
            if refused.code in _NO_FILES:
                self._no_files = (refused.code, self._now() + _NO_FILES_FOR)
            raise

    def _check_files(self) -> None:
        if self._no_files is not None and self._now() < self._no_files[1]:
            raise Rejected(self._no_files[0], cause=Cause.SLACK_REFUSED)

    async def displaced(self, job: Job) -> None:
        """Have the root say that the pictures come by direct message: it is never edited again."""
        if job.root_ts is not None:
            message = blocks.displaced(Words(self._locale(job)), job)
            await self._editor.last_word(replace(job, state=State.DELIVERED), message)

    async def direct(self, job: Job) -> ChannelId:
        """The conversation between the bot and the asker alone."""
        return await self._direct(job.user_id)

    async def landed(self, job: Job) -> Landed | None:
        """The message that shows the files, None if it is not there (yet)."""
        return await self._uploader.landed(job)

    async def apologise(self, job: Job) -> None:
        """In the thread; where that cannot be written, by direct message; where not even that works, privately.

        What nobody asked for (a copy for the gallery) is told to those who look after the bot, not to its owner.
        """
        if policy.is_unasked(job):
            await self._admins.tell(partial(gallery.unhung, job=job))
            return
        message = notices.apology(Words(self._locale(job)), job, admins_told=self._admins.told)
        try:
            await self._apologise_there(job, message)
        except (Rejected, NotInChannel, Misconfigured) as refused:
            _log.warning("apology_private_only", job=job.id, code=refused.code)
            if not await self._replies.privately(job, message):
                raise

    async def _apologise_there(self, job: Job, message: Message) -> None:
        if job.thread_ts is not None:
            try:
                await self._announce(job, job.channel_id, message)
                return
            except (Rejected, NotInChannel) as refused:
                _log.info("apology_by_message", job=job.id, code=refused.code)
        await self._post(job, await self._direct(job.user_id), message, thread_ts=None)

    async def complete(self, job: Job) -> None:
        """Tell the workflow step that waits for the job how it ended."""
        await self._completions.tell(job, Words(self._locale(job)))

    async def remove(self, job: Job) -> None:
        """Delete the message, then the files. Where the message is not known it is looked for."""
        ts = job.share_ts or await self._shared(job)
        if ts is not None:
            try:
                await self._client.call("chat.delete", channel=job.channel_id, ts=ts)
            except NotInChannel as outside:
                _log.info("message_out_of_reach", job=job.id, code=outside.code)  # its files are not
            except Rejected as refused:
                if refused.code != "message_not_found":
                    raise
        await self._uploader.delete(job)

    async def _shared(self, job: Job) -> Ts | None:
        try:
            there = await self._uploader.landed(job)
        except (Gone, Misconfigured):
            return None
        return None if there is None else there.ts

    async def alert(self, lane: LaneId, *, cause: Cause | None, code: str) -> None:
        """Tell every admin; with none set, the log is told. Raises the last fault if nobody could be reached."""
        _log.warning("lane_alert", lane=lane, cause=cause, code=code)
        await self._admins.tell(partial(notices.alert, lane=lane, cause=cause, code=code))

    async def enter(self, channel_id: ChannelId) -> None:
        """Be a member of the gallery, or tell every admin that somebody must let us in."""
        try:
            await self.join(channel_id)
        except (Rejected, NotInChannel) as refused:
            if refused.code in _NOT_PUBLIC:
                return  # only its members can let us in, and may have; what is hung there will tell
            _log.error("gallery_closed", channel=channel_id, code=refused.code)
            await self._admins.tell(partial(gallery.closed, gallery=channel_id))


async def _nobody(_job_id: JobId) -> None:
    """Who is asked for parents where there are none to ask."""


def _good_until(standing: Standing) -> float:
    """Until when (Unix seconds) "next in line, ready at about 14:32" is not wrong of a job that is being drawn."""
    if standing.place != 1 or standing.about is None or standing.paused is not None:
        return -math.inf
    return standing.about.timestamp() + _LATE


_NOT_PUBLIC = frozenset({"method_not_supported_for_channel_type"})
_NO_FILES = frozenset({"file_uploads_disabled", "file_uploads_except_images_disabled", "storage_limit_reached"})
_NO_FILES_FOR = timedelta(hours=1)
_LATE = 30.0  # clock times are shown to the minute
_QUIET = {"unfurl_links": False, "unfurl_media": False, "parse": "none"}
