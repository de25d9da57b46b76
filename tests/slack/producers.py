"""Everything that the bot can show, each from a case that holds the longest that people and providers may say."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import cycle, pairwise

from bot import graphemes, lineage
from bot.ballot import Outcome
from bot.bundle import Bundle
from bot.errors import Cause
from bot.form import Field, Filled, filled
from bot.job import ChannelId, Charged, Failure, Job, JobId, Kind, State
from bot.parsed import Note, Problem, Remark, Trouble
from bot.permutations import MOST
from bot.ports import Standing
from bot.price import price_from
from bot.shelf import DraftId, Preferences
from bot.slack import (
    blocks,
    captions,
    confirming,
    customs_forms,
    family,
    forms,
    found,
    gallery,
    home,
    inviting,
    notices,
    timeline,
    winning,
)
from bot.slack.completing import MOST_ERROR
from bot.slack.customs_forms import Wish
from bot.slack.elements import Json, Message, shortened
from bot.slack.forms import Purpose
from bot.slack.found import Found
from bot.slack.home import Desktop, Waiting
from bot.slack.origin import Origin
from bot.slack.pages import Page, Which
from bot.slack.wording import LOCALES, Words, catalogue, places
from bot.timeline import Timeline
from tests.slack.conftest import ADA, BEN, RANDOM, START, pictures
from tests.slack.legal import ANSWER
from tests.slack.longest import Case

DRAFT = DraftId("ab" * 16)
LISTS = ("found.history", "found.words", "found.top.week", "found.top.month")


@dataclass(frozen=True, slots=True)
class Shown:
    """A message, and whom it may notify."""

    message: Message
    may_ping: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Line:
    """A text that stands alone, and how long it may be."""

    what: str
    text: str
    most: int


Seen = Shown | Line | Json
FOR_ADA = frozenset({ADA})


def notes_of(case: Case) -> list[Note]:
    """Every remark, about what was typed."""
    names = ("seed", "flag", "value", "clarity", "ratio", "size")
    said = dict.fromkeys(names, graphemes.clipped(case.typed, 40)) | {"added": graphemes.clipped(case.typed, 300)}
    return [Note(remark, said) for remark in Remark]


def problems_of(case: Case) -> list[Problem]:
    """Everything that can be wrong, with as much of it as is repeated."""
    names = {
        place for locale in LOCALES for trouble in Trouble for place in places(catalogue(locale)[_trouble(trouble)])
    }
    return [Problem(trouble, dict.fromkeys(names, graphemes.clipped(case.typed, 40))) for trouble in Trouble]


def _trouble(trouble: Trouble) -> str:
    return f"trouble.{trouble}"


def relatives(case: Case, n: int, *, deep: bool) -> list[Job]:
    """A family: each the child of the one before, or all of the first one."""
    made: list[Job] = []
    for at in range(n):
        parent = made[-1 if deep else 0].id if made else None
        job = case.job if at % 2 else case.other
        when = START + timedelta(seconds=at)
        made.append(replace(job, id=JobId(f"{at:032x}"), parent=parent, asked_at=when, state=list(State)[at % 13]))
    return made


def roots(case: Case) -> Iterator[Seen]:
    """Waiting, running, arriving, there, failed, cancelled, deleted: first ones and others, dropped or not."""
    origin = Origin(lineage.changes(case.other.request, case.job.request), case.address)
    for state in State:
        for parent, came, dropped in ((None, None, True), (JobId("b" * 32), origin, False)):
            job = replace(case.job, state=state, parent=parent, dropped=dropped)
            yield Shown(blocks.root(case.words, job, case.standing, admins_told=dropped, origin=came), FOR_ADA)


def displacements(case: Case) -> Iterator[Seen]:
    """A root's last word, and the caption where the pictures went instead."""
    yield Shown(blocks.displaced(case.words, case.job), FOR_ADA)


def origins(case: Case) -> Iterator[Seen]:
    """Whatever changed from one job to the next."""
    jobs = [
        case.job,
        case.other,
        replace(case.job, request=replace(case.other.request, prompt=case.job.request.prompt)),
    ]
    for before, after in pairwise((*jobs, case.job)):
        origin = Origin(lineage.changes(before.request, after.request), case.address)
        yield Shown(blocks.root(case.words, after, case.standing, admins_told=True, origin=origin), FOR_ADA)


