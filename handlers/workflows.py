"""The step "Make a picture" of somebody's workflow: an ask like any other, stored before its event is acknowledged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bot.customs import dressed
from bot.intake import Asker, Place
from bot.job import ChannelId, UserId
from bot.parsed import Parsed, PromptError
from bot.prompt import parse_step
from handlers import asking
from handlers.desk import Desk, team_of

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp

STEP = "make_picture"
_KIND = "step"


def register(app: AsyncApp, desk: Desk) -> None:
    """Hear that a workflow has come to the step."""

    async def executed(event: Mapping[str, Any], body: Mapping[str, Any], context: Mapping[str, Any]) -> None:
        if (event.get("function") or {}).get("callback_id") == STEP:
            await make(desk, event, body, bot=str(context.get("bot_user_id") or ""))

    app.event("function_executed")(executed)


async def make(desk: Desk, event: Mapping[str, Any], body: Mapping[str, Any], *, bot: str) -> None:
    """Store what is asked for, once for each run of the step; a run that asks for nothing possible fails with why."""
    inputs = event.get("inputs") or {}
    execution = str(event["function_execution_id"])
    asker = _asker(inputs, body, execution=execution, bot=bot)
    try:
        asked = parse_step(_text(inputs))
    except PromptError:
        desk.measures.ask("not_understood")
        await desk.intake.refuse(asker, _text(inputs), execution=execution)
        return
    receipt = await desk.intake.ask(
        asker, (await _dressed(desk, asker, asked)).request, place=Place(asker.channel_id), execution=execution
    )
    desk.measures.ask("stored" if receipt.fresh else "known")


async def _dressed(desk: Desk, asker: Asker, asked: Parsed) -> Parsed:
    return dressed(asked, await asking.customs_here(desk, asker, asker.channel_id))


def _text(inputs: Mapping[str, Any]) -> str:
    """The ask as somebody would type it."""
    flags = (("--ar", inputs.get("shape")), ("--style", inputs.get("style")))
    typed = (f"{flag} {value}" for flag, value in flags if value)
    return " ".join((str(inputs.get("prompt") or ""), *typed))


def _asker(inputs: Mapping[str, Any], body: Mapping[str, Any], *, execution: str, bot: str) -> Asker:
    """Whom the workflow names; nobody else asked, so otherwise it is the bot itself."""
    return Asker(
        team_id=team_of(body),
        enterprise_id=body.get("enterprise_id") or None,
        user_id=UserId(str(inputs.get("person") or bot)),
        channel_id=ChannelId(str(inputs.get("channel") or "")),
        kind=_KIND,
        key=execution,
    )
