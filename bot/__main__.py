"""Where the program begins: `imagine`, or `python -m bot`."""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Run the command line.

    Imports make objects by the hundred thousand, and they stay: to walk through them again and again, looking for
    what nobody needs, takes a sixth of a start (measured). So nothing is looked for until a command wants it to be.
    `run` by itself is understood here: the library that reads all other command lines takes as much as it can spare.
    """
    gc.disable()
    if sys.argv[1:] == ["run"]:
        from bot import service

        sys.exit(service.run())
    from bot.cli import cli

    cli()


if __name__ == "__main__":
    main()
