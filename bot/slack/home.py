"""The Home tab: one person's line, pictures, favourites, wishes and quota. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot import shapes, styles
from bot.job import Job
from bot.ports import Standing
from bot.shelf import Preferences
from bot.slack import actions
from bot.slack.blocks import spoken, status
from bot.slack.elements import Json, button, clamp, link, plain_text, rich_text, row, section, sentence, text
from bot.slack.found import Found, another, entry
from bot.slack.wording import Words

MOST_SHOWN = 8
_MOST_PROMPT = 120
_MOST_WISH = 200
_MOST_HEADER = 150


@dataclass(frozen=True, slots=True)
class Waiting:
    """An unfinished job, where it stands, and where its root is to be seen."""

    job: Job
    standing: Standing
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desktop:
    """What one person has."""

    user_id: str
    wishes: Preferences
    waiting: Sequence[Waiting] = ()
    recent: Sequence[Found] = ()
    favourites: Sequence[Found] = ()


def home(words: Words, it: Desktop) -> Json:
    """The tab. 4 headers, 8 entries each of at most two blocks, and a few lines: far below Slack's 100 blocks."""
    blocks = [
        row(button(words, "home.button.ask", action_id=actions.HOME_ASK, value="-", style="primary")),
        _header(words, "home.line"),
        *_line(words, it.waiting),
        _said(words, "home.quota"),
        _header(words, "home.recent"),
        *_pictures(words, it.recent, it.user_id, "home.recent.none"),
        _header(words, "home.favourites"),
        *_pictures(words, it.favourites, it.user_id, "home.favourites.none"),
        _header(words, "home.defaults"),
        *_wishes(words, it.wishes),
    ]
    return {"type": "home", "blocks": blocks}


def _header(words: Words, key: str) -> Json:
    return {"type": "header", "text": plain_text(words.say(key), _MOST_HEADER)}


def _said(words: Words, key: str) -> Json:
    return rich_text(section(*sentence(words, key)))


def _line(words: Words, waiting: Sequence[Waiting]) -> list[Json]:
    if not waiting:
        return [_said(words, "home.line.none")]
    return [_waits(words, each) for each in waiting[:MOST_SHOWN]]


def _waits(words: Words, each: Waiting) -> Json:
    prompt = clamp(each.job.request.prompt, _MOST_PROMPT)
    title = link(each.address, prompt) if each.address else text(prompt)
    return rich_text(section(title), section(*spoken(words, status(each.job, each.standing, admins_told=False))))


def _pictures(words: Words, found: Sequence[Found], user_id: str, none: str) -> list[Json]:
    """Somebody else's are a link without their words: Slack shows what is behind it only to those who may see it."""
    if not found:
        return [_said(words, none)]
    blocks: list[Json] = []
    for each in found[:MOST_SHOWN]:
        if each.job.user_id == user_id:
            blocks += [rich_text(section(*entry(words, each))), another(words, each.job)]
        elif each.address:
            blocks.append(rich_text(section(*entry(words, each, label=words.say("home.others")))))
    return blocks or [_said(words, none)]


def _wishes(words: Words, wishes: Preferences) -> list[Json]:
    said = _wished(words, wishes)
    shown = rich_text(section(text(clamp(said, 4 * _MOST_WISH)))) if said else _said(words, "home.defaults.none")
    return [shown, row(button(words, "home.button.defaults", action_id=actions.HOME_DEFAULTS, value="-"))]


def _wished(words: Words, wishes: Preferences) -> str:
    """What is set, each in its own words: plain text."""
    style = styles.BY_CODE.get(wishes.style or "")
    shown = [
        clamp(wishes.prefix, _MOST_WISH),
        f"--no {clamp(wishes.negative, _MOST_WISH)}" if wishes.negative else "",
        f"--style {style.english if words.locale == 'en' else style.chinese}" if style else "",
        f"--ar {shapes.name(wishes.shape)}" if wishes.shape else "",
        f"--n {wishes.count}" if wishes.count else "",
        "--raw" if wishes.raw else "",
    ]
    return "  ".join(filter(None, shown))