def pauses(case: Case) -> Iterator[Seen]:
    """A line that stands still, for every reason."""
    for cause in Cause:
        waiting = replace(case.job, state=State.QUEUED)
        yield Shown(blocks.root(case.words, waiting, Standing(paused=cause), admins_told=False), FOR_ADA)


def roads(case: Case) -> Iterator[Seen]:
    for joinable, direct in ((True, False), (False, False), (False, True)):
        yield Shown(blocks.road(case.words, case.job, joinable=joinable, direct=direct))


def results(case: Case) -> Iterator[Seen]:
    """The pictures' own message, for one and for four, as a result, a copy or shared; and what describes them."""
    whole = case.job.request
    requests = (whole, replace(whole, clarity=None), replace(whole, raw=False, seed=None))
    for n in (1, 4):
        kinds = ((Kind.DRAW, True), (Kind.COPY, False), (Kind.COPY, True))
        for (kind, private), request in zip(kinds, requests, strict=True):
            job = replace(case.job, pictures=pictures(n), kind=kind, private=private, origin_channel_id=RANDOM)
            said = captions.caption(case.words, replace(job, request=request))
            yield Shown(Message("pictures", said), FOR_ADA)
        yield Line("title", captions.title(case.job), 150)
        yield Line("alt text", captions.alt_text(case.words, case.job, number=n, n=n), 1000)
        yield Line("file name", captions.filename(case.job, number=n, mime="image/png"), 40)


def confirmations(case: Case) -> Iterator[Seen]:
    """As many as may be asked at once, all alike and all different."""
    for requests in ((case.job.request,) * MOST, tuple(replace(case.job.request, seed=n) for n in range(1, MOST + 1))):
        for private, price in ((False, None), (True, price_from("999999.999999 CNY"))):
            it = Bundle(requests, private)
            yield Shown(confirming.proposal(case.words, it, draft_id=DRAFT, price=price, notes=notes_of(case)))
            yield Shown(confirming.confirmed(case.words, it))


def ask_forms(case: Case) -> Iterator[Seen]:
    """Empty, filled in with all that may be asked for, here and anywhere, and what stands beside what is wrong."""
    full = filled(replace(case.job.request, reference="F0123456789"))
    purpose = Purpose("C" * 20, "1700000000.000100", "a" * 32, DRAFT, private=True)
    for form in (Filled(""), filled(case.job.request), full, replace(full, seed="4294967295", raw=True)):
        for whither in (Purpose(), purpose):
            yield forms.ask(case.words, form, whither)
    for field, problem in zip(list(Field) * 2, problems_of(case), strict=False):
        for beside in forms.errors(case.words, {field: problem}).values():
            yield Line("beside a field", beside, ANSWER)


def customs(case: Case) -> Iterator[Seen]:
    """The forms of a person's and of a house's wishes."""
    prefix = graphemes.cut(case.wishes.prefix, customs_forms.MOST_PREFIX)
    for kept in (Preferences(), replace(case.wishes, prefix=prefix)):
        yield customs_forms.defaults(case.words, kept)
        yield customs_forms.house(case.words, kept, channel="C" * 20)
    for problem in problems_of(case):
        for beside in customs_forms.errors(case.words, {Wish.PREFIX: problem}).values():
            yield Line("beside a wish", beside, ANSWER)


def trees(case: Case) -> Iterator[Seen]:
    """Deep ones, wide ones, one alone."""
    for n, deep in ((1, True), (45, True), (45, False)):
        yield Shown(family.tree(case.words, lineage.family(relatives(case, n, deep=deep))))


def lists(case: Case) -> Iterator[Seen]:
    """History, what was found, the most starred of a week and of a month."""
    jobs = relatives(case, 20, deep=True)
    shown = [Found(job, case.address, stars=500) for job in jobs]
    turns = Page(Which.WORDS, case.typed, jobs[0].id), Page(Which.MONTH, after="9999")
    for key in LISTS:
        yield Shown(found.listing(case.words, key, shown))
        for page in turns:
            yield Shown(found.listing(case.words, key, shown, more=page.value, first=page.first.value))
    yield Shown(found.listing(case.words, "found.end", [], first=Page(Which.HISTORY).value))


