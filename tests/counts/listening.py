"""`imagine run` until it listens: then it says what is loaded by now, and ends. A child process of the tests beside it.

The moment is told by Python itself (the audit event of `bind`), so that nothing of ours is replaced or loaded for it.
"""

from __future__ import annotations

import gc
import os
import sys


def heard(event: str, _arguments: tuple[object, ...]) -> None:
    """Say it at the first `bind`."""
    if event == "socket.bind":
        full = gc.get_stats()[2]["collections"]
        sys.stdout.write(f"{full} {gc.get_freeze_count()} {' '.join(sorted(sys.modules))}\n")
        sys.stdout.flush()
        os._exit(0)


if __name__ == "__main__":
    from bot.__main__ import main

    sys.addaudithook(heard)
    sys.argv[1:] = ["run"]
    main()
