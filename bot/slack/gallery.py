"""What is said about the gallery: to an owner who is asked, and to those who look after the bot. Pure."""

from __future__ import annotations

from bot.errors import Cause
from bot.job import ChannelId, Job
from bot.plain import tidy
from bot.slack import actions
from bot.slack.blocks import Said, cause_said, spoken, told
from bot.slack.elements import (
    MOST_QUOTED,
    Message,
    Room,
    button,
    escaped,
    lines,
    quote,
    rich_text,
    row,
    section,
    sentence,
    written,
)
from bot.slack.wording import Words


def invitation(words: Words, job: Job, *, gallery: ChannelId) -> Message:
    """To the owner of a picture that not everybody can see: whether it may be shown to all who see the gallery."""
    room = Room(gallery)
    parts = [
        section(*sentence(words, "gallery.ask", room=room)),
        quote(job.request.prompt),
        section(*sentence(words, "gallery.ask.means")),
    ]
    said = lines(
        written(words, "gallery.ask", room=room),
        escaped(tidy(job.request.prompt), MOST_QUOTED),
        written(words, "gallery.ask.means"),
    )
    hang = button(words, "gallery.button.hang", action_id=actions.HANG, value=job.id, style="primary")
    return Message(said, [rich_text(*parts), row(hang)])


def unhung(words: Words, job: Job) -> Message:
    """To an admin: a picture could not be hung, and why."""
    cause = job.failure.cause if job.failure is not None else Cause.UNEXPECTED
    said: list[Said] = [("gallery.unhung", {"room": Room(job.channel_id)}), cause_said(cause, 0)]
    if cause is Cause.NO_ROAD:
        said.append(("gallery.again", {}))
    return Message(told(words, said), [rich_text(section(*spoken(words, said)))])


def closed(words: Words, *, gallery: ChannelId) -> Message:
    """To an admin, when the bot starts: it is not in the gallery, or there is none."""
    room = Room(gallery)
    said = written(words, "gallery.closed", room=room)
    return Message(said, [rich_text(section(*sentence(words, "gallery.closed", room=room)))])
