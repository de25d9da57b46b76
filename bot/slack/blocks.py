"""The root of a job, in each of its states, and the offer of another road. Pure."""

from __future__ import annotations

from bot.errors import Cause
from bot.job import IN_FLIGHT, Job, State
from bot.lineage import Difference
from bot.ports import Standing
from bot.prompt import summary_parts
from bot.request import MAX_TEXT, Request
from bot.slack import actions
from bot.slack.elements import (
    MOST_QUOTED,
    Json,
    Mention,
    Message,
    Param,
    button,
    clamp,
    escaped,
    lines,
    quote,
    rich_text,
    row,
    section,
    sentence,
    text,
    written,
)
from bot.slack.origin import Origin, is_variation, origin_section, origin_written
from bot.slack.verdicts import VERDICTS, Next
from bot.slack.wording import Words

_SHOWN_NEGATIVE = 200
Said = tuple[str, dict[str, Param]]


def root(
    words: Words, job: Job, standing: Standing, *, admins_told: bool, origin: Origin | None = None
) -> Message:  # fmt: skip
    """The job's root, or its reply in the parent's thread: who, what, how, from what, and where it stands."""
    if job.state in {State.DELETING, State.DELETED}:
        return _deleted(words, job)
    asked = _asked(job, origin)
    options = options_of(job.request)
    said = status(job, standing, admins_told=admins_told)
    parts = [section(*sentence(words, asked, asker=Mention(job.user_id))), quote(job.request.prompt)]
    if options:
        parts.append(section(text(options, code=True)))
    if origin is not None:
        parts.append(origin_section(words, origin))
    if _is_after(job, origin):
        parts.append(section(*sentence(words, "root.reference")))
    parts.append(section(*spoken(words, said)))
    blocks = [rich_text(*parts)]
    if can_cancel(job):
        cancel = button(words, "root.button.cancel", action_id=actions.CANCEL, value=job.id)
        blocks.append(row(cancel, button(words, "root.button.why", action_id=actions.WHY, value=job.id)))
    headline = written(words, f"{asked}.text", prompt=clamp(job.request.prompt, MOST_QUOTED))
    came = origin_written(words, origin) if origin is not None else ""
    after = written(words, "root.reference") if _is_after(job, origin) else ""
    return Message(lines(headline, escaped(options, 300), came, after, told(words, said)), blocks)


def _asked(job: Job, origin: Origin | None) -> str:
    if job.parent is None:
        return "root.asked"
    return "root.varied" if origin is not None and is_variation(origin) else "root.again"


def _is_after(job: Job, origin: Origin | None) -> bool:
    """Whether it is to be said that it is drawn after a picture: where what changed doesn't say so."""
    is_said = origin is not None and any(change.kind is Difference.REFERENCE for change in origin.changes)
    return bool(job.request.reference) and not is_said


def _deleted(words: Words, job: Job) -> Message:
    """Whoever deletes a picture wants its words gone, too."""
    whose = sentence(words, f"root.{job.state}", asker=Mention(job.user_id))
    return Message(written(words, f"status.{job.state}"), [rich_text(section(*whose))])


def displaced(words: Words, job: Job) -> Message:
    """The last word of a root whose conversation takes no pictures any more."""
    asked = written(words, "root.asked.text", prompt=clamp(job.request.prompt, MOST_QUOTED))
    parts = [
        section(*sentence(words, "root.asked", asker=Mention(job.user_id))),
        quote(job.request.prompt),
        section(*sentence(words, "root.displaced")),
    ]
    return Message(lines(asked, written(words, "root.displaced")), [rich_text(*parts)])


def can_cancel(job: Job) -> bool:
    """Whether the root still has its buttons: while the job waits, and while it is drawn for somebody."""
    if job.execution is not None:
        return False  # a workflow waits for it
    return job.state in {State.ACCEPTED, State.QUEUED} or (job.state in IN_FLIGHT and not job.dropped)


def options_of(request: Request) -> str:
    """The options that are not the default, as they would be typed."""
    no = (f"--no {clamp(request.negative, _SHOWN_NEGATIVE)}",) if request.negative else ()
    return " ".join((*summary_parts(request), *no))


