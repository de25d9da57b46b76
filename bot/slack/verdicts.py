"""What is said about a failure besides its cause: whose fault it is, and what to do. Pure data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.errors import Cause


class Blame(StrEnum):
    """Whose fault it is."""

    WORDING = "wording"
    OPTION = "option"
    IMAGE = "image"
    CHANCE = "chance"
    SERVICE = "service"
    ACCOUNT = "account"
    BOT = "bot"
    SLACK = "slack"
    NOBODY = "nobody"


class Next(StrEnum):
    """What to do. `ADMIN` is said in two ways: somebody was told, or should be."""

    REWORD = "reword"
    SOFTEN = "soften"
    OTHER_IMAGE = "other_image"
    IMAGE_RULES = "image_rules"
    SHORTEN = "shorten"
    OPTIONS = "options"
    AGAIN = "again"
    LATER = "later"
    INVITE = "invite"
    ELSEWHERE = "elsewhere"
    RULES = "rules"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What follows the cause's own sentence."""

    blame: Blame
    next: Next


VERDICTS: Mapping[Cause, Verdict] = {
    Cause.NOT_UNDERSTOOD: Verdict(Blame.WORDING, Next.REWORD),
    Cause.TEXT_REFUSED: Verdict(Blame.WORDING, Next.REWORD),
    Cause.REFERENCE_REFUSED: Verdict(Blame.IMAGE, Next.OTHER_IMAGE),
    Cause.REFERENCE_GONE: Verdict(Blame.IMAGE, Next.OTHER_IMAGE),
    Cause.REFERENCE_NOT_A_PICTURE: Verdict(Blame.IMAGE, Next.OTHER_IMAGE),
    Cause.REFERENCE_TOO_LARGE: Verdict(Blame.IMAGE, Next.OTHER_IMAGE),
    Cause.REFERENCE_SHAPE: Verdict(Blame.OPTION, Next.OPTIONS),
    Cause.RESULT_REFUSED: Verdict(Blame.CHANCE, Next.SOFTEN),
    Cause.IMAGE_UNUSABLE: Verdict(Blame.IMAGE, Next.IMAGE_RULES),
    Cause.PROMPT_TOO_LONG: Verdict(Blame.WORDING, Next.SHORTEN),
    Cause.OPTION_REFUSED: Verdict(Blame.OPTION, Next.OPTIONS),
    Cause.BUSY: Verdict(Blame.NOBODY, Next.LATER),
    Cause.PROVIDER_STUMBLED: Verdict(Blame.SERVICE, Next.LATER),
    Cause.JOB_LOST: Verdict(Blame.SERVICE, Next.AGAIN),
    Cause.NO_CREDIT: Verdict(Blame.ACCOUNT, Next.ADMIN),
    Cause.NOT_ENABLED: Verdict(Blame.ACCOUNT, Next.ADMIN),
    Cause.MISCONFIGURED: Verdict(Blame.ACCOUNT, Next.ADMIN),
    Cause.RETIRED: Verdict(Blame.SERVICE, Next.ADMIN),
    Cause.UNEXPECTED: Verdict(Blame.BOT, Next.LATER),
    Cause.OUTCOME_UNKNOWN: Verdict(Blame.SERVICE, Next.AGAIN),
    Cause.STUCK: Verdict(Blame.SERVICE, Next.AGAIN),
    Cause.BAD_PICTURE: Verdict(Blame.SERVICE, Next.AGAIN),
    Cause.NO_ROAD: Verdict(Blame.NOBODY, Next.INVITE),
    Cause.ARCHIVED: Verdict(Blame.NOBODY, Next.ELSEWHERE),
    Cause.COPY_GONE: Verdict(Blame.NOBODY, Next.AGAIN),
    Cause.SLACK_REFUSED: Verdict(Blame.SLACK, Next.RULES),
    Cause.SLACK_DOWN: Verdict(Blame.SLACK, Next.LATER),
}
