"""`imagine check`: a line for each thing that must be right before a start, with what to do; never a secret."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass

import aiohttp
import typer
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot import manifest
from bot.app import hunyuan
from bot.clock import SystemClock
from bot.errors import Fault
from bot.settings import Settings, SettingsError, read_settings
from bot.slack.client import open_session
from bot.store import check_schema

_SLACK_HELP = {
    "invalid_auth": "the token is not valid; copy it again from the app's page",
    "not_authed": "the token is empty",
    "account_inactive": "the app was removed from the workspace; install it again",
    "token_revoked": "the token was revoked; install the app again",
    "not_allowed_token_type": "this is another kind of token: bot tokens begin with xoxb-, app tokens with xapp-",
    "missing_scope": "the app-level token lacks the scope connections:write",
}
_KINDS = {
    "sqlite": "run `imagine migrate` (or just `imagine run`, which does it)",
    "postgresql": "run `imagine migrate`",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, whether it is right, what was seen or what to do."""

    name: str
    right: bool
    said: str


async def main() -> int:
    """Print every finding; 0 if all is right, 1 otherwise."""
    try:
        settings = read_settings()
    except SettingsError as error:
        for line in error.lines:
            name, _, said = line.partition(": ")
            _print(Finding(name, right=False, said=said))
        return 1
    findings = [finding async for finding in look(settings)]
    return 0 if all(finding.right for finding in findings) else 1


async def look(settings: Settings) -> AsyncIterator[Finding]:
    """Look at everything, and print each finding when it is there."""
    for findings in (_settings(), await _slack(settings), await _images(settings), await _database(settings)):
        for finding in findings:
            _print(finding)
            yield finding


def _print(finding: Finding) -> None:
    mark = typer.style("ok  ", fg="green") if finding.right else typer.style("no  ", fg="red")
    typer.echo(f"{mark}{finding.name:<24} {finding.said}")


def _settings() -> Sequence[Finding]:
    return [Finding("settings", right=True, said="every key is well formed")]


async def _slack(settings: Settings) -> Sequence[Finding]:
    async with open_session() as session:
        bot = AsyncWebClient(
            settings.slack_bot_token.get_secret_value(), settings.slack_api_url, session=session, retry_handlers=[]
        )
        found = await _asked("SLACK_BOT_TOKEN", lambda: _who(bot))
        if settings.slack_app_token is None:
            said = "HTTP mode: Slack must reach /slack/events at this bot's public https address"
            return [*found, Finding("SLACK_SIGNING_SECRET", right=True, said=said)]
        token = settings.slack_app_token.get_secret_value()
        return [*found, *await _asked("SLACK_APP_TOKEN", lambda: _socket(bot, token))]


async def _asked(name: str, ask: Callable[[], Awaitable[Sequence[Finding]]]) -> Sequence[Finding]:
    """Ask Slack; whatever goes wrong becomes a finding."""
    try:
        return await ask()
    except SlackApiError as refused:
        code = str(refused.response.get("error", "unknown"))
        return [Finding(name, right=False, said=f"{code}: {_SLACK_HELP.get(code, 'Slack refused it')}")]
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        said = f"Slack cannot be reached ({type(error).__name__}); look at SLACK_API_URL"
        return [Finding(name, right=False, said=said)]


async def _who(bot: AsyncWebClient) -> Sequence[Finding]:
    me = await bot.auth_test()
    found = [Finding("SLACK_BOT_TOKEN", right=True, said=f"workspace {me.get('team')}, bot {me.get('user')}")]
    granted = {scope.strip() for scope in str(me.headers.get("x-oauth-scopes", "")).split(",") if scope.strip()}
    if not granted:
        return [*found, Finding("scopes", right=True, said="Slack did not say which scopes were granted")]
    missing = sorted(manifest.scopes() - granted)
    said = f"missing: {', '.join(missing)}; update the app from `imagine manifest`, install it again" if missing else ""
    return [*found, Finding("scopes", right=not missing, said=said or f"all {len(manifest.scopes())} granted")]


async def _socket(bot: AsyncWebClient, token: str) -> Sequence[Finding]:
    opened = await bot.apps_connections_open(app_token=token)
    right = bool(opened.get("url"))
    return [Finding("SLACK_APP_TOKEN", right=right, said="Socket Mode is open" if right else "Slack gave no address")]


async def _images(settings: Settings) -> Sequence[Finding]:
    timeout = aiohttp.ClientTimeout(total=15.0)
    async with aiohttp.ClientSession(timeout=timeout, trust_env=False) as session:
        try:
            await hunyuan(settings, session, SystemClock()).probe()
        except Fault as fault:
            said = f"{fault.code}: {_IMAGE_HELP.get(fault.code.split('.')[0], 'see docs/operating.md')}"
            return [Finding("image account", right=False, said=said)]
    return [Finding("image account", right=True, said=f"keys and permission are good at {settings.hunyuan_endpoint}")]


_IMAGE_HELP = {
    "AuthFailure": "look at TENCENTCLOUD_SECRET_ID, _SECRET_KEY, _TOKEN and this machine's clock",
    "UnauthorizedOperation": "the key lacks hunyuan:SubmitHunyuanImageJob or hunyuan:QueryHunyuanImageJob",
    "ActionOffline": "the vendor has switched this API off",
    "ResourceUnavailable": "image generation is not switched on for this account, or not paid for",
}


async def _database(settings: Settings) -> Sequence[Finding]:
    kind = settings.database.split(":", 1)[0].split("+", 1)[0]
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    try:
        await check_schema(settings.database)
    except Fault as fault:
        said = f"{fault.detail or fault.code}; {_KINDS.get(kind, '')}".rstrip("; ")
        return [Finding("database", right=False, said=said)]
    return [Finding("database", right=True, said=f"{kind}, schema is up to date")]
