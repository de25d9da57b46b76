"""The names of our buttons: stable for ever, because old messages keep them. A button's `value` is the job's id."""

from __future__ import annotations

AGAIN = "again"
EXACT = "exact"
DELETE = "delete"
CANCEL = "cancel"
ROAD_JOIN = "road_join"
ROAD_RETRY = "road_retry"
ROAD_MESSAGE = "road_message"
