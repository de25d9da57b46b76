"""What the store needs of a database, whether it is a file or a server."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from bot.store import engines

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, RowMapping

    from bot.store.questions import Question
    from bot.store.queue import Action, Wording


class Pen(Protocol):
    """The connection that writes: one transaction after another. It is thrown away when it cannot be trusted."""

    async def begin(self, *, is_owed: bool = True) -> None:
        """Begin a transaction; with a file, the lock that nobody else can write beside is ours then.

        `is_owed`: its COMMIT must be on the disk before anybody goes on. What is not is done again after a power cut.
        """

    async def do(self, action: Action[Any, Any], items: Sequence[Any]) -> Sequence[Any]:
        """Do the items in the transaction; their outcomes."""

    async def do_all(
        self, action: Action[Any, Any], items: Sequence[Any], wording: Wording[Any] | None
    ) -> Sequence[Any]:
        """As `do`, where that is one statement and all there is to do, so that it may be committed by itself."""

    async def commit(self) -> None:
        """Commit; a connection on which that failed is thrown away, for its transaction may be open still."""

    async def undo(self) -> None:
        """Leave nothing of a transaction that did not end well. Never raises."""

    async def close(self) -> None:
        """Give the connection back."""


class Database(Protocol):
    """A place where rows are kept."""

    @property
    def is_embedded(self) -> bool:
        """Whether it is a file that one process has for itself."""

    @property
    def pen(self) -> Pen:
        """The connection that writes."""

    @property
    def ear(self) -> Pen:
        """The connection that writes what is heard: the pen itself, where only one may write."""

    async def ask(self, question: Question) -> Sequence[RowMapping]:
        """The answer from the latest commit."""

    async def once(self, errand: Callable[[Connection], None]) -> None:
        """One transaction on a connection of its own, which may take its time."""

    async def close(self) -> None:
        """Give up every connection."""


def open_database(url: URL) -> Database:
    """The database behind a URL of `engines.parse`; nothing is connected yet."""
    # Each loads what the other does not need: a fifth of a second for the server's.
    if (file := engines.file_of(url)) is not None:
        from bot.store.embedded import EmbeddedDatabase

        return EmbeddedDatabase(file)
    from bot.store.server import ServerDatabase

    return ServerDatabase(url)
