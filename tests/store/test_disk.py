"""How long one waits for a disk decides where one waits for it."""

from __future__ import annotations

import pytest

from bot.store.disk import DISTRUST, LAST, QUICK, SLOW, Disk


def after(*waits: float) -> Disk:
    disk = Disk()
    for wait in waits:
        disk.note(wait)
    return disk


def test_a_disk_is_not_trusted_before_it_has_shown_how_quick_it_is() -> None:
    assert not Disk().is_quick
    assert not after(*[QUICK / 2] * (DISTRUST - 1)).is_quick
    assert after(*[QUICK / 2] * DISTRUST).is_quick


def test_one_that_is_usually_slower_than_a_thread_is_waited_for_in_a_thread() -> None:
    assert not after(*[QUICK * 2] * DISTRUST * 9).is_quick


def test_a_few_longer_waits_are_chance() -> None:
    assert after(*[QUICK / 2] * DISTRUST, *[QUICK * 2] * (LAST // 2)).is_quick
    assert not after(*[QUICK / 2] * DISTRUST, *[QUICK * 2] * (LAST // 2 + 1)).is_quick


def test_one_wait_that_the_whole_loop_would_feel_ends_the_trust_for_a_while() -> None:
    disk = after(*[QUICK / 2] * DISTRUST, SLOW * 1.1)
    assert not disk.is_quick
    for _ in range(DISTRUST - 1):
        disk.note(QUICK / 2)
    assert not disk.is_quick
    disk.note(QUICK / 2)
    assert disk.is_quick


def test_what_breaks_while_one_waits_is_a_wait_too() -> None:
    disk = after(*[QUICK / 2] * (DISTRUST - 1))
    with pytest.raises(OSError, match="full"), disk.wait():
        raise OSError("full")
    assert disk.is_quick
