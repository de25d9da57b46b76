"""How a person and a conversation like their pictures, put into what is asked, and what is said about it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot import graphemes
from bot.flags import Flag
from bot.form import WITH_REFERENCE, Filled
from bot.job import ChannelId, TeamId, UserId
from bot.parsed import Note, Parsed, Remark
from bot.prompt import summary_parts
from bot.request import Request, Shape
from bot.shelf import Preferences, Shelf, with_preferences

CHOSEN_IN_A_FORM = frozenset({Flag.NEGATIVE, Flag.STYLE, Flag.SHAPE, Flag.COUNT, Flag.RAW})
"""A form shows these filled in as they are liked: what stands there when it is sent is what is meant."""


_SHOWN = 300  # characters of what was added that are repeated to the person
_NO_WISH = Preferences()


@dataclass(frozen=True, slots=True)
class Customs:
    """What a person likes, and the house style of the conversation."""

    own: Preferences = _NO_WISH
    house: Preferences = _NO_WISH


async def customs_of(shelf: Shelf, *, team_id: TeamId, user_id: UserId, channel_id: ChannelId) -> Customs:
    """Both. Raises a fault if they cannot be read."""
    own, house = await shelf.customs(team_id, user_id=user_id, channel_id=channel_id)
    return Customs(own, house)


def dressed(parsed: Parsed, customs: Customs) -> Parsed:
    """What was asked, with what was not said filled in, and a note about it."""
    own, house = customs.own, customs.house
    if own == house == _NO_WISH:
        return parsed
    if Flag.RAW in parsed.given:
        own, house = replace(own, raw=False), replace(house, raw=None)
    asked = parsed.request
    request = with_preferences(asked, parsed.given, own=own, house=house)
    if request.reference and request.shape not in WITH_REFERENCE:
        request = replace(request, shape=asked.shape)
    return replace(parsed, request=request, notes=(*parsed.notes, *_notes(asked, request)))


def blank(customs: Customs) -> Filled:
    """A form without a prompt, filled in as its asker likes it."""
    own, house = customs.own, customs.house
    return Filled(
        prompt="",
        negative=own.negative,
        style=own.style or house.style or "",
        shape=own.shape or house.shape or Shape.SQUARE,
        count=str(own.count or house.count or 1),
        raw=own.raw if own.raw is not None else bool(house.raw),
    )


def labelled(request: Request, customs: Customs) -> Request:
    """Only the conversation's policy: for what was made from an earlier picture, which has all else already."""
    label = customs.house.label
    return request if label is None else replace(request, label=label)


def _notes(asked: Request, request: Request) -> list[Note]:
    prefix = request.prompt.removesuffix(asked.prompt).strip()
    options = [part for part in summary_parts(request) if part not in summary_parts(asked)]
    avoided = f"--no {request.negative}" if request.negative != asked.negative else ""
    added = graphemes.clipped(" ".join(filter(None, (prefix, *options, avoided))), _SHOWN)
    notes = [Note(Remark.CUSTOMS_ADDED, {"added": added})] if added else []
    if asked.label and not request.label:
        notes.append(Note(Remark.LABEL_LEFT_OUT))
    return notes
