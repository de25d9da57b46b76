"""The longest texts that may be asked for, in the scripts and with the tricks that break what others build."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from bot import styles
from bot.errors import Cause
from bot.job import Charged, Failure, Job, JobId, State, Ts
from bot.plain import tidy
from bot.promise import Moved, Standing
from bot.request import MAX_TEXT, Clarity, Request, Shape
from bot.shelf import Preferences
from bot.slack.wording import Words
from tests.slack.conftest import START, a_job, pictures

ADDRESS = "https://" + "w" * 40 + ".slack.com/archives/C0PICTURES1/p1700000000000100"
WHOLE = {
    "family": "👩🏽\u200d❤️\u200d💋\u200d👨🏿",
    "tone": "👍🏽",
    "flag": "🇨🇳",
    "tags": "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "marks": "ʘ\u0301\u0323",
    "jamo": "\u1112\u1161\u11ab",
    "syllable": "क्षि",
}
"""Characters, as a reader sees them, of several code points that occur in no sentence of ours."""
INJECTIONS = (
    "<!channel> <!here> <!everyone> <!subteam^S0123ABCD|team> <@U0BEN00BBB2> <#C0PICTURES1|pictures> ",
    "@here @channel @everyone #general https://evil.example/?q=1 <http://evil.example|Slack login> <mailto:a@b.c> ",
    "&lt;!channel&gt; &amp;lt;!here&amp;gt; <!date^1700000000^{date}|now> ",
    "*bold* _it_ ~no~ `code` ```fence``` > quote :tada: {asker} {prompt} {0} %s ",
    "one\ntwo\r\nthree\tfour\u2028five\x0b",
    "--no --ar 16:9 --seed 7 <<<>>>&&& ",
)
SCRIPTS = (
    "字",
    "雨中竹林，狐狸。",
    "🦊",
    "مرحبا بالعالم ",
    "שלום עולם 123 ",
    "\u202eabc\u202c \u2067def\u2069 ",
    "&",
    "<",
    '"',
    "\\",
    "W",
)


def filling(piece: str) -> str:
    """As much of it as may be asked for, all of it whole."""
    return piece * (MAX_TEXT // len(piece))


LONGEST = [filling(piece) for piece in (*SCRIPTS, WHOLE["family"], WHOLE["tags"], *INJECTIONS)]
texts = st.one_of(
    st.sampled_from(LONGEST),
    st.text(min_size=1, max_size=12).map(lambda piece: tidy(piece * MAX_TEXT)[:MAX_TEXT]).filter(str.strip),
)
"""An ask is tidied at the door (`bot.plain`), so no job holds what cannot be seen."""


def full_request(prompt: str, negative: str) -> Request:
    """With everything that can be asked for at once."""
    style = max(styles.STYLES, key=lambda style: len(style.english) + len(style.chinese)).code
    return Request(prompt, negative, style, Shape.WIDE_16_9, 4, 4_294_967_295, Clarity.X4, raw=True)


def full_job(said: Sequence[str], **more: Any) -> Job:
    """A job with the longest of everything, these texts in turn."""
    revised = tuple(said[at % len(said)] * 2 + str(at) for at in range(4))
    given: dict[str, Any] = {
        "id": JobId("f" * 32),
        "request": full_request(said[0], said[-1]),
        "state": State.DELIVERED,
        "pictures": pictures(4),
        "links": ("https://x",) * 4,
        "revised": revised,
        "failure": Failure(said[0], Cause.OPTION_REFUSED, Charged.MAYBE_TWICE, said[-1]),
        "root_ts": Ts("1700000000.000100"),
        "thread_ts": Ts("1700000000.000100"),
        "unsure": 1,
        "sends": 2,
        "redraws": 1,
    }
    return a_job(**(given | more))


@dataclass(frozen=True, slots=True, repr=False)
class Case:
    """What is shown, to whom."""

    words: Words
    job: Job
    other: Job
    standing: Standing
    wishes: Preferences
    address: str
    typed: str

    def __repr__(self) -> str:
        """Enough to know it by; the whole is too long to be read."""
        said = (self.job.request.prompt, self.other.request.prompt, self.typed)
        return f"Case({self.words.locale}, {[text[:14] for text in said]}, {self.standing})"


def a_case(words: Words, texts: Sequence[str]) -> Case:
    """A full case whose every text is one of these, the first most of all."""
    job = full_job(texts)
    standing = Standing(place=500, about=START + timedelta(days=2), is_rough=True, moved=Moved.OTHERS)
    wishes = Preferences(texts[0], texts[-1], job.request.style, job.request.shape, 4, raw=True, label=False)
    other = replace(a_job(), request=replace(job.request, prompt=texts[-1], negative=texts[0], reference=""))
    return Case(words, job, other, standing, wishes, ADDRESS, texts[0])


requests = st.builds(
    Request,
    prompt=texts,
    negative=st.one_of(st.just(""), texts),
    style=st.sampled_from([None, *styles.BY_CODE]),
    shape=st.sampled_from(Shape),
    count=st.integers(1, 4),
    seed=st.sampled_from([None, 1, 4_294_967_295]),
    clarity=st.sampled_from([None, *Clarity]),
    raw=st.booleans(),
)
standings = st.builds(
    Standing,
    place=st.sampled_from([None, 1, 2, 500]),
    about=st.one_of(st.none(), st.timedeltas(timedelta(0), timedelta(days=2)).map(lambda later: START + later)),
    paused=st.sampled_from([None, *Cause]),
    is_rough=st.booleans(),
    moved=st.sampled_from([None, *Moved]),
)
wishes = st.builds(
    Preferences,
    prefix=texts,
    negative=texts,
    style=st.sampled_from([None, *styles.BY_CODE]),
    shape=st.sampled_from([None, *Shape]),
    count=st.sampled_from([None, 1, 4]),
    raw=st.sampled_from([None, True, False]),
    label=st.sampled_from([None, True, False]),
)
jobs = st.builds(
    lambda request, said: full_job(said, request=request), requests, st.lists(texts, min_size=2, max_size=2)
)
words = st.sampled_from([Words("en"), Words("zh-CN")])
cases = st.builds(
    Case,
    words=words,
    job=jobs,
    other=jobs,
    standing=standings,
    wishes=wishes,
    address=st.sampled_from(["", ADDRESS]),
    typed=texts,
)
