"""The main job, as a newcomer lives it."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import aiohttp
import pytest
from PIL import Image

from bot.app import serving
from bot.errors import Misconfigured
from bot.precedence import Precedence
from sandbox.hunyuan import Fault, Trouble
from sandbox.slack import FaultKind, Message
from tests.journeys.town import QUICK, Town, town


def buttons(message: Message) -> dict[str, str]:
    """The action ids of a message's buttons, with their values."""
    rows = [block for block in message.blocks or [] if block["type"] == "actions"]
    used = [element for row in rows for element in row["elements"] if element["type"] == "button"]
    return {element["action_id"]: element["value"] for element in used}


def without_recipe(data: bytes) -> bytes:
    """A PNG without the text that stands first behind its header: what the provider made."""
    length = int.from_bytes(data[33:37], "big")
    assert data[37:41] == b"iTXt"
    return data[:33] + data[33 + 12 + length :]


async def test_two_pictures_of_the_asked_shape_arrive_in_the_thread_untouched(place: Town) -> None:
    answer = await place.asks(place.ada, "a fox in the rain --ar 16:9 --n 2")
    assert answer.ok
    [share] = await place.shared()
    [root] = place.roots()
    assert share.data["thread_ts"] == root.ts
    [done] = place.feed.of("image.done")
    for file, made in zip(share.data["files"], done.data["pictures"], strict=True):
        data = place.slack.workspace.files[file["id"]].data
        assert hashlib.sha256(without_recipe(data)).hexdigest() == made
        assert Image.open(io.BytesIO(data)).size == (1280, 720)


async def test_the_root_names_the_asker_and_says_what_was_understood_and_at_last_that_it_is_done(place: Town) -> None:
    await place.asks(place.ada, "a fox in the rain --ar 16:9 --n 2")
    await place.shared()
    [root] = place.roots()
    said = await place.until(lambda: "2 pictures" in root.text and root.text)
    assert "a fox in the rain" in said
    assert "--ar 16:9 --n 2" in said
    assert place.ada in str(root.blocks)
    assert set(buttons(root)) == set()


async def test_the_acknowledgement_is_a_private_receipt_that_echoes_the_recipe(place: Town) -> None:
    answer = await place.asks(place.ada, "a fox —ar １６：９ --style “ink wash”")
    assert answer.ok
    assert "--ar 16:9" in (answer.text or "")
    assert "--style ink-wash" in (answer.text or "")
    assert place.feed.of("slack.ephemeral")[0].data["user"] == place.ada


