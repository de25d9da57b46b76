"""What `/imagine` understands, what it says when it does not, and that a recipe is understood as it was meant."""

from __future__ import annotations

import contextlib
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot import flags, plain, shapes, styles, values
from bot.flags import Flag
from bot.parsed import Note, Parsed, Problem, PromptError, Remark, Trouble
from bot.prompt import parse, parse_all, parse_step, problems_of, recipe, summary_parts
from bot.request import MAX_TEXT, Clarity, Request, Shape
from bot.spelling import fold


def asked(text: str) -> Request:
    return parse(text).request


def problems(text: str) -> tuple[Problem, ...]:
    with pytest.raises(PromptError) as caught:
        parse(text)
    return caught.value.problems


def troubles(text: str) -> list[Trouble]:
    return [problem.key for problem in problems(text)]


def slack_escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def test_a_prompt_without_flags_is_taken_as_it_is() -> None:
    assert parse("a fox in the rain") == Parsed(Request("a fox in the rain"))


def test_every_flag_is_understood_together() -> None:
    text = "雨中竹林 --ar 16:9 --n 2 --style ink wash --no text, people --seed 7 --hd x4 --raw"
    assert parse(text) == Parsed(
        Request("雨中竹林", "text, people", "shuimo", Shape.WIDE_16_9, 2, 7, Clarity.X4, raw=True)
    )


def test_flags_may_stand_anywhere() -> None:
    assert asked("--n 3 a fox --ar 9:16 in the rain --raw at night") == Request(
        "a fox in the rain at night", shape=Shape.TALL_9_16, count=3, raw=True
    )


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        *((ratio, Shape(resolution)) for ratio, resolution in shapes.RATIOS.items()),
        *((shape.value.replace(":", "x"), shape) for shape in Shape),
        ("16x9", Shape.WIDE_16_9),
        ("16/9", Shape.WIDE_16_9),
        ("16×9", Shape.WIDE_16_9),
        ("16 : 9", Shape.WIDE_16_9),
        ("16: 9", Shape.WIDE_16_9),
        ("16:9,", Shape.WIDE_16_9),
        ("１６：９", Shape.WIDE_16_9),
        ("“16:9”", Shape.WIDE_16_9),
        ("= 16:9", Shape.WIDE_16_9),
        ("32:18", Shape.WIDE_16_9),
        ("1.78:1", Shape.WIDE_16_9),
        ("wide", Shape.WIDE_16_9),
        ("Tall", Shape.TALL_9_16),
        ("square", Shape.SQUARE),
        ("横", Shape.WIDE_16_9),
        ("竖", Shape.TALL_9_16),
        ("方", Shape.SQUARE),
    ],
)
def test_a_shape_is_a_ratio_a_word_or_a_size(value: str, shape: Shape) -> None:
    assert parse(f"a fox --ar {value} --raw") == Parsed(Request("a fox", shape=shape, raw=True))


@pytest.mark.parametrize("flag", ["--ar", "--aspect", "--size", "--shape", "--AR", "--比例"])
def test_the_shape_flag_has_many_names(flag: str) -> None:
    assert asked(f"a fox {flag} 16:9").shape is Shape.WIDE_16_9


@pytest.mark.parametrize(
    ("value", "nearest"),
    [("21:9", "16:9"), ("2:3", "3:5"), ("1:9", "9:16"), ("640x500", "4:3"), ("wied", "16:9"), ("0:3", "4:3")],
)
def test_a_wrong_shape_gets_the_nearest_right_one(value: str, nearest: str) -> None:
    (problem,) = problems(f"a fox --ar {value}")
    assert problem.key is Trouble.SHAPE_UNKNOWN
    assert problem.params["flag"] == "--ar"
    assert problem.params["value"] == value
    assert problem.params["nearest"] == nearest
    assert problem.params["legal_en"] == "1:1, 16:9, 9:16, 4:3, 3:4, 5:3, 3:5, 768x768"
    assert problem.params["legal_zh"] == "1:1、16:9、9:16、4:3、3:4、5:3、3:5、768x768"


def test_a_size_that_is_not_to_be_had_becomes_its_ratio_and_says_so() -> None:
    note = Note(Remark.SIZE_BECAME_RATIO, {"value": "1920x1080", "ratio": "16:9", "size": "1280x720"})
    assert parse("a fox --ar 1920x1080") == Parsed(Request("a fox", shape=Shape.WIDE_16_9), (note,))