def homes(case: Case) -> Iterator[Seen]:
    """The tab of somebody with nothing, and of somebody with everything."""
    yield home.home(case.words, Desktop(user_id=ADA, wishes=Preferences()))
    shown = [Found(job, case.address, stars=99) for job in relatives(case, 20, deep=True)]
    others = [Found(replace(each.job, user_id=BEN), case.address) for each in shown]
    waiting = [Waiting(each.job, case.standing, case.address) for each in shown]
    full = Desktop(user_id=ADA, wishes=case.wishes, waiting=waiting, recent=shown, favourites=[*others[:4], *shown])
    yield home.home(case.words, full)
    yield home.home(case.words, replace(full, favourites=others))


def invitations(case: Case) -> Iterator[Seen]:
    for thread in (None, "1700000000.000100"):
        yield Shown(inviting.welcome(case.words, thread_ts=thread))
    for prompt in ("", case.job.request.prompt):
        yield Shown(inviting.proposal(case.words, prompt, draft_id=DRAFT))


def apologies(case: Case) -> Iterator[Seen]:
    """Every cause with its coach, to a person and to a workflow."""
    failure = case.job.failure
    assert failure is not None
    for cause, charged in zip(Cause, cycle(Charged), strict=False):
        job = replace(case.job, state=State.FAILING, failure=replace(failure, cause=cause, charged=charged))
        yield Shown(notices.apology(case.words, job, admins_told=charged is Charged.NO), FOR_ADA)
        yield Line("failure", shortened(notices.failure_said(case.words, job), MOST_ERROR), MOST_ERROR)


def receipts(case: Case) -> Iterator[Seen]:
    for fresh, private in ((True, False), (True, True), (False, False)):
        for notes in ([], notes_of(case)):
            message = notices.receipt(case.words, case.job.request, notes=notes, fresh=fresh, private=private)
            yield Shown(message)


def misunderstandings(case: Case) -> Iterator[Seen]:
    """One, and all at once, which is what a workflow step is told, too."""
    problems = problems_of(case)
    for whole in (problems[:1], problems, problems[::-1]):
        message = notices.misunderstood(case.words, whole)
        yield Shown(message)
        yield Line("step error", shortened(message.text, MOST_ERROR), MOST_ERROR)


def recipes(case: Case) -> Iterator[Seen]:
    for job in (case.job, case.other):
        yield Shown(notices.recipe_note(case.words, job.request))


def alerts(case: Case) -> Iterator[Seen]:
    for cause in (None, *Cause):
        yield Shown(notices.alert(case.words, case.job.lane, cause=cause, code=case.typed))


def timelines(case: Case) -> Iterator[Seen]:
    for state, usual in zip(State, cycle((None, 1.0, 90.0, 86_400.0)), strict=False):
        job = replace(case.job, state=state, queued_at=START, sent_at=START, done_at=START, redraws=1)
        yield Shown(timeline.timeline(case.words, Timeline(job, case.standing, usual)))


def rounds(case: Case) -> Iterator[Seen]:
    """A winner, and a tie of many."""
    for n in (1, 20):
        won = relatives(case, n, deep=False)
        seen = {job.id: case.address for job in won}
        yield Shown(winning.winner(case.words, Outcome(tuple(won), 500), seen), FOR_ADA)


def galleries(case: Case) -> Iterator[Seen]:
    """A question to an owner, and what admins are told."""
    yield Shown(gallery.invitation(case.words, case.job, gallery=ChannelId(RANDOM)))
    yield Shown(gallery.closed(case.words, gallery=ChannelId(RANDOM)))
    for cause in Cause:
        yield Shown(gallery.unhung(case.words, replace(case.job, failure=Failure("x", cause, Charged.NO))))


PRODUCERS: Mapping[str, Callable[[Case], Iterator[Seen]]] = {
    each.__name__: each
    for each in (
        roots, displacements, origins, pauses, roads, results, confirmations, ask_forms, customs, trees, lists, homes,
        invitations, apologies, receipts, misunderstandings, recipes, alerts, timelines, rounds, galleries,
    )
}  # fmt: skip


def standing_alone(words: Words) -> Iterator[Shown]:
    """What depends on nobody's words: the help, and every sentence that has no place for any."""
    names = ["game_die", "arrows_counterclockwise", "x" * 100]
    yield Shown(notices.help_text(words, reroll=names, cancel=names))
    for key, sentence in catalogue(words.locale).items():
        if not places(sentence):
            yield Shown(notices.note(words, key))
