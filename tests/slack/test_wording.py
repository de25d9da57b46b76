"""The catalogues: complete, the same in both languages, and no sentence nobody says."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from bot.errors import Cause
from bot.form import Field
from bot.intake import Answer
from bot.job import Charged
from bot.lineage import Difference
from bot.parsed import Remark, Trouble
from bot.promise import Moved
from bot.request import Clarity, Shape
from bot.slack.customs_forms import Wish
from bot.slack.forms import BESIDE
from bot.slack.origin import MAY_BE_NONE
from bot.slack.verdicts import VERDICTS, Blame, Next
from bot.slack.wording import LOCALES, Words, catalogue, locale_of, places

TOP = Path(__file__).parents[2]
FAMILIES: dict[str, type[StrEnum]] = {
    "cause": Cause,
    "blame": Blame,
    "charged": Charged,
    "remark": Remark,
    "trouble": Trouble,
    "answer": Answer,
    "moved": Moved,
}
EITHER = re.compile(r"_(?:en|zh)$")
KEY = re.compile(r'"([a-z]+(?:\.[a-z_]+)+)"')


def members() -> set[str]:
    return {f"{family}.{member}" for family, kind in FAMILIES.items() for member in kind}


def code() -> str:
    rooms = [TOP / "bot", TOP / "handlers"]
    return "\n".join(path.read_text("utf-8") for room in rooms for path in sorted(room.rglob("*.py")))


@pytest.mark.parametrize("locale", LOCALES)
def test_a_catalogue_is_read_as_gettexts_own_tools_read_it(locale: str) -> None:
    with (TOP / "bot" / "slack" / "locales" / locale / "LC_MESSAGES" / "messages.po").open("rb") as file:
        theirs = {str(entry.id): str(entry.string) for entry in read_po(file, locale=locale) if entry.id}
    assert catalogue(locale) == theirs


def test_both_catalogues_have_the_same_keys() -> None:
    assert catalogue("en").keys() == catalogue("zh_CN").keys()


@pytest.mark.parametrize("key", sorted(catalogue("en")))
def test_a_sentence_has_the_same_places_in_both_languages(key: str) -> None:
    english, chinese = ({EITHER.sub("", name) for name in places(catalogue(locale)[key])} for locale in LOCALES)
    assert english == chinese


@pytest.mark.parametrize("locale", LOCALES)
def test_no_sentence_is_empty_and_no_brace_is_left_open(locale: str) -> None:
    for key, sentence in catalogue(locale).items():
        assert sentence.strip(), key
        assert not set("{}") & set(re.sub(r"\{\w+\}", "", sentence)), key


def test_the_chinese_sentences_are_chinese() -> None:
    plain = {key for key, sentence in catalogue("zh_CN").items() if not re.search("[\u4e00-\u9fff]", sentence)}
    assert plain <= {"receipt.text"}


@pytest.mark.parametrize("key", sorted(catalogue("zh_CN")))
def test_a_chinese_sentence_has_chinese_marks(key: str) -> None:
    assert not re.search("[\u4e00-\u9fff][,;:?!]|[,;?!][\u4e00-\u9fff]|[「」]", catalogue("zh_CN")[key])


@pytest.mark.parametrize(
    ("locale", "given_up"),
    [
        ("en", ("prompt", "by that name", "written out", "image that")),
        ("zh_CN", ("绘图", "讨论串", "对话", "画面比例", "形状", "用词", "避开", "名称", "在成图", "提示词", "个字，")),
    ],
)
def test_one_thing_goes_by_one_word(locale: str, given_up: tuple[str, ...]) -> None:
    said = {key: re.sub(r"\{\w+\}", "", sentence) for key, sentence in catalogue(locale).items()}
    assert {key: word for key, sentence in said.items() for word in given_up if word in sentence} == {}


@pytest.mark.parametrize("key", sorted(members()))
def test_every_member_of_a_family_has_its_sentence(key: str) -> None:
    assert key in catalogue("en")


def test_every_step_that_a_verdict_names_has_its_sentence() -> None:
    said = {f"next.{step}" for step in Next if step is not Next.ADMIN} | {"next.admin_told", "next.tell_admin"}
    assert said == {key for key in catalogue("en") if key.startswith("next.")}


def test_every_cause_has_a_verdict() -> None:
    assert VERDICTS.keys() == set(Cause)


def test_every_blame_and_every_next_step_is_given_by_some_verdict() -> None:
    assert {verdict.blame for verdict in VERDICTS.values()} == set(Blame)
    assert {verdict.next for verdict in VERDICTS.values()} == set(Next)


def test_every_sentence_is_said_somewhere() -> None:
    text = code()
    named = set(KEY.findall(text)) | members() | {f"next.{step}" for step in Next}
    flags = ("ar", "n", "style", "no", "seed", "hd", "raw", "repeat", "private", "like")
    families = {f"help.{flag}" for flag in flags} | {f"road.{kind}" for kind in ("direct", "joinable", "private")}
    families |= {f"{asked}.text" for asked in ("root.asked", "root.again", "root.varied")}
    families |= {f"{said}.{state}" for said in ("status", "root") for state in ("deleting", "deleted")}
    families |= {f"{key}.about" for key in ("status.first", "status.place", "status.roughly")}
    families |= {f"form.trouble.{trouble}" for trouble in BESIDE}
    families |= {f"form.{field}" for field in Field} | {f"form.shape.{shape.name.lower()}" for shape in Shape}
    families |= {f"form.clarity.{clarity}" for clarity in Clarity}
    families |= {f"form.{field}.hint" for field in (Field.SEED, Field.RAW, Field.REFERENCE)}
    families |= {f"customs.{wish}" for wish in Wish}
    families |= {f"lineage.{kind}" for kind in Difference}
    families |= {f"lineage.{kind}.none" for kind in MAY_BE_NONE}
    families |= {f"delete.{part}" for part in ("title", "text", "yes", "no")}
    said = named | families
    assert {key for key in catalogue("en") if key not in said and key.removesuffix(".one") not in said} == set()


def test_every_key_in_the_code_has_a_sentence() -> None:
    prefixes = {key.split(".")[0] for key in catalogue("en")}
    named = {
        key
        for path in sorted((TOP / "bot" / "slack").glob("*.py"))
        for key in KEY.findall(path.read_text("utf-8"))
        if key.split(".")[0] in prefixes
    }
    assert {key for key in named if key not in catalogue("en")} == set()


@pytest.mark.parametrize(
    ("tag", "locale"),
    [("zh-CN", "zh_CN"), ("zh-TW", "zh_CN"), ("zh-HK", "zh_CN"), ("zh", "zh_CN"), ("zh_CN", "zh_CN"),
     ("ZH-hans", "zh_CN"), ("en-US", "en"), ("de-DE", "en"), ("", "en"), (None, "en"), ("zhuang", "en")],
)  # fmt: skip
def test_any_chinese_reads_chinese_and_everybody_else_english(tag: str | None, locale: str) -> None:
    assert locale_of(tag) == locale


def test_a_missing_key_raises() -> None:
    with pytest.raises(KeyError):
        Words("en").say("no.such.key")


def test_a_missing_parameter_raises() -> None:
    with pytest.raises(KeyError):
        Words("en").say("status.place")


def test_one_picture_is_spoken_of_as_one() -> None:
    assert "picture is" in Words("en").say("status.delivered", n=1)
    assert "2 pictures are" in Words("en").say("status.delivered", n=2)


def test_what_a_person_typed_is_never_read_as_a_place() -> None:
    assert "{place}" in Words("en").say("root.asked.text", prompt="{place}")
    assert list(Words("en").cut("root.asked.text", {"prompt": "{place}"}))[1] == "{place}"
