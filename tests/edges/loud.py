"""`imagine run`, with every logger of every library turned up to DEBUG, whatever level it or we set for it.

Run as `python -m tests.edges.loud FILE`; FILE gets, as a proof that there was something to hide, all that was said
before the bot's own set-up had its way. The settings come from the environment as always.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path

from bot.__main__ import main

RAW = Path(sys.argv[1])
_handle = logging.Logger.handle


def overheard(logger: logging.Logger, record: logging.LogRecord) -> None:
    """Write down what any logger says, before anybody can stop it."""
    with RAW.open("a", encoding="utf-8") as file:
        file.write(f"{record.name} {record.getMessage()}\n")
    _handle(logger, record)


if __name__ == "__main__":
    logging.Logger.isEnabledFor = lambda _logger, _level: True  # type: ignore[assignment, method-assign]
    logging.Logger.getEffectiveLevel = lambda _logger: logging.DEBUG  # type: ignore[assignment, method-assign]
    logging.Logger.handle = overheard  # type: ignore[assignment, method-assign]
    sys.argv[1:] = ["run"]
    main()
