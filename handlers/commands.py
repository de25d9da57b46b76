"""`/imagine`: read, stored, and only then acknowledged."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from bot import flags
from bot.errors import NotAccepted
from bot.intake import Asker, Place
from bot.job import ChannelId, TeamId, UserId
from bot.parsed import PromptError
from bot.prompt import parse_all
from bot.slack import notices
from bot.slack.wording import language
from handlers import asking, customs, finding, forms, results
from handlers.desk import Desk, Say, ShortWay, Subcommand, note, said, silence
from handlers.errors import log_failure

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp

IMAGINE = "/imagine"
HELP = frozenset({"help", "--help", "-h", "?", "？", "帮助", "說明", "说明"})
SUBCOMMANDS: dict[str, Subcommand] = {**customs.SUBCOMMANDS, **results.SUBCOMMANDS, **finding.SUBCOMMANDS}
"""By first word. What the word is not meant as is a prompt: `/imagine top hat` draws one."""


GLUED = ("查找", "再画", "谱系")
"""Those that may stand right before what follows: they hardly begin a prompt, or are taken only with a name."""


def register(app: AsyncApp, desk: Desk) -> None:
    """Hear the command."""

    async def imagine(ack: AsyncAck, command: Mapping[str, Any]) -> None:
        asker = _asker(command)
        await ack(**said(desk.at_once(asker, await _answer(desk, asker, str(command.get("text") or "")))))

    app.command(IMAGINE)(imagine)


def short_way(desk: Desk) -> ShortWay:
    """The same listener, called with a command's fields: what to answer, or None if it broke (which is logged)."""

    async def imagine(command: Mapping[str, str]) -> Mapping[str, Any] | None:
        try:
            asker = _asker(command)
            return said(desk.at_once(asker, await _answer(desk, asker, str(command.get("text") or ""))))
        except Exception as error:  # noqa: BLE001 - as Bolt does: it is logged and not acknowledged
            log_failure(error, kind="command")
            return None

    return imagine


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
    return await _asked(desk, asker, place, text)


async def _asked(desk: Desk, asker: Asker, place: Place, text: str) -> Say:
    try:
        return (await asking.take(desk, asker, parse_all(text), place)).say
    except PromptError as error:
        desk.measures.ask("not_understood")
        return partial(notices.misunderstood, problems=error.problems)
    except NotAccepted:
        desk.measures.ask("not_accepted")
        return note("receipt.not_accepted")


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


def _asker(command: Mapping[str, Any]) -> Asker:
    return Asker(
        team_id=TeamId(command["team_id"]),
        user_id=UserId(command["user_id"]),
        channel_id=ChannelId(command["channel_id"]),
        enterprise_id=command.get("enterprise_id") or None,
        kind="command",
        key=command["trigger_id"],
        reply_url=command.get("response_url"),
        locale=language(str(command.get("text") or "")),
    )
