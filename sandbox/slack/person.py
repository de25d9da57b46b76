"""What a person can do in the local Slack, by the names that the page and the tests use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.slack import actions
from sandbox.slack.answers import Answer, Offer
from sandbox.slack.local import LocalSlack
from sandbox.slack.modals import Modals
from sandbox.slack.people import People
from sandbox.slack.steps import Run
from sandbox.slack.workspace import Json


class Person:
    """Every method acts for `user`, an id. What is not there for this person raises LookupError."""

    def __init__(self, slack: LocalSlack) -> None:
        self.slack = slack
        self._people = People(slack)
        self._modals = Modals(slack)

    # In conversations

    async def command(self, *, user: str, channel: str, text: str, command: str = "/imagine") -> Answer:
        """Type a slash command; returns what Slack would show."""
        return await self._people.command(user=user, channel=channel, text=text, command=command)

    async def click(
        self, *, user: str, channel: str, ts: str, action_id: str, value: Any = None, block_id: str | None = None
    ) -> Answer:
        """Use a button or another element of a message; `value` is a button's value, or what is chosen."""
        return await self._people.click(
            user=user, channel=channel, ts=ts, action_id=action_id, value=value, block_id=block_id
        )

    async def react(self, *, user: str, channel: str, ts: str, name: str) -> None:
        """Put a reaction on a message."""
        self._people.react(user=user, channel=channel, ts=ts, name=name, added=True)

    async def unreact(self, *, user: str, channel: str, ts: str, name: str) -> None:
        """Take a reaction back."""
        self._people.react(user=user, channel=channel, ts=ts, name=name, added=False)

    async def say(
        self, *, user: str, channel: str, text: str, thread_ts: str | None = None, files: Sequence[str] = ()
    ) -> str:
        """Write a message, with `files` from `attach`; returns its ts."""
        return self._people.say(user=user, channel=channel, text=text, thread_ts=thread_ts, files=files)

    async def mention(
        self, *, user: str, channel: str, text: str, thread_ts: str | None = None, files: Sequence[str] = ()
    ) -> str:
        """Write to the app in a channel or a thread, by its name; returns the message's ts."""
        named = f"<@{self._people.bot}> {text}"
        return self._people.say(user=user, channel=channel, text=named, thread_ts=thread_ts, files=files)

    async def dm(self, *, user: str, text: str, thread_ts: str | None = None, files: Sequence[str] = ()) -> str:
        """Write to the app in its own conversation with this person; returns the message's ts."""
        im = self.slack.workspace.im(user)
        if im is None:
            raise LookupError(f"{user} has no conversation with the app")
        return self._people.say(user=user, channel=im.id, text=text, thread_ts=thread_ts, files=files)

    async def attach(self, *, user: str, name: str, data: bytes, alt_txt: str = "") -> str:
        """Upload a file, for a message or a modal's `file_input`; returns its id."""
        return self._people.attach(user=user, name=name, data=data, alt_txt=alt_txt)

    async def shortcut(
        self, *, user: str, callback_id: str, channel: str | None = None, ts: str | None = None
    ) -> Answer:
        """Start a shortcut of the manifest: at the message `ts`, or from anywhere."""
        return await self._people.shortcut(user=user, callback_id=callback_id, channel=channel, ts=ts)

    # In modals and on the Home tab

    def modal(self, user: str) -> Json:
        """The modal that this person has on top."""
        return self._modals.view(user, None).render(self.slack.workspace.team_id)

    def home(self, user: str) -> Json | None:
        """What the app has published on this person's Home tab."""
        view = self.slack.views.homes.get(user)
        return view.render(self.slack.workspace.team_id) if view else None

    async def submit(self, *, user: str, values: Mapping[str, Any] | None = None, view_id: str | None = None) -> Answer:
        """Fill in the modal on top and press its button.

        `values` go by block_id, action_id or label; a value is text, an option's value or words, a name, a file's id,
        or a list of them. What is not named keeps what it has. Slack's client checks first (`incomplete`).
        """
        return await self._modals.submit(user=user, values=values or {}, view_id=view_id)

    async def submit_view(self, *, user: str, view_id: str, values: Mapping[str, Mapping[str, Json]]) -> Answer:
        """Submit a modal with exactly this state (block_id -> action_id -> state), unchecked."""
        view = self._modals.view(user, view_id)
        view.state = {block: dict(state) for block, state in values.items()}
        return await self._modals.send(view, user)

    async def act(
        self,
        *,
        user: str,
        action_id: str,
        value: Any = None,
        view_id: str | None = None,
        block_id: str | None = None,
        values: Mapping[str, Any] | None = None,
    ) -> Answer:
        """Use an element of the modal on top (or of the view `view_id`, such as the Home tab's)."""
        return await self._modals.act(
            user=user, action_id=action_id, value=value, view_id=view_id, block_id=block_id, values=values or {}
        )

    async def suggest(
        self,
        *,
        user: str,
        action_id: str,
        text: str,
        view_id: str | None = None,
        block_id: str | None = None,
        channel: str | None = None,
        ts: str | None = None,
    ) -> Offer:
        """Type into a select menu whose options the app gives; in a message if `channel` and `ts` name one."""
        if channel is not None and ts is not None:
            message = self._people.seen(user, channel, ts)
            field = actions.find(message.blocks or (), action_id, None, block_id=block_id)
            return await self._modals.suggest(message, field, text, user=user)
        view = self._modals.view(user, view_id)
        field = actions.find(view.body["blocks"], action_id, None, block_id=block_id)
        return await self._modals.suggest(view, field, text, user=user)

    async def close_view(self, *, user: str, view_id: str | None = None, everything: bool = False) -> Answer:
        """Close the modal on top, or one of them; `everything` is what the cross and Escape do."""
        return await self._modals.close(user=user, view_id=view_id, everything=everything)

    async def open_home(self, *, user: str, tab: str = "home") -> None:
        """Open the app's Home or Messages tab."""
        self._people.open_home(user=user, tab=tab)

    # Workflows and agents

    async def run_step(self, *, user: str, callback_id: str, inputs: Mapping[str, Any]) -> Run:
        """Run a custom workflow step; `await run.finished()` waits for the app."""
        return self.slack.steps.start(user, callback_id, inputs)

    async def open_assistant(self, *, user: str) -> str:
        """Begin a conversation with an `assistant_view` app; returns its thread's ts."""
        return self.slack.agents.open_assistant(user)

    async def stop_session(self, *, user: str, channel: str, thread_ts: str) -> None:
        """Press Stop while an agent works in a thread."""
        self.slack.agents.stop(user, channel, thread_ts)
