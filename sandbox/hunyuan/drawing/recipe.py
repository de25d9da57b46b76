"""All that a picture follows from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Recipe:
    """The same recipe gives the same bytes. `width` and `height` are pixels before upscaling by `clarity`."""

    prompt: str
    negative: str
    style: str
    width: int
    height: int
    clarity: int
    seed: int
    plain: bool = False
    """A gradient of the right size instead of a scene, for tests and benchmarks."""
