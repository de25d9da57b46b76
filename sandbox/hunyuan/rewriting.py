"""Rewrites a prompt the way the provider does while `Revise` is on: the same scene, said with more words."""

from __future__ import annotations

import random
import re
from typing import Final

_CHINESE: Final = re.compile(r"[\u4e00-\u9fff]")
_LIGHT: Final = (
    ("soft morning light", "柔和的晨光"),
    ("warm light low over the scene", "低斜的暖光"),
    ("a pale mist between the layers", "层次间有淡淡薄雾"),
    ("a clear sky with a gentle gradient", "天空澄净，渐变柔和"),
    ("quiet blue shadows", "安静的蓝色阴影"),
)
_VIEW: Final = (
    ("wide view with a calm foreground", "广角构图，前景宁静"),
    ("seen from a low point of view", "低视角构图"),
    ("balanced composition with room to breathe", "构图均衡，留白舒展"),
    ("depth in several planes", "远近层次分明"),
)
_DETAIL: Final = (
    ("fine detail and harmonious colours", "细节细腻，色彩和谐"),
    ("rich texture, a restrained palette", "质感丰富，色调克制"),
    ("delicate grain, gentle contrast", "颗粒细腻，对比柔和"),
)


def rewrite(prompt: str, *, chance: random.Random) -> str:
    """Return `prompt` with a few more words in its own language."""
    chinese = _CHINESE.search(prompt) is not None
    words = [chance.choice(pairs)[int(chinese)] for pairs in (_LIGHT, _VIEW, _DETAIL)]
    comma = "，" if chinese else ", "
    return comma.join([prompt.strip().rstrip(".,。，"), *words]) + ("。" if chinese else ".")
