"""Every message that may be made, and three witnesses that look at it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from slack_sdk.models.blocks import Block

from bot.errors import Cause
from bot.job import Charged, Failure, JobId, State
from bot.ports import Standing
from bot.request import Clarity, Request, Shape
from bot.slack.elements import MOST_TEXT, Message, units
from bot.slack.wording import Words
from sandbox.slack import Message as Posted
from sandbox.slack import pinged
from sandbox.slack.blocks import MESSAGE, complaints
from tests.slack.conftest import START, a_job, pictures

NASTY = [
    "<!channel> <!here> <!everyone> <!subteam^S0123ABCD|team> <@U0BEN00BBB2> <#C0PICTURES1|pictures>",
    "@here @channel @everyone #general https://evil.example/?q=1 <http://x.example|Slack login>",
    "*bold* _it_ ~no~ `code` ```fence``` > quote &amp; &lt;",
    "字" * 1024, "😀" * 1024, "&" * 1024, "<" * 1024, "ـهـ" * 300, "مرحبا \u202e بالعالم",
    "{asker} {prompt} {0}", "a\u0301" * 500,
]  # fmt: skip
texts = st.one_of(st.sampled_from(NASTY), st.text(min_size=1, max_size=1024).filter(str.strip))
requests = st.builds(
    Request,
    prompt=texts,
    negative=st.one_of(st.just(""), texts),
    style=st.sampled_from([None, "shuimo"]),
    shape=st.sampled_from(Shape),
    count=st.integers(1, 4),
    seed=st.one_of(st.none(), st.integers(1, 4_294_967_295)),
    clarity=st.sampled_from([None, *Clarity]),
    raw=st.booleans(),
)
standings = st.builds(
    Standing,
    place=st.one_of(st.none(), st.integers(1, 500)),
    about=st.one_of(st.none(), st.timedeltas(timedelta(0), timedelta(days=2)).map(lambda later: START + later)),
    paused=st.sampled_from([None, *Cause]),
    is_rough=st.booleans(),
)
failures = st.builds(
    Failure, st.text(max_size=20), st.sampled_from(Cause), st.sampled_from(Charged), st.text(max_size=300)
)
words = st.sampled_from([Words("en"), Words("zh-CN")])
jobs = st.builds(
    lambda request, state, failure, made, revised, flags: a_job(
        request=request,
        state=state,
        failure=failure,
        pictures=pictures(made),
        links=("https://x",) * made,
        revised=tuple(revised),
        parent=JobId("parent") if flags & 1 else None,
        dropped=bool(flags & 2),
        unsure=flags >> 2 & 1,
        redraws=flags >> 3 & 1,
        sends=2,
    ),
    requests,
    st.sampled_from(State),
    failures,
    st.integers(1, 4),
    st.lists(st.one_of(texts, st.just("x" * 2000)), max_size=4),
    st.integers(0, 15),
)


def check(message: Message, *, may_ping: set[str]) -> None:
    """Three witnesses: the SDK's own models, the sandbox's rules, and the sandbox's idea of who is notified."""
    assert list(complaints(message.blocks, MESSAGE)) == []
    for block in Block.parse_all(message.blocks):
        block.to_dict()
    assert message.text.strip()
    assert units(message.text) <= MOST_TEXT
    assert len(json.dumps(message.blocks, ensure_ascii=False)) < 13_000
    seen = pinged(Posted("C1", "1.0", "B", message.text, blocks=message.blocks))
    assert seen <= may_ping


def elements(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, list):
        return [found for each in value for found in elements(each)]
    if not isinstance(value, dict):
        return []
    return [value, *(found for each in value.values() for found in elements(each))]


def words_in(message: Message) -> str:
    """All text that stands in the blocks."""
    return "".join(str(each["text"]) for each in elements(message.blocks) if isinstance(each.get("text"), str))


def action_ids(made: list[dict[str, Any]]) -> list[str]:
    return [each["action_id"] for each in elements(made) if each.get("type") == "button"]