async def test_whoever_asks_goes_before_each_call_of_slack_each_download_and_each_upload(
    place: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[Precedence] = []
    real = Precedence.piece

    async def piece(self: Precedence) -> None:
        waits.append(self)
        await real(self)

    monkeypatch.setattr(Precedence, "piece", piece)
    await place.stop_bot()
    await place.start_bot()
    begun = len(place.feed.happenings)
    waits.clear()
    await place.asks(place.ada, "a fox in the rain --n 2")
    [share] = await place.shared()
    methods = [h.data["method"] for h in list(place.feed.happenings)[begun:] if h.kind == "slack.api"]
    methods.remove("response_url")  # the answer itself
    assert len(waits) >= len(methods) + 2 * len(share.data["files"])


@pytest.mark.parametrize("emoji", ["repeat", "arrows_counterclockwise", "game_die"])
async def test_a_reaction_on_the_root_brings_another_in_the_same_thread(place: Town, emoji: str) -> None:
    await place.asks(place.ada, "a fox in the rain")
    await place.shared()
    [root] = place.roots()
    await place.slack.react(user=place.ben, channel=place.pictures, ts=root.ts, name=emoji)
    first, second = await place.shared(2)
    assert first.data["thread_ts"] == second.data["thread_ts"] == root.ts
    assert first.data["files"][0]["sha256"] != second.data["files"][0]["sha256"]
    assert len(place.roots()) == 1


async def test_a_reaction_on_the_result_brings_another_too(place: Town) -> None:
    await place.asks(place.ada, "a fox in the rain")
    [first] = await place.shared()
    await place.until(lambda: set(buttons(place.roots()[0])) == set())
    await place.slack.react(user=place.ada, channel=place.pictures, ts=first.data["ts"], name="repeat")
    assert len(await place.shared(2)) == 2


async def test_the_buttons_of_a_result_reroll_in_the_same_and_in_exact_words(place: Town) -> None:
    await place.asks(place.ada, "a fox in the rain")
    [share] = await place.shared()
    result = place.slack.workspace.channels[place.pictures].messages[share.data["ts"]]
    assert {"again", "edit", "exact", "delete"} <= set(buttons(result))
    await place.slack.click(user=place.ben, channel=place.pictures, ts=result.ts, action_id="again")
    await place.shared(2)
    await place.slack.click(user=place.ben, channel=place.pictures, ts=result.ts, action_id="exact")
    await place.shared(3)
    assert [job.data["revise"] for job in place.feed.of("image.submit")] == [True, True, False]


async def test_the_rewritten_prompt_is_shown_with_the_result(place: Town) -> None:
    await place.asks(place.ada, "a fox in the rain")
    [share] = await place.shared()
    result = place.slack.workspace.channels[place.pictures].messages[share.data["ts"]]
    [job] = place.images.submits
    assert job.revised[0] != "a fox in the rain"
    assert job.revised[0] in str(result.blocks)
    assert "/imagine a fox in the rain" in str(result.blocks)


async def test_a_seed_turns_rewriting_off_and_says_so(place: Town) -> None:
    answer = await place.asks(place.ada, "a fox --seed 42")
    assert "your words are used exactly" in (answer.text or "")
    await place.shared()
    [job] = place.feed.of("image.submit")
    assert (job.data["seed"], job.data["revise"]) == (42, False)


async def test_the_owner_cancels_while_it_waits_and_nothing_is_spent_on_it(place: Town) -> None:
    place.images.settings.faults.on_jobs(Fault(Trouble.STUCK_RUNNING))
    await place.asks(place.ben, "first in line")
    await place.until(lambda: place.feed.of("image.submit"))
    await place.asks(place.ada, "second in line")
    second: Message = await place.until(lambda: len(place.roots()) == 2 and place.roots()[1])
    assert "cancel" in buttons(second)
    await place.slack.click(user=place.ada, channel=place.pictures, ts=second.ts, action_id="cancel")
    await place.until(lambda: "Cancelled" in place.roots()[1].text and not buttons(place.roots()[1]))
    place.images.release()
    await place.shared()
    assert [job.data["prompt"] for job in place.feed.of("image.submit")] == ["first in line"]


async def test_nobody_else_can_cancel_or_delete(place: Town) -> None:
    await place.asks(place.ada, "a fox")
    [share] = await place.shared()
    await place.slack.click(user=place.ben, channel=place.pictures, ts=share.data["ts"], action_id="delete")
    await place.until(lambda: any(h.data["user"] == place.ben for h in place.feed.of("slack.ephemeral")))
    await place.slack.react(user=place.ben, channel=place.pictures, ts=share.data["ts"], name="x")
    await place.slack.settled()
    assert not place.feed.of("slack.message_deleted")


async def test_the_owner_deletes_the_pictures_by_button(place: Town) -> None:
    await place.asks(place.ada, "a fox --n 2")
    [share] = await place.shared()
    await place.until(lambda: "2 pictures" in place.roots()[0].text)
    await place.slack.click(user=place.ada, channel=place.pictures, ts=share.data["ts"], action_id="delete")
    await place.until(lambda: len(place.calls("files.delete")) == 2)
    await place.until(lambda: "elete" in place.roots()[0].text)


async def test_the_owner_deletes_the_pictures_by_reaction(place: Town) -> None:
    await place.asks(place.ada, "a fox")
    [share] = await place.shared()
    await place.until(lambda: "in this thread" in place.roots()[0].text)
    await place.slack.react(user=place.ada, channel=place.pictures, ts=share.data["ts"], name="x")
    await place.until(lambda: place.feed.of("slack.message_deleted"))


async def test_a_redelivered_event_makes_one_job(place: Town) -> None:
    await place.asks(place.ada, "a fox")
    await place.shared()
    await place.slack.react(user=place.ada, channel=place.pictures, ts=place.roots()[0].ts, name="repeat")
    await place.slack.redeliver(times=3, concurrently=True)
    await place.shared(2)
    assert len(place.images.submits) == 2


async def test_a_double_click_makes_one_job(place: Town) -> None:
    await place.asks(place.ada, "a fox")
    [share] = await place.shared()
    for _ in range(2):
        await place.slack.click(user=place.ada, channel=place.pictures, ts=share.data["ts"], action_id="again")
    await place.shared(2)
    assert len(place.images.submits) == 2


async def test_help_says_how_and_asks_for_nothing(place: Town) -> None:
    for text in ("help", "?", "帮助"):
        answer = await place.asks(place.ada, text)
        assert answer.ok
        assert "--ar" in (answer.text or "")
    assert not place.roots()


async def test_a_chinese_reader_is_spoken_to_in_chinese(place: Town) -> None:
    answer = await place.asks(place.chen, "雨中竹林 --比例 16:9 --数量 2")
    assert answer.ok
    [share] = await place.shared()
    assert len(share.data["files"]) == 2
    await place.until(lambda: "完成" in place.roots()[0].text or "图" in place.roots()[0].text)


async def test_a_prompt_pings_nobody_but_its_asker(place: Town) -> None:
    await place.asks(place.ada, "a party <!channel> <!here> @here @channel &lt;!everyone&gt; *bold* `code`")
    [share] = await place.shared()
    for ts in (place.roots()[0].ts, share.data["ts"]):
        assert place.slack.pings(place.pictures, ts) <= {place.ada}


async def test_readiness_and_metrics_can_be_asked_for(place: Town) -> None:
    async with aiohttp.ClientSession() as session:
        for path in ("healthz", "readyz"):
            async with session.get(f"http://127.0.0.1:{place.port}/{path}") as response:
                assert response.status == 200, await response.text()
        await place.asks(place.ada, "a fox")
        await place.shared()
        async with session.get(f"http://127.0.0.1:{place.port}/metrics") as response:
            assert 'imagine_asks_total{outcome="stored"} 1.0' in await response.text()


async def test_a_restart_in_the_middle_goes_on_where_it_was(place: Town) -> None:
    place.images.settings.faults.on_jobs(Fault(Trouble.STUCK_RUNNING))
    await place.asks(place.ada, "a fox")
    await place.until(lambda: place.feed.of("image.submit"))
    await place.stop_bot()
    place.images.release()
    await place.start_bot()
    [share] = await place.shared()
    assert share.data["thread_ts"] == place.roots()[0].ts
    assert len(place.images.submits) == 1


async def test_a_second_bot_on_the_same_database_is_refused_with_a_clear_line(place: Town) -> None:
    with pytest.raises(Misconfigured) as refused:
        await serving(place.settings()).__aenter__()
    assert "imagine.db" in refused.value.detail


async def test_a_share_that_comes_late_is_waited_for(tmp_path: Path) -> None:
    async with town(tmp_path, slack={"share_delay": 0.8}, **QUICK) as place:
        await place.start_bot()
        await place.asks(place.ada, "a fox")
        await place.until(lambda: place.roots() and "in this thread" in place.roots()[0].text)
        assert len(place.shares()) == 1


@pytest.mark.parametrize("after", [False, True], ids=["before it took effect", "after it took effect"])
@pytest.mark.parametrize("method", ["files.completeUploadExternal", "files.getUploadURLExternal", "upload"])
async def test_a_connection_cut_during_delivery_delivers_once(place: Town, method: str, after: bool) -> None:
    place.slack.settings.fail(method, FaultKind.CUT, after=after)
    await place.asks(place.ada, "a fox")
    await place.shared()
    await place.until(lambda: "in this thread" in place.roots()[0].text)
    assert len(place.shares()) == 1


async def test_a_throttled_post_comes_later_and_once(place: Town) -> None:
    place.slack.settings.fail("chat.postMessage", FaultKind.THROTTLE, seconds=1.0)
    await place.asks(place.ada, "a fox")
    await place.shared()
    assert len(place.roots()) == 1
