"""What stands with the pictures: caption, titles, and the description that a screen reader reads. Pure."""

from __future__ import annotations

from bot import shapes
from bot.job import Charged, Job, Kind
from bot.plain import tidy
from bot.prompt import recipe
from bot.request import Request
from bot.slack.elements import (
    MOST_ALT,
    MOST_RECIPE,
    MOST_TITLE,
    Json,
    Mention,
    Param,
    Room,
    clamp,
    preformatted,
    quote,
    rich_text,
    section,
    sentence,
    units,
    within,
)
from bot.slack.results import result_row
from bot.slack.wording import Words

_EACH_REVISED = 1100
_MOST_REVISED = (3000, 1000, 400)
"""Of all the wordings together; less where so much would be more than Slack takes."""


def caption(words: Words, job: Job) -> list[Json]:
    """The blocks of the message that holds the pictures. It names the asker: an edited root notifies nobody."""
    return within(lambda most: [rich_text(*_parts(words, job, most)), result_row(words, job)], *_MOST_REVISED)


def _parts(words: Words, job: Job, most: int) -> list[Json]:
    said = "caption.for" if job.kind is Kind.DRAW else "caption.copy" if job.private else "caption.shared"
    parts = [section(*sentence(words, said, asker=Mention(job.user_id))), quote(job.request.prompt)]
    revised = _revised(words, job)
    if revised:
        parts.append(section(*sentence(words, "caption.revised")))
        parts += [quote(clamp(wording, most // len(revised))) for wording in revised]
    parts += [section(*sentence(words, key, **params)) for key, params in _remarks(job)]
    line = recipe(job.request)
    if units(line) <= MOST_RECIPE:
        parts += [section(*sentence(words, recipe_intro(job.request))), preformatted(line)]
    return parts


def recipe_intro(request: Request) -> str:
    """The sentence over a recipe: no line can carry a reference picture."""
    return "caption.recipe.reference" if request.reference else "caption.recipe"


def _revised(words: Words, job: Job) -> list[str]:
    """The provider's own wordings that differ from what was asked, each once, under the numbers of its pictures."""
    numbers: dict[str, list[str]] = {}
    for number, wording in enumerate(job.revised, 1):
        tidied = clamp(tidy(wording), _EACH_REVISED)
        if tidied and tidied != job.request.prompt:
            numbers.setdefault(tidied, []).append(str(number))
    n = max(len(job.revised), len(job.pictures))
    comma = ", " if words.gap else "、"
    return [each if len(of) == n else f"{comma.join(of)}. {each}" for each, of in numbers.items()]


def _remarks(job: Job) -> list[tuple[str, dict[str, Param]]]:
    said: list[tuple[str, dict[str, Param]]] = []
    made, asked = len(job.pictures), job.request.count
    if job.kind is Kind.DRAW and job.root_ts is None and job.origin_channel_id not in {None, job.channel_id}:
        said.append(("caption.displaced", {"room": Room(str(job.origin_channel_id))}))
    if made < asked:
        said.append(("caption.fewer", {"n": made, "asked": asked}))
    if job.charged is Charged.MAYBE_TWICE:
        said.append(("caption.twice", {}))
    return said


def title(job: Job) -> str:
    """What Slack shows over a picture."""
    return clamp(job.request.prompt, MOST_TITLE)


def alt_text(words: Words, job: Job, *, number: int, n: int) -> str:
    """What is in the picture, as far as anybody asked; whole within Slack's 1000 characters."""
    shape = shapes.name(job.request.shape)
    empty = words.say("caption.alt", number=number, n=n, prompt="", shape=shape)
    prompt = clamp(job.request.prompt, MOST_ALT - units(empty))
    return words.say("caption.alt", number=number, n=n, prompt=prompt, shape=shape)


def filename(job: Job, *, number: int, mime: str) -> str:
    """A name of ours: no user text, so nothing in it can surprise anybody's file system."""
    ending = {"image/jpeg": "jpg", "image/webp": "webp", "image/gif": "gif"}.get(mime, "png")
    return f"imagine-{job.id[:8]}-{number}.{ending}"
