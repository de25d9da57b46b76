"""Reads the parameters of a call and refuses what the vendor's page does not allow, with the vendor's codes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl

from sandbox.hunyuan import catalogue
from sandbox.hunyuan.refusals import Refusal

WRONG_VALUE: Final = "InvalidParameterValue.ParameterValueError"

_SUBMIT: Final[Mapping[str, type]] = {
    "Prompt": str,
    "NegativePrompt": str,
    "Style": str,
    "Resolution": str,
    "Num": int,
    "Clarity": str,
    "ContentImage": dict,
    "Revise": int,
    "Seed": int,
    "LogoAdd": int,
    "LogoParam": dict,
}
_QUERY: Final[Mapping[str, type]] = {"JobId": str}
_IMAGE: Final[Mapping[str, type]] = {"ImageUrl": str, "ImageBase64": str}
_LOGO: Final[Mapping[str, type]] = {"LogoUrl": str, "LogoImage": str, "LogoRect": dict}
_RECT: Final[Mapping[str, type]] = {"X": int, "Y": int, "Width": int, "Height": int}


@dataclass(frozen=True, slots=True)
class Reference:
    """A picture the client sent along: a URL or its bytes in base64."""

    url: str
    base64: str


@dataclass(frozen=True, slots=True)
class Order:
    """What a submit asks for. `seed` is None where it is random, also where rewriting makes it have no effect."""

    prompt: str
    negative: str
    style: str
    resolution: str
    num: int
    clarity: int
    revise: bool
    seed: int | None
    reference: Reference | None
    logo: Reference | None

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the pictures in pixels, upscaling included."""
        width, height = catalogue.RESOLUTIONS[self.resolution]
        return width * self.clarity, height * self.clarity


def read_body(body: bytes) -> dict[str, Any]:
    """Return the JSON object of a POST, or refuse it."""
    try:
        read = json.loads(body.decode("utf-8"))
    except ValueError as error:
        raise Refusal("InvalidRequest") from error
    if not isinstance(read, dict):
        raise Refusal("InvalidRequest")
    return read


def read_query(query: str) -> dict[str, Any]:
    """Return the parameters of a GET: flat names (`LogoParam.LogoRect.X`) become objects, digits become numbers."""
    read: dict[str, Any] = {}
    kinds = {**_SUBMIT, **_QUERY, **_IMAGE, **_LOGO, **_RECT}
    for name, value in parse_qsl(query, keep_blank_values=True):
        *parents, last = name.split(".")
        place = read
        for parent in parents:
            place = place.setdefault(parent, {})
        number = kinds.get(last) is int and value.lstrip("-").isdecimal()
        place[last] = int(value) if number else value
    return read


def read_job_id(parameters: Mapping[str, Any]) -> str:
    """Return the JobId of a query."""
    _check_types(parameters, _QUERY)
    if not parameters.get("JobId"):
        raise Refusal("MissingParameter", "JobId")
    return str(parameters["JobId"])


def read_order(parameters: Mapping[str, Any]) -> Order:
    """Check every parameter of a submit and return what it asks for. Pictures sent along are not opened here."""
    _check_types(parameters, _SUBMIT)
    _check_texts(parameters)
    reference = _read_reference(parameters.get("ContentImage"))
    revise = _choice(parameters, "Revise", (0, 1), 1) == 1 or reference is not None
    seed = parameters.get("Seed")
    if seed is not None and seed <= 0:
        raise Refusal(WRONG_VALUE, "Seed")
    return Order(
        prompt=parameters["Prompt"],
        negative=parameters.get("NegativePrompt") or "",
        style=_choice(parameters, "Style", ("", *catalogue.STYLES), ""),
        resolution=_read_resolution(parameters, reference),
        num=_choice(parameters, "Num", range(1, catalogue.MAX_PICTURES + 1), 1),
        clarity=catalogue.CLARITIES.get(_choice(parameters, "Clarity", ("", *catalogue.CLARITIES), ""), 1),
        revise=revise,
        seed=None if revise else seed,
        reference=reference,
        logo=_read_logo(parameters.get("LogoParam")),
    )


def _check_types(parameters: Mapping[str, Any], kinds: Mapping[str, type], *, inside: str = "") -> None:
    for name, value in parameters.items():
        if name not in kinds:
            raise Refusal("UnknownParameter", inside + name)
        wrong = not isinstance(value, kinds[name]) or (isinstance(value, bool) and kinds[name] is int)
        if value is not None and wrong:
            raise Refusal("InvalidParameter", f"{inside}{name}: {kinds[name].__name__}")


def _check_texts(parameters: Mapping[str, Any]) -> None:
    if parameters.get("Prompt") is None:
        raise Refusal("MissingParameter", "Prompt")
    if not parameters["Prompt"].strip():
        raise Refusal(WRONG_VALUE, "Prompt")
    for name in ("Prompt", "NegativePrompt"):
        if len(parameters.get(name) or "") > catalogue.MAX_PROMPT:
            raise Refusal(WRONG_VALUE, f"{name}: {catalogue.MAX_PROMPT}")


def _choice(parameters: Mapping[str, Any], name: str, allowed: Any, default: Any) -> Any:
    value = parameters.get(name)
    if value is None:
        return default
    if value not in allowed:
        raise Refusal(WRONG_VALUE, name)
    return value


def _read_resolution(parameters: Mapping[str, Any], reference: Reference | None) -> str:
    allowed = catalogue.REFERENCE_RESOLUTIONS if reference else tuple(catalogue.RESOLUTIONS)
    return str(_choice(parameters, "Resolution", allowed, catalogue.DEFAULT_RESOLUTION))


def _read_reference(value: Mapping[str, Any] | None) -> Reference | None:
    if value is None:
        return None
    _check_types(value, _IMAGE, inside="ContentImage.")
    reference = Reference(value.get("ImageUrl") or "", value.get("ImageBase64") or "")
    if not reference.url and not reference.base64:
        raise Refusal("InvalidParameterValue.ImageEmpty", "ContentImage")
    return reference


def _read_logo(value: Mapping[str, Any] | None) -> Reference | None:
    """Read LogoParam; its picture is checked like any other, and the sandbox's own mark is drawn all the same."""
    if not value:
        return None
    try:
        _check_types(value, _LOGO, inside="LogoParam.")
        _check_types(value.get("LogoRect") or {}, _RECT, inside="LogoParam.LogoRect.")
    except Refusal as refusal:
        raise Refusal("InvalidParameterValue.LogoParamErr", refusal.detail) from refusal
    logo = Reference(value.get("LogoUrl") or "", value.get("LogoImage") or "")
    return logo if logo.url or logo.base64 else None
