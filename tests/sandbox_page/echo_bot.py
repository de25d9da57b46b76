"""A tiny bot of Slack's own library: a root, pictures in its thread, buttons. It stands in for the real one."""

from __future__ import annotations

import asyncio
import io
import os
from typing import Any

import aiohttp
from PIL import Image
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient


def picture(number: int) -> bytes:
    """A small PNG, another for every number."""
    out = io.BytesIO()
    Image.new("RGB", (320, 180), (200, 60 + number * 40 % 190, 90)).save(out, "PNG")
    return out.getvalue()


def button(action: str, words: str, **more: Any) -> dict[str, Any]:
    return {"type": "button", "action_id": action, "text": {"type": "plain_text", "text": words}, "value": "j", **more}


async def upload(client: AsyncWebClient, data: bytes, name: str) -> str:
    made = await client.files_getUploadURLExternal(filename=name, length=len(data), alt_txt=f"picture {name}")
    async with aiohttp.ClientSession() as session, session.post(made["upload_url"], data=data) as answer:
        assert answer.status == 200
    return str(made["file_id"])


async def deliver(client: AsyncWebClient, channel: str, thread: str, count: int) -> None:
    files = [{"id": await upload(client, picture(n), f"{n}.png"), "title": f"p{n}"} for n in range(count)]
    confirm = {
        "title": {"type": "plain_text", "text": "Delete?"},
        "text": {"type": "plain_text", "text": "It will be gone."},
        "confirm": {"type": "plain_text", "text": "Yes"},
        "deny": {"type": "plain_text", "text": "No"},
        "style": "danger",
    }
    buttons = [button("again", "Again", style="primary"), button("delete", "Delete", style="danger", confirm=confirm)]
    body = {
        "files": files,
        "channel_id": channel,
        "thread_ts": thread,
        "blocks": [
            {"type": "section", "text": {"type": "plain_text", "text": "Here you are"}},
            {"type": "actions", "block_id": "b", "elements": buttons},
        ],
    }
    await client.api_call("files.completeUploadExternal", json=body)


def echo_app(token: str, api_url: str) -> AsyncApp:
    """The app, not yet connected."""
    app = AsyncApp(client=AsyncWebClient(token=token, base_url=api_url), request_verification_enabled=False)

    @app.command("/imagine")
    async def imagine(ack: Any, body: dict[str, Any], client: AsyncWebClient) -> None:
        if body["text"].startswith("help"):
            await ack(text="Say what you would *like* to see.")
            return
        await ack()
        metadata = {"event_type": "imagine_job", "event_payload": {"job": body["trigger_id"]}}
        posted = await client.chat_postMessage(channel=body["channel_id"], text=body["text"], metadata=metadata)
        await deliver(client, body["channel_id"], posted["ts"], 2)

    @app.event("reaction_added")
    async def again(event: dict[str, Any], client: AsyncWebClient) -> None:
        await deliver(client, event["item"]["channel"], event["item"]["ts"], 1)

    @app.action("again")
    async def clicked(ack: Any, body: dict[str, Any], client: AsyncWebClient) -> None:
        await ack()
        thread = body["message"]["thread_ts"]
        await client.chat_postMessage(channel=body["channel"]["id"], thread_ts=thread, text="clicked again")

    @app.action("delete")
    async def deleted(ack: Any, body: dict[str, Any], client: AsyncWebClient) -> None:
        await ack()
        await client.chat_delete(channel=body["channel"]["id"], ts=body["message"]["ts"])

    return app


async def main() -> None:
    """Run as a process, told by the environment like the real bot."""
    app = echo_app(os.environ["SLACK_BOT_TOKEN"], os.environ["SLACK_API_URL"])
    handler = AsyncSocketModeHandler(app, os.environ["SLACK_APP_TOKEN"])
    await handler.start_async()


if __name__ == "__main__":
    asyncio.run(main())
