"""The command line: run, sandbox, check, migrate, manifest."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Annotated

import typer

from bot.errors import Fault, Misconfigured
from bot.settings import Settings, SettingsError, read_settings

cli = typer.Typer(
    name="imagine",
    help="Ask for pictures in Slack with /imagine; they arrive in the thread, once, and stay.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def main() -> None:
    """Run the command line."""
    cli()


def _settings() -> Settings:
    """Read the settings, or end with one line for each wrong one."""
    try:
        return read_settings()
    except SettingsError as error:
        for line in error.lines:
            typer.echo(line, err=True)
        typer.echo("Set these in the environment or in .env; README.md says where each comes from.", err=True)
        raise typer.Exit(2) from None


def _line(fault: Fault) -> str:
    """What keeps us from starting, in one line that names the setting if it is one."""
    key = fault.code.upper()
    if key in {"DATABASE_URL", "SPOOL_URL"}:
        return f"{key}: {fault.detail}"
    if isinstance(fault, Misconfigured):
        return fault.detail or fault.code
    if fault.code.startswith("database"):
        return f"DATABASE_URL: the database cannot be used now ({fault.code})"
    return f"{fault.code}: {fault.detail}"


@cli.command()
def run() -> None:
    """Run the bot: in Socket Mode if SLACK_APP_TOKEN is set, otherwise over HTTP at /slack/events."""
    settings = _settings()
    from bot import app, log

    log.configure(level=settings.log_level, fmt=settings.log_format, secrets=settings.secrets)
    try:
        asyncio.run(app.run(settings))
    except Fault as fault:
        typer.echo(_line(fault), err=True)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


@cli.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True}, add_help_option=False)
def sandbox(context: typer.Context) -> None:
    """A local Slack and a local image API, with the real bot in them; `imagine sandbox --help` for more."""
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "sandbox", *context.args])  # noqa: S606 - our own package


@cli.command()
def check() -> None:
    """Look at each setting, Slack, the image account and the database; exit 1 if anything is wrong."""
    from bot import checks, log

    log.configure(level="ERROR", fmt="console")
    raise typer.Exit(asyncio.run(checks.main()))


@cli.command()
def migrate() -> None:
    """Bring the database's schema up to date."""
    from bot.store import migrate as bring_up

    settings = _settings()
    try:
        settings.make_data_dir()
        asyncio.run(bring_up(settings.database))
    except Fault as fault:
        typer.echo(_line(fault), err=True)
        raise typer.Exit(1) from None
    typer.echo("The database is up to date.")


@cli.command()
def manifest(
    http: Annotated[
        str | None, typer.Option(help="Your public https address, for HTTP instead of Socket Mode.")
    ] = None,
) -> None:
    """Print the app manifest to paste at api.slack.com/apps."""
    from bot import manifest as app_manifest

    if http is None:
        typer.echo(app_manifest.source(), nl=False)
        return
    if not app_manifest.is_address(http):
        typer.echo("--http: must be an https address like https://imagine.example.com", err=True)
        raise typer.Exit(2)
    typer.echo(app_manifest.text(app_manifest.for_http(http)), nl=False)


if __name__ == "__main__":
    main()
