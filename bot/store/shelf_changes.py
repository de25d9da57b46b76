"""What is written on the shelf. Each may be done twice without harm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, select

from bot.job import Job, TeamId, UserId
from bot.shelf import Draft, DraftId, Mark, Preferences, Scope
from bot.store.shelf_tables import drafts, marks, preferences
from bot.store.upsert import insert_into

_THIS = and_(
    marks.c.team_id == bindparam("at_team"),
    marks.c.job_id == bindparam("at_job"),
    marks.c.kind == bindparam("at_kind"),
    marks.c.user_id == bindparam("at_user"),
)
_MADE_AT = select(marks.c.made_at).where(_THIS)
_UNMARK = delete(marks).where(_THIS)
_THIS_DRAFT = delete(drafts).where(
    drafts.c.team_id == bindparam("of_team"),
    drafts.c.id == bindparam("of_id"),
    drafts.c.user_id == bindparam("of_user"),
)
_OLD_DRAFTS = delete(drafts).where(drafts.c.made_at < bindparam("before"))


@dataclass(frozen=True, slots=True)
class Kept:
    """What a person or a conversation prefers from now on."""

    team_id: TeamId
    scope: Scope
    subject: str
    preferences: Preferences


@dataclass(frozen=True, slots=True)
class Marking:
    """A person's mark on a job, made at that time, or to be taken back."""

    job: Job
    user_id: UserId
    mark: Mark
    at: datetime | None = None

    @property
    def key(self) -> dict[str, Any]:
        """What there is one mark of."""
        job = self.job
        return {"at_team": job.team_id, "at_job": job.id, "at_kind": self.mark.value, "at_user": self.user_id}


def prefer(connection: Connection, keeps: Sequence[Kept]) -> Sequence[None]:
    """Keep each instead of what was kept there before."""
    for each in keeps:
        key = {"team_id": each.team_id, "scope": each.scope.value, "subject": each.subject}
        values = {"document": asdict(each.preferences)}
        statement = insert_into(preferences, connection.dialect.name).values(**key, **values)
        columns = [preferences.c.team_id, preferences.c.scope, preferences.c.subject]
        connection.execute(statement.on_conflict_do_update(index_elements=columns, set_=values))
    return [None] * len(keeps)


def put_drafts(connection: Connection, puts: Sequence[Draft]) -> Sequence[None]:
    """Store each, if it is not there yet."""
    connection.execute(
        insert_into(drafts, connection.dialect.name).on_conflict_do_nothing(), [asdict(draft) for draft in puts]
    )
    return [None] * len(puts)


def drop_drafts(connection: Connection, turned_down: Sequence[tuple[TeamId, DraftId, UserId]]) -> Sequence[bool]:
    """Drop each; whether it was there and theirs."""
    named = [dict(zip(("of_team", "of_id", "of_user"), each, strict=True)) for each in turned_down]
    return [connection.execute(_THIS_DRAFT, each).rowcount > 0 for each in named]


def forget_drafts(connection: Connection, befores: Sequence[datetime]) -> Sequence[int]:
    """Drop drafts older than each; how many."""
    return [connection.execute(_OLD_DRAFTS, {"before": before}).rowcount for before in befores]


def mark(connection: Connection, markings: Sequence[Marking]) -> Sequence[bool]:
    """Note each; whether it is new."""
    return [_mark(connection, each) for each in markings]


def _mark(connection: Connection, this: Marking) -> bool:
    job = this.job
    row = {"team_id": job.team_id, "job_id": job.id, "kind": this.mark.value, "user_id": this.user_id}
    about = {"enterprise_id": job.enterprise_id, "channel_id": job.channel_id, "made_at": this.at}
    result = connection.execute(
        insert_into(marks, connection.dialect.name).values(row | about).on_conflict_do_nothing()
    )
    if result.rowcount == 1:
        return True
    made_at: datetime | None = connection.scalar(_MADE_AT, this.key)
    return made_at == this.at  # this very mark was committed already: the answer to its COMMIT was lost


def unmark(connection: Connection, markings: Sequence[Marking]) -> Sequence[None]:
    """Take each back, if it is there."""
    for this in markings:
        connection.execute(_UNMARK, this.key)
    return [None] * len(markings)
