"""Looks at jobs at the provider, and what an answer, or none, means."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.errors import Cause, LaneDown, Rejected, Throttled, Unavailable
from bot.events import Event, Faulted, Finished, ProviderFailed
from bot.health import Health
from bot.job import Job
from bot.ports import Broken, Done, Images, Progress, Running
from bot.timetable import Timetable, Watch

_YOUNG = 30.0  # seconds; a job lost so soon after its submit may only be late in the provider's books
_REQUERY = 5.0
_BLIND = timedelta(hours=24)
"""How long after its deadline a job is believed in although nobody answers for it: it may be done, and paid for."""
_SHADOW = timedelta(hours=1)
"""How long a job that was given up still counts as one that holds a slot, unless the provider says that it ended."""
_SHADOW_LOOK = 30.0


@dataclass(slots=True, kw_only=True)
class Look(Watch):
    """A job at the provider, as this process sees it. Times without a zone are Unix seconds."""

    job: Job
    looked_at: float = 0.0
    misses: int = 0
    running_at: datetime | None = None
    overdue_at: datetime | None = None
    given_up_at: datetime | None = None


class Looks:
    """Looks once when told to, and has the timetable note when to look next."""

    def __init__(self, *, images: Images, clock: Clock, health: Health, grace: float, times: Timetable) -> None:
        self._images = images
        self._clock = clock
        self._health = health
        self._grace = timedelta(seconds=grace)
        self._times = times

    async def look(self, look: Look) -> Event | None:
        """Look; None if there is nothing to write down yet."""
        assert look.job.provider_job_id is not None
        try:
            progress = await self._images.query(look.job.provider_job_id)
        except (Unavailable, Throttled) as fault:
            return self._missed(look, fault)
        except LaneDown as fault:
            await self._health.stop(fault)
            look.look_at = self._health.probe_at
            return self._blind(look, fault.code, fault.cause)
        except Rejected as fault:
            return self._lost(look, fault)
        look.misses = 0
        return self._judge(look, progress)

    def is_shadow_over(self, look: Look) -> bool:
        """Whether a job that was given up need not be reckoned with any more."""
        return look.given_up_at is not None and self._clock.now() > look.given_up_at + _SHADOW

    def _judge(self, look: Look, progress: Progress) -> Event | None:
        now = self._clock.now()
        match progress:
            case Done(links=links, die_at=die_at, revised=revised):
                return Finished(links, die_at, revised, look.running_at)
            case Broken(code=code, cause=cause, redraw=redraw, reference=reference):
                return ProviderFailed(code, cause, redraw=redraw, reference=reference)
            case Running():
                look.running_at = look.running_at or now
        if look.given_up_at is not None:
            look.look_at = now.timestamp() + _SHADOW_LOOK
            return None
        self._times.at_work(look, look.looked_at)
        return self._stuck(look, now)

    def _stuck(self, look: Look, now: datetime) -> Event | None:
        """Past its deadline, and still so after a while: a clock that jumped ahead must not end what is being drawn."""
        if look.job.deadline_at is None or now <= look.job.deadline_at:
            return None
        look.overdue_at = look.overdue_at or now
        return Faulted("stuck", Cause.STUCK) if now >= look.overdue_at + self._grace else None

    def _missed(self, look: Look, fault: Unavailable | Throttled) -> Event | None:
        """No answer is no news: the job goes on at the provider."""
        look.misses += 1
        wait = fault.retry_after if isinstance(fault, Throttled) else min(30.0, 0.5 * 2.0 ** min(look.misses, 10))
        look.look_at = self._clock.now().timestamp() + wait
        return self._blind(look, fault.code, Cause.PROVIDER_STUMBLED)

    def _blind(self, look: Look, code: str, cause: Cause) -> Event | None:
        deadline = look.job.deadline_at
        if look.given_up_at is None and deadline is not None and self._clock.now() > deadline + _BLIND:
            return Faulted(code, cause)
        return None

    def _lost(self, look: Look, fault: Rejected) -> Event | None:
        now = self._clock.now().timestamp()
        if fault.cause is Cause.JOB_LOST and now - look.since < _YOUNG:
            look.look_at = now + _REQUERY
            return None
        return Faulted(fault.code, fault.cause, reference=fault.reference)
