"""Who may, and what a reaction means."""

from __future__ import annotations

import pytest

from bot.policy import Reactions, Wish, again
from bot.request import Request, Shape

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
