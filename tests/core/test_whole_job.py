"""A job from its ask to its end, on the scripted world."""

from __future__ import annotations

from bot.job import State
from bot.ports import Chat, Images, Measures, Spool
from tests.core.engine import Engine
from tests.core.world import FakeChat, FakeImages, FakeSpool, Tally, Time


def test_the_fakes_are_what_the_ports_ask_for() -> None:
    chat: Chat = FakeChat()
    images: Images = FakeImages(Time())
    spool: Spool = FakeSpool()
    measures: Measures = Tally()
    assert chat
    assert images
    assert spool
    assert measures


async def test_an_ask_is_delivered_once_and_its_bytes_are_forgotten(engine: Engine) -> None:
    job = await engine.ask("a fox --n 2")
    done = await engine.until_state(job, State.DELIVERED)
    await engine.turn()
    assert engine.chat.shares == [job.id]
    assert engine.chat.ends == [(job.id, State.DELIVERED)]
    assert (len(done.file_ids), done.share_ts, done.revised) == (2, "2.1", ("in detail",))
    assert engine.spool.objects == {}
    assert engine.tally.steps == [
        ("announce", "Announced"),
        ("submit", "Submitted"),
        ("poll", "Finished"),
        ("fetch", "Fetched"),
        ("upload", "Uploaded"),
        ("share", "Shared"),
    ]
