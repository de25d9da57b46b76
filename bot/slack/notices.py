"""Everything else that is said to a person: apologies, receipts, what could not be understood, help. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot import coach, shapes, styles
from bot.errors import Cause
from bot.flags import CHINESE, Flag
from bot.job import Failure, Job, Kind, LaneId
from bot.parsed import Note, Problem, listed
from bot.permutations import MOST
from bot.prompt import problems_of, recipe
from bot.request import MAX_TEXT, Request
from bot.slack import actions
from bot.slack.blocks import Said, cause_said, next_said, options_of, spoken, told
from bot.slack.captions import recipe_intro
from bot.slack.elements import (
    MOST_QUOTED,
    MOST_RECIPE,
    Json,
    Mention,
    Message,
    button,
    clamp,
    escaped,
    lines,
    preformatted,
    quote,
    rich_text,
    row,
    section,
    sentence,
    text,
    units,
    written,
)
from bot.slack.verdicts import VERDICTS
from bot.slack.wording import Words
from bot.values import MAX_COUNT

_MOST_PROBLEMS = 10


def apology(words: Words, job: Job, *, admins_told: bool) -> Message:
    """What happened, whose fault it is, whether it was charged, what to do. Raises `ValueError` without a failure."""
    failure = job.failure
    if failure is None:
        raise ValueError("nothing to apologise for")
    said = _verdict(job, failure, admins_told=admins_told)
    parts = [
        section(*sentence(words, "failed.for", asker=Mention(job.user_id))),
        quote(job.request.prompt),
        section(*spoken(words, said)),
    ]
    prompt = clamp(job.request.prompt, MOST_QUOTED)
    text = lines(written(words, "failed.text", prompt=prompt), told(words, said))
    return Message(text, [rich_text(*parts), *_coached(words, job, failure)])


def failure_said(words: Words, job: Job) -> str:
    """The same in plain words, where no button and no mention can stand. Raises `ValueError` without a failure."""
    if job.failure is None:
        raise ValueError("nothing to apologise for")
    if job.failure.cause is Cause.NOT_UNDERSTOOD and (problems := problems_of(job.request.prompt)):
        return misunderstood(words, problems).text
    return told(words, _verdict(job, job.failure, admins_told=False))


def _coached(words: Words, job: Job, failure: Failure) -> list[Json]:
    """A button that opens the form with other words in it, where other words may help."""
    proposal = coach.proposal(job.request, failure.cause)
    if job.kind is not Kind.DRAW or proposal is None:
        return []
    label = "failed.button.edit" if proposal.request == job.request else "failed.button.reword"
    return [row(button(words, label, action_id=actions.REWORD, value=job.id, style="primary"))]


def _verdict(job: Job, failure: Failure, *, admins_told: bool) -> list[Said]:
    verdict = VERDICTS[failure.cause]
    said: list[Said] = [cause_said(failure.cause, len(job.request.prompt))]
    options = options_of(job.request)
    if failure.cause is Cause.OPTION_REFUSED and options:
        said.append(("failed.options", {"options": options}))
    said += [(f"blame.{verdict.blame}", {}), (f"charged.{failure.charged}", {})]
    said.append(next_said(verdict.next, admins_told=admins_told))
    if failure.reference:
        said.append(("failed.reference", {"reference": clamp(failure.reference, 100)}))
    return said


def receipt(
    words: Words, request: Request, *, notes: Sequence[Note] = (), fresh: bool = True, private: bool = False
) -> Message:
    """Privately, at once: what was understood. `fresh` false: the same ask was here already."""
    key = "receipt.twin" if not fresh else "receipt.private" if private else "receipt.fresh"
    options = options_of(request)
    parts = [section(*sentence(words, key)), quote(request.prompt)]
    if options:
        parts.append(section(text(options, code=True)))
    remarks = [(f"remark.{note.key}", dict(note.params)) for note in notes]
    parts += [section(*sentence(words, remark, **params)) for remark, params in remarks]
    spoken_remarks = (written(words, remark, **params) for remark, params in remarks)
    said = lines(written(words, key), escaped(request.prompt, MOST_QUOTED), escaped(options, 300), *spoken_remarks)
    return Message(said, [rich_text(*parts)])


def misunderstood(words: Words, problems: Sequence[Problem]) -> Message:
    """Everything that is wrong with an ask, each with the right way."""
    intro = words.say("trouble.intro")
    troubles = [(f"trouble.{problem.key}", dict(problem.params)) for problem in problems[:_MOST_PROBLEMS]]
    items = [section(*sentence(words, key, **params)) for key, params in troubles]
    parts = [section(text(intro)), {"type": "rich_text_list", "style": "bullet", "elements": items}]
    said = (written(words, key, **params) for key, params in troubles)
    return Message(lines(intro, *said), [rich_text(*parts)])


def note(words: Words, key: str) -> Message:
    """One sentence of the catalogue as it stands: `answer.too_late`, `receipt.not_accepted`."""
    return Message(written(words, key), [rich_text(section(*sentence(words, key)))])


def recipe_note(words: Words, request: Request) -> Message:
    """The line that asks for the same again, to be copied by one person."""
    line, intro = recipe(request), recipe_intro(request)
    if units(line) > MOST_RECIPE:
        return note(words, "recipe.too_long")
    parts = [section(*sentence(words, intro)), preformatted(line)]
    return Message(lines(written(words, intro), escaped(line, MOST_QUOTED)), [rich_text(*parts)])


def alert(words: Words, lane: LaneId, *, cause: Cause | None, code: str) -> Message:
    """To an admin: the lane stopped and why, or it is back."""
    if cause is None:
        said: list[Said] = [("alert.back", {"lane": str(lane)})]
    else:
        said = [
            ("alert.paused", {"lane": str(lane), "code": clamp(code, 200)}),
            cause_said(cause, MAX_TEXT),
            ("alert.kept", {}),
        ]
    rows = [section(*sentence(words, key, **params)) for key, params in said]
    return Message(lines(*(written(words, key, **params) for key, params in said)), [rich_text(*rows)])


def help_text(words: Words, *, reroll: Sequence[str], cancel: Sequence[str]) -> Message:
    """How to use it. `reroll` and `cancel` are the names of the reactions."""
    flags = [(_called(words, flag), words.say(f"help.{flag}", **params)) for flag, params in _FLAGS.items()]
    items = [section(text(flag, code=True), text(f"  {meaning}")) for flag, meaning in flags]
    parts = [
        section(*sentence(words, "help.intro")),
        preformatted(words.say("help.example")),
        {"type": "rich_text_list", "style": "bullet", "elements": items},
        section(*sentence(words, "help.form")),
        section(*sentence(words, "help.finding")),
        section(*sentence(words, "help.reroll"), *_emoji(reroll)),
        section(*sentence(words, "help.cancel"), *_emoji(cancel)),
        section(*sentence(words, "help.fair")),
    ]
    said = [
        words.say("help.intro"), words.say("help.example"),
        *(f"{flag}  {meaning}" for flag, meaning in flags),
        words.say("help.form"),
        words.say("help.finding"),
        words.say("help.reroll") + " " + " ".join(f":{name}:" for name in reroll),
        words.say("help.cancel") + " " + " ".join(f":{name}:" for name in cancel),
        words.say("help.fair"),
    ]  # fmt: skip
    return Message(lines(*(escaped(line, MOST_QUOTED) for line in said)), [rich_text(*parts)])


def _called(words: Words, flag: Flag) -> str:
    """To somebody who reads Chinese by its Chinese name, with the one that recipes use."""
    return f"--{flag}" if words.locale == "en" else f"--{CHINESE[flag]}（--{flag}）"


def _emoji(names: Sequence[str]) -> list[Json]:
    elements = [[{"type": "emoji", "name": name}, text(" ")] for name in names]
    return [each for pair in elements for each in pair]


_FLAGS: Mapping[Flag, Mapping[str, str]] = {
    Flag.SHAPE: listed("legal", shapes.NAMES),
    Flag.COUNT: {"least": "1", "most": str(MAX_COUNT)},
    Flag.STYLE: {
        "legal_en": ", ".join(style.english for style in styles.STYLES),
        "legal_zh": "、".join(style.chinese for style in styles.STYLES),
    },
    Flag.NEGATIVE: {},
    Flag.SEED: {},
    Flag.CLARITY: {},
    Flag.RAW: {},
    Flag.REPEAT: {"least": "2", "most": str(MOST)},
    Flag.PRIVATE: {},
    Flag.LIKE: {},
}
