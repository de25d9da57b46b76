"""What people write to the bot: by its name in a channel or a thread, or in their own conversation with it.

The ask is stored before the event is acknowledged, under the event's id; what there is to say comes after.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from bot import references, spoken
from bot.errors import NotAccepted
from bot.intake import Asker, Place
from bot.job import ChannelId, TeamId, Ts, UserId
from bot.parsed import PromptError
from bot.prompt import parse_all
from bot.slack import inviting, notices
from bot.slack.elements import Message
from bot.slack.wording import Words
from handlers import asking, commands, customs, voting
from handlers.desk import SILENCE, Desk
from handlers.heard import Heard

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp

Mentioned = Callable[[Desk, Asker, Place, Words, str], Awaitable[Message | None]]
"""Answers the first word of a message; gets the rest of the text, says None if all of it is a prompt after all."""

Say = Callable[[Words], Message]
"""What there is to say, in whatever language."""

MENTIONS: dict[str, Mentioned] = {**voting.MENTIONS}
"""By first word: what can be said in a thread, where no command reaches."""


def register(app: AsyncApp, desk: Desk) -> None:
    """Hear our name, and what is written to us alone."""
    heard = Heard()

    async def mentioned(event: Mapping[str, Any], body: Mapping[str, Any], context: Mapping[str, Any]) -> None:
        if spoken.is_a_persons(event):
            await listen(desk, heard, event, body, bot=str(context.get("bot_user_id") or ""))

    async def written(event: Mapping[str, Any], body: Mapping[str, Any], context: Mapping[str, Any]) -> None:
        if event.get("channel_type") == "im" and spoken.is_a_persons(event):
            await listen(desk, heard, event, body, bot=str(context.get("bot_user_id") or ""))

    app.event("app_mention")(mentioned)
    app.event("message")(written)


async def listen(desk: Desk, heard: Heard, event: Mapping[str, Any], body: Mapping[str, Any], *, bot: str) -> None:
    """Take what was said, and have a private word about it where there is one to be had."""
    asker = _asker(event, body)
    thread = Ts(str(event["thread_ts"])) if event.get("thread_ts") else None
    place = Place(asker.channel_id, thread)
    text = spoken.words_of(event, bot=bot)
    words = commands.words_for(desk, asker, text)
    answer = await _answer(desk, asker, place, words, text, spoken.picture_of(event))
    if answer is not None and answer != SILENCE and heard.is_new(asker.key):
        desk.later(_whisper(desk, asker, place, words, answer))


async def _whisper(desk: Desk, asker: Asker, place: Place, words: Words, answer: Message | Say) -> None:
    """In the asker's own language, which may be looked up now that nobody waits for an acknowledgement."""
    if not isinstance(answer, Message):
        locale = await desk.look_up_locale(asker.team_id, asker.user_id)
        answer = answer(Words(locale) if locale else words)
    await desk.surfaces.whisper_in(asker.channel_id, asker.user_id, answer, place.thread_ts)


async def _answer(
    desk: Desk, asker: Asker, place: Place, words: Words, text: str, picture: str
) -> Message | Say | None:
    if not text:
        return partial(inviting.welcome, thread_ts=place.thread_ts)
    first, *others = text.split(maxsplit=1)
    word, rest = first.casefold(), "".join(others)
    if word in commands.HELP and not rest:
        return partial(notices.help_text, reroll=desk.reroll, cancel=desk.cancel)
    if (mention := MENTIONS.get(word)) is not None:
        answer = await mention(desk, asker, place, words, rest)
        if answer is not None:
            return answer
    elif (subcommand := commands.SUBCOMMANDS.get(word)) is not None:
        opens_a_form = word in customs.SUBCOMMANDS and not rest  # which only a command or a press can
        if opens_a_form:
            return partial(notices.note, key="heard.by_command")
        answer = await subcommand(desk, asker, words, rest)
        if answer is not None:
            return answer
    return await _asked(desk, asker, place, words, text, picture)


async def _asked(desk: Desk, asker: Asker, place: Place, words: Words, text: str, picture: str) -> Message | Say | None:
    try:
        asks = parse_all(text)
        if picture:
            asks = tuple(references.after(each, picture) for each in asks)
        taken = await asking.take(desk, asker, asks, words, place=place)
    except PromptError as error:
        desk.measures.ask("not_understood")
        return partial(notices.misunderstood, problems=error.problems)
    except NotAccepted:
        desk.measures.ask("not_accepted")
        return partial(notices.note, key="receipt.not_accepted")
    return taken.message if taken.is_news else None


def _asker(event: Mapping[str, Any], body: Mapping[str, Any]) -> Asker:
    return Asker(
        team_id=TeamId(str(body["team_id"])),
        user_id=UserId(str(event["user"])),
        channel_id=ChannelId(str(event["channel"])),
        enterprise_id=body.get("enterprise_id") or None,
        kind="event",
        key=str(body["event_id"]),
    )
