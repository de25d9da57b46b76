"""Makes delivered jobs findable, in the transaction that delivers them."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, delete, insert

from bot.job import Job, State
from bot.store.shelf_tables import terms
from bot.terms import terms as terms_of

_WRITE = insert(terms)
_FORGET = delete(terms).where(terms.c.seq == bindparam("at_seq"))


def moved(connection: Connection, before: State, job: Job, *, seq: int) -> None:
    """Write the job's terms when it is delivered, forget them when it is deleted."""
    was, is_ = before is State.DELIVERED, job.state is State.DELIVERED
    if was == is_:
        return
    if was:
        connection.execute(_FORGET, {"at_seq": seq})
        return
    words = terms_of(" ".join((job.request.prompt, *job.revised)))
    if words:
        who = {"team_id": job.team_id, "enterprise_id": job.enterprise_id, "seq": seq}
        connection.execute(_WRITE, [who | {"term": word} for word in words])
