"""Days on which Slack, the provider or somebody in the channel gets in the way."""

from __future__ import annotations

from pathlib import Path

import aiohttp

from sandbox.hunyuan.faults import Fault, Trouble
from sandbox.slack import FaultKind
from tests.journeys.town import QUICK, Town, town


async def test_pictures_of_a_conversation_that_put_the_bot_out_reach_their_asker_by_message(place: Town) -> None:
    place.images.settings.faults.on_jobs(Fault(Trouble.STUCK_RUNNING))
    await place.asks(place.ada, "a fox --n 2")
    await place.until(lambda: place.feed.of("image.submit"))
    place.slack.remove_bot(place.pictures)
    place.images.release()
    [share] = await place.shared()
    im = place.slack.workspace.im(place.ada)
    assert im is not None
    assert share.data["channel"] == im.id
    assert len(share.data["files"]) == 2


async def test_a_refused_submit_costs_nothing_and_is_not_repeated_at_once(place: Town) -> None:
    fault = Fault(Trouble.CODE, code="FailedOperation.EngineServerLimitExceeded")
    place.images.settings.faults.on_calls("SubmitHunyuanImageJob", fault, times=None)
    await place.asks(place.ada, "a fox")
    await place.rooted(1)
    calls = await place.until(lambda: [call for call in place.images.calls if call.action == "SubmitHunyuanImageJob"])
    assert len(calls) == 1
    assert not place.images.submits


async def test_a_reaction_on_a_result_whose_place_is_not_known_yet_is_not_acknowledged_so_that_it_comes_again(
    tmp_path: Path,
) -> None:
    async with town(tmp_path, **QUICK) as place:
        await place.start_bot()
        place.slack.settings.fail("files.info", FaultKind.ERROR, times=2, error="internal_error")
        await place.asks(place.ada, "a fox")
        [share] = await place.shared()
        await place.slack.react(user=place.ada, channel=place.pictures, ts=share.data["ts"], name="repeat")
        await place.shared(2)
        assert len(place.images.submits) == 2


async def test_a_token_that_is_refused_turns_readiness_red_until_it_is_good_again(place: Town) -> None:
    async with aiohttp.ClientSession() as session:
        place.slack.settings.fail("chat.postMessage", FaultKind.ERROR, error="invalid_auth")
        await place.asks(place.ada, "a fox")
        await place.until(lambda: place.calls("chat.postMessage"))
        async with session.get(f"http://127.0.0.1:{place.port}/readyz") as response:
            assert response.status == 503
            assert "invalid_auth" in await response.text()
        await place.shared()
        async with session.get(f"http://127.0.0.1:{place.port}/readyz") as response:
            assert response.status == 200


async def test_slack_answering_429_to_everything_for_a_moment_changes_only_when(place: Town) -> None:
    place.slack.settings.fail("*", FaultKind.THROTTLE, times=4, seconds=0.3)
    await place.asks(place.ada, "a fox --n 2")
    await place.shared()
    await place.until(lambda: "in this thread" in place.roots()[0].text)
    assert len(place.shares()) == 1
    assert len(place.images.submits) == 1


async def test_a_channel_that_is_archived_while_its_picture_is_drawn_loses_no_picture(place: Town) -> None:
    await place.asks(place.ada, "a fox")
    await place.until(lambda: place.images.submits)
    place.slack.workspace.channels[place.pictures].is_archived = True
    [share] = await place.shared()
    im = place.slack.workspace.im(place.ada)
    assert im is not None
    assert share.data["channel"] == im.id
    shown = place.slack.workspace.channels[im.id].messages[share.data["ts"]]
    assert "so they come to you here" in str(shown.blocks)
    await place.asks(place.ada, "a hare")
    await place.until(lambda: "That channel was archived" in str(list(im.messages.values())))
    assert len(place.images.submits) == 1


async def test_a_root_whose_channel_takes_no_files_any_more_says_where_the_pictures_went(place: Town) -> None:
    place.slack.settings.fail("files.completeUploadExternal", FaultKind.ERROR, error="restricted_action")
    await place.asks(place.ada, "a fox")
    await place.shared()
    await place.until(lambda: "went out as a direct message" in place.roots()[0].text)


async def test_a_workspace_that_takes_no_files_has_nothing_more_drawn_for_it(place: Town) -> None:
    place.slack.settings.fail("files.getUploadURLExternal", FaultKind.ERROR, times=9, error="file_uploads_disabled")
    await place.asks(place.ada, "a fox")
    await place.rooted(1)
    await place.until(lambda: "Slack doesn't let me post" in str(list(replies_of(place, 0))))
    await place.asks(place.ada, "a hare")
    im = place.slack.workspace.im(place.ada)
    assert im is not None
    await place.until(lambda: "Slack doesn't let me post" in str(list(im.messages.values())))
    assert len(place.images.submits) == 1


def replies_of(place: Town, number: int) -> list[object]:
    return list(place.slack.workspace.channels[place.pictures].replies(place.roots()[number].ts))
