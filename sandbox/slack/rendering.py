"""People, conversations, messages and files in Slack's own words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sandbox.slack.pictures import kind_of, size_of
from sandbox.slack.workspace import APP_ID, BOT_ID, Channel, ChannelKind, File, FileState, Json, Message, Share, User

if TYPE_CHECKING:
    from sandbox.slack.local import LocalSlack


def bot_profile(slack: LocalSlack) -> Json:
    """Who posted, for a message by the app."""
    icons = {f"image_{size}": f"{slack.base_url}/icon/{size}" for size in (36, 48, 72)}
    return {
        "id": BOT_ID,
        "deleted": False,
        "name": slack.manifest.app_name,
        "updated": _created(slack),
        "app_id": APP_ID,
        "icons": icons,
        "team_id": slack.workspace.team_id,
    }


def _created(slack: LocalSlack) -> int:
    return next(iter(slack.workspace.channels.values())).created


def message(slack: LocalSlack, it: Message) -> Json:
    """A message as answers, events and payloads carry it."""
    shown: Json = {"type": "message", "user": it.user, "text": it.text, "ts": it.ts, "team": slack.workspace.team_id}
    if it.bot_id:
        shown |= {"bot_id": it.bot_id, "app_id": APP_ID, "bot_profile": bot_profile(slack)}
    shown |= {name: value for name in ("subtype", "client_msg_id") if (value := getattr(it, name))}
    shown |= _thread(slack, it)
    shown |= {name: value for name in ("blocks", "attachments", "metadata") if (value := getattr(it, name))}
    if it.edited:
        shown["edited"] = {"user": it.edited[0], "ts": it.edited[1]}
    if it.reactions:
        shown["reactions"] = [{"name": n, "users": list(who), "count": len(who)} for n, who in it.reactions.items()]
    if it.files:
        shown |= {"files": [file(slack, slack.workspace.files[each]) for each in it.files], "upload": False}
        shown["display_as_bot"] = False
    return shown


def _thread(slack: LocalSlack, it: Message) -> Json:
    channel = slack.workspace.channels[it.channel]
    if it.thread_ts:
        root = channel.messages.get(it.thread_ts)
        return {"thread_ts": it.thread_ts} | ({"parent_user_id": root.user} if root else {})
    replies = channel.replies(it.ts)
    if not replies:
        return {}
    users = list(dict.fromkeys(each.user for each in replies))
    return {
        "thread_ts": it.ts,
        "reply_count": len(replies),
        "reply_users": users,
        "reply_users_count": len(users),
        "latest_reply": replies[-1].ts,
        "is_locked": False,
        "subscribed": False,
    }


def file(slack: LocalSlack, it: File, *, settled: bool = True) -> Json:
    """A file object. Before it is shared (`settled` false) Slack has not looked at it: no type, no sizes, no shares."""
    if it.state is FileState.DELETED:
        return {"id": it.id, "mode": "tombstone"}
    mimetype, filetype = kind_of(it.data) if settled else ("", "")
    shown: Json = {
        "id": it.id,
        "created": it.created,
        "timestamp": it.created,
        "name": it.name,
        "title": it.title,
        "mimetype": mimetype,
        "filetype": filetype,
        "pretty_type": filetype.upper(),
        "user": it.user,
        "user_team": slack.workspace.team_id,
        "editable": False,
        "size": len(it.data),
        "mode": "hosted",
        "is_external": False,
        "external_type": "",
        "is_public": any(_public(slack, share) for share in it.shares),
        "public_url_shared": False,
        "display_as_bot": False,
        "username": "",
        "url_private": private_url(slack, it),
        "url_private_download": private_url(slack, it) + "?download=1",
        "permalink": f"{slack.base_url}/archives/files/{it.id}",
        "comments_count": 0,
        "is_starred": False,
        "has_rich_preview": False,
        "file_access": "visible",
        "media_display_type": "unknown",
    }
    return shown | _pixels(it, settled=settled) | shares(slack, it.shares)


def _pixels(it: File, *, settled: bool) -> Json:
    alt = {"alt_txt": it.alt_txt} if it.alt_txt else {}
    size = size_of(it.data) if settled else None
    return alt | ({"original_w": size[0], "original_h": size[1]} if size else {})


def private_url(slack: LocalSlack, it: File) -> str:
    """Where the bytes are, for whoever has a token."""
    return f"{slack.base_url}/files/{it.id}/{it.name}"


def shares(slack: LocalSlack, them: Sequence[Share]) -> Json:
    """`shares` by kind and channel, with the three lists of channels."""
    split: dict[str, dict[str, list[Json]]] = {}
    for share in them:
        kind = "public" if _public(slack, share) else "private"
        split.setdefault(kind, {}).setdefault(share.channel, []).append(_share(slack, share))
    rooms = [slack.workspace.channels[each] for each in dict.fromkeys(share.channel for share in them)]
    return {
        "shares": split,
        "channels": [each.id for each in rooms if each.kind is ChannelKind.PUBLIC],
        "groups": [each.id for each in rooms if each.kind is ChannelKind.PRIVATE],
        "ims": [each.id for each in rooms if each.kind is ChannelKind.IM],
        "has_more_shares": False,
    }


def _public(slack: LocalSlack, share: Share) -> bool:
    return slack.workspace.channels[share.channel].kind is ChannelKind.PUBLIC


def _share(slack: LocalSlack, share: Share) -> Json:
    room = slack.workspace.channels[share.channel]
    replies = room.replies(share.ts)
    shown: Json = {
        "reply_users": list(dict.fromkeys(each.user for each in replies)),
        "reply_users_count": len({each.user for each in replies}),
        "reply_count": len(replies),
        "ts": share.ts,
        "channel_name": room.name,
        "team_id": slack.workspace.team_id,
        "share_user_id": room.messages[share.ts].user if share.ts in room.messages else "",
        "source": "UNKNOWN",
        "is_silent_share": False,
    }
    if share.thread_ts:
        shown["thread_ts"] = share.thread_ts
    if replies:
        shown["latest_reply"] = replies[-1].ts
    return shown


def conversation(slack: LocalSlack, it: Channel) -> Json:
    """A channel object for `conversations.*`."""
    shared: Json = {
        "id": it.id,
        "created": it.created,
        "is_archived": it.is_archived,
        "is_im": it.kind is ChannelKind.IM,
        "is_org_shared": False,
        "context_team_id": slack.workspace.team_id,
        "updated": it.created * 1000,
    }
    if it.kind is ChannelKind.IM:
        return shared | {"user": it.person, "priority": 0, "is_open": True}
    note = {"value": "", "creator": "", "last_set": 0}
    return shared | {
        "name": it.name,
        "name_normalized": it.name,
        "is_channel": it.kind is ChannelKind.PUBLIC,
        "is_group": it.kind is ChannelKind.PRIVATE,
        "is_mpim": False,
        "is_private": it.kind is ChannelKind.PRIVATE,
        "is_general": False,
        "is_shared": False,
        "is_ext_shared": False,
        "is_pending_ext_shared": False,
        "pending_shared": [],
        "unlinked": 0,
        "shared_team_ids": [slack.workspace.team_id],
        "creator": next(iter(slack.workspace.users)),
        "topic": note,
        "purpose": dict(note),
        "previous_names": [],
    }


def user(slack: LocalSlack, it: User, *, with_locale: bool) -> Json:
    """A user object for `users.info`."""
    team = slack.workspace.team_id
    profile = {
        "title": "",
        "phone": "",
        "real_name": it.real_name,
        "real_name_normalized": it.real_name,
        "display_name": it.name,
        "display_name_normalized": it.name,
        "status_text": "",
        "status_emoji": "",
        "status_expiration": 0,
        "avatar_hash": "",
        "team": team,
    } | ({"api_app_id": APP_ID, "bot_id": BOT_ID, "always_active": False} if it.is_bot else {})
    shown: Json = {
        "id": it.id,
        "team_id": team,
        "name": it.name,
        "deleted": False,
        "color": it.color,
        "real_name": it.real_name,
        "tz": "Etc/UTC",
        "tz_label": "UTC",
        "tz_offset": 0,
        "profile": profile,
        **dict.fromkeys(("is_admin", "is_owner", "is_primary_owner", "is_restricted", "is_ultra_restricted"), False),
        "is_bot": it.is_bot,
        "is_app_user": False,
        "updated": _created(slack),
        "is_email_confirmed": True,
        "who_can_share_contact_card": "EVERYONE",
    }
    return shown | ({"locale": it.locale} if with_locale else {})
