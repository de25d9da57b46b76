"""What every town begins with, and nobody need see made again and again: the manifest, read; a database, migrated."""

from __future__ import annotations

import copy
import functools
import tempfile
from pathlib import Path
from typing import Any

from bot import manifest
from bot.settings import Settings
from bot.store import migrate


@functools.cache
def _read() -> dict[str, Any]:
    return manifest.load()


def granted() -> dict[str, Any]:
    """The app's manifest, to be changed at will."""
    return copy.deepcopy(_read())


_MADE: list[bytes] = []


async def found(settings: Settings) -> None:
    """Lay an empty, migrated database where the bot expects its own file, if there is none."""
    file = settings.data_dir.resolve() / "imagine.db"
    if settings.database != f"sqlite:///{file}" or file.exists():
        return
    if not _MADE:
        with tempfile.TemporaryDirectory(prefix="founding-") as folder:
            made = Path(folder) / "imagine.db"
            await migrate(f"sqlite:///{made}")
            _MADE.append(made.read_bytes())
    settings.make_data_dir()
    file.write_bytes(_MADE[0])
