"""What people write to the bot: by its name in a channel or a thread, or in their own conversation with it.

The ask is stored before the event is acknowledged, under the event's id; what there is to say comes after.
"""

from __future__ import annotations

from collections.abc import Coroutine, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from bot import references, spoken
from bot.errors import NotAccepted
from bot.intake import Asker, Place
from bot.job import ChannelId, Ts, UserId
from bot.parsed import PromptError
from bot.prompt import parse_all
from bot.slack import inviting, notices
from bot.slack.wording import language
from handlers import asking, commands, customs, voting
from handlers.desk import Desk, Say, Subcommand, note, silence, team_of
from handlers.heard import Heard

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp

MENTIONS: dict[str, Subcommand] = {**commands.SUBCOMMANDS, **voting.MENTIONS}
"""By first word: what a command takes, and what only makes sense in a thread, where no command reaches."""


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
    text = spoken.words_of(event, bot=bot)
    asker = _asker(event, body, text)
    thread = Ts(str(event["thread_ts"])) if event.get("thread_ts") else None
    place = Place(asker.channel_id, thread)
    once = desk if heard.is_new(asker.key) else replace(desk, later=_unsaid)
    try:
        answer = await _answer(once, asker, place, text, spoken.picture_of(event))
    except BaseException:
        heard.forget(asker.key)  # it is not acknowledged, and so comes again
        raise
    if answer is not silence:
        once.later(once.tell(asker, answer, place.thread_ts))


def _unsaid(courtesy: Coroutine[Any, Any, None]) -> None:
    """What was said when the same event came before."""
    courtesy.close()


async def _answer(desk: Desk, asker: Asker, place: Place, text: str, picture: str) -> Say:
    if not text:
        return partial(inviting.welcome, thread_ts=place.thread_ts)
    word, rest = commands.first_word(text)
    if word in commands.HELP and not rest:
        return partial(notices.help_text, reroll=desk.reroll, cancel=desk.cancel)
    if word in customs.SUBCOMMANDS and not rest:  # it opens a form, which only a command or a press can
        return note("heard.by_command")
    mention = MENTIONS.get(word)
    if mention is not None and (answer := await mention(desk, asker, place, rest)) is not None:
        return answer
    return await _asked(desk, asker, place, text, picture)


async def _asked(desk: Desk, asker: Asker, place: Place, text: str, picture: str) -> Say:
    try:
        asks = parse_all(text)
        if picture:
            asks = tuple(references.after(each, picture) for each in asks)
        taken = await asking.take(desk, asker, asks, place)
    except PromptError as error:
        desk.measures.ask("not_understood")
        return partial(notices.misunderstood, problems=error.problems)
    except NotAccepted:
        desk.measures.ask("not_accepted")
        return note("receipt.not_accepted")
    return taken.say if taken.is_news else silence


def _asker(event: Mapping[str, Any], body: Mapping[str, Any], text: str) -> Asker:
    return Asker(
        team_id=team_of(body),
        user_id=UserId(str(event["user"])),
        channel_id=ChannelId(str(event["channel"])),
        enterprise_id=body.get("enterprise_id") or None,
        kind="event",
        key=str(body["event_id"]),
        locale=language(text),
    )
