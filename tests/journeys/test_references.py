"""A picture to draw after: in the form, with a message, from an earlier result, and what is wrong with one."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from typing import Any

import pytest
from PIL import Image

from sandbox.hunyuan import Fault, Trouble
from tests.journeys.test_asking import on_top, opened, whispers
from tests.journeys.test_messages import told
from tests.journeys.town import Town

PROMPT = "the same as a woodcut"


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30), colour: str = "teal") -> bytes:
    """A picture of somebody's own."""
    made = io.BytesIO()
    Image.new("RGB", size, colour).save(made, kind)
    return made.getvalue()


def references(place: Town) -> list[bytes | None]:
    """What reached the drawing service as a picture to draw after, one a job."""
    return [
        base64.b64decode(job.order.reference.base64) if job.order.reference else None for job in place.images.submits
    ]


async def apology(place: Town, who: str, words: str) -> None:
    """Wait until somebody was told by message why not."""
    im = place.slack.slack.workspace.im(who)
    assert im is not None
    await place.until(lambda: any(words in it.text for it in im.messages.values()))


async def test_a_picture_in_the_form_is_drawn_after_byte_for_byte(place: Town) -> None:
    await opened(place, place.ada)
    file = await place.slack.attach(user=place.ada, name="mill.png", data=picture())
    values: Mapping[str, Any] = {"prompt": PROMPT, "shape": "1024:768", "reference": [file]}
    assert (await place.slack.submit(user=place.ada, values=values)).ok
    await place.shared()
    assert references(place) == [picture()]


async def test_a_picture_with_a_mention_or_a_direct_message_is_drawn_after(place: Town) -> None:
    first = await place.slack.attach(user=place.ada, name="mill.jpg", data=picture("JPEG"))
    await place.slack.mention(user=place.ada, channel=place.pictures, text=PROMPT, files=[first])
    await place.shared()
    second = await place.slack.attach(user=place.chen, name="mill.png", data=picture())
    await place.slack.dm(user=place.chen, text="木刻风格", files=[second])
    await place.shared(2)
    assert references(place) == [picture("JPEG"), picture()]


async def test_the_message_menu_brings_the_picture_of_the_message_along(place: Town) -> None:
    file = await place.slack.attach(user=place.ben, name="mill.png", data=picture())
    said = await place.slack.say(user=place.ben, channel=place.pictures, text="my mill", files=[file])
    await place.slack.shortcut(user=place.ada, callback_id="illustrate", channel=place.pictures, ts=said)
    await on_top(place, place.ada)
    assert (await place.slack.submit(user=place.ada, values={"prompt": PROMPT})).ok
    await place.shared()
    assert references(place) == [picture()]


async def test_like_means_the_newest_picture_of_the_thread(place: Town) -> None:
    await place.asks(place.ada, "a mill")
    [first] = await place.shared()
    thread = first.data["thread_ts"]
    await place.slack.mention(user=place.ben, channel=place.pictures, text="a mill at night", thread_ts=thread)
    _, second = await place.shared(2)
    await place.slack.mention(user=place.ben, channel=place.pictures, text=f"{PROMPT} --like", thread_ts=thread)
    await place.shared(3)
    newest = place.slack.workspace.files[second.data["files"][0]["id"]].data
    assert references(place) == [None, None, newest]


async def test_like_where_there_is_no_picture_is_said_and_nothing_is_drawn(place: Town) -> None:
    talk = await place.slack.say(user=place.ben, channel=place.pictures, text="what would it look like?")
    await place.slack.mention(user=place.chen, channel=place.pictures, text="木刻 --参考", thread_ts=talk)
    await place.until(lambda: whispers(place, place.chen))
    answer = await place.asks(place.ada, f"{PROMPT} --like")
    assert "there is none here" in (answer.text or "")
    assert not place.images.submits


async def test_a_shape_that_is_not_drawn_after_a_picture_is_said_at_once(place: Town) -> None:
    file = await place.slack.attach(user=place.ada, name="mill.png", data=picture())
    await place.slack.mention(user=place.ada, channel=place.pictures, text=f"{PROMPT} --ar 16:9", files=[file])
    await told(place, place.ada, "3:4")
    assert not place.images.submits


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("mill.gif", picture("GIF"), "isn't a whole JPG or PNG"),
        ("wide.png", picture(size=(5000, 3)), "too large"),
        ("half.png", picture()[:60], "isn't a whole JPG or PNG"),
    ],
)
async def test_what_cannot_be_drawn_after_is_told_before_anything_is_spent(
    place: Town, name: str, data: bytes, words: str
) -> None:
    file = await place.slack.attach(user=place.ada, name=name, data=data)
    await place.slack.mention(user=place.ada, channel=place.pictures, text=PROMPT, files=[file])
    await apology(place, place.ada, words)
    await apology(place, place.ada, "wasn't charged")
    assert not place.images.submits


async def test_a_picture_that_is_deleted_while_its_job_waits_is_told_and_not_charged(place: Town) -> None:
    place.images.settings.faults.on_jobs(Fault(Trouble.STUCK_RUNNING))
    await place.asks(place.ben, "first in line")
    await place.until(lambda: place.images.submits)
    file = await place.slack.attach(user=place.ada, name="mill.png", data=picture())
    await place.slack.mention(user=place.ada, channel=place.pictures, text=PROMPT, files=[file])
    second = await place.until(lambda: len(place.roots()) == 2 and place.roots()[1])
    del place.slack.workspace.files[file]
    place.images.release()
    await place.until(
        lambda: any(
            "can't get at the reference picture" in it.text
            for it in place.slack.workspace.channels[place.pictures].replies(second.ts)
        )
    )
    assert len(place.images.submits) == 1


async def test_a_picture_of_a_conversation_that_the_bot_is_not_in_is_told(place: Town) -> None:
    elsewhere = place.channel("random")
    file = await place.slack.attach(user=place.ben, name="mill.png", data=picture())
    said = await place.slack.say(user=place.ben, channel=elsewhere, text="my mill", files=[file])
    await place.slack.shortcut(user=place.ada, callback_id="illustrate", channel=elsewhere, ts=said)
    await on_top(place, place.ada)
    assert (await place.slack.submit(user=place.ada, values={"prompt": PROMPT})).ok
    await apology(place, place.ada, "a conversation that I'm not in")
    assert not place.images.submits


async def test_a_result_with_a_reference_can_be_asked_for_again(place: Town) -> None:
    file = await place.slack.attach(user=place.ada, name="mill.png", data=picture())
    await place.slack.mention(user=place.ada, channel=place.pictures, text=PROMPT, files=[file])
    [share] = await place.shared()
    await place.slack.click(user=place.ben, channel=place.pictures, ts=share.data["ts"], action_id="again")
    await place.shared(2)
    assert references(place) == [picture(), picture()]
