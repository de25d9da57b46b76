"""Whether a lane may submit: paused by a refusal that is the account's, tried again when a free probe answers."""

from __future__ import annotations

import math
from dataclasses import replace

import structlog

from bot.clock import Clock
from bot.errors import Cause, Fault, LaneDown
from bot.job import LaneId
from bot.ports import Chat, Images, LaneRow, Measures, Store

_log = structlog.get_logger(__name__)


class Health:
    """One lane's pause. The queue is kept, the admins are told once, and again when the lane is back.

    While it lasts, a free probe (a query of a job that does not exist) is sent every `probe_every` seconds.
    """

    def __init__(
        self,
        lane: LaneId,
        *,
        store: Store,
        images: Images,
        chat: Chat,
        clock: Clock,
        measures: Measures,
        probe_every: float,
    ) -> None:
        self._store = store
        self._images = images
        self._chat = chat
        self._clock = clock
        self._measures = measures
        self._probe_every = probe_every
        self.row = LaneRow(lane)
        self.trying = False
        self.probe_at = math.inf

    @property
    def paused(self) -> bool:
        """Whether new submits wait."""
        return self.row.paused is not None

    @property
    def cause(self) -> Cause | None:
        """Why they wait."""
        return self.row.paused

    async def load(self) -> None:
        """Read what is remembered; a paused lane is probed at once."""
        self.row = await self._store.lane(self.row.id)
        if self.paused:
            self.probe_at = self._clock.now().timestamp()

    async def stop(self, fault: LaneDown) -> None:
        """Pause: nobody's fault but the account's."""
        now = self._clock.now()
        self.trying = False
        self.probe_at = now.timestamp() + self._probe_every
        if self.row.paused is fault.cause:
            return
        self.row = replace(self.row, paused=fault.cause, paused_code=fault.code, paused_at=now, told_at=now)
        _log.error("lane_paused", lane=self.row.id, code=fault.code, detail=fault.detail, reference=fault.reference)
        await self.remember(self.row.lags)
        await self._tell(fault.cause, fault.code)

    async def probe(self) -> None:
        """Ask for free whether the account answers again; if it does, one real submit is tried."""
        self.probe_at = self._clock.now().timestamp() + self._probe_every
        try:
            await self._images.probe()
        except Fault as fault:
            _log.info("probe_refused", lane=self.row.id, code=fault.code)
            return
        self.trying = True

    async def works(self, *, lags: tuple[float, ...]) -> None:
        """A submit was taken: the lane is open, whatever was wrong before."""
        if not self.paused:
            return  # another submit was taken at the same time, and said so
        self.trying = False
        self.probe_at = math.inf
        self.row = replace(self.row, paused=None, paused_code="", paused_at=None, told_at=None)
        await self.remember(lags)
        _log.info("lane_resumed", lane=self.row.id)
        await self._tell(None, "")

    async def remember(self, lags: tuple[float, ...]) -> None:
        """Write down the pause and the slot's lags."""
        self.row = replace(self.row, lags=lags)
        self._measures.lane_paused(self.row.id, paused=self.paused)
        try:
            await self._store.save_lane(self.row)
        except Fault as fault:
            _log.warning("lane_not_written", lane=self.row.id, code=fault.code)

    async def _tell(self, cause: Cause | None, code: str) -> None:
        try:
            await self._chat.alert(self.row.id, cause=cause, code=code)
        except Fault as fault:
            _log.warning("admins_not_told", lane=self.row.id, code=fault.code)
