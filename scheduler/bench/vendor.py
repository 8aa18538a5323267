"""Plays every vendor on the loopback: each call is taken, and answered in that vendor's words for success."""

import asyncio
import json
from collections import deque

from care.channels.trial import find_trials
from scheduler.bench.sink import LENGTH, value_of

KEPT = 2_000  # calls remembered, so that a bare loop can say the same again: as many as it says in a round, or its
# client would know their addresses by heart
HEAD = b"HTTP/1.1 %d OK\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: %d\r\n\r\n%b"


class Vendors:
    """Answers by the end of a path, made beforehand."""

    def __init__(self) -> None:
        told = {end: words for trial in find_trials().values() for end, words in trial.answers.items()}
        longest_first = sorted(told.items(), key=lambda each: -len(each[0]))
        self._answers = [(end.encode(), _answer(200, words.encode())) for end, words in longest_first]
        self._known: dict[bytes, bytes] = {}
        self._kept: deque[bytes] = deque(maxlen=KEPT)

    def take(self, request: bytes) -> bytes:
        path = request.split(b" ", 2)[1].partition(b"?")[0]
        if path == b"/kept":
            return _answer(200, json.dumps([each.decode("latin-1") for each in self._kept]).encode())
        self._kept.append(request)
        if path not in self._known:
            self._known[path] = next((answer for end, answer in self._answers if path.endswith(end)), _answer(404, b"{}"))
        return self._known[path]


class Receiver(asyncio.Protocol):
    """HTTP/1.1 as far as our channels speak it: one request after the other, each with its length."""

    def __init__(self, vendors: Vendors) -> None:
        self.vendors, self.buffer = vendors, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            whole = end + 4 + int(value_of(self.buffer[: end + 2].lower(), LENGTH) or 0)
            if len(self.buffer) < whole:
                return
            request, self.buffer = self.buffer[:whole], self.buffer[whole:]
            self.transport.write(self.vendors.take(request))


def _answer(status: int, body: bytes) -> bytes:
    return HEAD % (status, len(body), body)


async def receive() -> None:
    """Serve until the process is ended; the first line printed is the port."""
    vendors = Vendors()
    server = await asyncio.get_running_loop().create_server(lambda: Receiver(vendors), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201 - said to the process that started us
    await server.serve_forever()
