"""Who waits for an acknowledgement goes first, and everything else goes on all the same."""

from __future__ import annotations

import asyncio

import pytest

from bot import precedence
from bot.precedence import Precedence


async def test_work_goes_on_at_once_while_nobody_asks() -> None:
    order = Precedence()
    await asyncio.gather(*(order.give_way() for _ in range(9)))


async def test_work_waits_until_nobody_asks_any_more() -> None:
    order, done = Precedence(), asyncio.Event()

    async def work() -> None:
        await order.give_way()
        done.set()

    with order.asking():
        waiting = asyncio.create_task(work())
        for _ in range(9):
            await asyncio.sleep(0)
        assert not done.is_set()
    await waiting


async def test_of_two_who_ask_both_are_waited_for() -> None:
    order = Precedence()
    with order.asking():
        with order.asking():
            waiting = asyncio.create_task(order.give_way())
            await asyncio.sleep(0)
        for _ in range(9):
            await asyncio.sleep(0)
        assert not waiting.done()
    await waiting


async def test_work_goes_on_even_if_somebody_always_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precedence, "LONGEST", 0.01)
    order = Precedence()
    with order.asking():
        await order.give_way()


async def test_pieces_of_work_come_one_at_a_time_while_people_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    """An ask that comes after the first piece finds the second still waiting."""
    monkeypatch.setattr(precedence, "REST", 0.0)
    monkeypatch.setattr(precedence, "GRACE", 0.0)
    order = Precedence()
    begun: list[int] = []
    asked = order.asking()

    async def work(number: int) -> None:
        await order.give_way(long=True)
        begun.append(number)
        if number == 0:
            asked.__enter__()

    with order.asking():
        pieces = [asyncio.create_task(work(number)) for number in range(3)]
        await asyncio.sleep(0)
    await pieces[0]
    for _ in range(9):
        await asyncio.sleep(0)
    assert begun == [0]
    asked.__exit__(None, None, None)
    await asyncio.gather(*pieces)
    assert begun == [0, 1, 2]


async def test_an_announcement_lets_the_acknowledgement_go_first() -> None:
    order, said = Precedence(), list[str]()

    async def announce() -> None:
        await order.give_way(long=True)
        said.append("announced")

    with order.asking():
        announcing = asyncio.create_task(announce())
        await asyncio.sleep(0)
    for _ in range(9):  # rounds of the loop that an acknowledgement takes, and more
        await asyncio.sleep(0)
    said.append("acknowledged")
    await announcing
    assert said == ["acknowledged", "announced"]


async def test_a_piece_that_is_cancelled_lets_the_next_go() -> None:
    order = Precedence()
    with order.asking():
        first, second = (asyncio.create_task(order.give_way()) for _ in range(2))
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.sleep(0)
    await second


async def test_what_is_due_in_the_same_moment_begins_round_by_round_and_an_ask_between_goes_first() -> None:
    """Four downloads of a job: whoever asks when the first has begun does not wait for the other three."""
    order = Precedence()
    begun: list[int] = []
    asked = order.asking()

    async def download(number: int) -> None:
        await order.piece()
        begun.append(number)
        if number == 0:
            asyncio.get_running_loop().call_soon(asked.__enter__)

    downloads = [asyncio.create_task(download(number)) for number in range(4)]
    await downloads[0]
    for _ in range(9):
        await asyncio.sleep(0)
    assert begun == [0]
    asked.__exit__(None, None, None)
    await asyncio.gather(*downloads)
    assert begun == [0, 1, 2, 3]


async def test_pieces_go_on_even_if_somebody_always_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precedence, "LONGEST", 0.01)
    order = Precedence()
    with order.asking():
        await asyncio.gather(*(order.piece() for _ in range(9)))


async def test_a_piece_given_up_while_it_waits_lets_the_next_go() -> None:
    order = Precedence()
    with order.asking():
        first, second = (asyncio.create_task(order.piece()) for _ in range(2))
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.sleep(0)
    await second
    assert first.cancelled()
