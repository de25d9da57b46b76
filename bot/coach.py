"""What to try after a refusal: the same request, changed where it probably met the check. Pure.

Nobody outside the provider knows its rules, so this is a proposal that a person edits, never something that is sent.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from bot import graphemes
from bot.errors import Cause
from bot.request import MAX_TEXT, Request


@dataclass(frozen=True, slots=True)
class Proposal:
    """A changed request. `replaced` are the words that were taken out, as typed."""

    request: Request
    replaced: tuple[str, ...] = ()


_SOFTER = {
    **dict.fromkeys(("blood", "bloody", "gore", "gory", "bleeding"), "red paint"),
    **dict.fromkeys(("kill", "killing", "murder", "murdering", "slay", "slaying"), "face"),
    **dict.fromkeys(("killed", "murdered", "slain", "dead"), "sleeping"),
    **dict.fromkeys(("corpse", "corpses", "dead body", "dead bodies"), "sleeping figure"),
    **dict.fromkeys(("gun", "guns", "pistol", "rifle", "shotgun"), "umbrella"),
    **dict.fromkeys(("knife", "dagger"), "brush"),
    **dict.fromkeys(("bomb", "grenade", "explosion"), "fireworks"),
    **dict.fromkeys(("war", "battle", "battlefield"), "contest"),
    **dict.fromkeys(("violent", "brutal"), "dramatic"),
    **dict.fromkeys(("torture", "torturing"), "struggle"),
    **dict.fromkeys(("naked", "nude", "topless", "undressed"), "dressed"),
    **dict.fromkeys(("sexy", "erotic", "sensual", "seductive"), "elegant"),
    **dict.fromkeys(("lingerie", "bikini", "underwear"), "summer clothes"),
    **dict.fromkeys(("drug", "drugs", "cocaine", "heroin"), "sweets"),
    **dict.fromkeys(("suicide", "hanged", "hanging body"), "solitude"),
}
_SOFTER_CHINESE = {
    **dict.fromkeys(("血腥", "鲜血", "流血", "血迹"), "红色颜料"),
    **dict.fromkeys(("杀死", "杀害", "谋杀", "杀人"), "面对"),
    **dict.fromkeys(("尸体", "死尸"), "沉睡的人"),
    **dict.fromkeys(("手枪", "步枪", "枪械", "枪"), "雨伞"),
    **dict.fromkeys(("匕首", "尖刀"), "画笔"),
    **dict.fromkeys(("炸弹", "爆炸", "手榴弹"), "烟花"),
    **dict.fromkeys(("战争", "战场"), "比赛"),
    **dict.fromkeys(("暴力", "残忍"), "戏剧性"),
    **dict.fromkeys(("裸体", "裸女", "赤裸", "全裸"), "穿着衣服"),
    **dict.fromkeys(("性感", "色情", "诱惑"), "优雅"),
    **dict.fromkeys(("内衣", "比基尼"), "夏装"),
    **dict.fromkeys(("毒品", "吸毒"), "糖果"),
    **dict.fromkeys(("自杀", "上吊"), "独处"),
}
_LONGEST_FIRST = sorted(_SOFTER, key=len, reverse=True)
_HARD = re.compile(
    rf"\b(?:{'|'.join(map(re.escape, _LONGEST_FIRST))})\b|{'|'.join(sorted(_SOFTER_CHINESE, key=len, reverse=True))}",
    re.IGNORECASE,
)


def proposal(request: Request, cause: Cause) -> Proposal | None:
    """What to offer for editing; None where another wording would not help."""
    match cause:
        case Cause.TEXT_REFUSED | Cause.RESULT_REFUSED:
            return _softened(request)
        case Cause.PROMPT_TOO_LONG:
            return Proposal(replace(request, prompt=_shortened(request.prompt), negative=_shortened(request.negative)))
        case Cause.OPTION_REFUSED:
            return Proposal(replace(request, style=None, clarity=None))
        case _:
            return None


def _softened(request: Request) -> Proposal:
    """Only the prompt: what is to be avoided may be called by its name."""
    replaced = tuple(dict.fromkeys(found[0] for found in _HARD.finditer(request.prompt)))
    prompt = _HARD.sub(lambda found: _softer(found[0]), request.prompt)
    return Proposal(replace(request, prompt=graphemes.cut(prompt, MAX_TEXT)), replaced)


def _softer(word: str) -> str:
    return _SOFTER_CHINESE.get(word) or _SOFTER[word.lower()]


def _shortened(text: str) -> str:
    """Two thirds at most (the provider counts otherwise than we), up to the end of a clause or a word."""
    most = -(-min(MAX_TEXT, len(text)) * 2 // 3)
    head = graphemes.cut(text, most)
    if head == text:
        return text
    for ending in (r"[,.;!?，。；！？、]", r"\s"):
        ends = [found.start() for found in re.finditer(ending, head)]
        if ends and ends[-1] > most // 2:
            return head[: ends[-1]]
    return head
