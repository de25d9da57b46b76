"""`imagine run`: reads the settings, sets up the log, works until it is told to stop. What it cannot do is one line."""

from __future__ import annotations

import asyncio
import gc
import sys

from bot.errors import Fault, Misconfigured
from bot.settings import Settings, SettingsError, read_settings

WRONG_SETTINGS = 2
"""The exit code for settings that cannot be used, as for a wrong command line."""


def run() -> int:
    """Run the bot; the exit code."""
    settings = settings_or_words()
    if settings is None:
        return WRONG_SETTINGS
    from bot import app, log

    gc.freeze()
    gc.enable()
    log.configure(level=settings.log_level, fmt=settings.log_format, secrets=settings.secrets)
    try:
        asyncio.run(app.run(settings))
    except Fault as fault:
        say(line(fault))
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def settings_or_words() -> Settings | None:
    """The settings, or None after one line for each wrong one."""
    try:
        return read_settings()
    except SettingsError as error:
        for each in error.lines:
            say(each)
        say("Set these in the environment or in .env; README.md says where each comes from.")
        return None


def line(fault: Fault) -> str:
    """What keeps us from starting, in one line that names the setting if it is one."""
    key = fault.code.upper()
    if key in {"DATABASE_URL", "SPOOL_URL"}:
        return f"{key}: {fault.detail}"
    if isinstance(fault, Misconfigured):
        return fault.detail or fault.code
    if fault.code.startswith("database"):
        return f"DATABASE_URL: the database cannot be used now ({fault.code})"
    return f"{fault.code}: {fault.detail}"


def say(words: str) -> None:
    """A line for whoever started us."""
    sys.stderr.write(f"{words}\n")