@pytest.mark.parametrize(
    "typed", ["--n 2", "--n=2", "--n2", "--n = 2", "--count 2", "--n two", "--数量 两张", "--n ２"]
)
def test_a_count_is_understood(typed: str) -> None:
    assert asked(f"a fox {typed}") == Request("a fox", count=2)


@pytest.mark.parametrize("value", ["9", "0", "5", "-1", "x", "99999999999999999999", "1.5"])
def test_a_wrong_count_is_named_with_its_bounds(value: str) -> None:
    params = {"flag": "--n", "value": value, "least": "1", "most": "4"}
    assert problems(f"a fox --n {value}") == (Problem(Trouble.COUNT_WRONG, params),)


@pytest.mark.parametrize("style", styles.STYLES, ids=lambda style: style.code)
def test_a_style_goes_by_its_code_and_every_name(style: styles.Style) -> None:
    for name in (style.code, style.chinese, style.english, style.english.title(), styles.slug(style.code)):
        assert parse(f"a fox --style {name} in the rain") == Parsed(Request("a fox in the rain", style=style.code))
    for name in style.aliases:
        assert asked(f"a fox --style {name}") == Request("a fox", style=style.code)


def test_no_name_of_a_style_means_two_styles() -> None:
    names = [
        fold(name) for style in styles.STYLES for name in (style.code, style.chinese, style.english, *style.aliases)
    ]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    "typed",
    ['"ink wash"', "“ink wash”", "「水墨画」", "ink wash style", "水墨风格", "水墨风", "INK-WASH", "ｉｎｋ wash"],
)
def test_a_style_may_be_quoted_and_called_a_style(typed: str) -> None:
    assert parse(f"a fox --style {typed} --n 2") == Parsed(Request("a fox", style="shuimo", count=2))


def test_no_style_can_be_asked_for() -> None:
    assert asked("a fox --style anime --style none").style is None


@pytest.mark.parametrize(
    ("typed", "value", "nearest"),
    [
        ("inkk wash of hills", "inkk wash", "shuimo"),
        ("cyperpunk", "cyperpunk", "saibopengke"),
        ("水墨话", "水墨话", "shuimo"),
    ],
)
def test_an_unknown_style_gets_the_nearest_and_the_list(typed: str, value: str, nearest: str) -> None:
    (problem,) = problems(f"a fox --style {typed}")
    style = styles.BY_CODE[nearest]
    assert problem.key is Trouble.STYLE_UNKNOWN
    assert problem.params["value"] == value
    assert problem.params["nearest"] == nearest
    assert (problem.params["nearest_en"], problem.params["nearest_zh"]) == (style.english, style.chinese)
    assert problem.params["legal_en"].count(",") == problem.params["legal_zh"].count("、") == 17


def test_what_is_not_wanted_runs_to_the_next_flag_and_adds_up() -> None:
    text = "a fox --no text, water marks --n 2 --negative “people” --不要 文字"
    assert parse(text) == Parsed(Request("a fox", "text, water marks, people, 文字", count=2))


@pytest.mark.parametrize("value", ["1", "42", "4294967295"])
def test_a_seed_turns_rewriting_off_and_says_so(value: str) -> None:
    note = Note(Remark.SEED_TURNS_REWRITING_OFF, {"seed": value})
    assert parse(f"a fox --seed {value}") == Parsed(Request("a fox", seed=int(value), raw=True), (note,))


def test_a_seed_beside_raw_needs_no_word() -> None:
    assert parse("a fox --seed 42 --raw").notes == ()


@pytest.mark.parametrize("value", ["x", "0", "-5", "4294967296", "1.5", "9" * 5000])
def test_a_wrong_seed_is_named_with_its_bounds(value: str) -> None:
    (problem,) = problems(f"a fox --seed {value}")
    assert problem.key is Trouble.SEED_WRONG
    assert problem.params["most"] == "4294967295"
    assert len(problem.params["value"]) <= 40


@pytest.mark.parametrize(
    ("typed", "clarity"),
    [
        ("x2", Clarity.X2),
        ("2", Clarity.X2),
        ("2x", Clarity.X2),
        ("X4", Clarity.X4),
        ("4x", Clarity.X4),
        ("２倍", Clarity.X2),
    ],
)
def test_a_factor_of_clarity_is_understood(typed: str, clarity: Clarity) -> None:
    assert parse(f"a fox --hd {typed}") == Parsed(Request("a fox", clarity=clarity))
    assert parse(f"a fox --hd{typed} --n 2") == Parsed(Request("a fox", clarity=clarity, count=2))


