"""The load: requests at their intended times whatever the answers do, or as fast as answers come.

It speaks HTTP/1.1 over its own keep-alive connections, for a full client would cost more than what it measures. Its
loop waits by `select`, which knows microseconds; `epoll` rounds up to whole milliseconds.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import selectors
from collections import deque
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from bench.acks.commands import Command

LOST = 599
"""The status we give to a request whose connection broke."""
_PATIENCE = 10.0  # seconds after the last request until what is missing counts as lost


def open_loop() -> asyncio.AbstractEventLoop:
    """A loop with a fine clock."""
    return asyncio.SelectorEventLoop(selectors.SelectSelector())


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of one request: `seconds` from the intended time to the last byte of the answer."""

    trigger: str
    status: int
    seconds: float


@dataclass(slots=True)
class Outcome:
    """All answers of one measurement, and how long it took."""

    answers: list[Answered] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def accepted(self) -> list[str]:
        """The triggers that were acknowledged."""
        return [answer.trigger for answer in self.answers if answer.status == 200]

    @property
    def failed(self) -> int:
        """How many were not."""
        return sum(answer.status != 200 for answer in self.answers)

    @property
    def rate(self) -> float:
        """Acknowledgements a second."""
        return len(self.accepted) / self.seconds

    def quantile(self, share: float) -> float:
        """The latency that this share of the answers stayed within; milliseconds."""
        ordered = sorted(answer.seconds for answer in self.answers)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000

    @property
    def slowest(self) -> float:
        """Milliseconds."""
        return self.quantile(1.0)


class _Line(asyncio.Protocol):
    """One connection: one request at a time."""

    def __init__(self, crew: _Crew) -> None:
        self._crew = crew
        self._transport: asyncio.Transport | None = None
        self._command: Command | None = None
        self._intended = 0.0
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def send(self, command: Command, intended: float) -> None:
        """Write it now."""
        assert self._transport is not None
        self._command, self._intended, self._received = command, intended, b""
        self._transport.write(command.wire)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        if end and len(body) >= _length(head):
            self._done(int(head[9:12]))

    def connection_lost(self, _exc: Exception | None) -> None:
        if self._command is not None:
            self._done(LOST)
        self._crew.leave(self)

    def _done(self, status: int) -> None:
        command, self._command = self._command, None
        assert command is not None
        self._crew.done(self, command, status, self._intended)

    def close(self) -> None:
        assert self._transport is not None
        self._transport.close()


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


class _Crew:
    """Some connections to one server, and what waits for a free one."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._lines: set[_Line] = set()
        self._free: list[_Line] = []
        self._waiting: deque[tuple[Command, float]] = deque()
        self._sent = 0
        self._settled = asyncio.Event()
        self.outcome = Outcome()
        self.more: Iterator[Command] | None = None

    async def connect(self, port: int, count: int) -> None:
        for _ in range(count):
            _, line = await self._loop.create_connection(lambda: _Line(self), "127.0.0.1", port)
            self._lines.add(line)
            self._free.append(line)

    def send(self, command: Command, intended: float) -> None:
        """Send it on a free connection, or as soon as there is one."""
        self._sent += 1
        self._settled.clear()
        if self._free:
            self._free.pop().send(command, intended)
        else:
            self._waiting.append((command, intended))

    def done(self, line: _Line, command: Command, status: int, intended: float) -> None:
        now = self._loop.time()
        self.outcome.answers.append(Answered(command.trigger, status, now - intended))
        if status != LOST:
            self._go_on(line, now)
        if len(self.outcome.answers) == self._sent:
            self._settled.set()

    def _go_on(self, line: _Line, now: float) -> None:
        if self._waiting:
            line.send(*self._waiting.popleft())
            return
        self._free.append(line)
        if self.more is not None and (following := next(self.more, None)) is not None:
            self.send(following, now)

    def leave(self, line: _Line) -> None:
        self._lines.discard(line)
        if line in self._free:
            self._free.remove(line)

    async def work(self, seconds: float) -> None:
        """Let it go on for so long, or until there is nothing more to send."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._settled.wait()

    async def complete(self) -> None:
        """Wait until everything that was sent is answered. Raises `TimeoutError` if that does not happen."""
        self.more = None
        async with asyncio.timeout(_PATIENCE):
            await self._settled.wait()

    def close(self) -> None:
        for line in tuple(self._lines):
            line.close()


def arrivals(rate: float, seconds: float, chance: random.Random) -> list[float]:
    """Times of a Poisson stream, in seconds from its start."""
    times, now = [], chance.expovariate(rate)
    while now < seconds:
        times.append(now)
        now += chance.expovariate(rate)
    return times


@asynccontextmanager
async def _measuring(port: int, lines: int) -> AsyncIterator[_Crew]:
    """Connected before the clock starts; everything is answered when it stops."""
    crew = _Crew()
    await crew.connect(port, lines)
    loop = asyncio.get_running_loop()
    began = loop.time()
    yield crew
    await crew.complete()
    crew.outcome.seconds = loop.time() - began
    crew.close()


async def at_times(port: int, commands: Sequence[Command], times: Sequence[float], *, lines: int = 64) -> Outcome:
    """Send each at its time, however late the answers to others are."""
    loop = asyncio.get_running_loop()
    async with _measuring(port, lines) as crew:
        began = loop.time()
        for command, time in zip(commands, times, strict=True):
            if (wait := began + time - loop.time()) > 0:
                await asyncio.sleep(wait)
            crew.send(command, began + time)
    return crew.outcome


async def flat_out(port: int, commands: Sequence[Command], *, seconds: float, lines: int = 32) -> Outcome:
    """Keep every connection busy for some seconds, or until all are sent; what is under way then is waited for."""
    loop = asyncio.get_running_loop()
    async with _measuring(port, lines) as crew:
        crew.more = iter(commands)
        for command in itertools.islice(crew.more, lines):
            crew.send(command, loop.time())
        await crew.work(seconds)
    return crew.outcome
