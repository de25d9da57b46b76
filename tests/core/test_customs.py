"""How pictures are liked, from the rows to the ask."""

from __future__ import annotations

from bot.customs import Customs, customs_of, dressed
from bot.job import UserId
from bot.parsed import Remark
from bot.prompt import parse
from bot.shelf import Preferences, Scope
from tests.core.engine import CHANNEL, TEAM, Engine

ADA = UserId("ada")


async def test_what_a_person_and_a_conversation_like_is_put_into_an_ask_and_said(engine: Engine) -> None:
    own, house = Preferences(count=2), Preferences(prefix="in ink", negative="text")
    await engine.real.shelf.prefer(TEAM, Scope.PERSON, ADA, own)
    await engine.real.shelf.prefer(TEAM, Scope.CHANNEL, CHANNEL, house)
    customs = await customs_of(engine.real.shelf, team_id=TEAM, user_id=ADA, channel_id=CHANNEL)
    assert customs == Customs(own, house)
    asked = dressed(parse("a fox"), customs)
    assert (asked.request.count, asked.request.negative) == (2, "text")
    assert "in ink" in asked.request.prompt
    assert [note.key for note in asked.notes] == [Remark.CUSTOMS_ADDED]
