"""The peers: a Bolt app that does next to nothing, served as Bolt does: `bare.py KIND PORT FILE`.

default: only `ack()`, Bolt as it comes. prompt: the same with `process_before_response=True`. session: as prompt, and a
row stored by a SQLAlchemy session (aiosqlite, WAL, synchronous FULL) before the acknowledgement, one for each command.
"""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from aiohttp import web
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import DateTime, String, event
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Kind(StrEnum):
    """Which app."""

    DEFAULT = "default"
    PROMPT = "prompt"
    SESSION = "session"


class _Base(DeclarativeBase):
    pass


class _Ask(_Base):
    __tablename__ = "asks"

    id: Mapped[int] = mapped_column(primary_key=True)
    trigger_id: Mapped[str] = mapped_column(String, unique=True)
    team_id: Mapped[str]
    channel_id: Mapped[str]
    user_id: Mapped[str]
    text: Mapped[str]
    response_url: Mapped[str]
    asked_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


def _engine(file: str) -> AsyncEngine:
    engine = create_async_engine(f"sqlite+aiosqlite:///{file}")

    def prepare(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "busy_timeout = 5000"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    event.listen(engine.sync_engine, "connect", prepare)
    return engine


def _app(kind: Kind) -> AsyncApp:
    """The app; the names in the environment are Bolt's own, but for the address of the local Slack."""
    client = AsyncWebClient(token=os.environ["SLACK_BOT_TOKEN"], base_url=os.environ["SLACK_API_URL"])
    secret = os.environ["SLACK_SIGNING_SECRET"]
    return AsyncApp(client=client, signing_secret=secret, process_before_response=kind is not Kind.DEFAULT)


def _only_acknowledges(app: AsyncApp) -> None:
    @app.command("/imagine")
    async def imagine(ack: AsyncAck) -> None:
        await ack()


async def _stores_first(app: AsyncApp, file: str) -> None:
    engine = _engine(file)
    async with engine.begin() as connection:
        await connection.run_sync(_Base.metadata.create_all)
    session_of = async_sessionmaker(engine, expire_on_commit=False)
    kept = ("trigger_id", "team_id", "channel_id", "user_id", "text", "response_url")

    @app.command("/imagine")
    async def imagine(ack: AsyncAck, command: dict[str, Any]) -> None:
        async with session_of() as session:
            session.add(_Ask(asked_at=datetime.now(UTC), **{name: command[name] for name in kept}))
            await session.commit()
        await ack("Stored.")


async def _serve(kind: Kind, port: int, file: str) -> None:
    app = _app(kind)
    if kind is Kind.SESSION:
        await _stores_first(app, file)
    else:
        _only_acknowledges(app)
    runner = web.AppRunner(app.server(port=port, host="127.0.0.1").web_app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve(Kind(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