@pytest.mark.parametrize("text", ["a fox --hd", "a --hd fox", "a --hd --n 1 fox"])
def test_clarity_without_a_factor_is_twice_and_says_so(text: str) -> None:
    note = Note(Remark.CLARITY_ASSUMED, {"clarity": "x2"})
    assert parse(text) == Parsed(Request("a fox", clarity=Clarity.X2), (note,))


@pytest.mark.parametrize("value", ["x8", "3", "4k"])
def test_a_wrong_factor_is_named_with_the_right_ones(value: str) -> None:
    params = {"flag": "--hd", "value": value, "legal_en": "x2, x4", "legal_zh": "x2、x4"}
    assert problems(f"a fox --hd {value}") == (Problem(Trouble.CLARITY_WRONG, params),)


def test_raw_takes_no_value() -> None:
    assert problems("a fox --raw=yes") == (Problem(Trouble.VALUE_UNWANTED, {"flag": "--raw", "value": "yes"}),)


@pytest.mark.parametrize(
    ("typed", "nearest"),
    [
        ("--apsect", "--aspect"),
        ("--stlye", "--style"),
        ("--no-text", "--no"),
        ("--风各", "--风格"),
        ("—stylee", "--style"),
    ],
)
def test_an_unknown_flag_is_named_with_the_nearest_right_one(typed: str, nearest: str) -> None:
    (problem,) = problems(f"a fox {typed} 16:9")
    assert problem.key is Trouble.FLAG_UNKNOWN
    assert problem.params["flag"] == "--" + typed.lstrip("-—")
    assert problem.params["nearest"] == nearest
    assert problem.params["flags_en"] == "--ar, --n, --style, --no, --seed, --hd, --raw, --repeat, --private, --like"
    assert (
        problem.params["flags_zh"] == "--比例、--数量、--风格、--不要、--种子、--高清、--原话、--重复、--私密、--参考"
    )


@pytest.mark.parametrize(
    "flag", ["--ar", "--n", "--style", "--no", "--seed", "--repeat", '--no ""', "--比例", "--风格", "--不要", "--重复"]
)
def test_a_flag_without_its_value_shows_an_example_of_it_by_the_same_name(flag: str) -> None:
    for text in (f"a fox {flag}", f"a fox {flag} --raw"):
        (problem,) = problems(text)
        assert problem.key is Trouble.VALUE_MISSING
        assert problem.params["flag"] == flag.split(maxsplit=1)[0]
        for shown in (problem.params["example_en"], problem.params["example_zh"]):
            assert shown.startswith(f"{problem.params['flag']} ")
            assert parse(f"a fox {shown}") != parse("a fox")


def test_everything_that_is_wrong_is_said_at_once() -> None:
    assert troubles("--n 9 --seed x --foo --style vapourwave --ar") == [
        Trouble.PROMPT_EMPTY,
        Trouble.COUNT_WRONG,
        Trouble.SEED_WRONG,
        Trouble.FLAG_UNKNOWN,
        Trouble.STYLE_UNKNOWN,
        Trouble.VALUE_MISSING,
    ]


def test_of_a_repeated_flag_the_last_wins_and_is_named() -> None:
    note = Note(Remark.FLAG_REPEATED, {"flag": "--ar", "value": "1:1"})
    assert parse("a fox --ar 16:9 --size 1:1") == Parsed(Request("a fox"), (note,))


def test_of_a_repeated_flag_only_the_last_is_remarked_upon() -> None:
    last = (("--hd", "x4"), ("--ar", "1:1"), ("--n", "3"))
    notes = tuple(Note(Remark.FLAG_REPEATED, {"flag": flag, "value": value}) for flag, value in last)
    text = "a fox --n 4 --hd --size 1920x1080 --hd x2 --hd x4 --ar 1:1 --n 2 --n 3"
    assert parse(text) == Parsed(Request("a fox", clarity=Clarity.X4, count=3), notes)


def test_an_answer_speaks_of_eight_problems_at_most() -> None:
    assert troubles("a fox " + "--foo --n 9 " * 500) == [Trouble.FLAG_UNKNOWN, Trouble.COUNT_WRONG] * 4


@pytest.mark.parametrize(
    "text", ["", " ", "\n\t", "\u200b\ufeff", "--n 2", "/imagine", "/imagine --ar 16:9", "\0\u202e"]
)
def test_an_empty_prompt_is_refused(text: str) -> None:
    assert troubles(text) == [Trouble.PROMPT_EMPTY]


