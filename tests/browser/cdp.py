"""A small driver for a real Chromium over its DevTools protocol: open, look, press keys, click, take a picture."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import shutil
from collections import deque
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")

TRIES = 20
"""Times that something to click on may move away."""


def chromium() -> str | None:
    """The browser's program, if there is one."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


class Tab:
    """One page in the browser. Waiting is done by asking the page itself, never by sleeping for luck."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._count = 0
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self.complaints: deque[str] = deque(maxlen=200)
        self._reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for message in self._socket:
            data = json.loads(message.data)
            waiting = self._answers.pop(data.get("id", -1), None)
            if waiting is not None and not waiting.done():
                waiting.set_result(data)
            self._listen(data)

    def _listen(self, data: dict[str, Any]) -> None:
        params = data.get("params", {})
        if data.get("method") == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            self.complaints.append(str(details.get("exception", details).get("description", details)))
        elif data.get("method") == "Log.entryAdded" and params["entry"]["level"] == "error":
            self.complaints.append(f"{params['entry']['text']} {params['entry'].get('url', '')}")

    async def send(self, method: str, **params: Any) -> dict[str, Any]:
        """One DevTools call."""
        self._count += 1
        self._answers[self._count] = asyncio.get_running_loop().create_future()
        waiting = self._answers[self._count]
        await self._socket.send_json({"id": self._count, "method": method, "params": params})
        answer = await asyncio.wait_for(waiting, 30)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        result: dict[str, Any] = answer["result"]
        return result

    async def run(self, script: str) -> Any:
        """The value of a JavaScript expression (promises are awaited)."""
        answer = await self.send("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"].get("exception", {}).get("description", "script failed"))
        return answer["result"].get("value")

    async def until(self, condition: str, *, seconds: float = 20) -> Any:
        """Wait in the page itself, frame by frame, until a JavaScript expression is truthy; returns its value."""
        script = f"""new Promise((resolve, reject) => {{
            const end = performance.now() + {seconds * 1000};
            const look = () => {{
                const value = (() => {{ try {{ return ({condition}); }} catch {{ return null; }} }})();
                if (value) resolve(value === true || value instanceof Node ? true : value);
                else if (performance.now() > end) reject(new Error("never true: " + {json.dumps(condition)}));
                else setTimeout(look, 15);
            }};
            look();
        }})"""
        return await asyncio.wait_for(self.run(script), seconds + 10)

    async def open(self, url: str) -> None:
        """Go to an address and wait for the page to load."""
        await self.send("Page.navigate", url=url)
        await self.until(f"document.readyState === 'complete' && location.href.startsWith({json.dumps(url)})")

    async def size(self, width: int, height: int, *, dark: bool = False, touch: bool = False) -> None:
        """The window's size, and whether the person likes it dark."""
        await self.send(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=touch
        )
        features = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        await self.send("Emulation.setEmulatedMedia", features=features)

    async def click(self, selector: str) -> None:
        """A real mouse click in the middle of the first element that fits, once it is there.

        What moved away before the press is not let go on: the mouse leaves it, which is no click, and looks again.
        """
        found = f"document.querySelector({json.dumps(selector)})"
        middle = "(r => ({x: r.x + r.width / 2, y: r.y + r.height / 2}))"
        for _ in range(TRIES):
            await self.until(f"{found} && {found}.getClientRects().length > 0")
            await self.run(f"{found}?.scrollIntoView({{block: 'center', behavior: 'instant'}})")
            box = await self.run(f"{found} && {middle}({found}.getBoundingClientRect())")
            if box is None:
                continue
            await self.hover(box["x"], box["y"])
            await self._mouse("mousePressed", box)
            is_on_it = await self.run(f"Boolean({found}?.matches(':active'))")
            if not is_on_it:
                box = {"x": 0, "y": 0}
                await self.hover(**box)
            await self._mouse("mouseReleased", box)
            if is_on_it:
                return
        raise RuntimeError(f"never stood still: {selector}")

    async def _mouse(self, kind: str, place: dict[str, float]) -> None:
        await self.send("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **place)

    async def hover(self, x: float, y: float) -> None:
        """Move the mouse."""
        await self.send("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    async def write(self, text: str) -> None:
        """Type into whatever has the focus."""
        await self.send("Input.insertText", text=text)

    async def press(self, key: str, *, code: int = 0, text: str = "") -> None:
        """Press and release one key, such as Enter (13), Tab (9), Escape (27)."""
        common = {"key": key, "code": key, "windowsVirtualKeyCode": code}
        await self.send("Input.dispatchKeyEvent", type="keyDown", text=text, **common)
        await self.send("Input.dispatchKeyEvent", type="keyUp", **common)

    async def enter(self) -> None:
        """Press Enter."""
        await self.press("Enter", code=13, text="\r")

    async def picture(self, path: Path) -> None:
        """A PNG of what is to be seen."""
        answer = await self.send("Page.captureScreenshot", format="png")
        await asyncio.to_thread(path.write_bytes, base64.b64decode(answer["data"]))

    async def close(self) -> None:
        """Let go."""
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)
        await self._socket.close()


@contextlib.asynccontextmanager
async def browser(program: str, profile: Path) -> AsyncIterator[Tab]:
    """A headless browser with one tab; its profile lives in `profile`, and it is ended by its process id."""
    draining: asyncio.Task[None] | None = None
    process = await asyncio.create_subprocess_exec(
        program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
        "--remote-debugging-port=0", f"--user-data-dir={profile}", "--hide-scrollbars", "--lang=en-US", "about:blank",
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE, env={**os.environ, "TMPDIR": str(profile)},
    )  # fmt: skip
    try:
        assert process.stderr is not None
        port = await asyncio.wait_for(_port(process.stderr), 30)
        draining = asyncio.create_task(_drain(process.stderr))
        async with aiohttp.ClientSession() as session:
            async with session.get(f"http://127.0.0.1:{port}/json") as answer:
                pages = [page for page in await answer.json(content_type=None) if page["type"] == "page"]
            async with session.ws_connect(pages[0]["webSocketDebuggerUrl"], max_msg_size=0) as socket:
                tab = Tab(socket)
                for domain in ("Page", "Runtime", "Log"):
                    await tab.send(f"{domain}.enable")
                try:
                    yield tab
                finally:
                    await tab.close()
    finally:
        process.kill()
        await process.wait()
        if draining is not None:
            await asyncio.gather(draining, return_exceptions=True)


async def _port(stream: asyncio.StreamReader) -> int:
    """The port of the DevTools server, which the browser writes to its error stream."""
    while line := await stream.readline():
        if b"DevTools listening on ws://" in line:
            return int(line.split(b"ws://")[1].split(b"/")[0].rsplit(b":", 1)[1])
    raise RuntimeError("the browser ended before it listened")


async def _drain(stream: asyncio.StreamReader) -> None:
    while await stream.read(65536):
        pass
