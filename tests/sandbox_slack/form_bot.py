"""A bot of Slack's own library with every kind of field, a Home tab, shortcuts, a step and an agent's manners."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

Json = dict[str, Any]

MANIFEST: Json = {
    "display_information": {"name": "imagine"},
    "features": {
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True},
        "bot_user": {"display_name": "imagine"},
        "slash_commands": [{"command": "/imagine", "description": "Draw", "should_escape": True}],
        "shortcuts": [
            {"name": "Imagine…", "type": "global", "callback_id": "ask", "description": "Ask for a picture"},
            {"name": "Illustrate this", "type": "message", "callback_id": "illustrate", "description": "As a picture"},
        ],
        "agent_view": {"suggested_prompts": [{"title": "A fox in the rain", "message": "a fox in the rain"}]},
    },
    "functions": {
        "make": {
            "title": "Make a picture",
            "description": "Draws what the prompt says",
            "input_parameters": {"properties": {"prompt": {"type": "string"}}, "required": ["prompt"]},
            "output_parameters": {"properties": {"permalink": {"type": "string"}}, "required": ["permalink"]},
        }
    },
    "oauth_config": {
        "scopes": {
            "bot": ["app_mentions:read", "assistant:write", "chat:write", "commands", "files:read", "im:history",
                    "im:write", "reactions:read"]
        }
    },
    "settings": {
        "event_subscriptions": {
            "bot_events": ["agent_session_stopped", "app_home_opened", "app_mention", "function_executed",
                           "message.im", "reaction_added"]
        },
        "function_runtime": "remote",
        "interactivity": {"is_enabled": True},
        "org_deploy_enabled": True,
        "socket_mode_enabled": True,
    },
}  # fmt: skip


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def option(value: str, words: str, **more: Any) -> Json:
    return {"text": plain(words), "value": value, **more}


def entry(block_id: str, label: str, element: Json, **more: Any) -> Json:
    return {"type": "input", "block_id": block_id, "label": plain(label), "element": {"action_id": block_id} | element,
            **more}  # fmt: skip


SHAPES = [option("1:1", "Square"), option("16:9", "Wide"), option("3:4", "Tall")]
STYLES = [
    {"label": plain("Painted"), "options": [option("shuimo", "Ink wash · 水墨画"), option("oil", "Oil · 油画")]},
    {"label": plain("Drawn"), "options": [option("comic", "Comic · 漫画"), option("pixel", "Pixel · 像素")]},
]


def ask(prompt: str = "") -> Json:
    """A modal with every kind of field that an ask for a picture needs."""
    return {
        "type": "modal",
        "callback_id": "ask",
        "private_metadata": "from-test",
        "notify_on_close": True,
        "title": plain("Imagine a picture"),
        "submit": plain("Draw it"),
        "close": plain("Not now"),
        "blocks": [
            {"type": "context", "block_id": "why",
             "elements": [{"type": "mrkdwn", "text": "One picture costs about *¥0.50*."}]},
            entry("prompt", "What should it show?",
                  {"type": "plain_text_input", "multiline": True, "max_length": 1024, "initial_value": prompt,
                   "placeholder": plain("a fox in the rain")}),
            entry("style", "Style", {"type": "static_select", "option_groups": STYLES,
                                     "placeholder": plain("Search, in English or Chinese")}, optional=True),
            entry("shape", "Shape",
                  {"type": "radio_buttons", "options": SHAPES, "initial_option": SHAPES[0]}),
            entry("count", "How many", {"type": "number_input", "is_decimal_allowed": False, "min_value": "1",
                                        "max_value": "4", "initial_value": "1"}),
            entry("more", "Also", {"type": "checkboxes", "options": [
                option("raw", "Exact words", description=plain("Nothing is rewritten")), option("hd", "HD")]},
                optional=True),
            entry("place", "Like which place?",
                  {"type": "external_select", "min_query_length": 1, "placeholder": plain("Search places")},
                  optional=True),
            entry("tags", "Tags", {"type": "multi_static_select", "options": [
                option("calm", "calm"), option("bright", "bright"), option("dark", "dark")]}, optional=True),
            entry("where", "Where", {"type": "conversations_select", "default_to_current_conversation": True,
                                     "response_url_enabled": True}),
            entry("picture", "Reference picture",
                  {"type": "file_input", "filetypes": ["png", "jpg"], "max_files": 1}, optional=True),
            {"type": "divider", "block_id": "line"},
            {"type": "actions", "block_id": "row",
             "elements": [{"type": "button", "action_id": "surprise", "text": plain("Surprise me")},
                          {"type": "button", "action_id": "deeper", "text": plain("House style…")},
                          {"type": "overflow", "action_id": "later",
                           "options": [option("tonight", "Tonight"), option("never", "Never")]}]},
        ],
    }  # fmt: skip


def home(count: int) -> Json:
    """A Home tab with a button."""
    button = {"type": "button", "action_id": "count", "text": plain("Count up"), "style": "primary"}
    return {
        "type": "home",
        "blocks": [
            {"type": "header", "block_id": "head", "text": plain("Your pictures")},
            {"type": "section", "block_id": "said", "text": {"type": "mrkdwn", "text": f"Counted: *{count}*"}},
            {"type": "actions", "block_id": "row", "elements": [button]},
        ],
    }


@dataclass
class Seen:
    """What reached the bot."""

    submitted: list[Json] = field(default_factory=list)
    payloads: list[Json] = field(default_factory=list)
    counted: int = 0


def form_app(client: AsyncWebClient, seen: Seen) -> AsyncApp:
    """The app, not yet connected."""
    app = AsyncApp(client=client, request_verification_enabled=False)
    _asking(app, seen)
    _inside_the_modal(app, seen)
    _elsewhere(app, seen)
    return app


def _asking(app: AsyncApp, seen: Seen) -> None:
    @app.command("/imagine")
    @app.shortcut("ask")
    async def begin(ack: Any, body: Json, client: AsyncWebClient) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=ask())

    @app.shortcut("illustrate")
    async def illustrate(ack: Any, body: Json, client: AsyncWebClient) -> None:
        seen.payloads.append(body)
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=ask(body["message"]["text"]))

    @app.view("ask")
    async def submitted(ack: Any, view: Json, body: Json, client: AsyncWebClient) -> None:
        values = view["state"]["values"]
        prompt = next(each["prompt"]["value"] for each in values.values() if "prompt" in each)
        if "forbidden" in prompt:
            await ack(response_action="errors", errors={"prompt": "This word is not allowed: forbidden"})
            return
        seen.submitted.append(body)
        await ack()
        chosen = values["where"]["where"]["selected_conversation"]
        await client.chat_postMessage(channel=chosen, text=f"drawing {prompt}")


def _inside_the_modal(app: AsyncApp, seen: Seen) -> None:
    @app.options("place")
    async def places(ack: Any, payload: Json) -> None:
        found = [name for name in ("Hangzhou", "Hangar", "Helsinki") if payload["value"].lower() in name.lower()]
        await ack(options=[option(name.lower(), name) for name in found])

    @app.action("surprise")
    async def surprise(ack: Any, body: Json, client: AsyncWebClient) -> None:
        seen.payloads.append(body)
        await ack()
        view = ask("a teapot on the moon")
        view["blocks"][1]["block_id"] = "prompt2"
        await client.views_update(view_id=body["view"]["id"], hash=body["view"]["hash"], view=view)

    @app.action("deeper")
    async def deeper(ack: Any, body: Json, client: AsyncWebClient) -> None:
        await ack()
        said = {"type": "section", "text": {"type": "mrkdwn", "text": "Everything in #pictures is *ink wash*."}}
        second = {"type": "modal", "title": plain("House style"), "blocks": [said]}
        await client.views_push(trigger_id=body["trigger_id"], view=second)

    @app.action("later")
    async def later(ack: Any, body: Json) -> None:
        seen.payloads.append(body)
        await ack()

    @app.view_closed("ask")
    async def closed(ack: Any, body: Json) -> None:
        seen.payloads.append(body)
        await ack()


def _elsewhere(app: AsyncApp, seen: Seen) -> None:
    @app.event("app_home_opened")
    async def opened(event: Json, client: AsyncWebClient) -> None:
        if event["tab"] == "home":
            await client.views_publish(user_id=event["user"], view=home(seen.counted))

    @app.action("count")
    async def count(ack: Any, body: Json, client: AsyncWebClient) -> None:
        seen.counted += 1
        await ack()
        await client.views_publish(user_id=body["user"]["id"], view=home(seen.counted))

    @app.event("message")
    @app.event("app_mention")
    async def heard(event: Json, client: AsyncWebClient) -> None:
        seen.payloads.append(event)
        thread = event.get("thread_ts") or event["ts"]
        if event["type"] == "message":
            await client.agents_sessions_setStatus(channel_id=event["channel"], thread_ts=thread, status="processing")
        files = [file["name"] for file in event.get("files", ())]
        await client.chat_postMessage(channel=event["channel"], thread_ts=thread, text=f"heard {files}")

    @app.event("agent_session_stopped")
    async def stopped(event: Json, client: AsyncWebClient) -> None:
        where = {"channel_id": event["channel"], "thread_ts": event["thread_ts"]}
        await client.agents_sessions_setStatus(**where, status="active")

    @app.event("reaction_added")
    async def reacted(event: Json) -> None:
        seen.payloads.append(event)

    @app.function("make")
    async def make(inputs: Json, complete: Any, fail: Any) -> None:
        await (fail("no") if inputs["prompt"] == "no" else complete({"permalink": f"link to {inputs['prompt']}"}))
