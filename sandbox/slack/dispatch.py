"""Every supported method in one table: what it does, how often it may be called, and what it needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sandbox.slack import (
    methods_agents,
    methods_app,
    methods_chat,
    methods_conversations,
    methods_files,
    methods_functions,
    methods_reactions,
    methods_views,
)
from sandbox.slack.arguments import Call
from sandbox.slack.limits import Tier
from sandbox.slack.local import LocalSlack
from sandbox.slack.workspace import Json


@dataclass(frozen=True, slots=True)
class Method:
    """One method. Any one of `scopes` is enough; none means that every bot token may call it."""

    run: Callable[[LocalSlack, Call], Json]
    tier: Tier
    scopes: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    app_token: bool = False


READS = ("channels:read", "groups:read", "im:read", "mpim:read")

METHODS: Mapping[str, Method] = {
    "agents.sessions.rename": Method(
        methods_agents.rename_session, Tier.THREE, ("chat:write",), ("channel_id", "thread_ts", "title")
    ),
    "agents.sessions.setStatus": Method(
        methods_agents.set_session_status, Tier.THREE, ("chat:write",), ("channel_id", "thread_ts", "status")
    ),
    "apps.connections.open": Method(methods_app.open_connection, Tier.THREE, app_token=True),
    "assistant.threads.setStatus": Method(
        methods_agents.set_status, Tier.HUNDREDS, ("chat:write", "assistant:write"), ("channel_id", "thread_ts")
    ),
    "assistant.threads.setSuggestedPrompts": Method(
        methods_agents.set_prompts, Tier.FOUR, ("assistant:write",), ("channel_id", "prompts")
    ),
    "assistant.threads.setTitle": Method(
        methods_agents.set_title, Tier.FOUR, ("assistant:write",), ("channel_id", "thread_ts", "title")
    ),
    "auth.test": Method(methods_app.auth_test, Tier.HUNDREDS),
    "chat.delete": Method(methods_chat.delete, Tier.THREE, ("chat:write",), ("channel", "ts")),
    "chat.getPermalink": Method(methods_chat.get_permalink, Tier.HUNDREDS, (), ("channel", "message_ts")),
    "chat.postEphemeral": Method(methods_chat.post_ephemeral, Tier.FOUR, ("chat:write",), ("channel", "user")),
    "chat.postMessage": Method(methods_chat.post_message, Tier.POSTING, ("chat:write",), ("channel",)),
    "chat.update": Method(methods_chat.update, Tier.THREE, ("chat:write",), ("channel", "ts")),
    "conversations.info": Method(methods_conversations.info, Tier.THREE, READS, ("channel",)),
    "conversations.join": Method(methods_conversations.join, Tier.THREE, ("channels:join",), ("channel",)),
    "conversations.members": Method(methods_conversations.members, Tier.FOUR, READS, ("channel",)),
    "conversations.open": Method(methods_conversations.open_im, Tier.THREE, ("im:write",)),
    "files.completeUploadExternal": Method(methods_files.complete_upload, Tier.FOUR, ("files:write",), ("files",)),
    "files.delete": Method(methods_files.delete, Tier.THREE, ("files:write",), ("file",)),
    "files.getUploadURLExternal": Method(
        methods_files.get_upload_url, Tier.FOUR, ("files:write",), ("filename", "length")
    ),
    "files.info": Method(methods_files.info, Tier.FOUR, ("files:read",), ("file",)),
    "functions.completeError": Method(
        methods_functions.complete_error, Tier.THREE, (), ("function_execution_id", "error")
    ),
    "functions.completeSuccess": Method(
        methods_functions.complete_success, Tier.THREE, (), ("function_execution_id", "outputs")
    ),
    "reactions.add": Method(methods_reactions.add, Tier.THREE, ("reactions:write",), ("name",)),
    "reactions.get": Method(methods_reactions.get, Tier.THREE, ("reactions:read",)),
    "reactions.remove": Method(methods_reactions.remove, Tier.TWO, ("reactions:write",), ("name",)),
    "users.info": Method(methods_app.user_info, Tier.FOUR, ("users:read",), ("user",)),
    "views.open": Method(methods_views.open_view, Tier.FOUR, (), ("view",)),
    "views.publish": Method(methods_views.publish, Tier.FOUR, (), ("user_id", "view")),
    "views.push": Method(methods_views.push, Tier.FOUR, (), ("view",)),
    "views.update": Method(methods_views.update, Tier.FOUR, (), ("view",)),
}
