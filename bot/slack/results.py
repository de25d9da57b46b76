"""What can be done with delivered pictures: one row under them, alive as long as the message is. Pure.

A value names a job, and where it takes one the number of a picture or what is wished: `JOB`, `JOB:2`, `JOB:recipe`.
"""

from __future__ import annotations

from bot import policy
from bot.job import Job, Kind
from bot.slack import actions
from bot.slack.elements import MOST_BUTTON, Json, button, confirm, plain_text, row
from bot.slack.wording import Words

RECIPE = "recipe"
COPY = "copy"
TREE = "tree"
WINNER = "winner"


def result_row(words: Words, job: Job) -> Json:
    """The row: another one first, what ends it last."""
    return row(*_another(words, job), *_share(words, job), _more(words, job), _delete(words, job))


def value(job: Job, what: str | int) -> str:
    """What an option carries."""
    return f"{job.id}:{what}"


def parted(carried: str) -> tuple[str, str]:
    """The job's id, and what was chosen, if anything."""
    job_id, _, what = carried.partition(":")
    return job_id, what


def _another(words: Words, job: Job) -> list[Json]:
    made = [
        button(words, "caption.button.again", action_id=actions.AGAIN, value=job.id),
        button(words, "caption.button.edit", action_id=actions.EDIT, value=job.id),
    ]
    if policy.may_be_exact(job.request):
        made.append(button(words, "caption.button.exact", action_id=actions.EXACT, value=job.id))
    made.append(_vary(words, job))
    if policy.sharpened(job.request) is not None:
        made.append(button(words, "caption.button.hd", action_id=actions.HD, value=job.id))
    return made


def _vary(words: Words, job: Job) -> Json:
    """One picture, one button; of several, one is picked."""
    if len(job.pictures) < 2:
        return button(words, "caption.button.vary", action_id=actions.VARY, value=value(job, 1))
    numbers = range(1, len(job.pictures) + 1)
    return {
        "type": "static_select",
        "action_id": actions.VARY,
        "placeholder": plain_text(words.say("caption.button.vary"), MOST_BUTTON),
        "options": [_option(words.say("caption.vary.number", number=at), value(job, at)) for at in numbers],
    }


def _share(words: Words, job: Job) -> list[Json]:
    """A private picture can be shown where it was asked for, if it was drawn elsewhere."""
    elsewhere = job.origin_channel_id not in {None, job.channel_id}
    if not (job.private and elsewhere and job.kind is Kind.DRAW):
        return []
    return [button(words, "caption.button.share", action_id=actions.SHARE, value=job.id)]


def _more(words: Words, job: Job) -> Json:
    options = [_option(words.say("caption.more.recipe"), value(job, RECIPE))]
    if not job.private:
        options.append(_option(words.say("caption.more.copy"), value(job, COPY)))
    options.append(_option(words.say("caption.more.tree"), value(job, TREE)))
    if not job.private:
        options.append(_option(words.say("caption.more.winner"), value(job, WINNER)))
    return {"type": "overflow", "action_id": actions.MORE, "options": options}


def _delete(words: Words, job: Job) -> Json:
    delete = button(words, "caption.button.delete", action_id=actions.DELETE, value=job.id, style="danger")
    return delete | {"confirm": confirm(words, "delete")}


def _option(label: str, carried: str) -> Json:
    return {"text": plain_text(label, MOST_BUTTON), "value": carried}
