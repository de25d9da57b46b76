"""Finds in a prompt, English or Chinese, what can be drawn."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

ELEMENTS: Final[Mapping[str, str]] = {
    "fox": r"\bfox(es)?\b|狐",
    "cat": r"\b(cat|cats|kitten|kittens|kitty)\b|(?<!熊)猫(?!头鹰)|喵",
    "dog": r"\b(dog|dogs|puppy|puppies|corgi|shiba)\b|狗|柴犬|柯基",
    "rabbit": r"\b(rabbit|rabbits|bunny|hare)\b|兔",
    "panda": r"\bpandas?\b|熊猫",
    "bear": r"\bbears?\b|(?<!小)熊(?!猫)",
    "owl": r"\bowls?\b|猫头鹰",
    "robot": r"\b(robots?|android)\b|机器人",
    "bird": r"\b(birds?|crane|cranes|swallow|seagulls?|geese)\b|鸟|鹤|燕|雁|鸥",
    "boat": r"\b(boats?|ships?|sail|sailing|canoe)\b|船|舟|帆",
    "house": r"\b(house|cottage|cabin|hut|home|village|temple)\b|屋|房|村|木屋|小镇|寺|庙",
    "balloon": r"\bballoons?\b|气球",
    "whale": r"\b(whales?|dolphins?)\b|鲸|海豚",
    "lantern": r"\blanterns?\b|灯笼|孔明灯|天灯",
    "umbrella": r"\bumbrellas?\b|伞",
    "rain": r"\b(rain|rainy|raining|drizzle|storm|stormy)\b|雨",
    "snow": r"\b(snow|snowy|snowing|winter|ice|icy|frozen|blizzard)\b|雪|冬|冰",
    "bamboo": r"\bbamboos?\b|竹",
    "sea": r"\b(sea|ocean|beach|coast|wave|waves|island|bay)\b|海|洋|岛|浪",
    "lake": r"\b(lake|river|pond|water|stream|reflection|waterfall)\b|湖|河|江|池|溪|水(?!墨|彩|果|晶)",
    "mountain": r"\b(mountains?|peaks?|alps|hills?|volcano|cliffs?|landscape)\b|山|峰|岭",
    "city": r"\b(city|cities|town|skyline|street|downtown|skyscrapers?|tokyo|shanghai|buildings?)\b|城|街|楼|都",
    "forest": r"\b(forests?|woods?|trees?|pines?|jungle)\b|森|林(?<!竹林)|树|松",
    "flower": r"\b(flowers?|roses?|tulips?|garden|meadow|bloom|blossoms?|sakura|cherry)\b|花|樱|牡丹|荷|莲|园",
    "moon": r"\b(moon|moonlight|moonlit)\b|月(?!份)",
    "star": r"\b(stars?|starry|galaxy|milky|space|cosmos|universe|nebula)\b|星|银河|宇宙|太空",
    "aurora": r"\b(aurora|northern lights)\b|极光",
    "sun": r"\b(sun|sunny|sunshine)\b|太阳|阳光|晴",
    "sunset": r"\b(sunset|dusk|evening|golden hour)\b|夕阳|日落|黄昏|傍晚|晚霞|落日",
    "dawn": r"\b(dawn|sunrise|morning)\b|日出|黎明|清晨|早晨|朝霞|晨",
    "night": r"\b(night|midnight|dark)\b|夜|晚上|深夜",
    "autumn": r"\b(autumn|fall|maple|october)\b|秋|枫",
    "spring": r"\b(spring|cherry|sakura|april)\b|春|樱|桃花",
    "desert": r"\b(desert|dunes?|sahara|camel|mars)\b|沙漠|沙丘|戈壁|火星",
    "fog": r"\b(fog|foggy|mist|misty|haze)\b|雾|朦胧|烟",
    "neon": r"\b(neon|cyberpunk|futuristic)\b|霓虹|赛博|未来",
    "abstract": r"\b(abstract|geometric|shapes?|pattern|minimal|gradient|dream)\b|抽象|几何|图案|极简|渐变|梦",
}
"""What can be drawn -> the words that ask for it."""

ANIMALS: Final = ("fox", "cat", "dog", "rabbit", "panda", "bear", "owl", "robot")
_PATTERNS: Final = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in ELEMENTS.items()}
_MOODS: Final = ("neon", "night", "sunset", "rain", "snow", "dawn", "autumn", "spring", "desert", "forest")
_UNASKED: Final = (
    frozenset({"mountain", "sun", "fog"}),
    frozenset({"mountain", "lake", "bird"}),
    frozenset({"sea", "sunset", "boat"}),
    frozenset({"forest", "dawn", "fog"}),
    frozenset({"mountain", "night", "moon", "star"}),
    frozenset({"flower", "spring", "house"}),
    frozenset({"mountain", "balloon", "dawn"}),
    frozenset({"desert", "sun"}),
    frozenset({"abstract"}),
)
_PLACES: Final = frozenset({"sea", "lake", "mountain", "city", "forest", "bamboo", "flower", "desert", "abstract"})


@dataclass(frozen=True, slots=True)
class Theme:
    """What a picture shows: the elements, and the mood that chooses its palette."""

    elements: frozenset[str]
    mood: str

    def __contains__(self, element: str) -> bool:
        return element in self.elements

    @property
    def animals(self) -> tuple[str, ...]:
        """The figures that sit in the foreground, two at most."""
        return tuple(name for name in ANIMALS if name in self.elements)[:2]


def read_theme(prompt: str, *, negative: str = "", style: str = "", chance: random.Random) -> Theme:
    """Return what a prompt asks for; where it names no place, `chance` finds one that fits."""
    found = {name for name, pattern in _PATTERNS.items() if pattern.search(prompt)}
    found -= {name for name, pattern in _PATTERNS.items() if negative and pattern.search(negative)}
    if style == "saibopengke":
        found |= {"city", "neon"}
    if not found:
        found |= chance.choice(_UNASKED)
    elif not found & _PLACES:
        found |= _a_place(found, chance)
    return Theme(frozenset(found), _mood(found, chance))


def _a_place(found: set[str], chance: random.Random) -> set[str]:
    if found & {"boat", "whale"}:
        return {"sea"}
    if "neon" in found:
        return {"city"}
    if found & {"snow", "autumn"}:
        return chance.choice(({"forest", "mountain"}, {"mountain"}))
    return chance.choice(({"mountain"}, {"forest"}, {"mountain", "lake"}, {"mountain", "flower"}))


def _mood(found: set[str], chance: random.Random) -> str:
    if "aurora" in found and "neon" not in found:
        return "night"
    for mood in _MOODS:
        if mood in found:
            return mood
    if found & {"moon", "star", "aurora", "lantern"}:
        return "night"
    if "bamboo" in found:
        return "forest"
    if "sun" in found:
        return "day"
    return chance.choice(("day", "day", "dawn", "sunset", "spring"))
