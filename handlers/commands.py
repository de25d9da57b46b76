"""`/imagine`: read, stored, and only then acknowledged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.errors import NotAccepted
from bot.intake import Asker
from bot.job import ChannelId, TeamId, UserId
from bot.prompt import PromptError
from bot.slack import notices
from bot.slack.wording import Words
from handlers.desk import Desk, said

_HELP = frozenset({"", "help", "--help", "-h", "?", "？", "帮助", "說明", "说明"})


def register(app: AsyncApp, desk: Desk) -> None:
    """Hear the command."""

    async def imagine(ack: AsyncAck, command: Mapping[str, Any]) -> None:
        text = str(command.get("text") or "")
        asker = _asker(command)
        words = _words(desk, asker, text)
        if text.strip().casefold() in _HELP:
            await ack(**said(notices.help_text(words, reroll=desk.reroll, cancel=desk.cancel)))
            return
        try:
            receipt = await desk.intake.imagine(asker, text=text)
        except PromptError as error:
            desk.measures.ask("not_understood")
            await ack(**said(notices.misunderstood(words, error.problems)))
        except NotAccepted:
            desk.measures.ask("not_accepted")
            await ack(**said(notices.note(words, "receipt.not_accepted")))
        else:
            desk.measures.ask("stored" if receipt.fresh else "known")
            message = notices.receipt(words, receipt.job.request, notes=receipt.notes, fresh=receipt.fresh)
            await ack(**said(message))

    app.command("/imagine")(imagine)


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


def _words(desk: Desk, asker: Asker, text: str) -> Words:
    """The person's language if it is known (no call before the acknowledgement), else that of what they wrote."""
    locale = desk.locale_of(asker.team_id, asker.user_id)
    if locale is None and any("\u4e00" <= char <= "\u9fff" for char in text):
        locale = "zh-CN"
    return Words(locale)
