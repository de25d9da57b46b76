"""`imagine check`: a line for each thing that must be right before a start, with what to do; never a secret."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass

import aiohttp
import typer
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot import manifest
from bot.app import hunyuan
from bot.clock import SystemClock
from bot.errors import Fault
from bot.settings import Settings, SettingsError, is_loopback, read_settings
from bot.slack.client import open_session
from bot.store import check_schema

_TOKEN_HELP = {
    "invalid_auth": "the token is not valid; copy it again from the app's page",
    "not_authed": "the token is empty",
    "account_inactive": "the app was removed from the workspace; install it again",
    "token_revoked": "the token was revoked; install the app again",
    "token_expired": "the token has expired; install the app again",
    "not_allowed_token_type": "this is another kind of token: bot tokens begin with xoxb-, app tokens with xapp-",
    "missing_scope": "the app-level token lacks the scope connections:write",
    "ratelimited": "Slack asks for patience; try again in a minute",
}
_IMAGE_HELP = {
    "AuthFailure": "look at TENCENTCLOUD_SECRET_ID, _SECRET_KEY, _TOKEN and this machine's clock",
    "UnauthorizedOperation": "the key lacks hunyuan:SubmitHunyuanImageJob or hunyuan:QueryHunyuanImageJob",
    "ActionOffline": "the vendor has switched this API off",
    "ResourceUnavailable": "image generation is not switched on for this account, or not paid for",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, whether it is right, what was seen or what to do."""

    name: str
    right: bool
    said: str


async def main() -> int:
    """Print every finding as soon as it is there; 0 if all is right, 1 otherwise."""
    wrong = 0
    async for finding in look():
        mark = typer.style("ok  ", fg="green") if finding.right else typer.style("no  ", fg="red")
        typer.echo(f"{mark}{finding.name:<24} {finding.said}")
        wrong += not finding.right
    return 1 if wrong else 0


async def look() -> AsyncIterator[Finding]:
    """Look at everything. With wrong settings there is nothing more to look at."""
    try:
        settings = read_settings()
    except SettingsError as error:
        for line in error.lines:
            key, colon, said = line.partition(": ")
            yield Finding(key if colon else "settings", right=False, said=said or line)
        return
    yield Finding("settings", right=True, said="every key is well formed")
    for ask in (_data_dir, _slack, _images, _database):
        for finding in await ask(settings):
            yield finding


async def _data_dir(settings: Settings) -> Sequence[Finding]:
    """Whether the folder can be made and written to, without making it."""
    folder = settings.data_dir.resolve()
    there = next(place for place in (folder, *folder.parents) if place.exists())
    right = there.is_dir() and os.access(there, os.W_OK | os.X_OK)
    return [Finding("DATA_DIR", right=right, said="can be written to" if right else "cannot be made or written to")]


async def _slack(settings: Settings) -> Sequence[Finding]:
    async with open_session() as session:
        client = AsyncWebClient(base_url=settings.slack_api_url, session=session, retry_handlers=[])
        client.token = settings.slack_bot_token.get_secret_value()
        if is_loopback(settings.slack_api_url):
            client.proxy = None
        found = await _asked("SLACK_BOT_TOKEN", lambda: _who(client))
        if settings.slack_app_token is None:
            said = "HTTP mode: Slack must reach /slack/events at this bot's public https address"
            return [*found, Finding("SLACK_SIGNING_SECRET", right=True, said=said)]
        token = settings.slack_app_token.get_secret_value()
        return [*found, *await _asked("SLACK_APP_TOKEN", lambda: _socket(client, token))]


async def _asked(name: str, ask: Callable[[], Awaitable[Sequence[Finding]]]) -> Sequence[Finding]:
    """Ask Slack; whatever goes wrong becomes a finding."""
    try:
        return await ask()
    except SlackApiError as refused:
        data = getattr(refused.response, "data", None)
        code = str(data.get("error") or "") if isinstance(data, dict) else ""
        if code:
            return [Finding(name, right=False, said=f"{code}: {_TOKEN_HELP.get(code, 'Slack refused it')}")]
        return [Finding(name, right=False, said="what answered is not Slack; look at SLACK_API_URL")]
    except (SlackClientError, AttributeError, TypeError, ValueError):  # the SDK trips over answers that are not Slack's
        return [Finding(name, right=False, said="what answered is not Slack; look at SLACK_API_URL")]
    except (aiohttp.ClientError, OSError) as error:
        said = f"Slack cannot be reached ({type(error).__name__}); look at SLACK_API_URL and the network"
        return [Finding(name, right=False, said=said)]


async def _who(client: AsyncWebClient) -> Sequence[Finding]:
    me = await client.auth_test()
    found = Finding("SLACK_BOT_TOKEN", right=True, said=f"workspace {me.get('team')}, bot {me.get('user')}")
    granted = {scope.strip() for scope in str(me.headers.get("x-oauth-scopes", "")).split(",") if scope.strip()}
    if not granted:
        return [found, Finding("scopes", right=True, said="Slack did not say which scopes were granted")]
    missing = sorted(manifest.scopes() - granted)
    said = f"missing: {', '.join(missing)}; update the app from `imagine manifest`, install it again" if missing else ""
    return [found, Finding("scopes", right=not missing, said=said or f"all {len(manifest.scopes())} granted")]


async def _socket(client: AsyncWebClient, token: str) -> Sequence[Finding]:
    opened = await client.apps_connections_open(app_token=token)
    right = bool(opened.get("url"))
    return [Finding("SLACK_APP_TOKEN", right=right, said="Socket Mode is open" if right else "Slack gave no address")]


async def _images(settings: Settings) -> Sequence[Finding]:
    timeout = aiohttp.ClientTimeout(total=15.0)
    async with aiohttp.ClientSession(timeout=timeout, trust_env=False) as session:
        try:
            await hunyuan(settings, session, SystemClock()).probe()
        except Fault as fault:
            advice = _IMAGE_HELP.get(fault.code.split(".")[0], "look at HUNYUAN_ENDPOINT and the network")
            return [Finding("image account", right=False, said=f"{fault.code}: {advice}")]
    return [
        Finding("image account", right=True, said="the keys are good and allow it; a probe cannot tell about money")
    ]


async def _database(settings: Settings) -> Sequence[Finding]:
    """The embedded one is made and brought up to date by `imagine run`; a shared one only by `imagine migrate`."""
    kind = settings.database.partition(":")[0].partition("+")[0]
    try:
        await check_schema(settings.database)
    except Fault as fault:
        if kind == "sqlite" and fault.code == "database_behind":
            what = fault.detail.partition(":")[0]
            return [Finding("database", right=True, said=f"{what}: `imagine run` brings it up to date")]
        return [Finding("database", right=False, said=_trouble(fault))]
    return [Finding("database", right=True, said=f"{kind}, the schema is up to date")]


def _trouble(fault: Fault) -> str:
    """Our own words say what to do; a code needs some."""
    known = fault.code.startswith(("database_behind", "database_newer", "database_url"))
    return fault.detail if known else f"{fault.code}: look at DATABASE_URL and whether the database runs"
