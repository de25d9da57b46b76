"""Which deliveries were answered already: Slack may bring an event four times, and a word is said once."""

from __future__ import annotations

from collections import OrderedDict

_MOST = 2000


class Heard:
    """Remembers the last deliveries. What must not happen twice is the store's to see; this is for courtesies."""

    def __init__(self) -> None:
        self._keys: OrderedDict[str, None] = OrderedDict()

    def is_new(self, key: str) -> bool:
        """Whether this is the first time that the key is asked about."""
        if key in self._keys:
            return False
        self._keys[key] = None
        if len(self._keys) > _MOST:
            self._keys.popitem(last=False)
        return True

    def forget(self, key: str) -> None:
        """It was not answered after all."""
        self._keys.pop(key, None)
