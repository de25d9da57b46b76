"""What a person does on the page beyond messages: modals, the Home tab, shortcuts, workflow steps, agents."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from sandbox.page.body import Body, mapping, maybe, text
from sandbox.page.view import Scene


class ViewDeeds:
    """Each deed takes the person and the JSON that the browser sent."""

    def __init__(self, scene: Scene) -> None:
        self._slack = scene.slack
        self.by_name: dict[str, Callable[[str, Body], Awaitable[Any]]] = {
            "submit": self._submit,
            "act": self._act,
            "suggest": self._suggest,
            "close": self._close,
            "home": self._home,
            "shortcut": self._shortcut,
            "step": self._step,
            "assistant": self._assistant,
            "stop": self._stop,
        }

    async def _submit(self, user: str, body: Body) -> Any:
        return await self._slack.submit(user=user, values=mapping(body, "values"), view_id=text(body, "view"))

    async def _act(self, user: str, body: Body) -> Any:
        return await self._slack.act(
            user=user,
            action_id=text(body, "action_id"),
            value=body.get("value"),
            view_id=text(body, "view"),
            block_id=maybe(body, "block_id"),
            values=mapping(body, "values"),
        )

    async def _suggest(self, user: str, body: Body) -> Any:
        return await self._slack.suggest(
            user=user,
            action_id=text(body, "action_id"),
            text=text(body, "text"),
            view_id=maybe(body, "view"),
            block_id=maybe(body, "block_id"),
            channel=maybe(body, "channel"),
            ts=maybe(body, "ts"),
        )

    async def _close(self, user: str, body: Body) -> Any:
        return await self._slack.close_view(
            user=user, view_id=text(body, "view"), everything=body.get("everything") is True
        )

    async def _home(self, user: str, body: Body) -> None:
        await self._slack.open_home(user=user, tab=text(body, "tab"))

    async def _shortcut(self, user: str, body: Body) -> Any:
        return await self._slack.shortcut(
            user=user, callback_id=text(body, "callback_id"), channel=maybe(body, "channel"), ts=maybe(body, "ts")
        )

    async def _step(self, user: str, body: Body) -> None:
        await self._slack.run_step(user=user, callback_id=text(body, "callback_id"), inputs=mapping(body, "inputs"))

    async def _assistant(self, user: str, _body: Body) -> None:
        await self._slack.open_assistant(user=user)

    async def _stop(self, user: str, body: Body) -> None:
        await self._slack.stop_session(user=user, channel=text(body, "channel"), thread_ts=text(body, "thread_ts"))