def test_texts_may_be_as_long_as_the_provider_takes_and_no_longer() -> None:
    limit, more = "画" * MAX_TEXT, "🦊" * (MAX_TEXT + 1)
    assert asked(f"{limit} --no {limit}") == Request(limit, limit)
    params = {"n": "1025", "limit": "1024"}
    assert problems(f"{more} --no {more}") == (
        Problem(Trouble.PROMPT_TOO_LONG, params),
        Problem(Trouble.NEGATIVE_TOO_LONG, params),
    )


def test_length_is_counted_after_cleaning() -> None:
    assert asked("&lt;" * MAX_TEXT).prompt == "<" * MAX_TEXT
    assert asked("a" + " \u200b\0" * MAX_TEXT + "b").prompt == "a b"


@pytest.mark.parametrize("dashes", ["--", "—", "–", "―", "−−", "－－", "——", "-—", "---", "‑‑"])
def test_phones_and_keyboards_make_many_dashes(dashes: str) -> None:
    assert asked(f"a fox {dashes}ar 16:9 {dashes}n 2") == Request("a fox", shape=Shape.WIDE_16_9, count=2)


@pytest.mark.parametrize(
    "text",
    [
        "－－ａｒ １６：９ a fox",
        "a\u00a0fox\u00a0--ar\u00a016:9",
        "a fox -\u200b-\u200dar\ufeff 16\u200b:9",
        "a fox\n--ar\n16:9",
        "/imagine a fox --ar 16:9",
        "  /Imagine   a fox --ar 16:9",
        "a fox --ar：16:9",
        "a fox --ar16:9",
    ],
)
def test_what_pasting_and_typing_do_to_a_line_is_undone(text: str) -> None:
    assert asked(text) == Request("a fox", shape=Shape.WIDE_16_9)


@pytest.mark.parametrize(
    "text", ["雨中竹林--ar 16:9--数量2", "雨中竹林—ar 16:9 --数量：２", "雨中竹林--比例16:9 --数量两张"]
)
def test_chinese_needs_no_blanks(text: str) -> None:
    assert asked(text) == Request("雨中竹林", shape=Shape.WIDE_16_9, count=2)


def test_a_clause_may_end_right_before_a_flag() -> None:
    assert asked("a fox, in the rain.--ar16:9--n2") == Request("a fox, in the rain.", shape=Shape.WIDE_16_9, count=2)


def test_chinese_flags_take_their_value_without_a_blank() -> None:
    text = "竹林--风格水墨--不要文字和人。--种子7 --高清2倍 --原话"
    assert asked(text) == Request("竹林", "文字和人。", "shuimo", seed=7, clarity=Clarity.X2, raw=True)


@pytest.mark.parametrize(
    "text",
    [
        "a well-known fox",
        "black--white",
        "a fox -- in the rain",
        "a fox — in the rain",
        "a storm —wild and free",
        "fox—ar",
        "他说——不要走",
        "百年孤独——风格",
        "-ar 16:9",
        "a 2-3 --5 --> <-- ---",
        "¯\\_(ツ)_/¯ C:\\new",
        'a sign that says "open" and ‘shut’',
        "caf\u00e9 👩‍👩‍👧 ❤️‍🔥 🏴󠁧󠁢󠁥󠁮󠁧󠁿 می‌خواهم",
    ],
)
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert parse(text) == Parsed(Request(text))


@pytest.mark.parametrize(
    ("text", "prompt"),
    [
        ("<@U123|ada> drinks tea", "@ada drinks tea"),
        ("<@U123> and <#C1|general> and <#C2|>", "@U123 and #general and #C2"),
        ("hi <!channel> <!here|here> <!everyone>", "hi @channel @here @everyone"),
        ("<!subteam^S1|@team> <!subteam^S2>", "@team @S2"),
        ("<!date^1392734382^{date}|Feb 18> sky", "Feb 18 sky"),
        ("<https://x.org/?a=1&amp;b=2> <http://y.org|y.org> <mailto:a@b.c>", "https://x.org/?a=1&b=2 y.org a@b.c"),
        ("<https://x.org|R&amp;D>", "R&D"),
        ("&lt;!channel&gt; &lt;b&gt; x &amp;amp; y &amp;lt;", "<!channel> <b> x &amp; y &lt;"),
        ("a < b and c > d <3", "a < b and c > d <3"),
        ("bell\x07 nul\0 rtl\u202ecod\u2066 half\ud83d soft\u00ad", "bell nul rtlcod half soft"),
        ("one\r\ntwo\u2028three\u3000four", "one two three four"),
        ("a \\--ar is a flag", "a --ar is a flag"),
        ("\\/imagine is a command", "/imagine is a command"),
    ],
)
def test_what_is_not_plain_becomes_plain(text: str, prompt: str) -> None:
    assert asked(text) == Request(prompt)


