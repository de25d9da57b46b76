"""The three steps of an upload, written by hand with Slack's client."""

from __future__ import annotations

from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from tests.sandbox_slack.conftest import PICTURES, png


async def upload(
    client: AsyncWebClient, session: aiohttp.ClientSession, *, alt_txt: str = "", data: bytes = b""
) -> str:
    """Steps one and two; returns the file id."""
    data = data or png()
    promised = await client.files_getUploadURLExternal(filename="fox.png", length=len(data), alt_txt=alt_txt or None)
    async with session.post(promised["upload_url"], data=data) as answer:
        assert await answer.text() == f"OK - {len(data)}"
    return str(promised["file_id"])


async def complete(client: AsyncWebClient, *files: str, channel: str | None = PICTURES, **more: Any) -> dict[str, Any]:
    """Step three, as JSON."""
    body: dict[str, Any] = {"files": [{"id": each, "title": "A fox"} for each in files]} | more
    answer = await client.api_call(
        "files.completeUploadExternal", json=body | ({"channel_id": channel} if channel else {})
    )
    assert isinstance(answer.data, dict)
    return answer.data
