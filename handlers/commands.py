"""`/imagine`: read, stored, and only then acknowledged."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bot import flags
from bot.errors import NotAccepted
from bot.intake import Asker
from bot.job import ChannelId, TeamId, UserId
from bot.parsed import PromptError
from bot.prompt import parse_all
from bot.slack import notices
from bot.slack.elements import Message
from bot.slack.wording import Words
from handlers import asking, customs, finding, forms, results
from handlers.desk import SILENCE, Desk, ShortWay, Subcommand, said
from handlers.errors import log_failure

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp

IMAGINE = "/imagine"
HELP = frozenset({"help", "--help", "-h", "?", "？", "帮助", "說明", "说明"})
SUBCOMMANDS: dict[str, Subcommand] = {**customs.SUBCOMMANDS, **results.SUBCOMMANDS, **finding.SUBCOMMANDS}
"""By first word. What the word is not meant as is a prompt: `/imagine top hat` draws one."""
_HAN = re.compile(r"[\u4e00-\u9fff]")


def register(app: AsyncApp, desk: Desk) -> None:
    """Hear the command."""

    async def imagine(ack: AsyncAck, command: Mapping[str, Any]) -> None:
        await ack(**said(await _answer(desk, command)))

    app.command(IMAGINE)(imagine)


def short_way(desk: Desk) -> ShortWay:
    """The same listener, called with a command's fields: what to answer, or None if it broke (which is logged)."""

    async def imagine(command: Mapping[str, str]) -> Mapping[str, Any] | None:
        try:
            return said(await _answer(desk, command))
        except Exception as error:  # noqa: BLE001 - as Bolt does: it is logged and not acknowledged
            log_failure(error, kind="command")
            return None

    return imagine


async def _answer(desk: Desk, command: Mapping[str, Any]) -> Message:
    text = str(command.get("text") or "")
    asker = _asker(command)
    words = words_for(desk, asker, text)
    if not text.strip() or _is_only_private(text):
        desk.later(forms.open_blank(desk, asker, words, private=bool(text.strip())))
        return SILENCE
    if text.strip().casefold() in HELP:
        return notices.help_text(words, reroll=desk.reroll, cancel=desk.cancel)
    first, *others = text.split(maxsplit=1)  # at any blank: a Chinese keyboard types a wide one
    subcommand = SUBCOMMANDS.get(first.casefold())
    if subcommand is not None and (answer := await subcommand(desk, asker, words, "".join(others).strip())) is not None:
        return answer
    return await _asked(desk, asker, text, words)


async def _asked(desk: Desk, asker: Asker, text: str, words: Words) -> Message:
    try:
        return await asking.ask(desk, asker, parse_all(text), words)
    except PromptError as error:
        desk.measures.ask("not_understood")
        return notices.misunderstood(words, error.problems)
    except NotAccepted:
        desk.measures.ask("not_accepted")
        return notices.note(words, "receipt.not_accepted")


def _is_only_private(text: str) -> bool:
    """`--private` and no prompt: the form is for the asker alone."""
    line = flags.split(text.strip())
    words = [line.head, *(found.tail for found in line.found)]
    return [found.flag for found in line.found] == [flags.Flag.PRIVATE] and not "".join(words).strip()


def _asker(command: Mapping[str, Any]) -> Asker:
    return Asker(
        team_id=TeamId(command["team_id"]),
        user_id=UserId(command["user_id"]),
        channel_id=ChannelId(command["channel_id"]),
        enterprise_id=command.get("enterprise_id") or None,
        kind="command",
        key=command["trigger_id"],
        reply_url=command.get("response_url"),
    )


def words_for(desk: Desk, asker: Asker, text: str) -> Words:
    """The person's language if it is known (no call before the acknowledgement), else that of what they wrote."""
    locale = desk.locale_of(asker.team_id, asker.user_id)
    if locale is None and _HAN.search(text):
        locale = "zh-CN"
    return Words(locale)