def test_a_recipe_is_pleasant_to_read() -> None:
    request = Request("a fox", "text", "shuimo", Shape.WIDE_16_9, 2, 42, Clarity.X2, raw=True)
    assert recipe(request) == "/imagine a fox --ar 16:9 --n 2 --style ink-wash --seed 42 --hd x2 --raw --no text"
    assert recipe(Request("a fox")) == "/imagine a fox"
    assert summary_parts(Request("a", "b", shape=Shape.SQUARE_SMALL, count=2)) == ("--ar 768x768", "--n 2")


@pytest.mark.parametrize(
    ("negative", "written"),
    [
        ('"a" or "b"', '\\"a" or "b"'),
        ('\\"a"', '\\\\"a"'),
        ('"a" b', '"a" b'),
        ("「字」", "\\「字」"),
        ("a --n 2", "a \\--n 2"),
    ],
)
def test_what_is_not_wanted_keeps_its_quotes_in_a_recipe(negative: str, written: str) -> None:
    assert recipe(Request("a fox", negative)) == f"/imagine a fox --no {written}"
    assert asked(recipe(Request("a fox", negative))) == Request("a fox", negative)


@pytest.mark.parametrize(
    ("prompt", "line"),
    [
        ("draw --ar 1:1", "/imagine draw \\--ar 1:1"),
        ("AT&T &amp; co", "/imagine AT&T &\\amp; co"),
        ("<!here>", "/imagine <\\!here>"),
        ("/imagine that", "/imagine \\/imagine that"),
    ],
)
def test_only_what_would_be_misread_is_guarded(prompt: str, line: str) -> None:
    assert recipe(Request(prompt)) == line
    assert asked(line) == Request(prompt)


TRICKY = [
    *(
        "--",
        "—",
        "——",
        "－－",
        "-",
        "\\",
        "\\\\",
        '"',
        "“",
        "”",
        "'",
        "「",
        "」",
        "&",
        "&amp;",
        "amp;",
        "&lt;",
        "<",
        ">",
        "|",
    ),
    *(
        "<@U1>",
        "<!here>",
        "https:",
        "/imagine",
        "／imagine",
        "=",
        ":",
        "：",
        ",",
        "。",
        " ",
        " ",
        "\u200d",
        "\u200b",
        "é",
        "竹",
    ),
    *flags.ALIASES,
    *("16:9", "2", "x2", "anime", "水墨", "foo", "no-text", "👩‍👩‍👧", "K", "ſeed", "İ", "１"),
]
anything = st.text() | st.lists(st.sampled_from(TRICKY) | st.text(max_size=3), max_size=14).map("".join)
texts = anything.map(plain.tidy).filter(lambda text: len(text) <= MAX_TEXT)
requests = st.builds(
    lambda prompt, negative, style, shape, count, seed, clarity, raw: Request(
        prompt, negative, style, shape, count, seed, clarity, raw=raw or seed is not None
    ),
    texts.filter(bool),
    texts,
    st.none() | st.sampled_from(sorted(styles.BY_CODE)),
    st.sampled_from(Shape),
    st.integers(1, 4),
    st.none() | st.integers(1, values.MAX_SEED),
    st.none() | st.sampled_from(Clarity),
    st.booleans(),
)


@given(requests)
def test_a_recipe_asks_for_the_same_again_and_needs_no_remark(request: Request) -> None:
    assert parse(recipe(request)) == Parsed(request)


@given(requests)
def test_a_recipe_means_the_same_as_displayed_as_sent_and_behind_the_command(request: Request) -> None:
    line = recipe(request)
    assert asked(slack_escaped(line)) == asked(line.removeprefix("/imagine ")) == request
    assert recipe(asked(line)) == line


@example("竹--不要\u200c¡")
@given(anything | st.binary().map(lambda raw: raw.decode("utf-8", "surrogateescape")))
def test_nothing_but_a_prompt_error_comes_of_any_text(text: str) -> None:
    with contextlib.suppress(PromptError):
        understood = asked(text)
        assert asked(recipe(understood)) == understood


