"""Bad input, bad luck, bad keys: a clear sentence each, and no job lost."""

from __future__ import annotations

import hashlib
import hmac
import io
import time
from pathlib import Path
from urllib.parse import urlencode

import aiohttp
import pytest

from sandbox.hunyuan.faults import Fault, Trouble
from tests.journeys.town import QUICK, Town, town

LONG = "很" * 1025


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("--ar 16:9", "what to draw"),
        (LONG, "1025"),
        ("a fox --style cubsim", "cubsim"),
        ("a fox --n 9", "9"),
        ("a fox --seed x", "x"),
        ("a fox --ar 21:9", "16:9"),
        ("a fox --stile ink", "--style"),
    ],
)
async def test_what_cannot_be_drawn_is_answered_with_a_sentence_that_names_it(
    place: Town, text: str, says: str
) -> None:
    answer = await place.asks(place.ada, text)
    assert answer.ok
    assert says in (answer.text or "")
    assert not place.roots()
    assert not place.images.calls


async def test_the_same_in_chinese(place: Town) -> None:
    answer = await place.asks(place.chen, "一只狐狸 --数量 9")
    assert "9" in (answer.text or "")
    assert "到" in (answer.text or "")


async def test_the_longest_prompt_is_drawn(place: Town) -> None:
    answer = await place.asks(place.ada, "很" * 1024)
    assert answer.ok
    [share] = await place.shared()
    assert place.images.submits[0].order.prompt == "很" * 1024
    assert share.data["thread_ts"] == place.roots()[0].ts


@pytest.mark.parametrize(
    ("switch", "says"),
    [
        ("unpaid", "credit has run out"),
        ("not_enabled", "isn't switched on"),
        ("retired", "switched off"),
        ("keys_revoked", "isn't set up correctly"),
    ],
)
@pytest.mark.usefixtures("told_at_once")
async def test_an_account_that_cannot_be_used_stops_the_lane_not_the_jobs(place: Town, switch: str, says: str) -> None:
    setattr(place.images.settings, switch, True)
    await place.asks(place.ada, "a fox")
    await place.until(lambda: place.roots() and says in place.roots()[0].text)
    ims = place.slack.workspace.im(place.ben)
    assert ims is not None
    alerts = await place.until(lambda: list(ims.messages.values()))
    await place.asks(place.chen, "a cat")
    await place.until(lambda: len(place.roots()) == 2)
    setattr(place.images.settings, switch, False)
    await place.shared(2)
    await place.until(lambda: len(ims.messages) == 2)
    assert len(alerts) == 1
    assert sorted(job.order.prompt for job in place.images.submits) == ["a cat", "a fox"]


async def test_a_refused_prompt_is_told_with_its_cause_and_that_it_costs_nothing(place: Town) -> None:
    await place.asks(place.ada, "something #refuse")
    [root] = await place.until(place.roots)
    told = await place.until(lambda: place.slack.workspace.channels[place.pictures].replies(root.ts))
    assert "won't work with this description" in told[0].text
    assert "charged" in told[0].text
    assert place.slack.pings(place.pictures, told[0].ts) == {place.ada}
    assert not place.shares()


async def test_a_job_that_fails_at_the_provider_is_drawn_once_more_then_told(place: Town) -> None:
    await place.asks(place.ada, "something #fail")
    [root] = await place.until(place.roots)
    await place.until(lambda: place.slack.workspace.channels[place.pictures].replies(root.ts))
    assert len(place.images.submits) == 2
    assert not place.shares()


@pytest.mark.parametrize("trouble", [Trouble.PICTURE_HTML, Trouble.PICTURE_EMPTY, Trouble.PICTURE_BOMB], ids=str)
async def test_an_image_that_is_no_image_is_never_shown_and_its_owner_is_told(place: Town, trouble: Trouble) -> None:
    place.images.settings.faults.on_pictures(Fault(trouble), times=None)
    await place.asks(place.ada, "a fox")
    [root] = await place.until(place.roots)
    told = await place.until(lambda: place.slack.workspace.channels[place.pictures].replies(root.ts))
    assert "picture" in told[0].text
    assert not place.shares()
    assert not place.feed.of("slack.upload")


async def test_fewer_pictures_than_asked_for_are_delivered_with_a_word(place: Town) -> None:
    await place.asks(place.ada, "a fox #fewer --n 3")
    [share] = await place.shared()
    assert len(share.data["files"]) == 2
    result = place.slack.workspace.channels[place.pictures].messages[share.data["ts"]]
    assert "3" in str(result.blocks)


