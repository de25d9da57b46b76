"""What the image API offers: actions, styles, sizes and the words of a job's life, as the vendor's pages list them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

SERVICE: Final = "hunyuan"
VERSION: Final = "2023-09-01"
REGION: Final = "ap-guangzhou"
MAX_BODY: Final = 10 * 1024 * 1024
"""Bytes of one POST signed with TC3."""
MAX_PROMPT: Final = 1024
"""Unicode code points; the page says "utf-8 characters"."""
MAX_PICTURES: Final = 4
MAX_IMAGE_SIDE: Final = 5000
"""Each side of a reference picture must be below this, in pixels."""
MAX_IMAGE_BASE64: Final = 8 * 1024 * 1024


class Action(StrEnum):
    """The two calls that the sandbox answers; every other name is `InvalidAction`."""

    SUBMIT = "SubmitHunyuanImageJob"
    QUERY = "QueryHunyuanImageJob"


class Status(StrEnum):
    """`JobStatusCode`: strings, and no "3" among them."""

    WAITING = "1"
    RUNNING = "2"
    FAILED = "4"
    DONE = "5"


STATUS_WORDS: Final[Mapping[str, str]] = {
    Status.WAITING: "排队中",
    Status.RUNNING: "处理中",
    Status.FAILED: "处理失败",
    Status.DONE: "处理完成",
}
"""`JobStatusMsg`: Chinese in every language."""

STYLES: Final[Mapping[str, tuple[str, str]]] = {
    "riman": ("日漫动画", "anime"),
    "shuimo": ("水墨画", "ink wash"),
    "monai": ("莫奈", "Monet"),
    "bianping": ("扁平插画", "flat illustration"),
    "xiangsu": ("像素插画", "pixel art"),
    "ertonghuiben": ("儿童绘本", "picture book"),
    "3dxuanran": ("3D 渲染", "3D render"),
    "manhua": ("漫画", "comic"),
    "heibaimanhua": ("黑白漫画", "black-and-white comic"),
    "xieshi": ("写实", "realistic"),
    "dongman": ("动漫", "cartoon"),
    "bijiasuo": ("毕加索", "Picasso"),
    "saibopengke": ("赛博朋克", "cyberpunk"),
    "youhua": ("油画", "oil painting"),
    "masaike": ("马赛克", "mosaic"),
    "qinghuaci": ("青花瓷", "blue-and-white porcelain"),
    "xinnianjianzhi": ("新年剪纸画", "New Year paper-cut"),
    "xinnianhuayi": ("新年花艺", "New Year floral"),
}
"""Style code -> (Chinese, English)."""

RESOLUTIONS: Final[Mapping[str, tuple[int, int]]] = {
    "768:768": (768, 768),
    "768:1024": (768, 1024),
    "1024:768": (1024, 768),
    "1024:1024": (1024, 1024),
    "720:1280": (720, 1280),
    "1280:720": (1280, 720),
    "768:1280": (768, 1280),
    "1280:768": (1280, 768),
}
DEFAULT_RESOLUTION: Final = "1024:1024"
REFERENCE_RESOLUTIONS: Final = ("768:768", "768:1024", "1024:768", "1024:1024")
"""The only sizes beside a ContentImage."""

CLARITIES: Final[Mapping[str, int]] = {"x2": 2, "x4": 4}
