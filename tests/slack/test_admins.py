"""The admins hear of a lane that stopped; people hear of told admins only if there were any."""

from __future__ import annotations

import pytest

from bot.errors import Cause, Fault
from bot.job import LaneId, UserId
from bot.ports import Standing
from bot.slack.client import SlackClient
from bot.slack.posting import SlackChat
from sandbox.slack import SlackSandbox
from tests.slack.conftest import (
    BEN,
    CHEN,
    TEAM,
    Clock,
    a_job,
)
from tests.slack.scenes import messages

LANE = LaneId("hunyuan")


async def test_every_admin_is_told_in_their_language(client: SlackClient, sandbox: SlackSandbox, clock: Clock) -> None:
    chat = SlackChat(client, now=clock.now, admins=(BEN, CHEN), team_id=TEAM)
    await chat.alert(LANE, cause=Cause.NO_CREDIT, code="ResourceUnavailable.LowBalance")
    told = [messages(sandbox, f"D0{person[2:]}")[0].text for person in (BEN, CHEN)]
    assert "image credit has run out" in told[0]
    assert "额度用完了" in told[1]
    assert all("ResourceUnavailable.LowBalance" in text for text in told)
    await chat.alert(LANE, cause=None, code="")
    assert "works again" in messages(sandbox, f"D0{BEN[2:]}")[1].text


@pytest.mark.parametrize(("admins", "claims"), [((BEN,), True), ((), False)])
async def test_people_hear_of_a_told_admin_only_if_there_was_one(
    client: SlackClient, sandbox: SlackSandbox, clock: Clock, admins: tuple[UserId, ...], claims: bool
) -> None:
    chat = SlackChat(client, now=clock.now, admins=admins, team_id=TEAM)
    await chat.alert(LANE, cause=Cause.NO_CREDIT, code="x")
    await chat.announce(a_job(), Standing(place=1, paused=Cause.NO_CREDIT))
    assert ("An admin has been told." in messages(sandbox)[0].text) is claims


async def test_one_admin_who_cannot_be_reached_does_not_keep_the_others_from_it(
    client: SlackClient, sandbox: SlackSandbox, clock: Clock
) -> None:
    chat = SlackChat(client, now=clock.now, admins=(UserId("U0NOBODY"), BEN), team_id=TEAM)
    await chat.alert(LANE, cause=Cause.NO_CREDIT, code="x")
    assert len(messages(sandbox, f"D0{BEN[2:]}")) == 1


async def test_when_no_admin_can_be_reached_it_is_a_fault_and_nobody_claims_otherwise(
    client: SlackClient, sandbox: SlackSandbox, clock: Clock
) -> None:
    chat = SlackChat(client, now=clock.now, admins=(UserId("U0NOBODY"),), team_id=TEAM)
    with pytest.raises(Fault):
        await chat.alert(LANE, cause=Cause.NO_CREDIT, code="x")
    await chat.announce(a_job(), Standing(place=1, paused=Cause.NO_CREDIT))
    assert "An admin has been told." not in messages(sandbox)[0].text
