"""Custom workflow steps: a person's workflow runs one, the app completes it or says why not."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sandbox.slack.errors import SlackError
from sandbox.slack.ids import new_id
from sandbox.slack.manifest import Parameter, Step
from sandbox.slack.workspace import APP_ID, Json

if TYPE_CHECKING:
    from sandbox.slack.local import LocalSlack

KINDS: Mapping[str, tuple[type, ...]] = {"boolean": (bool,), "integer": (int,), "number": (int, float)}
"""Types that are no text; everything else (ids, timestamps, message contexts) is taken as text or an object."""


class RunState(StrEnum):
    """How far a step is."""

    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"


@dataclass(slots=True)
class Run:
    """One execution of a step. `token` is the just-in-time token that came with the event."""

    id: str
    workflow: str
    step: Step
    user: str
    inputs: Json
    token: str
    state: RunState = RunState.RUNNING
    outputs: Json = field(default_factory=dict)
    error: str | None = None
    _over: asyncio.Event = field(default_factory=asyncio.Event)

    async def finished(self) -> RunState:
        """Wait until the app has completed the step or said that it failed."""
        await self._over.wait()
        return self.state

    def end(self, state: RunState, *, outputs: Json, error: str | None) -> None:
        """Write down how it went. `execution_not_in_running_state` if it is over."""
        if self.state is not RunState.RUNNING:
            raise SlackError("execution_not_in_running_state")
        self.state, self.outputs, self.error = state, outputs, error
        self._over.set()


class Steps:
    """All runs, oldest first."""

    def __init__(self, slack: LocalSlack) -> None:
        self._slack = slack
        self.runs: dict[str, Run] = {}

    def start(self, user: str, callback_id: str, inputs: Mapping[str, Any]) -> Run:
        """Run a step of the manifest. LookupError or ValueError for a step or inputs that do not fit it."""
        step = self._slack.manifest.steps.get(callback_id)
        if step is None or "function_executed" not in self._slack.manifest.bot_events:
            raise LookupError(f"the app offers no step {callback_id}")
        wrong = misfits(step.inputs, inputs)
        if wrong:
            raise ValueError("; ".join(wrong))
        token = f"xwfp-{secrets.token_hex(16)}"
        run = Run(new_id("Fx"), new_id("Wx"), step, user, dict(inputs), token)
        self.runs[run.id] = run
        self._slack.events.emit("function_executed", self._event(run))
        self._publish(run)
        return run

    def find(self, run_id: str) -> Run:
        """The run, or `function_execution_not_found`."""
        run = self.runs.get(run_id)
        if run is None:
            raise SlackError("function_execution_not_found")
        return run

    def complete(self, run: Run, outputs: Json) -> None:
        """The app is done. `parameter_validation_failed` if the outputs are not those of the manifest."""
        wrong = misfits(run.step.outputs, outputs)
        if wrong:
            raise SlackError.with_messages("parameter_validation_failed", wrong)
        run.end(RunState.COMPLETED, outputs=outputs, error=None)
        self._publish(run)

    def fail(self, run: Run, error: str) -> None:
        """The app could not do it."""
        run.end(RunState.FAILED, outputs={}, error=error)
        self._publish(run)

    def owns(self, token: str) -> bool:
        """Whether the token belongs to a step that still runs."""
        return any(run.token == token and run.state is RunState.RUNNING for run in self.runs.values())

    def _publish(self, run: Run) -> None:
        self._slack.feed.publish("slack.step", run=run.id, step=run.step.callback_id, state=run.state, error=run.error)

    def _event(self, run: Run) -> Json:
        function: Json = {
            "id": f"Fn0{run.step.callback_id[:8].upper()}",
            "callback_id": run.step.callback_id,
            "title": run.step.title,
            "description": run.step.description,
            "type": "app",
            "input_parameters": [_parameter(each) for each in run.step.inputs],
            "output_parameters": [_parameter(each) for each in run.step.outputs],
            "app_id": APP_ID,
            "date_created": 0,
            "date_updated": 0,
            "date_deleted": 0,
            "form_enabled": False,
        }
        return {
            "type": "function_executed",
            "function": function,
            "inputs": run.inputs,
            "function_execution_id": run.id,
            "workflow_execution_id": run.workflow,
            "event_ts": self._slack.stamps.next(),
            "bot_access_token": run.token,
        }


def misfits(parameters: tuple[Parameter, ...], values: Mapping[str, Any]) -> list[str]:
    """What is wrong with these values: missing, of another type, or not in the manifest."""
    known = {each.name: each for each in parameters}
    needed = [each.name for each in parameters if each.required]
    missing = [f"{name} is required" for name in needed if values.get(name) in (None, "")]
    unknown = [f"{name} is not a parameter" for name in values if name not in known]
    unfit = [name for name, value in values.items() if not _fits(known.get(name), value)]
    return [*missing, *unknown, *(f"{name} must be of the type {known[name].type}" for name in unfit)]


def _fits(parameter: Parameter | None, value: Any) -> bool:
    if parameter is None or value is None:
        return True
    kinds = KINDS.get(parameter.type, (str, dict, list))
    return isinstance(value, kinds) and (parameter.type == "boolean" or not isinstance(value, bool))


def _parameter(it: Parameter) -> Json:
    return {
        "type": it.type,
        "name": it.name,
        "title": it.title,
        "description": it.description,
        "is_required": it.required,
    }
