"""views.*: open, push, update, publish."""

from __future__ import annotations

import json

from sandbox.slack.arguments import Call
from sandbox.slack.blocks import HOME, MODAL, view_complaints, with_ids
from sandbox.slack.errors import SlackError
from sandbox.slack.ids import new_id
from sandbox.slack.local import LocalSlack
from sandbox.slack.views import View
from sandbox.slack.workspace import Json

LARGEST_VIEW = 250_000


def open_view(slack: LocalSlack, call: Call) -> Json:
    """views.open, with a trigger id that is at most three seconds old."""
    body = _read(call, MODAL)
    slack.views.unique(body)
    doer = slack.triggers.redeem(call.text("trigger_id") or call.text("interactivity_pointer"))
    return _answer(slack, slack.views.show(new_id("V"), doer.user, body, channel=doer.channel))


def push(slack: LocalSlack, call: Call) -> Json:
    """views.push, on top of the modal that is open; at most three."""
    body = _read(call, MODAL)
    slack.views.unique(body)
    doer = slack.triggers.redeem(call.text("trigger_id") or call.text("interactivity_pointer"))
    stack = slack.views.stack(doer.user)
    if not stack:
        raise SlackError("not_found")
    return _answer(slack, slack.views.show(new_id("V"), doer.user, body, under=stack[-1]))


def update(slack: LocalSlack, call: Call) -> Json:
    """views.update; `hash` guards against races."""
    view = slack.views.find(call.text("view_id"), call.text("external_id"))
    body = _read(call, view.body["type"])
    slack.views.unique(body, besides=view)
    _guard(view, call)
    view.replace(body)
    return _answer(slack, view)


def publish(slack: LocalSlack, call: Call) -> Json:
    """views.publish: one person's Home tab."""
    if not slack.manifest.home_tab:
        raise SlackError("not_enabled")
    user = call.text("user_id")
    if user not in slack.workspace.users:
        raise SlackError("user_not_found")
    body, known = _read(call, HOME), slack.views.homes.get(user)
    slack.views.unique(body, besides=known)
    if known is None:
        view_id = new_id("V")
        known = View(view_id, user, body, view_id)
        slack.views.homes[user] = known
    else:
        _guard(known, call)
    known.replace(body)
    return _answer(slack, known)


def read_view(view: object, kind: str) -> Json:
    """A view object as Slack stores it; `invalid_arguments` with messages, or `view_too_large`."""
    if not isinstance(view, dict):
        raise SlackError("invalid_arguments", response_metadata={"messages": ["[ERROR] must be an object: view"]})
    if len(json.dumps(view, ensure_ascii=False).encode()) > LARGEST_VIEW:
        raise SlackError("view_too_large")
    found = list(view_complaints(view))
    if view.get("type") != kind:
        found.append(f"[ERROR] must be a {kind} [json-pointer:/view/type]")
    if found:
        raise SlackError.with_messages("invalid_arguments", found)
    return view | {"blocks": with_ids(view["blocks"])}


def _read(call: Call, kind: str) -> Json:
    return read_view(call.structure("view", "invalid_arguments"), kind)


def _guard(view: View, call: Call) -> None:
    if call.has("hash") and call.text("hash") != view.hash:
        raise SlackError("hash_conflict")


def _answer(slack: LocalSlack, view: View) -> Json:
    slack.feed.publish("slack.view", view=view.id, user=view.user, type=view.body["type"])
    return {"view": view.render(slack.workspace.team_id)}
