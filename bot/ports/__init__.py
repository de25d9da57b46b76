"""What the core needs from the world. Adapters (`store`, `images`, `slack`) do one thing, or raise a `Fault`."""

from __future__ import annotations

from bot.ports.chat import (
    Chat,
    Landed,
    Measures,
    Posted,
)
from bot.ports.pictures import (
    Broken,
    Done,
    Images,
    Photo,
    Progress,
    Read,
    Running,
    Sized,
    Spool,
    Waiting,
)
from bot.ports.rows import (
    Accepted,
    DeliveryKey,
    LaneRow,
    Lease,
    Run,
    Store,
)
from bot.promise import Standing

__all__ = [
    "Accepted",
    "Broken",
    "Chat",
    "DeliveryKey",
    "Done",
    "Images",
    "Landed",
    "LaneRow",
    "Lease",
    "Measures",
    "Photo",
    "Posted",
    "Progress",
    "Read",
    "Run",
    "Running",
    "Sized",
    "Spool",
    "Standing",
    "Store",
    "Waiting",
]
