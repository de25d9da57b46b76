"""functions.*: how a custom workflow step ended."""

from __future__ import annotations

from sandbox.slack.arguments import Call, invalid
from sandbox.slack.local import LocalSlack
from sandbox.slack.workspace import Json


def complete_success(slack: LocalSlack, call: Call) -> Json:
    """functions.completeSuccess, with the outputs that the manifest names."""
    run = slack.steps.find(call.text("function_execution_id"))
    outputs = call.structure("outputs", "invalid_arguments")
    if not isinstance(outputs, dict):
        raise invalid("must be an object: outputs")
    slack.steps.complete(run, outputs)
    return {}


def complete_error(slack: LocalSlack, call: Call) -> Json:
    """functions.completeError; the person reads the words."""
    slack.steps.fail(slack.steps.find(call.text("function_execution_id")), call.text("error"))
    return {}
