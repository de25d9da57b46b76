"""Who wins a round: the pictures of a thread that most people voted for. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.job import Job, JobId, State


@dataclass(frozen=True, slots=True)
class Outcome:
    """Those with the most votes, in the order of asking; several are a tie. Nobody won where nobody voted."""

    winners: tuple[Job, ...]
    votes: int

    @property
    def is_tie(self) -> bool:
        """Whether nobody stands alone at the top."""
        return len(self.winners) > 1


def counted(jobs: Sequence[Job], votes: Mapping[JobId, int]) -> Outcome:
    """What the votes say of the pictures that are there to be seen."""
    there = [job for job in jobs if job.state is State.DELIVERED]
    most = max((votes.get(job.id, 0) for job in there), default=0)
    winners = tuple(job for job in there if most and votes.get(job.id, 0) == most)
    return Outcome(winners, most)


def may_close(jobs: Sequence[Job], user_id: str) -> bool:
    """Whether the thread is this person's: they asked for the first picture in it."""
    return bool(jobs) and jobs[0].user_id == user_id
