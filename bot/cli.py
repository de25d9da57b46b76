"""The command line: run, sandbox, check, migrate, manifest."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Annotated

import typer

from bot import service
from bot.errors import Fault

cli = typer.Typer(
    name="imagine",
    help="Ask for pictures in Slack with /imagine; they arrive in the thread, once, and stay.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@cli.command()
def run() -> None:
    """Run the bot: in Socket Mode if SLACK_APP_TOKEN is set, otherwise over HTTP at /slack/events."""
    raise typer.Exit(service.run())


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

    settings = service.settings_or_words()
    if settings is None:
        raise typer.Exit(service.WRONG_SETTINGS)
    try:
        settings.make_data_dir()
        asyncio.run(bring_up(settings.database))
    except Fault as fault:
        service.say(service.line(fault))
        raise typer.Exit(1) from None
    typer.echo("The database is up to date.")


@cli.command()
def manifest(
    http: Annotated[
        str | None, typer.Option(help="Your public https address, for HTTP instead of Socket Mode.")
    ] = None,
    agent: Annotated[bool, typer.Option(help="An app that is an agent; Slack does not let it go back.")] = False,
) -> None:
    """Print the app manifest to paste at api.slack.com/apps."""
    from bot import manifest as app_manifest

    if http is None and not agent:
        typer.echo(app_manifest.source(), nl=False)
        return
    if http is not None and not app_manifest.is_address(http):
        typer.echo("--http: must be an https address like https://imagine.example.com", err=True)
        raise typer.Exit(2)
    made = app_manifest.load() if http is None else app_manifest.for_http(http)
    typer.echo(app_manifest.text(app_manifest.as_agent(made) if agent else made), nl=False)
