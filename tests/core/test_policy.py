"""Who may, and what a reaction means."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.policy import Reactions, Wish, again, may_be_exact, sharpened
from bot.request import Clarity, Request, Shape

NAMES = Reactions(
    reroll=frozenset({"repeat", "+1"}),
    cancel=frozenset({"x"}),
    illustrate=frozenset({"art"}),
    star=frozenset({"star"}),
    vote=frozenset({"thumbsup"}),
)


@pytest.mark.parametrize(
    ("name", "wish"),
    [
        ("repeat", Wish.REROLL),
        ("+1::skin-tone-4", Wish.REROLL),
        ("x", Wish.CANCEL),
        ("art", Wish.ILLUSTRATE),
        ("star", Wish.STAR),
        ("thumbsup::skin-tone-2", Wish.VOTE),
        ("heart", None),
        ("skin-tone-4", None),
    ],
)
def test_a_reaction_means_what_the_workspace_says_whatever_its_skin_tone(name: str, wish: Wish | None) -> None:
    assert NAMES.wish(name) is wish


@pytest.mark.parametrize(
    ("raw", "exact", "then"), [(False, False, False), (False, True, True), (True, False, True), (True, True, True)]
)
def test_again_keeps_all_but_the_seed_and_exact_words_stay_exact(*, raw: bool, exact: bool, then: bool) -> None:
    request = Request("a fox", shape=Shape.SQUARE, seed=7, raw=raw)
    assert again(request, exact=exact) == Request("a fox", shape=Shape.SQUARE, seed=None, raw=then)


def test_only_what_can_be_drawn_again_alike_is_drawn_larger() -> None:
    seeded = Request("a fox", seed=42, raw=True)
    assert sharpened(seeded) == replace(seeded, clarity=Clarity.X2)
    for other in (
        replace(seeded, seed=None),
        replace(seeded, raw=False),
        replace(seeded, reference="F1"),
        replace(seeded, clarity=Clarity.X2),
    ):
        assert sharpened(other) is None


def test_exact_words_are_offered_where_they_would_be_used() -> None:
    assert may_be_exact(Request("a fox"))
    assert not may_be_exact(Request("a fox", raw=True))
    assert not may_be_exact(Request("a fox", reference="F1"))
