"""The image API as far as a look at a job needs it, in a process of its own: `python -m bench.client.fake`.

It prints its port. It reads just enough of HTTP to answer over a kept connection, so that most of the machine is left
to those who are measured.
"""

from __future__ import annotations

import asyncio
import json
from email.utils import formatdate

_RUNNING = {
    "JobStatusCode": "2",
    "JobStatusMsg": "running",
    "JobErrorCode": "",
    "JobErrorMsg": "",
    "ResultImage": [],
    "ResultDetails": [],
    "RevisedPrompt": [],
    "RequestId": "3c140219-cfe9-470e-b241-907877d6fb03",
}


def _whole() -> bytes:
    body = json.dumps({"Response": _RUNNING}).encode()
    head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    head += f"Date: {formatdate(usegmt=True)}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


class _Answering(asyncio.Protocol):
    """One connection: the same answer to each request as soon as its last byte is here, for as long as is asked for."""

    answer = _whole()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._asked = b""

    def data_received(self, data: bytes) -> None:
        self._asked += data
        head, ended, body = self._asked.partition(b"\r\n\r\n")
        if ended and len(body) >= _length(head):
            self._asked = b""
            self._transport.write(self.answer)
            if b"connection: close" in head.lower():
                self._transport.close()


def _length(head: bytes) -> int:
    """How long the body is that follows."""
    _, _, rest = head.lower().partition(b"content-length:")
    return int(rest.partition(b"\r\n")[0])


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(_Answering, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve())
