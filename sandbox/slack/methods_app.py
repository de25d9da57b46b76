"""auth.test, apps.connections.open, users.info."""

from __future__ import annotations

from urllib.parse import urlsplit

from sandbox.slack import rendering
from sandbox.slack.arguments import Call
from sandbox.slack.errors import SlackError
from sandbox.slack.local import LocalSlack
from sandbox.slack.sockets import Sockets
from sandbox.slack.workspace import BOT_ID, BOT_USER_ID, Json


def auth_test(slack: LocalSlack, _call: Call) -> Json:
    """auth.test: who the token is."""
    return {
        "url": f"{slack.base_url}/",
        "team": slack.workspace.name,
        "user": slack.workspace.users[BOT_USER_ID].name,
        "team_id": slack.workspace.team_id,
        "user_id": BOT_USER_ID,
        "bot_id": BOT_ID,
        "is_enterprise_install": False,
    }


def open_connection(slack: LocalSlack, _call: Call) -> Json:
    """apps.connections.open: an address that opens one socket, once."""
    sockets = slack.delivery.sockets
    if not isinstance(sockets, Sockets):
        raise SlackError("internal_error")
    return {"url": f"ws://{urlsplit(slack.base_url).netloc}/socket?ticket={sockets.issue_ticket()}"}


def user_info(slack: LocalSlack, call: Call) -> Json:
    """users.info, with the locale if asked for."""
    found = slack.workspace.users.get(call.text("user"))
    if found is None:
        raise SlackError("user_not_found")
    return {"user": rendering.user(slack, found, with_locale=call.flag("include_locale"))}
