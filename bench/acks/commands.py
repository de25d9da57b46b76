"""`/imagine` as a busy workspace sends it: signed requests, each with a trigger of its own, over many people."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

PEOPLE = tuple(f"U0BENCH{number:04d}" for number in range(200))
CHANNELS = tuple(f"C0BENCH{number:04d}" for number in range(50))
TEAM = "T0SANDBOX01"

_TEXTS = (
    "a fox in the rain --ar 16:9 --n 2",
    "portrait of an old sailor, oil painting, warm light",
    "雨中的狐狸 --n 2",
    "a lighthouse at dusk --style ink-wash --seed 42",
    "isometric tiny city on a table --ar 1:1 --no text, watermark",
    "logo of a paper crane, flat, two colours",
)
_NUMBERS = itertools.count()


@dataclass(frozen=True, slots=True)
class Command:
    """One request, ready for the wire, and the trigger under which its row will be found."""

    trigger: str
    wire: bytes


@dataclass(frozen=True, slots=True)
class Addressee:
    """Who takes the commands: at which port, signed with what, and where the Slack is that answers go to."""

    port: int
    secret: str
    slack: str


def commands(count: int, to: Addressee, *, chance: random.Random) -> Sequence[Command]:
    """So many requests, signed as of now (they are good for five minutes)."""
    stamp = str(int(time.time()))
    return [_command(to, stamp, chance) for _ in range(count)]


def _command(to: Addressee, stamp: str, chance: random.Random) -> Command:
    trigger = f"{stamp}.{next(_NUMBERS)}.{chance.randbytes(16).hex()}"
    body = urlencode(_fields(trigger, to.slack, chance)).encode()
    digest = hmac.new(to.secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    head = (
        "POST /slack/events HTTP/1.1\r\n"
        f"Host: 127.0.0.1:{to.port}\r\n"
        "User-Agent: Slackbot 1.0 (+https://api.slack.com/robots)\r\n"
        "Accept-Encoding: gzip,deflate\r\n"
        "Accept: application/json,*/*\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        f"X-Slack-Request-Timestamp: {stamp}\r\n"
        f"X-Slack-Signature: v0={digest}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return Command(trigger, head.encode() + body)


def _fields(trigger: str, slack: str, chance: random.Random) -> dict[str, str]:
    user, channel = chance.choice(PEOPLE), chance.choice(CHANNELS)
    return {
        "token": "gIkuvaNzQIHg97ATvDxqgjtO",
        "team_id": TEAM,
        "team_domain": "sandbox",
        "channel_id": channel,
        "channel_name": channel.lower(),
        "user_id": user,
        "user_name": user.lower(),
        "command": "/imagine",
        "text": chance.choice(_TEXTS),
        "api_app_id": "A0IMAGINE01",
        "is_enterprise_install": "false",
        "response_url": f"{slack}/response/{trigger}",
        "trigger_id": trigger,
    }
