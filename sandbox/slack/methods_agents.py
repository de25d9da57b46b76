"""agents.sessions.* and assistant.threads.*: what an agent tells of its work."""

from __future__ import annotations

from sandbox.slack.agents import Prompts, SessionStatus, needs_agent
from sandbox.slack.arguments import Call, invalid
from sandbox.slack.errors import SlackError
from sandbox.slack.local import LocalSlack
from sandbox.slack.workspace import Channel, ChannelKind, Json

LONGEST_TITLE, MOST_PROMPTS, MOST_LOADING = 200, 4, 10


def set_session_status(slack: LocalSlack, call: Call) -> Json:
    """agents.sessions.setStatus; the first call for a thread begins the session, and only it may give a title."""
    needs_agent(slack)
    channel, thread = _thread(slack, call)
    if call.text("status") not in set(SessionStatus):
        raise invalid(f"must be one of {', '.join(SessionStatus)}: status")
    if len(call.text("title")) > LONGEST_TITLE:
        raise invalid(f"must be less than {LONGEST_TITLE + 1} characters: title")
    begun = (channel.id, thread) in slack.agents.sessions
    session = slack.agents.session(channel.id, thread)
    session.title = session.title if begun else call.text("title")
    slack.agents.set_status(session, SessionStatus(call.text("status")))
    answer: Json = {"status": session.status, "agent_status": session.status, "title": session.title}
    if "agent_session_stopped" in slack.manifest.bot_events:
        return answer
    return answer | {"warning": "missing_agent_session_stopped_event_subscription"}


def rename_session(slack: LocalSlack, call: Call) -> Json:
    """agents.sessions.rename."""
    needs_agent(slack)
    channel, thread = _thread(slack, call)
    session = slack.agents.sessions.get((channel.id, thread))
    if session is None:
        raise SlackError("not_found")
    if len(call.text("title")) > LONGEST_TITLE:
        raise invalid(f"must be less than {LONGEST_TITLE + 1} characters: title")
    session.title = call.text("title")
    slack.agents.publish(session)
    return {"title": session.title}


def set_status(slack: LocalSlack, call: Call) -> Json:
    """assistant.threads.setStatus: a line under the thread, empty to take it away."""
    needs_agent(slack)
    channel, thread = _thread(slack, call)
    loading = call.structure("loading_messages", "invalid_arguments") or []
    if not isinstance(loading, list) or len(loading) > MOST_LOADING:
        raise invalid(f"no more than {MOST_LOADING} items allowed: loading_messages")
    slack.agents.set_words(slack.agents.session(channel.id, thread), call.text("status"), [str(it) for it in loading])
    return {}


def set_title(slack: LocalSlack, call: Call) -> Json:
    """assistant.threads.setTitle."""
    needs_agent(slack)
    channel, thread = _thread(slack, call)
    session = slack.agents.session(channel.id, thread)
    session.title = call.text("title")
    slack.agents.publish(session)
    return {}


def set_prompts(slack: LocalSlack, call: Call) -> Json:
    """assistant.threads.setSuggestedPrompts: one to four, above the DM's message box; an agent needs no thread."""
    needs_agent(slack)
    channel = slack.visible(call.text("channel_id"))
    if channel.kind is not ChannelKind.IM:
        raise SlackError("method_not_supported_for_channel_type")
    prompts = call.structure("prompts", "invalid_arguments")
    if not isinstance(prompts, list) or not 1 <= len(prompts) <= MOST_PROMPTS:
        raise invalid(f"must have 1 to {MOST_PROMPTS} items: prompts")
    if not all(isinstance(each, dict) and each.get("title") and each.get("message") for each in prompts):
        raise invalid("each needs a title and a message: prompts")
    found = tuple({"title": str(each["title"]), "message": str(each["message"])} for each in prompts)
    slack.agents.prompts[channel.id] = Prompts(call.text("title"), found, call.text("thread_ts") or None)
    slack.feed.publish("slack.prompts", channel=channel.id)
    return {}


def _thread(slack: LocalSlack, call: Call) -> tuple[Channel, str]:
    channel = slack.visible(call.text("channel_id"))
    root = channel.messages.get(call.text("thread_ts"))
    if root is None:
        raise SlackError("thread_not_found")
    return channel, root.thread_ts or root.ts
