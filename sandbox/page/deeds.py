"""What a person can do on the page: each deed takes the JSON that the browser sent and does it in the local Slack."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict, is_dataclass
from typing import Any

from sandbox.page.body import Body, DeedError, maybe, names, text
from sandbox.page.switches import clear, flip, known, strike
from sandbox.page.view import Scene
from sandbox.page.view_deeds import ViewDeeds
from sandbox.page.wording import with_mentions


class Deeds:
    """The deeds by the names that the page's script uses."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._by_name: dict[str, Callable[[Body], Awaitable[Any]]] = {
            "command": self._command,
            "click": self._click,
            "react": self._react,
            "say": self._say,
            "invite": self._invite,
            "faults": self._faults,
            "bot": self._bot,
        }
        self._views = ViewDeeds(scene).by_name

    def __contains__(self, name: str) -> bool:
        return name in self._by_name or name in self._views

    async def do(self, name: str, body: object) -> dict[str, Any]:
        """Do the deed; the answer has `ok`. Raises DeedError for JSON that does not fit."""
        if not isinstance(body, dict):
            raise DeedError("an object is needed")
        try:
            outcome = await self._done(name, body)
        except KeyError as error:
            raise DeedError(f"there is no {error.args[0]}") from error
        except (LookupError, ValueError) as error:
            raise DeedError(str(error)) from error
        if is_dataclass(outcome) and not isinstance(outcome, type):
            return asdict(outcome)
        return {"ok": True}

    async def _done(self, name: str, body: Body) -> Any:
        if name in self._views:
            return await self._views[name](self._who(body), body)
        return await self._by_name[name](body)

    def _who(self, body: Body) -> str:
        user = text(body, "as")
        if user not in self._scene.people():
            raise DeedError(f"nobody here is called {user}")
        return user

    async def _command(self, body: Body) -> Any:
        command = text(body, "command") if "command" in body else "/imagine"
        return await self._scene.slack.command(
            user=self._who(body), channel=text(body, "channel"), text=text(body, "text"), command=command
        )

    async def _click(self, body: Body) -> Any:
        return await self._scene.slack.click(
            user=self._who(body),
            channel=text(body, "channel"),
            ts=text(body, "ts"),
            action_id=text(body, "action_id"),
            value=body.get("value"),
            block_id=maybe(body, "block_id"),
        )

    async def _react(self, body: Body) -> None:
        act = self._scene.slack.unreact if body.get("remove") else self._scene.slack.react
        await act(user=self._who(body), channel=text(body, "channel"), ts=text(body, "ts"), name=text(body, "name"))

    async def _say(self, body: Body) -> None:
        by_name = {user.name: user.id for user in self._scene.slack.workspace.users.values()}
        await self._scene.slack.say(
            user=self._who(body),
            channel=text(body, "channel"),
            text=with_mentions(text(body, "text"), by_name),
            thread_ts=maybe(body, "thread_ts"),
            files=names(body, "files"),
        )

    async def _invite(self, body: Body) -> None:
        act = self._scene.slack.remove_bot if body.get("remove") else self._scene.slack.invite_bot
        act(text(body, "channel"))
        self._scene.feed.publish("page.invite", channel=text(body, "channel"))

    async def _faults(self, body: Body) -> None:
        slack, images = self._scene.slack.settings, self._scene.images.settings
        if body.get("clear"):
            clear(slack, images)
        elif body.get("release"):
            self._scene.images.release()
        elif "strike" in body:
            strike(slack, images, text(body, "strike"))
        else:
            switch = known(text(body, "target"), text(body, "name"))
            if switch is None:
                raise DeedError("there is no such switch")
            flip(images if switch.target == "images" else slack, switch, body.get("value"))
        self._scene.feed.publish("page.fault")

    async def _bot(self, body: Body) -> None:
        bot = self._scene.bot
        if bot is None:
            raise DeedError("the sandbox runs without a bot")
        verbs = {"start": bot.start, "stop": bot.stop, "kill": bot.kill, "restart": bot.restart}
        await verbs[text(body, "action")]()
