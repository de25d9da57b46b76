"""Tokens, scopes, tiers, faults and doors of the Web API."""

from __future__ import annotations

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.feed import Feed
from sandbox.slack import FaultKind, SlackSandbox
from sandbox.slack.dispatch import METHODS
from tests.sandbox_slack.conftest import ADA, ADAS_IM, BEN, CHEN, DESIGN, EVERYTHING, PICTURES, RANDOM, Clock


async def called(
    session: aiohttp.ClientSession, sandbox: SlackSandbox, method: str, **kwargs: object
) -> tuple[int, dict]:  # type: ignore[type-arg]
    async with session.post(sandbox.api_url + method, **kwargs) as answer:  # type: ignore[arg-type]
        return answer.status, await answer.json()


async def test_an_unknown_method_is_an_answer_and_a_red_entry(
    sandbox: SlackSandbox, session: aiohttp.ClientSession, feed: Feed
) -> None:
    status, body = await called(session, sandbox, "chat.whistle")
    assert (status, body["ok"], body["error"]) == (200, False, "unknown_method")
    assert feed.of("slack.api")[-1].data == {"method": "chat.whistle", "ok": False, "error": "unknown_method"}


@pytest.mark.parametrize(
    ("method", "token", "expected"),
    [
        ("auth.test", "", "not_authed"),
        ("auth.test", "xoxb-wrong", "invalid_auth"),
        ("auth.test", "app", "not_allowed_token_type"),
        ("apps.connections.open", "bot", "not_allowed_token_type"),
    ],
)
async def test_the_wrong_token_is_refused(
    sandbox: SlackSandbox, session: aiohttp.ClientSession, method: str, token: str, expected: str
) -> None:
    real = {"app": sandbox.app_token, "bot": sandbox.bot_token}.get(token, token)
    headers = {"Authorization": f"Bearer {real}"} if real else {}
    assert (await called(session, sandbox, method, headers=headers))[1]["error"] == expected


async def test_the_token_may_be_an_argument_and_arguments_may_stand_in_the_query(
    sandbox: SlackSandbox, session: aiohttp.ClientSession
) -> None:
    form = {"token": sandbox.bot_token}
    assert (await called(session, sandbox, "auth.test", data=form))[1]["user_id"] == sandbox.bot_user_id
    async with session.get(sandbox.api_url + "users.info", params=form | {"user": ADA}) as answer:
        assert (await answer.json())["user"]["name"] == "ada"


@pytest.mark.parametrize(("body", "expected"), [("{", "invalid_json"), ("[]", "json_not_object")])
async def test_a_body_that_is_no_object_is_refused(
    sandbox: SlackSandbox, session: aiohttp.ClientSession, body: str, expected: str
) -> None:
    headers = {"Authorization": f"Bearer {sandbox.bot_token}", "Content-Type": "application/json"}
    assert (await called(session, sandbox, "auth.test", data=body, headers=headers))[1]["error"] == expected


async def test_scopes_are_those_of_the_manifest_and_no_others(client: AsyncWebClient) -> None:
    with pytest.raises(SlackApiError) as raised:
        await client.reactions_add(channel=PICTURES, timestamp="1.000000", name="eyes")
    assert raised.value.response["error"] == "missing_scope"
    assert raised.value.response["needed"] == "reactions:write"
    assert "chat:write" in raised.value.response["provided"].split(",")


@pytest.mark.parametrize("manifest", [{"settings": {}}])
async def test_every_method_that_needs_a_scope_says_so(sandbox: SlackSandbox, session: aiohttp.ClientSession) -> None:
    headers = {"Authorization": f"Bearer {sandbox.bot_token}"}
    for name, method in METHODS.items():
        answer = (await called(session, sandbox, name, headers=headers))[1]
        assert (answer.get("error") == "missing_scope") is bool(method.scopes), name


async def test_too_many_calls_of_one_method_wait_a_minute(client: AsyncWebClient, clock: Clock) -> None:
    for _ in range(100):
        await client.users_info(user=ADA)
    with pytest.raises(SlackApiError) as raised:
        await client.users_info(user=ADA)
    assert (raised.value.response.status_code, raised.value.response["error"]) == (429, "ratelimited")
    assert raised.value.response.headers["Retry-After"] == "60"
    assert (await client.auth_test())["ok"]
    clock.now += 60
    assert (await client.users_info(user=ADA))["ok"]


async def test_a_channel_takes_a_burst_and_then_one_message_a_second(
    sandbox: SlackSandbox, client: AsyncWebClient, clock: Clock
) -> None:
    sandbox.settings.post_burst = 2
    for _ in range(2):
        await client.chat_postMessage(channel=PICTURES, text="hi")
    with pytest.raises(SlackApiError) as raised:
        await client.chat_postMessage(channel=PICTURES, text="hi")
    assert raised.value.response.headers["Retry-After"] == "1"
    assert (await client.chat_postMessage(channel=ADA, text="hi"))["ok"]
    clock.now += 1
    assert (await client.chat_postMessage(channel=PICTURES, text="hi"))["ok"]


async def test_limits_can_be_switched_off(sandbox: SlackSandbox, client: AsyncWebClient) -> None:
    sandbox.settings.tier_limits, sandbox.settings.post_burst = False, 1
    for _ in range(3):
        await client.chat_postMessage(channel=PICTURES, text="hi")


async def test_a_fault_hits_its_method_so_many_times(sandbox: SlackSandbox, client: AsyncWebClient) -> None:
    sandbox.settings.fail("chat.postMessage", FaultKind.ERROR, times=2, error="ratelimited")
    assert (await client.auth_test())["ok"]
    for _ in range(2):
        with pytest.raises(SlackApiError) as raised:
            await client.chat_postMessage(channel=PICTURES, text="hi")
        assert (raised.value.response.status_code, raised.value.response["error"]) == (200, "ratelimited")
    assert (await client.chat_postMessage(channel=PICTURES, text="hi"))["ok"]