@given(anything)
def test_tidying_twice_is_tidying_once(text: str) -> None:
    once = plain.tidy(text)
    assert plain.tidy(once) == once
    assert not [char for char in once if unicodedata.category(char) in ("Cc", "Cs")]


@given(anything)
def test_guards_come_off_as_they_went_on(text: str) -> None:
    tidy = plain.tidy(text)
    assert flags.split(flags.guarded(tidy)) == flags.Line(tidy, ())
    assert plain.from_slack(plain.guarded(tidy)) == tidy
    assert values.unwrapped(values.wrapped_guarded(tidy)) == tidy


@pytest.mark.parametrize(
    ("text", "repeat"),
    [
        ("a fox --repeat 4", 4),
        ("a fox --repeat x16", 16),
        ("狐狸 --重复 三次", 3),
        ("a fox", 1),
        ("a fox --times two", 2),
    ],
)
def test_an_ask_may_be_for_several_jobs(text: str, repeat: int) -> None:
    assert parse(text).repeat == repeat


@pytest.mark.parametrize("value", ["0", "17", "many", "-1", "999999999999"])
def test_a_wrong_number_of_jobs_is_named_with_the_right_ones(value: str) -> None:
    [problem] = problems(f"a fox --repeat {value}")
    assert (problem.key, problem.params["least"], problem.params["most"]) == (Trouble.REPEAT_WRONG, "1", "16")


@pytest.mark.parametrize("text", ["a fox --private", "a fox —private", "--private a fox", "狐狸--私密"])
def test_an_ask_may_be_private(text: str) -> None:
    assert parse(text).private
    assert not parse("a private fox").private


def test_what_was_typed_is_told_from_what_is_the_default() -> None:
    assert parse("a fox --ar 1:1 --n 1").given == {Flag.SHAPE, Flag.COUNT}
    assert parse("a fox").given == frozenset()


@pytest.mark.parametrize("text", ["a fox --like", "a fox —like", "--like a fox", "狐狸--参考", "狐狸 --像"])
def test_an_ask_may_be_for_something_like_the_newest_picture(text: str) -> None:
    assert parse(text).like
    assert not parse("a fox like a cat").like


def test_a_line_with_alternatives_is_as_many_asks_each_repeated() -> None:
    asks = parse_all("a {red, blue} fox --n 2 --repeat 2")
    assert [each.request for each in asks] == [
        Request(f"a {colour} fox", count=2) for colour in ("red",) * 2 + ("blue",) * 2
    ]


@pytest.mark.parametrize("text", ["{a, b, c, d} {e, f, g, h} {i, j}", "{a, b} --repeat 9"])
def test_more_asks_than_a_line_may_stand_for_are_one_problem(text: str) -> None:
    with pytest.raises(PromptError) as wrong:
        parse_all(text)
    assert wrong.value.problems == (Problem(Trouble.TOO_MANY, {"most": "16"}),)


@pytest.mark.parametrize("text", ["a fox --repeat 3 --seed 42", "a {red, blue} fox --种子 42 --重复 2"])
def test_the_same_picture_is_not_sold_twice(text: str) -> None:
    with pytest.raises(PromptError) as wrong:
        parse_all(text)
    assert wrong.value.problems == (Problem(Trouble.SAME_AGAIN, {"seed": "42"}),)


@pytest.mark.parametrize("text", ["a fox --repeat 1 --seed 42", "a {red, blue} fox --seed 42", "a fox --n 4 --seed 42"])
def test_one_seed_for_different_pictures_is_nothing_wrong(text: str) -> None:
    assert all(each.request.seed == 42 for each in parse_all(text))


def test_a_step_takes_one_ask_that_all_may_see() -> None:
    assert parse_step("a fox --n 4 --ar 16:9") == parse("a fox --n 4 --ar 16:9")
    for text, keys in {
        "a fox --private --like": [Trouble.NOT_IN_A_STEP, Trouble.NOT_IN_A_STEP],
        "{a, b} fox --private": [Trouble.ONE_IN_A_STEP, Trouble.NOT_IN_A_STEP],
        "a fox --repeat 2": [Trouble.ONE_IN_A_STEP],
    }.items():
        assert [problem.key for problem in problems_of(text)] == keys


def test_what_is_wrong_with_a_text_can_be_asked_for() -> None:
    assert problems_of("a fox --ar 16:9") == ()
    assert [problem.key for problem in problems_of("--n 9")] == [Trouble.PROMPT_EMPTY, Trouble.COUNT_WRONG]
