"""`/imagine`: read, stored, and only then acknowledged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog

from bot import flags
from bot.errors import Fault, NotAccepted
from bot.heard import Heard
from bot.inbox import Take
from bot.intake import Asker, Place
from bot.job import ChannelId, TeamId, UserId
from bot.parsed import PromptError
from bot.prompt import parse_all
from bot.slack import notices
from bot.slack.elements import Message
from bot.slack.wording import language
from bot.slash import Command
from handlers import asking, customs, finding, forms, results
from handlers.asking import Taken
from handlers.desk import SILENCE, Desk, Say, ShortWay, Subcommand, note, said, silence
from handlers.errors import log_failure

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp

log = structlog.get_logger(__name__)

IMAGINE = "/imagine"
KIND = "command"
HELP = frozenset({"help", "--help", "-h", "?", "？", "帮助", "說明", "说明"})
SUBCOMMANDS: dict[str, Subcommand] = {**customs.SUBCOMMANDS, **results.SUBCOMMANDS, **finding.SUBCOMMANDS}
"""By first word. What the word is not meant as is a prompt: `/imagine top hat` draws one."""


GLUED = ("查找", "再画", "谱系")
"""Those that may stand right before what follows: they hardly begin a prompt, or are taken only with a name."""


def register(app: AsyncApp, desk: Desk) -> None:
    """Hear the command."""

    async def imagine(ack: AsyncAck, command: Mapping[str, Any]) -> None:
        await ack(**said(await _acknowledgement(desk, Command.of(command))))

    app.command(IMAGINE)(imagine)


def short_way(desk: Desk) -> ShortWay:
    """The same listener, called with a command's fields: what to answer, or None if it broke (which is logged)."""

    async def imagine(command: Command) -> Mapping[str, Any] | None:
        try:
            return said(await _acknowledgement(desk, command))
        except Exception as error:  # noqa: BLE001 - as Bolt does: it is logged and not acknowledged
            log_failure(error, kind="command")
            return None

    return imagine


def taker(desk: Desk) -> Take:
    """Looks into a command that was only stored when it was acknowledged. What it comes to is said privately."""

    async def take(heard: Heard) -> None:
        command = Command(heard.form)
        asker = replace(_asker(command), heard=heard)
        taken = await _looked_into(desk, asker, command.get("text", ""))
        if taken.stored:
            desk.later(_in_a_gap(desk, asker, taken.say))
        else:
            await _told(desk, asker, taken.say)
            await desk.inbox.settle(heard)

    return take


async def _looked_into(desk: Desk, asker: Asker, text: str) -> Taken:
    """What came of it; a defect of ours is said too, or it would be looked into for ever."""
    try:
        return await _understood(desk, asker, Place(asker.channel_id), text)
    except Fault:
        raise
    except Exception as error:  # noqa: BLE001 - said and logged
        log_failure(error, kind="command")
        return Taken(note("receipt.broke"), is_news=True)


async def _in_a_gap(desk: Desk, asker: Asker, say: Say) -> None:
    """Its root says as much: this may wait, and may be lost."""
    await desk.inbox.gap()
    await desk.tell(asker, say)


async def _told(desk: Desk, asker: Asker, say: Say) -> None:
    try:
        await desk.tell(asker, say)
    except Fault as fault:
        log.info("courtesy_lost", code=fault.code)


async def _acknowledgement(desk: Desk, command: Command) -> Message:
    text = command.get("text", "")
    if desk.inbox.is_wanted and _is_ask(text):
        return await _kept(desk, command)
    asker = _asker(command)
    return desk.at_once(asker, await _answer(desk, asker, text))


async def _kept(desk: Desk, command: Command) -> Message:
    """In a crowd: stored as it came. What is to be said about it follows."""
    heard = Heard(
        team_id=TeamId(command["team_id"]),
        enterprise_id=command.get("enterprise_id") or None,
        kind=KIND,
        key=command["trigger_id"],
        at=desk.now(),
        form=command.form,
        mark=desk.inbox.mark(),
    )
    try:
        await desk.inbox.put(heard)
    except NotAccepted:
        desk.measures.ask("not_accepted")
        return desk.at_once(_asker(command), note("receipt.not_accepted"))
    return SILENCE


async def _answer(desk: Desk, asker: Asker, text: str) -> Say:
    if not text.strip() or _is_only_private(text):
        desk.later(forms.open_blank(desk, asker, private=bool(text.strip())))
        return silence
    if text.strip().casefold() in HELP:
        return partial(notices.help_text, reroll=desk.reroll, cancel=desk.cancel)
    place = Place(asker.channel_id)
    word, rest = first_word(text)
    subcommand = SUBCOMMANDS.get(word)
    if subcommand is not None and (answer := await subcommand(desk, asker, place, rest)) is not None:
        return answer
    try:
        return (await _understood(desk, asker, place, text)).say
    except NotAccepted:
        desk.measures.ask("not_accepted")
        return note("receipt.not_accepted")


async def _understood(desk: Desk, asker: Asker, place: Place, text: str) -> Taken:
    """Take it, or say what was wrong with it. Raises `NotAccepted`."""
    try:
        return await asking.take(desk, asker, parse_all(text), place)
    except PromptError as error:
        desk.measures.ask("not_understood")
        return Taken(partial(notices.misunderstood, problems=error.problems), is_news=True)


def _is_ask(text: str) -> bool:
    """Whether it asks for pictures, and for nothing that is answered at once."""
    bare = text.strip()
    if not bare or bare.casefold() in HELP or first_word(text)[0] in SUBCOMMANDS:
        return False
    return bare[0].isalnum() or not _is_only_private(text)


def first_word(text: str) -> tuple[str, str]:
    """The word that a subcommand would be, and the rest. Blanks of any width part them; Chinese often has none."""
    first, *others = text.split(maxsplit=1)
    rest = "".join(others).strip()
    for stem in GLUED:
        if first.startswith(stem) and first not in SUBCOMMANDS:
            return stem, f"{first.removeprefix(stem)} {rest}".strip()
    return first.casefold(), rest


def _is_only_private(text: str) -> bool:
    """`--private` and no prompt: the form is for the asker alone."""
    line = flags.split(text.strip())
    words = [line.head, *(found.tail for found in line.found)]
    return [found.flag for found in line.found] == [flags.Flag.PRIVATE] and not "".join(words).strip()


def _asker(command: Command) -> Asker:
    return Asker(
        team_id=TeamId(command["team_id"]),
        user_id=UserId(command["user_id"]),
        channel_id=ChannelId(command["channel_id"]),
        enterprise_id=command.get("enterprise_id") or None,
        kind=KIND,
        key=command["trigger_id"],
        reply_url=command.get("response_url"),
        locale=language(command.get("text", "")),
    )
