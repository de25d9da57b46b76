"""The fields of a command are read as everybody reads a form, and written back as they were."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

from hypothesis import given
from hypothesis import strategies as st

from bot.slash import WANTED, Command

FIELDS = st.dictionaries(st.sampled_from(sorted(WANTED)), st.text())
FORMS = st.lists(
    st.tuples(st.sampled_from([*sorted(WANTED), "token", "user_name"]), st.text()), unique_by=lambda p: p[0]
)


@given(FIELDS)
def test_what_somebody_decoded_comes_back(fields: dict[str, str]) -> None:
    assert dict(Command.of(fields)) == fields


@given(FORMS)
def test_a_form_is_read_as_everybody_reads_it_but_for_what_nobody_wants(pairs: list[tuple[str, str]]) -> None:
    form = urlencode(pairs)
    wanted = {name: value for name, value in parse_qsl(form, keep_blank_values=True) if name in WANTED}
    assert dict(Command(form)) == wanted


@given(FORMS)
def test_what_is_kept_of_it_says_the_same_and_no_secret(pairs: list[tuple[str, str]]) -> None:
    command = Command(urlencode(pairs))
    assert dict(Command(command.form)) == dict(command)
    assert {pair.partition("=")[0] for pair in command.form.split("&") if pair} <= WANTED
    assert len(command) == len(list(command))


def test_a_field_that_was_not_sent_is_none() -> None:
    assert Command("text=a+fox").get("enterprise_id") is None
    assert Command.of({"text": "a fox", "enterprise_id": None}).get("enterprise_id") is None
