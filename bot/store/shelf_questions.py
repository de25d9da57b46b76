"""What is asked of the shelf: statements, built once, and their values."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    and_,
    bindparam,
    exists,
    func,
    literal,
    or_,
    select,
    union,
)

from bot.job import ChannelId, JobId, TeamId, Ts, UserId
from bot.shelf import DraftId, Mark, Reader, Scope
from bot.store.copies import delivered, first_of_its_copies
from bot.store.questions import Question
from bot.store.shelf_tables import drafts, jobs, marks, preferences, terms
from bot.store.tables import OPEN, Instant

_TEAM: BindParameter[str] = bindparam("at_team")
_USER: BindParameter[str] = bindparam("at_user")
_CHANNEL: BindParameter[str] = bindparam("at_channel")
_KIND: BindParameter[str] = bindparam("at_kind")
_MOST: BindParameter[int] = bindparam("at_most")
_TS: BindParameter[str] = bindparam("at_ts")
_SINCE = bindparam("since", type_=Instant)
_SKIP: BindParameter[int] = bindparam("skip")
_BEHIND_ALL = 2**62
_AFTER = func.coalesce(
    select(jobs.c.seq).where(jobs.c.id == bindparam("at_after"), jobs.c.team_id == _TEAM).scalar_subquery(),
    literal(_BEHIND_ALL, BigInteger),
)
"""Where a page begins: before the job that was shown last, or before all that can be."""


_STAR = marks.alias("star")


def _own(columns: Any) -> ColumnElement[bool]:
    return and_(columns.team_id == _TEAM, columns.user_id == _USER)


def _there(columns: Any) -> ColumnElement[bool]:
    return and_(columns.team_id == _TEAM, columns.channel_id == _CHANNEL)


def _seen(columns: Any) -> ColumnElement[bool]:
    """Their own jobs, and those of the conversation they are in that are not somebody's alone; nothing else."""
    return or_(_own(columns), and_(_there(columns), columns.private.is_(False)))


def _starred(columns: Any) -> ColumnElement[bool]:
    star = (_STAR.c.team_id == _TEAM, _STAR.c.user_id == _USER, _STAR.c.kind == _KIND)
    return exists().where(_STAR.c.job_id == columns.id, *star)


_DELIVERED = delivered(jobs.c)
_OWN, _THERE, _SEEN = _own(jobs.c), _there(jobs.c), _seen(jobs.c)
_STARRED_ONCE = first_of_its_copies(_starred)
_MINE_ONCE = first_of_its_copies(_own)
_SEEN_ONCE = first_of_its_copies(_seen, preferred=_there)

_KEPT = select(preferences.c.document).where(
    preferences.c.team_id == _TEAM,
    preferences.c.scope == bindparam("at_scope"),
    preferences.c.subject == bindparam("at_subject"),
)
_CUSTOMS = select(preferences.c.scope, preferences.c.document).where(
    preferences.c.team_id == _TEAM,
    or_(
        and_(preferences.c.scope == Scope.PERSON.value, preferences.c.subject == _USER),
        and_(preferences.c.scope == Scope.CHANNEL.value, preferences.c.subject == _CHANNEL),
    ),
)
_DRAFT = select(drafts).where(drafts.c.id == bindparam("at_id"), drafts.c.team_id == _TEAM)
_COUNTS = (
    select(marks.c.job_id, func.count().label("number"))
    .join_from(jobs, marks, and_(marks.c.team_id == jobs.c.team_id, marks.c.job_id == jobs.c.id))
    .where(jobs.c.id.in_(bindparam("ids", expanding=True)), marks.c.kind == _KIND)
    .group_by(marks.c.job_id)
)
_STARRED = (
    select(marks.c.job_id, func.count().label("stars"), func.max(marks.c.made_at).label("latest"))
    .where(marks.c.team_id == _TEAM, marks.c.channel_id == _CHANNEL, marks.c.kind == _KIND, marks.c.made_at >= _SINCE)
    .group_by(marks.c.job_id)
    .subquery("starred")
)
_TOP = (
    select(jobs, _STARRED.c.stars)
    .join(_STARRED, _STARRED.c.job_id == jobs.c.id)
    .where(_DELIVERED, _SEEN)
    .order_by(_STARRED.c.stars.desc(), _STARRED.c.latest.desc(), jobs.c.seq)
    .limit(_MOST)
    .offset(_SKIP)
)
_FAVOURITES = (
    select(jobs)
    .join(marks, marks.c.job_id == jobs.c.id)
    .where(marks.c.team_id == _TEAM, marks.c.user_id == _USER, marks.c.kind == _KIND, _DELIVERED, _STARRED_ONCE)
    .order_by(marks.c.made_at.desc())
    .limit(_MOST)
)
_HISTORY = (
    select(jobs).where(_OWN, _DELIVERED, _MINE_ONCE, jobs.c.seq < _AFTER).order_by(jobs.c.seq.desc()).limit(_MOST)
)
_UNFINISHED = select(jobs).where(_OWN, OPEN).order_by(jobs.c.seq).limit(_MOST)
_NAMED = select(jobs).where(jobs.c.id >= bindparam("first"), jobs.c.id < bindparam("last"), _SEEN).limit(2)
_REPLIES = select(jobs.c.seq).where(_THERE, jobs.c.thread_ts == _TS)
_ROOT = select(jobs.c.seq).where(_THERE, jobs.c.root_ts == _TS)
_FAMILY = select(jobs).where(jobs.c.seq.in_(union(_REPLIES, _ROOT))).order_by(jobs.c.seq).limit(_MOST)