@pytest.mark.parametrize(("after", "left"), [(False, 0), (True, 1)])
@pytest.mark.parametrize("kind", [FaultKind.CUT, FaultKind.STATUS, FaultKind.THROTTLE, FaultKind.ERROR])
async def test_a_fault_comes_before_or_after_the_effect(
    sandbox: SlackSandbox, client: AsyncWebClient, kind: FaultKind, after: bool, left: int
) -> None:
    sandbox.settings.fail("chat.postMessage", kind, after=after)
    with pytest.raises((SlackApiError, aiohttp.ClientError)):
        await client.chat_postMessage(channel=PICTURES, text="hi")
    assert len(sandbox.workspace.channels[PICTURES].messages) == left
    assert (await client.chat_postMessage(channel=PICTURES, text="hi"))["ok"]


async def test_a_call_lost_to_a_fault_is_a_red_entry(sandbox: SlackSandbox, client: AsyncWebClient, feed: Feed) -> None:
    sandbox.settings.fail("auth.test", FaultKind.STATUS, status=500)
    with pytest.raises(SlackApiError):
        await client.auth_test()
    assert feed.of("slack.api")[-1].data == {"method": "auth.test", "ok": False, "error": "sandbox fault: status"}


async def test_a_slow_answer_is_still_the_answer(sandbox: SlackSandbox, client: AsyncWebClient) -> None:
    sandbox.settings.fail("*", FaultKind.SLOW, seconds=0.0)
    sandbox.settings.fail("*", FaultKind.SLOW, seconds=0.0, after=True)
    assert (await client.auth_test())["ok"]
    assert (await client.auth_test())["ok"]


async def test_a_foreign_host_name_is_turned_away(sandbox: SlackSandbox, session: aiohttp.ClientSession) -> None:
    async with session.get(sandbox.api_url + "auth.test", headers={"Host": "evil.example"}) as answer:
        assert answer.status == 421
    async with session.get(sandbox.api_url + "auth.test", headers={"Host": "localhost:1"}) as answer:
        assert answer.status == 200


async def test_a_huge_body_is_turned_away(sandbox: SlackSandbox, session: aiohttp.ClientSession) -> None:
    sandbox.settings.body_cap = 1000
    async with session.post(sandbox.api_url + "auth.test", data=b"x" * 1001) as answer:
        assert answer.status == 413


async def test_after_an_uninstall_the_token_is_dead(sandbox: SlackSandbox, client: AsyncWebClient) -> None:
    sandbox.uninstall()
    with pytest.raises(SlackApiError) as raised:
        await client.auth_test()
    assert raised.value.response["error"] == "account_inactive"


async def test_the_locale_comes_only_when_asked_for(client: AsyncWebClient) -> None:
    assert (await client.users_info(user=CHEN, include_locale=True))["user"]["locale"] == "zh-CN"
    assert "locale" not in (await client.users_info(user=CHEN))["user"]


async def test_conversations_open_gives_the_im(client: AsyncWebClient) -> None:
    assert (await client.conversations_open(users=ADA))["channel"] == {"id": ADAS_IM}
    full = await client.conversations_open(users=[ADA], return_im=True)
    assert full["channel"]["user"] == ADA


async def test_joining_opens_a_public_channel_only(sandbox: SlackSandbox, client: AsyncWebClient) -> None:
    assert (await client.conversations_join(channel=RANDOM))["channel"]["id"] == RANDOM
    assert (await client.chat_postMessage(channel=RANDOM, text="hi"))["ok"]
    assert (await client.conversations_join(channel=RANDOM))["warning"] == "already_in_channel"
    with pytest.raises(SlackApiError) as raised:
        await client.conversations_join(channel=DESIGN)
    assert raised.value.response["error"] == "channel_not_found"


@pytest.mark.parametrize("manifest", [EVERYTHING])
async def test_info_and_members_tell_who_is_in(sandbox: SlackSandbox, client: AsyncWebClient) -> None:
    assert (await client.conversations_info(channel=RANDOM))["channel"]["is_member"] is False
    assert (await client.conversations_info(channel=PICTURES))["channel"]["is_member"] is True
    first = await client.conversations_members(channel=RANDOM, limit=2)
    assert first["members"] == [ADA, BEN]
    rest = await client.conversations_members(channel=RANDOM, cursor=first["response_metadata"]["next_cursor"])
    assert (rest["members"], rest["response_metadata"]["next_cursor"]) == ([CHEN], "")


@pytest.mark.parametrize("manifest", [EVERYTHING])
async def test_reactions_of_the_bot(sandbox: SlackSandbox, client: AsyncWebClient) -> None:
    ts = (await client.chat_postMessage(channel=PICTURES, text="hi"))["ts"]
    where = {"channel": PICTURES, "timestamp": ts}
    await client.reactions_add(name="eyes", **where)
    with pytest.raises(SlackApiError) as raised:
        await client.reactions_add(name="eyes", **where)
    assert raised.value.response["error"] == "already_reacted"
    got = await client.reactions_get(**where)
    assert got["message"]["reactions"] == [{"name": "eyes", "users": [sandbox.bot_user_id], "count": 1}]
    await client.reactions_remove(name="eyes", **where)
    with pytest.raises(SlackApiError) as raised:
        await client.reactions_remove(name="eyes", **where)
    assert raised.value.response["error"] == "no_reaction"
