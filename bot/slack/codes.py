"""What we do about each thing that Slack says instead of `ok`: one table.

Sources: the method reference (https://docs.slack.dev/reference/methods), its errors as of 2026-05.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import structlog

from bot.errors import Cause, Closed, Fault, Misconfigured, NotInChannel, Rejected, Throttled, Unavailable

_log = structlog.get_logger(__name__)


class Kind(StrEnum):
    """The sorts of no."""

    THROTTLED = "throttled"
    TRANSIENT = "transient"
    MEMBERSHIP = "membership"
    PLACE = "place"
    POLICY = "policy"
    INSTALLATION = "installation"
    SCOPE = "scope"
    ABSENT = "absent"
    OURS = "ours"


_CODES: Mapping[Kind, str] = {
    Kind.THROTTLED: "ratelimited rate_limited",
    Kind.TRANSIENT: """internal_error fatal_error service_unavailable request_timeout file_update_failed
        team_added_to_org org_login_required accesslimited""",
    Kind.MEMBERSHIP: """not_in_channel channel_not_found invalid_channel user_not_in_channel
        method_not_supported_for_channel_type""",
    Kind.PLACE: """is_archived restricted_action restricted_action_read_only_channel
        restricted_action_thread_only_channel restricted_action_non_threadable_channel restricted_action_thread_locked
        posting_to_channel_denied thread_locked slack_connect_file_upload_sharing_blocked
        slack_connect_file_link_sharing_blocked slack_connect_blocked_file_type""",
    Kind.POLICY: """cannot_reply_to_message message_limit_exceeded ekm_access_denied access_denied
        file_uploads_disabled file_uploads_except_images_disabled file_type_not_allowed blocked_file_type
        file_upload_size_restricted storage_limit_reached user_is_external_guest
        user_is_restricted user_is_bot user_is_ultra_restricted user_disabled user_not_visible cannot_dm_bot
        messages_tab_disabled app_access_restricted edit_window_closed cant_update_message cant_delete_message
        cant_delete_file no_permission not_allowed enterprise_is_restricted team_access_not_granted""",
    Kind.INSTALLATION: """invalid_auth token_revoked account_inactive not_authed token_expired
        not_allowed_token_type two_factor_setup_required""",
    Kind.SCOPE: "missing_scope",
    Kind.ABSENT: """file_not_found files_not_found file_deleted message_not_found thread_not_found user_not_found
        users_not_found execution_not_in_running_state function_execution_not_found exchanged_trigger_id
        expired_trigger_id""",
    Kind.OURS: """invalid_blocks invalid_blocks_format msg_blocks_too_long msg_too_long no_text block_mismatch
        invalid_arguments invalid_arg_name invalid_array_arg invalid_charset invalid_form_data invalid_post_type
        missing_post_type missing_argument invalid_json json_not_object unknown_method method_deprecated
        deprecated_endpoint invalid_metadata_format invalid_metadata_schema metadata_too_large
        metadata_must_be_sent_from_app alt_txt_too_large too_many_attachments team_not_found
        channels_limit_exceeded invalid_name users_list_not_supplied""",
}
KINDS: Mapping[str, Kind] = {code: kind for kind, codes in _CODES.items() for code in codes.split()}

BAD_BLOCKS = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long"})
"""What was sent was not posted, and may be sent once more in plain words."""
NO_THREAD = frozenset({"thread_not_found", "message_not_found", "cannot_reply_to_message", "invalid_thread_ts"})
"""The root is gone: an answer must stand alone."""
_POINTER = re.compile(r"\[json-pointer:([\w/]{0,100})")  # where, but never what: what was sent is private


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that is not `ok`, as it came. `retry_after` in seconds, if Slack said so."""

    method: str
    status: int
    code: str
    channel: str = ""
    needed: str = ""
    retry_after: float | None = None
    messages: Sequence[str] = ()


def fault_of(refusal: Refusal) -> Fault:
    """The fault that it is. What no table knows is refused for good, and logged as an error: ours to look at."""
    if refusal.status == 429:
        return _throttled(refusal)
    if refusal.status >= 500 or not refusal.code:
        return Unavailable(f"http_{refusal.status}", refusal.method, cause=Cause.SLACK_DOWN)
    kind = KINDS.get(refusal.code)
    return _FAULTS[kind](refusal) if kind is not None else _ours(refusal)


def _throttled(refusal: Refusal) -> Throttled:
    return Throttled("ratelimited", refusal.method, retry_after=refusal.retry_after or 1.0, cause=Cause.SLACK_DOWN)


def _outside(refusal: Refusal) -> NotInChannel:
    """A conversation that cannot even be found is private; one that begins with D is between two people."""
    direct = refusal.channel.startswith("D")
    return NotInChannel(refusal.code, joinable=refusal.code == "not_in_channel" and not direct, direct=direct)


def _ours(refusal: Refusal) -> Rejected:
    places = [place for message in refusal.messages[:5] for place in _POINTER.findall(message)]
    _log.error("slack_refused_what_we_sent", method=refusal.method, code=refusal.code, places=places)
    return Rejected(refusal.code, refusal.method, cause=Cause.SLACK_REFUSED)


def _transient(refusal: Refusal) -> Unavailable:
    return Unavailable(refusal.code, refusal.method, cause=Cause.SLACK_DOWN)


def _closed(refusal: Refusal) -> Closed:
    cause = Cause.ARCHIVED if refusal.code == "is_archived" else Cause.SLACK_REFUSED
    return Closed(refusal.code, refusal.method, cause=cause)


def _refused(refusal: Refusal) -> Rejected:
    return Rejected(refusal.code, refusal.method, cause=Cause.SLACK_REFUSED)


def _misconfigured(refusal: Refusal) -> Misconfigured:
    detail = f"{refusal.method} needs {refusal.needed}" if refusal.code == "missing_scope" else refusal.method
    return Misconfigured(refusal.code, detail, cause=Cause.SLACK_REFUSED)


_FAULTS: Mapping[Kind, Callable[[Refusal], Fault]] = {
    Kind.THROTTLED: _throttled,
    Kind.TRANSIENT: _transient,
    Kind.MEMBERSHIP: _outside,
    Kind.PLACE: _closed,
    Kind.INSTALLATION: _misconfigured,
    Kind.SCOPE: _misconfigured,
    Kind.POLICY: _refused,
    Kind.ABSENT: _refused,
    Kind.OURS: _ours,
}