_OTHER = terms.alias("other")
# Counted, not asked for one by one: a server takes seconds to plan a question with dozens of EXISTS.
_NUMBER_OF_OTHERS = (
    select(func.count())
    .where(_OTHER.c.team_id == terms.c.team_id, _OTHER.c.seq == terms.c.seq)
    .where(_OTHER.c.term.in_(bindparam("others", expanding=True)))
    .correlate(terms)
    .scalar_subquery()
)
_WITH_TERMS = (
    select(jobs)
    .join(terms, terms.c.seq == jobs.c.seq)
    .where(terms.c.team_id == _TEAM, terms.c.term == bindparam("first"), _SEEN, _DELIVERED)
    .where(terms.c.seq < _AFTER, bindparam("number") == _NUMBER_OF_OTHERS, _SEEN_ONCE)
    .order_by(terms.c.seq.desc())
    .limit(_MOST)
)


def _of(reader: Reader) -> dict[str, Any]:
    return {"at_team": reader.team_id, "at_user": reader.user_id, "at_channel": reader.channel_id or ""}


def kept(team_id: TeamId, scope: Scope, subject: str) -> Question:
    """The preferences of a person or a conversation."""
    return Question(_KEPT, {"at_team": team_id, "at_scope": scope.value, "at_subject": subject})


def customs(team_id: TeamId, user_id: UserId, channel_id: ChannelId) -> Question:
    """The preferences of a person and those of a conversation, each with its scope."""
    return Question(_CUSTOMS, {"at_team": team_id, "at_user": user_id, "at_channel": channel_id})


def draft(team_id: TeamId, draft_id: DraftId) -> Question:
    """The draft of that id."""
    return Question(_DRAFT, {"at_team": team_id, "at_id": draft_id})


def counts(job_ids: Sequence[JobId], mark: Mark) -> Question:
    """How many people marked each of the jobs."""
    return Question(_COUNTS, {"ids": list(job_ids), "at_kind": mark.value})


def top(reader: Reader, since: datetime, limit: int, skip: int) -> Question:
    """The most starred of the conversation since then. Every star given there since is counted."""
    values = {"at_kind": Mark.STAR.value, "since": since, "at_most": limit, "skip": skip}
    return Question(_TOP, _of(reader) | values, is_long=True)


def favourites(reader: Reader, limit: int) -> Question:
    """What the reader starred last; of a picture and its copies, one."""
    who = {"at_team": reader.team_id, "at_user": reader.user_id}
    return Question(_FAVOURITES, who | {"at_kind": Mark.STAR.value, "at_most": limit})


def history(reader: Reader, limit: int, after: JobId | None) -> Question:
    """The reader's delivered jobs, the latest first; of a picture and its copies, the picture."""
    who = {"at_team": reader.team_id, "at_user": reader.user_id}
    return Question(_HISTORY, who | {"at_most": limit, "at_after": after or ""})


def unfinished(reader: Reader, limit: int) -> Question:
    """The reader's unfinished jobs, the oldest first."""
    return Question(_UNFINISHED, {"at_team": reader.team_id, "at_user": reader.user_id, "at_most": limit})


def named(reader: Reader, name: str) -> Question:
    """Up to two jobs whose ids (hexadecimal digits) begin so; "z" sorts behind those wherever strings are sorted."""
    return Question(_NAMED, _of(reader) | {"first": name, "last": name + "z"})


def family(team_id: TeamId, channel_id: ChannelId, thread_ts: Ts, limit: int) -> Question:
    """The jobs of a thread, oldest first."""
    return Question(_FAMILY, {"at_team": team_id, "at_channel": channel_id, "at_ts": thread_ts, "at_most": limit})


def with_terms(reader: Reader, wanted: Sequence[str], limit: int, after: JobId | None) -> Question:
    """Delivered jobs that have every term, the latest first; of a picture and its copies, the one that stands there.

    The longest term leads, as the rarest, most likely: all jobs that have it are looked at.
    """
    first, *others = sorted(dict.fromkeys(wanted), key=len, reverse=True)
    values = {"first": first, "others": others, "number": len(others), "at_most": limit, "at_after": after or ""}
    return Question(_WITH_TERMS, _of(reader) | values, is_long=True)
