"""What one person sees of the workspace, as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Final

from sandbox.slack import rendering
from sandbox.slack.agents import Session
from sandbox.slack.local import LocalSlack
from sandbox.slack.manifest import Manifest
from sandbox.slack.pictures import kind_of, size_of
from sandbox.slack.steps import Run
from sandbox.slack.workspace import BOT_USER_ID, Channel, ChannelKind, File, FileState, Json, Message

RUNS: Final = 10
"""So many runs of workflow steps, the newest, are shown."""


def snapshot(slack: LocalSlack, viewer: str) -> Json:
    """Channels, messages and files as `viewer` sees them; ephemeral messages are the viewer's own only."""
    slack.schedule.run_due()
    space = slack.workspace
    channels = [each for each in space.channels.values() if slack.sees(viewer, each)]
    home, im = slack.views.homes.get(viewer), space.im(viewer)
    shown = {each.id: _messages(slack, each, viewer) for each in channels}
    files = {entry["id"] for messages in shown.values() for it in messages for entry in it.get("files", ())}
    return {
        "team": {"id": space.team_id, "name": space.name, "domain": space.domain},
        "me": viewer,
        "users": [
            {"id": u.id, "name": u.name, "real_name": u.real_name, "is_bot": u.is_bot, "color": u.color}
            for u in space.users.values()
        ],
        "channels": [_channel(each) for each in channels],
        "messages": shown,
        "files": {each: _file(slack, space.files[each]) for each in sorted(files)},
        "views": [view.render(space.team_id) for view in slack.views.stack(viewer)],
        "home": home.render(space.team_id) if home else None,
        "app": _app(slack.manifest),
        "sessions": [_session(each) for each in slack.agents.sessions.values()],
        "prompts": _prompts(slack, im),
        "runs": [_run(each) for each in [*slack.steps.runs.values()][-RUNS:]],
    }


def _app(manifest: Manifest) -> Json:
    """What the page may offer: tabs, shortcuts, steps, the agent."""
    return {
        "name": manifest.app_name,
        "home_tab": manifest.home_tab,
        "messages_tab": manifest.messages_tab,
        "read_only": manifest.read_only,
        "agent": manifest.agent,
        "stoppable": "agent_session_stopped" in manifest.bot_events,
        "shortcuts": [asdict(each) for each in manifest.shortcuts if "commands" in manifest.scopes],
        "steps": [asdict(each) for each in manifest.steps.values() if "function_executed" in manifest.bot_events],
    }


def _session(it: Session) -> Json:
    keys = ("channel", "thread_ts", "status", "title", "words", "loading")
    return {key: getattr(it, key) for key in keys}


def _prompts(slack: LocalSlack, im: Channel | None) -> Json:
    """The suggestions in the viewer's DM: the app's last ones, otherwise those of the manifest."""
    given = slack.agents.prompts.get(im.id) if im else None
    if given is not None:
        return {"title": given.title, "prompts": list(given.prompts), "thread_ts": given.thread_ts}
    return {"title": "", "prompts": [dict(each) for each in slack.manifest.prompts], "thread_ts": None}


def _run(it: Run) -> Json:
    keys = ("id", "user", "inputs", "state", "outputs", "error")
    return {key: getattr(it, key) for key in keys} | {"step": it.step.callback_id, "title": it.step.title}


def _channel(channel: Channel) -> Json:
    return {
        "id": channel.id,
        "name": channel.name,
        "kind": channel.kind,
        "bot_is_member": BOT_USER_ID in channel.members,
        "with": BOT_USER_ID if channel.kind is ChannelKind.IM else None,
    }


def _messages(slack: LocalSlack, channel: Channel, viewer: str) -> list[Json]:
    own = [each for each in channel.ephemerals.values() if each.seen_by == viewer]
    both = sorted([*channel.messages.values(), *own], key=lambda each: _moment(each.ts))
    return [_message(slack, each) for each in both]


def _moment(ts: str) -> tuple[int, int]:
    seconds, _, micros = ts.partition(".")
    return int(seconds), int(micros)


def _message(slack: LocalSlack, message: Message) -> Json:
    shown = rendering.message(slack, message)
    return shown | ({"is_ephemeral": True} if message.seen_by else {})


def _file(slack: LocalSlack, file: File) -> Json:
    width, height = size_of(file.data) or (0, 0)
    gone = file.state is FileState.DELETED
    return {
        "id": file.id,
        "title": file.title,
        "name": file.name,
        "alt_txt": file.alt_txt,
        "size": len(file.data),
        "kind": kind_of(file.data)[0],
        "w": width,
        "h": height,
        "url": "" if gone else f"{rendering.private_url(slack, file)}?key={file.key}",
        "sha256": file.sha256,
        "deleted": gone,
    }