def spoken(words: Words, said: list[Said]) -> list[Json]:
    """Several sentences as one paragraph of rich text."""
    elements: list[Json] = []
    for key, params in said:
        if elements and words.gap:
            elements.append(text(words.gap))
        elements += sentence(words, key, **params)
    return elements


def told(words: Words, said: list[Said]) -> str:
    """The same for `text`."""
    return words.gap.join(written(words, key, **params) for key, params in said)


def status(job: Job, standing: Standing, *, admins_told: bool) -> list[Said]:
    """Where the job stands, as sentences."""
    match job.state:
        case State.ACCEPTED | State.QUEUED:
            return _waiting(job, standing, admins_told=admins_told)
        case State.SUBMITTING | State.GENERATING:
            return _drawing(job, standing)
        case State.READY | State.FETCHED | State.UPLOADED:
            return [("status.arriving", {"n": len(job.pictures or job.links)})]
        case State.DELIVERED:
            return [("status.delivered", {"n": len(job.pictures)})]
        case State.FAILING | State.FAILED:
            return [("status.failed", {})]
        case State.CANCELLED:
            return [("status.stopping" if job.dropped else "status.cancelled", {})]
        case State.DELETING | State.DELETED:
            return [(f"status.{job.state}", {})]


def cause_said(cause: Cause, length: int) -> Said:
    """What happened. `length`: of the prompt, in characters."""
    return (f"cause.{cause}", {"n": length, "limit": MAX_TEXT} if cause is Cause.PROMPT_TOO_LONG else {})


def next_said(step: Next, *, admins_told: bool) -> Said:
    """What to do. That an admin was told is only said if one was."""
    if step is not Next.ADMIN:
        return (f"next.{step}", {})
    return ("next.admin_told" if admins_told else "next.tell_admin", {})


def _waiting(job: Job, standing: Standing, *, admins_told: bool) -> list[Said]:
    if standing.paused is not None:
        step = VERDICTS[standing.paused].next
        what_next = [next_said(step, admins_told=admins_told)] if step is Next.ADMIN else []
        return [cause_said(standing.paused, len(job.request.prompt)), *what_next, ("status.kept", {})]
    stumbled: list[Said] = [("status.stumbled", {})] if job.redraws else []
    if standing.place is None:
        return stumbled or [("status.waiting", {})]
    key = "status.first" if standing.place == 1 else "status.roughly" if standing.is_rough else "status.place"
    params: dict[str, Param] = {} if standing.place == 1 else {"place": standing.place}
    if standing.about is not None:
        key, params = f"{key}.about", {**params, "about": standing.about}
    return [*stumbled, (key, params), *_moved(standing)]


def _drawing(job: Job, standing: Standing) -> list[Said]:
    if job.dropped:
        return [("status.stopping", {})]
    if job.state is State.SUBMITTING:
        return [("status.unsure" if job.unsure else "status.sending", {})]
    if standing.about is not None:
        return [("status.drawing.about", {"about": standing.about}), *_moved(standing)]
    return [("status.drawing", {})]


def _moved(standing: Standing) -> list[Said]:
    return [(f"moved.{standing.moved}", {})] if standing.moved is not None else []


def road(words: Words, job: Job, *, joinable: bool, direct: bool) -> Message:
    """Privately to the asker: the bot is not there, and each way out has a button."""
    kind = "direct" if direct else "joinable" if joinable else "private"
    said: list[Said] = [(f"road.{kind}", {})]
    if not direct:
        said.append(("road.wait", {}))
    ways = {"direct": (), "joinable": (actions.ROAD_JOIN,), "private": (actions.ROAD_RETRY,)}[kind]
    if not direct:
        ways = (*ways, actions.ROAD_MESSAGE)
    buttons = [button(words, _WAYS[way], action_id=way, value=job.id, style=_style(way)) for way in ways]
    buttons.append(button(words, "road.button.never", action_id=actions.CANCEL, value=job.id))
    return Message(
        lines(told(words, said), escaped(job.request.prompt, MOST_QUOTED)),
        [rich_text(section(*spoken(words, said)), quote(job.request.prompt)), row(*buttons)],
    )


_WAYS = {
    actions.ROAD_JOIN: "road.button.join",
    actions.ROAD_RETRY: "road.button.retry",
    actions.ROAD_MESSAGE: "road.button.message",
}


def _style(way: str) -> str | None:
    return None if way == actions.ROAD_MESSAGE else "primary"
