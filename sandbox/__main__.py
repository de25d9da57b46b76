"""`python -m sandbox`: a local Slack and a local image API, with a page, the bot, or neither."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import signal
import sys
import webbrowser
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from rich.console import Console

from sandbox.feed import Happening
from sandbox.once import once
from sandbox.page.guard import is_loopback
from sandbox.page.wording import readable
from sandbox.world import BotEndedError, Wishes, World, open_world

EXAMPLE = "/imagine a fox in the rain --ar 16:9 --n 2"


def parser() -> argparse.ArgumentParser:
    """The command line."""
    parse = argparse.ArgumentParser(
        prog="imagine sandbox",
        description="A Slack and an image API on this computer, with a page to use them. Nothing leaves it.",
    )
    add = parse.add_argument
    add("--port", type=int, default=8765, help="of the page; a free one if it is taken (default: 8765)")
    add("--host", default="127.0.0.1", help="of the page; loopback addresses only (default: 127.0.0.1)")
    add("--speed", type=float, default=1.0, help="how many times faster than in life pictures are drawn (default: 1)")
    add("--slots", type=int, default=1, help="pictures that the image account draws at the same time (default: 1)")
    add("--data", type=Path, help="keep the bot's database here (default: a folder that is removed at the end)")
    add("--open", action="store_true", help="open the page in the browser")
    add("--once", metavar="TEXT", help=f'one whole job without a browser, such as "{EXAMPLE}"')
    add("--save", type=Path, metavar="DIR", help="where --once puts the pictures")
    add("--timeout", type=float, default=120.0, help="seconds that --once waits (default: 120)")
    add("--no-bot", action="store_true", help="the local Slack, image API and page alone")
    add("--json", action="store_true", help="print the addresses and credentials as one line of JSON first")
    add("--request-url", metavar="URL", help="with --no-bot: deliver to your bot over HTTP instead of Socket Mode")
    return parse


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the command line asks for; returns the exit code."""
    parse = parser()
    wanted = parse.parse_args(arguments)
    _check(parse, wanted)
    wishes = Wishes(
        host=wanted.host,
        port=0 if wanted.once is not None else wanted.port,
        speed=wanted.speed,
        slots=wanted.slots,
        data=wanted.data,
        with_bot=not wanted.no_bot,
        request_url=wanted.request_url,
    )
    with contextlib.suppress(KeyboardInterrupt):
        if wanted.once is not None:
            return asyncio.run(once(wanted.once, save=wanted.save, patience=wanted.timeout, wishes=wishes))
        return asyncio.run(serve(wishes, as_json=wanted.json, browser=wanted.open))
    return 130


def _check(parse: argparse.ArgumentParser, wanted: argparse.Namespace) -> None:
    if not is_loopback(wanted.host):
        parse.error(f"--host {wanted.host}: the sandbox is for this computer only, use 127.0.0.1")
    if wanted.once is not None and wanted.save is None:
        parse.error("--once needs --save DIR")
    if wanted.once is not None and wanted.no_bot:
        parse.error("--once needs the bot: leave --no-bot out")
    if wanted.request_url and not wanted.no_bot:
        parse.error("--request-url is for a bot of your own: add --no-bot")
    if wanted.speed <= 0 or wanted.slots < 1:
        parse.error("--speed must be above 0, --slots at least 1")


async def serve(wishes: Wishes, *, as_json: bool, browser: bool) -> int:
    """Run until Ctrl-C or SIGTERM; returns 1 if the bot had died by itself and nobody started it again."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, stop.set)
    async with open_world(wishes) as world:
        if as_json:
            print(json.dumps(world.addresses()), flush=True)
        console = Console(soft_wrap=True, stderr=as_json)
        _welcome(console, world, wishes)
        if browser:
            await asyncio.to_thread(webbrowser.open, world.page.url)

        def hear(happening: Happening) -> None:
            if happening.kind == "bot.ended":
                _report(console, world)

        forget = world.feed.listen(hear)
        greeting = asyncio.create_task(_greet(console, world))
        await stop.wait()
        forget()
        greeting.cancel()
        await asyncio.gather(greeting, return_exceptions=True)
        return int(world.bot is not None and world.bot.died and not world.bot.killed)


def _welcome(console: Console, world: World, wishes: Wishes) -> None:
    if wishes.port and urlsplit(world.page.url).port != wishes.port:
        console.print(f"Port {wishes.port} is taken, so another one is used.", highlight=False)
    console.print(f"\n  Your local Slack:  [bold]{world.page.url}[/bold]\n", highlight=False)
    if world.bot is None:
        console.print("  It waits for a bot. Stop it with Ctrl-C.", highlight=False)
    else:
        console.print(f"  Open it and type  {EXAMPLE}", markup=False, highlight=False)
        console.print("  Stop with Ctrl-C.\n", highlight=False)


async def _greet(console: Console, world: World) -> None:
    """Say when the bot listens."""
    if world.bot is None:
        return
    with contextlib.suppress(BotEndedError):
        try:
            await world.ready(patience=60)
        except TimeoutError:
            console.print("  The bot has not connected within a minute; its log is on the page.", highlight=False)
        else:
            console.print("  The bot is connected.", highlight=False)


def _report(console: Console, world: World) -> None:
    """Show on the terminal that the bot is dead, with the end of its log."""
    bot = world.bot
    if bot is None or not bot.wanted:
        return
    console.print(f"  The bot ended with code {bot.code}. The page can start it again.", highlight=False)
    for line in [] if bot.killed else list(bot.lines)[-12:]:
        console.print(f"    {readable(line)}", markup=False, highlight=False)


if __name__ == "__main__":
    sys.exit(main())
