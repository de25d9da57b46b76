"""Draws pictures off the loop, and keeps the latest: a picture follows from its recipe, so any other is drawn again."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from sandbox.hunyuan.drawing import Recipe, draw


@dataclass(slots=True)
class Gallery:
    """At most `keep` bytes of PNG in memory; one thread draws, so that the other core is free for everything else."""

    keep: int = 64 * 1024 * 1024
    _pictures: OrderedDict[Recipe, bytes] = field(default_factory=OrderedDict)
    _under_way: dict[Recipe, asyncio.Future[bytes]] = field(default_factory=dict)
    _threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="drawing"))

    async def picture(self, recipe: Recipe) -> bytes:
        """Return the PNG of a recipe, drawn now if it is not at hand; two who ask at once share one drawing."""
        if recipe in self._pictures:
            self._pictures.move_to_end(recipe)
            return self._pictures[recipe]
        if recipe not in self._under_way:
            self._under_way[recipe] = asyncio.get_running_loop().run_in_executor(self._threads, draw, recipe)
        try:
            png = await asyncio.shield(self._under_way[recipe])
        finally:
            if recipe in self._under_way and self._under_way[recipe].done():
                del self._under_way[recipe]
        self._store(recipe, png)
        return png

    def close(self) -> None:
        """Stop drawing; what has not begun is dropped."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _store(self, recipe: Recipe, png: bytes) -> None:
        self._pictures[recipe] = png
        total = sum(len(each) for each in self._pictures.values())
        while total > self.keep and len(self._pictures) > 1:
            total -= len(self._pictures.popitem(last=False)[1])