async def test_links_that_died_are_asked_for_again(place: Town) -> None:
    await place.asks(place.ada, "a fox #expired")
    await place.shared()
    assert len(place.images.submits) == 1


async def test_a_submit_whose_answer_is_lost_is_sent_once_more_after_its_slot_was_held(place: Town) -> None:
    place.images.settings.faults.on_calls("SubmitHunyuanImageJob", Fault(Trouble.CUT, after=True))
    await place.asks(place.ada, "a fox")
    [share] = await place.shared()
    assert len(place.images.submits) == 2
    result = place.slack.workspace.channels[place.pictures].messages[share.data["ts"]]
    assert "twice" in str(result.blocks)


async def test_where_the_bot_is_no_member_it_says_so_before_anything_is_spent_and_comes_when_asked_to(
    place: Town,
) -> None:
    random = place.channel("random")
    await place.asks(place.ada, "a fox", where=random)
    await place.until(lambda: len(place.slack.workspace.channels[random].ephemerals) == 2)
    *_, offer = place.slack.workspace.channels[random].ephemerals.values()
    assert not place.images.calls
    await place.slack.click(user=place.ada, channel=random, ts=offer.ts, action_id="road_join")
    [share] = await place.shared()
    assert share.data["channel"] == random
    assert share.data["thread_ts"] == place.roots(random)[0].ts


async def test_the_result_comes_by_direct_message_if_that_is_chosen(place: Town) -> None:
    design = place.channel("design")
    await place.asks(place.ada, "a fox", where=design)
    await place.until(lambda: len(place.slack.workspace.channels[design].ephemerals) == 2)
    *_, offer = place.slack.workspace.channels[design].ephemerals.values()
    await place.slack.click(user=place.ada, channel=design, ts=offer.ts, action_id="road_message")
    [share] = await place.shared()
    im = place.slack.workspace.im(place.ada)
    assert im is not None
    assert share.data["channel"] == im.id


class TestOverHttp:
    """Unsigned, stale and forged requests, and a true one."""

    @staticmethod
    def body(place: Town) -> bytes:
        fields = {
            "command": "/imagine", "text": "a fox", "user_id": place.ada, "channel_id": place.pictures,
            "team_id": place.slack.workspace.team_id, "trigger_id": "1.2.3", "api_app_id": "A0IMAGINE01",
        }  # fmt: skip
        return urlencode(fields).encode()

    @staticmethod
    def signed(secret: str, body: bytes, *, at: float) -> dict[str, str]:
        stamp = str(int(at))
        digest = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
        return {
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": f"v0={digest}",
            "Content-Type": "application/x-www-form-urlencoded",
        }

    async def post(self, place: Town, headers: dict[str, str], body: bytes) -> tuple[int, str]:
        url = f"http://127.0.0.1:{place.port}/slack/events"
        async with (
            aiohttp.ClientSession() as session,
            session.post(url, data=io.BytesIO(body), headers=headers) as response,
        ):
            return response.status, await response.text()

    async def test_only_what_slack_signed_a_moment_ago_is_heard_and_only_once(self, tmp_path: Path) -> None:
        async with town(tmp_path, slack_app_token=None, **QUICK) as place:
            await place.start_bot()
            secret, body, now = place.slack.signing_secret, self.body(place), time.time()
            good = self.signed(secret, body, at=now)
            assert (await self.post(place, {}, body))[0] == 401
            assert (await self.post(place, self.signed("another", body, at=now), body))[0] == 401
            assert (await self.post(place, self.signed(secret, body, at=now - 600), body))[0] == 401
            assert (await self.post(place, self.signed(secret, body, at=now + 600), body))[0] == 401
            assert (await self.post(place, {**good, "X-Slack-Request-Timestamp": "now"}, body))[0] == 401
            assert (await self.post(place, good, body + b"&text=a+cat"))[0] == 401
            assert (await self.post(place, good, b"x" * 1_100_000))[0] in {401, 413}
            assert not place.roots()
            for _ in range(5):
                status, said = await self.post(place, good, body)
                assert status == 200, said
            await place.shared()
            assert len(place.images.submits) == 1

    async def test_the_whole_job_works_over_http_too(self, tmp_path: Path) -> None:
        async with town(tmp_path, slack_app_token=None, **QUICK) as place:
            await place.start_bot()
            place.slack.settings.request_url = f"http://127.0.0.1:{place.port}/slack/events"
            assert await place.slack.verify_request_url()
            assert (await place.asks(place.ada, "a fox")).ok
            await place.shared()
            await place.slack.react(user=place.ada, channel=place.pictures, ts=place.roots()[0].ts, name="repeat")
            await place.shared(2)
