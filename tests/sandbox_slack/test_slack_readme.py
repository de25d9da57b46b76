"""What the sandbox's README promises is what the local Slack has."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

from sandbox.slack import FaultKind, SlackSettings
from sandbox.slack.dispatch import METHODS
from sandbox.slack.limits import Tier
from sandbox.slack.person import Person

README = (Path(__file__).resolve().parents[2] / "sandbox" / "README.md").read_text()
TIERS = {Tier.TWO: "20", Tier.THREE: "50", Tier.FOUR: "100", Tier.POSTING: "300", Tier.HUNDREDS: "600"}


def rows(heading: str) -> list[list[str]]:
    """The cells of the table below a heading, without its two head lines."""
    section = README.split(f"\n### {heading}\n")[1].split("\n#")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_the_readme_lists_every_method_with_its_scope_and_limit() -> None:
    listed = {name.strip("`"): (scopes.replace("`", ""), limit) for name, scopes, limit in rows("Methods")}
    real = {
        name: (", ".join(method.scopes) or ("app token" if method.app_token else "none"), TIERS[method.tier])
        for name, method in METHODS.items()
    }
    assert listed == real


def test_the_readme_names_everything_that_people_can_do() -> None:
    named = {name for cells in rows("What people do") for name in re.findall(r"`(\w+)`", cells[0])}
    assert named == {name for name, it in vars(Person).items() if callable(it) and not name.startswith("_")}


def test_the_readme_explains_every_setting_and_fault() -> None:
    settings = {name for cells in rows("Switches") for name in re.findall(r"`(\w+)`", cells[0])}
    assert settings == {field.name for field in dataclasses.fields(SlackSettings)}
    assert {cells[0].strip("`") for cells in rows("Faults")} == set(FaultKind)
