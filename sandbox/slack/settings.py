"""Every switch, delay and fault of the local Slack, changeable while it runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class FaultKind(StrEnum):
    """What goes wrong with a call."""

    ERROR = "error"  # HTTP 200 with ok: false
    STATUS = "status"  # another HTTP status
    CUT = "cut"  # the connection dies without an answer
    THROTTLE = "throttle"  # HTTP 429 with Retry-After
    SLOW = "slow"  # the answer comes late


@dataclass(slots=True)
class Fault:
    """Happens to the next `times` calls of `method` ("*": any method; "upload", "response_url": those routes).

    With `after` the call takes effect first, and only its answer is lost or replaced.
    """

    kind: FaultKind
    method: str = "*"
    times: int = 1
    after: bool = False
    error: str = "internal_error"
    status: int = 503
    seconds: float = 1.0


@dataclass(slots=True)
class SlackSettings:
    """Mutable on purpose: tests and the page turn these while the local Slack runs. Times are in seconds."""

    # Files
    share_delay: float = 0.4
    drop_shares: int = 0  # so many of the next completed uploads are never shared, though the answer says ok
    alt_txt_drops_share: bool = False
    second_complete_error: str = "file_not_found"  # nobody knows which one Slack gives
    upload_life: float = 3600.0
    upload_cap: int = 64 * 1024 * 1024
    upload_skew: int = 0  # so many bytes are missing from what is stored ...
    upload_skew_times: int = 0  # ... for so many of the next uploads

    # Limits and policies
    tier_limits: bool = True
    post_rate: float = 1.0  # messages a second for each channel
    post_burst: int = 4
    restricted_channels: set[str] = field(default_factory=set)  # posting there is a `restricted_action`
    metadata_cap: int = 8_000  # characters; Slack publishes no number

    # Delivery to the app
    request_url: str | None = None  # set: HTTP mode; None: Socket Mode
    ack_window: float = 3.0
    event_retries: tuple[float, ...] = (0.0, 60.0, 300.0)
    trigger_life: float = 3.0
    response_url_life: float = 1800.0
    response_url_uses: int = 5
    encode_command_text: bool = True  # `& < >` as entities in a command's text; not documented

    # Socket Mode
    max_sockets: int = 10
    ticket_life: float = 30.0
    connection_time: float = 18_060.0  # how long a socket lives before Slack asks for a new one
    mute_sockets: bool = False  # connected but silent: no payloads, no pongs

    # The server
    body_cap: int = 4 * 1024 * 1024
    trusted_hosts: set[str] = field(default_factory=set)  # more names the Host header may carry
    faults: list[Fault] = field(default_factory=list)

    def fail(self, method: str, kind: FaultKind, *, times: int = 1, after: bool = False, error: str = "internal_error",
             status: int = 503, seconds: float = 1.0) -> Fault:  # fmt: skip
        """Let the next `times` calls of `method` go wrong, and return the switch (its `times` counts down)."""
        fault = Fault(kind, method, times=times, after=after, error=error, status=status, seconds=seconds)
        self.faults.append(fault)
        return fault

    def take_fault(self, method: str) -> Fault | None:
        """The fault that this call of `method` meets, used up by one."""
        for fault in self.faults:
            if fault.times > 0 and fault.method in {"*", method}:
                fault.times -= 1
                self.faults = [each for each in self.faults if each.times > 0]
                return fault
        return None
