"""The acknowledgement path: the real bot beside bare Bolt apps, and with its hands full.

Every server gets the same signed commands from this process, over keep-alive connections, and is measured from the
intended moment of sending to the last byte of the answer. The bot is the whole program, on a fresh database with the
usual promises of the disk, against the local Slack in a process of its own; it goes on to announce what it accepted, as
far as Slack's limits let it. After each round it is killed, and every command that it acknowledged must be on the disk.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from bench.acks.bare import Kind
from bench.acks.busy import HandsFull, crowded, measure_busy
from bench.acks.commands import Addressee
from bench.acks.databases import Databases, Sqlite, postgres
from bench.acks.rounds import Effort, Figures, Round, measure_bare, measure_bot
from bench.acks.servers import bare, fakes
from bench.acks.verdicts import Measured, rows
from bench.rows import Plan, Row

FULL = Effort(rounds=5, steady=3.0, flat_out=1.2, busy_rounds=5, busy=4.0, waiting=100_000, kinds=tuple(Kind))
QUICK = Effort(
    rounds=1, steady=0.8, flat_out=0.4, busy_rounds=1, busy=1.2, waiting=5_000, kinds=(Kind.DEFAULT, Kind.PROMPT)
)
"""Without PostgreSQL, and without the peer that stores."""


def measure(plan: Plan) -> Sequence[Row]:
    """Latency, throughput and burst beside the peers; latency while much else goes on."""
    effort = QUICK if plan.quick else FULL
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        slack = stack.enter_context(fakes(folder))
        peers = stack.enter_context(bare(effort.kinds, slack.fresh(), folder))
        embedded = Sqlite(folder / "sqlite")
        databases: list[Databases] = [embedded]
        if not plan.quick:
            databases.append(stack.enter_context(postgres(folder / "postgres")))
        ours = {each.name: Figures() for each in databases}
        measured = Measured({kind: Figures() for kind in peers}, ours, HandsFull(), effort.waiting)
        for number in range(effort.rounds):
            this = Round(effort, plan.seed + number)
            _bare_round(measured, peers, this, number)
            for each in databases:
                measure_bot(ours[each.name], each, slack, this, folder)
        crowd = crowded(embedded, effort.waiting)
        for number in range(effort.busy_rounds):
            measure_busy(measured.busy, crowd, embedded, slack, seconds=effort.busy, seed=plan.seed + number)
        return rows(measured)


def _bare_round(measured: Measured, peers: dict[Kind, Addressee], this: Round, number: int) -> None:
    """Each peer, in another order each time; the one that stores once is enough."""
    kinds = [kind for kind in peers if number == 0 or kind is not Kind.SESSION]
    for kind in kinds[number % len(kinds) :] + kinds[: number % len(kinds)]:
        measure_bare(measured.peers[kind], peers[kind], this)
