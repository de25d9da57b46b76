"""Our lane in the simulated provider: the bot's own timetable decides, nothing of it is written again here."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass

from bench.slots.provider import Answer, Draw, Drawing, Events, Provider, Way, World
from bench.slots.tally import Outcome, tally
from bot.forecast import Forecast, Key
from bot.job import JobId
from bot.lanes import Decision
from bot.ports import Run
from bot.timetable import Limits, Line, Timetable, Watch

_PLAIN = Key(count=1, clarity=None, raw=False)
_HISTORY = 120
"""Runs that a lane knows when it begins: it has been at work for a while."""
_WRITE = 0.004
"""Seconds that an intent takes to be on disk."""
_RATE = 20.0


@dataclass(slots=True)
class Written:
    """What a real lane would have written for its submits."""

    intents: int = 0
    withdrawals: int = 0


class OurLane:
    """One lane with a line that never ends. A refused job keeps its intent, as in the bot."""

    def __init__(self, world: World, *, seed: int, exact: bool | None, known: Draw | None = None) -> None:
        """`known`: the run times that it is used to."""
        self._events = Events(seed)
        self.provider = Provider(world, self._events.chance)
        self.way = Way(self._events, self.provider)
        self.forecast = Forecast(slots=world.slots, rate=_RATE)
        self.times = Timetable(Limits(world.slots, _RATE, exact), self.forecast)
        self.written = Written()
        self._pledged = 0
        self._wake = math.inf
        chance = random.Random(seed)
        draw = known or world.draw
        self.forecast.learn([Run(draw(chance, number), 1, None, raw=False) for number in range(_HISTORY)])

    def run(self, until: Callable[[list[Drawing]], bool]) -> None:
        """Work until that holds of the jobs."""
        self._tick()
        self._events.run(lambda: until(self.provider.jobs))

    def _tick(self) -> None:
        while True:
            now = self._events.now
            decision = self.times.decide(now, Line(ready_at=-math.inf))
            self._do(decision, now)
            if not (decision.submit or decision.offer or decision.polls):
                break
        wake = decision.wake_at
        if wake < math.inf:
            self._wake = wake
            self._events.at(wake, lambda: self._woken(wake))

    def _woken(self, wake: float) -> None:
        if wake == self._wake:
            self._tick()

    def _do(self, decision: Decision, now: float) -> None:
        if decision.submit or decision.offer:
            self._send(now, offer=decision.offer)
        for job_id in decision.polls:
            self._look(self.times.watches[job_id], now)

    def _send(self, now: float, *, offer: bool) -> None:
        self.times.submit_sent(now, offer=offer)
        if self._pledged:
            self._pledged -= 1
            self._call(now, offer=offer)
        else:
            self.written.intents += 1
            self._events.at(now + _WRITE, lambda: self._call(now + _WRITE, offer=offer))

    def _call(self, sent_at: float, *, offer: bool) -> None:
        def heard(answer: Answer, number: int) -> None:
            now = self._events.now
            self.times.submit_answered(now, sent_at=sent_at)
            self.times.submit_over(offer=offer)
            if answer is Answer.TAKEN:
                look_at = sent_at + self.times.next_look(_PLAIN, since_submit=0.0)
                self.times.taken(Watch(JobId(str(number)), _PLAIN, sent_at, look_at), sent_at, now)
            else:
                self._pledged += 1
                self.times.refused(sent_at, now, offer=offer)
            self._tick()

        self.way.submit(heard)

    def _look(self, watch: Watch, now: float) -> None:
        number = int(watch.job_id)
        self.times.look_sent(watch, now)

        def heard(answer: Answer) -> None:
            self.times.look_answered(self._events.now, sent_at=now)
            watch.looking = False
            if answer is Answer.DONE:
                self.provider.jobs[number].known = self._events.now
                self.times.off(watch, self._events.now)
                self._learn(self.times.run_time(watch, now))
            elif answer is Answer.RUNNING:
                self.times.at_work(watch, now)
            self._tick()

        self.way.query(number, heard)

    def _learn(self, seconds: float | None) -> None:
        if seconds is not None:
            self.forecast.learn([Run(seconds, 1, None, raw=False)])


def ours(world: World, *, jobs: int, seed: int, exact: bool | None = True) -> tuple[Outcome, OurLane]:
    """Have our lane do so many jobs, after as many as it takes to get going."""
    lane = OurLane(world, seed=seed, exact=exact)
    skip = 20 + 2 * world.slots
    lane.run(lambda done: len(done) > jobs + skip)
    return tally(lane.provider, skip=skip), lane
