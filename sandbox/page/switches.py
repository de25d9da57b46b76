"""The switches of the panel in plain words: what may go wrong, in groups, and how turning one changes the settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from sandbox.hunyuan import Action, Fault, ImageApiSettings, Trouble
from sandbox.slack.settings import Fault as SlackFault
from sandbox.slack.settings import FaultKind, SlackSettings

SUBMIT: Final = Action.SUBMIT.value


@dataclass(frozen=True, slots=True)
class Switch:
    """One field of a settings object in words: a flag, or a number in `unit` that is at most `most`."""

    target: str
    name: str
    words: str
    hint: str = ""
    unit: str = ""
    most: float = 0.0


@dataclass(frozen=True, slots=True)
class ImageStrike:
    """A fault that strikes the next call, job or picture at the image API, once for each press."""

    name: str
    words: str
    fault: Fault
    action: str = "*"


@dataclass(frozen=True, slots=True)
class SlackStrike:
    """A fault that strikes the next call of a Web API method; `after`: when it has taken effect."""

    name: str
    words: str
    method: str
    kind: FaultKind
    after: bool = False
    error: str = "internal_error"
    seconds: float = 5.0


@dataclass(frozen=True, slots=True)
class Group:
    """Switches that belong together under one heading."""

    title: str
    switches: tuple[Switch, ...]


GROUPS: Final = (
    Group(
        "Pace of the image API",
        (
            Switch("images", "speed", "Speed", "Durations are divided by this", "×", 50),
            Switch("images", "slots", "Jobs at the same time", "One more is refused", "", 10),
            Switch("images", "rate", "Requests a second", "For each action", "/s", 100),
            Switch("images", "link_life", "Result links live", "The real ones live an hour", "s", 3600),
        ),
    ),
    Group(
        "Trouble with the image account",
        (
            Switch("images", "unpaid", "Out of credit"),
            Switch("images", "not_enabled", "The service was never switched on"),
            Switch("images", "retired", "The vendor has retired the API"),
            Switch("images", "keys_revoked", "The keys have been revoked"),
        ),
    ),
    Group(
        "Slack's moods",
        (
            Switch("slack", "share_delay", "Pictures appear late", "After Slack said ok", "s", 60),
            Switch("slack", "drop_shares", "Uploads to lose silently", "Slack says ok, nothing appears", "", 10),
            Switch("slack", "alt_txt_drops_share", "Alt text loses the upload", "A known bug of Slack's"),
            Switch("slack", "tier_limits", "Slack's rate limits are on"),
            Switch("slack", "mute_sockets", "The socket goes silent", "Connected, but nothing arrives"),
            Switch("slack", "encode_command_text", "Commands arrive with &amp;", "As Slack may send them"),
        ),
    ),
)

IMAGE_STRIKES: Final = (
    ImageStrike(
        "refuse", "Refuse the next prompt", Fault(Trouble.CODE, code="OperationDenied.TextIllegalDetected"), SUBMIT
    ),
    ImageStrike("fail", "Let the next job fail", Fault(Trouble.FAIL, code="FailedOperation.GenerateImageFailed")),
    ImageStrike("slow", "Make the next job slow", Fault(Trouble.SLOW)),
    ImageStrike("stuck", "Let the next job get stuck", Fault(Trouble.STUCK_RUNNING)),
    ImageStrike("busy", "Too many requests", Fault(Trouble.CODE, code="RequestLimitExceeded")),
    ImageStrike("inner", "An inner error", Fault(Trouble.CODE, code="InternalError")),
    ImageStrike("html", "An HTML error page", Fault(Trouble.HTML)),
    ImageStrike("cut", "Accept a submit, then cut the line", Fault(Trouble.CUT, after=True), SUBMIT),
    ImageStrike("expired", "Links that have expired", Fault(Trouble.EXPIRED_ONCE)),
    ImageStrike("fewer", "One picture too few", Fault(Trouble.FEWER)),
    ImageStrike("truncated", "A download that breaks off", Fault(Trouble.PICTURE_TRUNCATED)),
    ImageStrike("webpage", "A web page instead of a picture", Fault(Trouble.PICTURE_HTML)),
)

SLACK_STRIKES: Final = (
    SlackStrike("throttle", "429 on the next call", "*", FaultKind.THROTTLE),
    SlackStrike("slack-slow", "A very slow call", "*", FaultKind.SLOW),
    SlackStrike("post-error", "A post fails", "chat.postMessage", FaultKind.ERROR),
    SlackStrike("post-lost", "A post works, its answer is lost", "chat.postMessage", FaultKind.CUT, after=True),
    SlackStrike("upload-cut", "An upload is cut", "upload", FaultKind.CUT),
    SlackStrike(
        "share-error", "Sharing fails once", "files.completeUploadExternal", FaultKind.ERROR, error="file_update_failed"
    ),
    SlackStrike(
        "share-lost", "Sharing works, its answer is lost", "files.completeUploadExternal", FaultKind.CUT, after=True
    ),
    SlackStrike("revoked", "The token is refused once", "*", FaultKind.ERROR, error="token_revoked"),
)


def panel(*, slack: SlackSettings, images: ImageApiSettings) -> dict[str, Any]:
    """Everything the panel shows about faults: groups with present values, strikes, what waits, words for prompts."""
    settings = {"slack": slack, "images": images}
    return {
        "groups": [_group(group, settings) for group in GROUPS],
        "strikes": [
            {"title": "Strike the image API once", "items": [_strike(strike) for strike in IMAGE_STRIKES]},
            {"title": "Strike Slack once", "items": [_strike(strike) for strike in SLACK_STRIKES]},
        ],
        "pending": [*map(_image_pending, images.faults.pending()), *map(_slack_pending, slack.faults)],
        "triggers": [{"word": word, "words": trigger.english} for word, trigger in images.triggers.items()],
    }


def _strike(strike: ImageStrike | SlackStrike) -> dict[str, str]:
    return {"name": strike.name, "words": strike.words}


def _group(group: Group, settings: dict[str, Any]) -> dict[str, Any]:
    rows = [asdict(switch) | {"value": getattr(settings[switch.target], switch.name)} for switch in group.switches]
    return {"title": group.title, "switches": rows}


def _image_pending(entry: Mapping[str, Any]) -> str:
    known = (s.words for s in IMAGE_STRIKES if (s.fault.trouble, s.fault.code) == (entry["trouble"], entry["code"]))
    return next(known, str(entry["trouble"])) + _times(entry["left"])


def _slack_pending(fault: SlackFault) -> str:
    known = (
        strike.words
        for strike in SLACK_STRIKES
        if (strike.method, strike.kind, strike.after) == (fault.method, fault.kind, fault.after)
    )
    return next(known, f"{fault.kind} of {fault.method}") + _times(fault.times)


def _times(left: int | None) -> str:
    return " each time" if left is None else "" if left == 1 else f" ×{left}"


def known(target: str, name: str) -> Switch | None:
    """The switch for a setting; what has no switch cannot be changed from the page."""
    return next((s for g in GROUPS for s in g.switches if (s.target, s.name) == (target, name)), None)


def flip(settings: object, switch: Switch, value: object) -> None:
    """Give a setting a new value of the kind it has. Raises ValueError, in words, for one that does not fit."""
    present = getattr(settings, switch.name)
    if isinstance(present, bool):
        if not isinstance(value, bool):
            raise ValueError(f"{switch.words}: on or off")  # noqa: TRY004 - the page shows it as wrong input
        setattr(settings, switch.name, value)
        return
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= switch.most:
        raise ValueError(f"{switch.words}: a number from 0 to {switch.most:g}")
    setattr(settings, switch.name, round(value) if isinstance(present, int) else float(value))


def strike(slack: SlackSettings, images: ImageApiSettings, name: str) -> None:
    """Arm one of the strikes. Raises ValueError for an unknown name."""
    for image_strike in IMAGE_STRIKES:
        if image_strike.name == name:
            return images.faults.on(image_strike.fault, action=image_strike.action)
    for each in SLACK_STRIKES:
        if each.name == name:
            slack.fail(each.method, each.kind, after=each.after, error=each.error, seconds=each.seconds)
            return None
    raise ValueError(f"no such fault: {name}")


def clear(slack: SlackSettings, images: ImageApiSettings) -> None:
    """Forget every strike that has not happened yet."""
    images.faults.clear()
    slack.faults.clear()
