"""A receiver of messages on the loopback: counts keys and copies, as slow as it is told, with a cap if it is given one."""

import asyncio
import json
from collections import deque

from care.kit.clock import stopwatch_s

ACCEPTED = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
KEY, LENGTH, END = b"x-key: ", b"content-length: ", b"\r\n"
WINDOW_S = 1.0


class Count:
    """What has arrived since the last reset.  Times are seconds on this machine's steady clock, the same for every process."""

    def __init__(self, latency_s: float, cap: int) -> None:
        self.latency_s, self.cap = latency_s, cap
        self.recent: deque[float] = deque()
        self.reset()

    def reset(self) -> None:
        self.keys: dict[bytes, int] = {}
        self.first_at, self.last_at, self.refused = 0.0, 0.0, 0
        self.recent.clear()

    def take(self, key: bytes) -> bytes:
        """The answer to one message.  Within any second no more than the cap is taken."""
        now = stopwatch_s()
        if self.cap and self._is_full(now):
            self.refused += 1
            wait = max(1, round(self.recent[0] + WINDOW_S - now))
            return b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: %d\r\nContent-Length: 0\r\n\r\n" % wait
        self.first_at = self.first_at or now
        self.last_at = now
        self.keys[key] = self.keys.get(key, 0) + 1
        return ACCEPTED

    def _is_full(self, now: float) -> bool:
        while self.recent and self.recent[0] <= now - WINDOW_S:
            self.recent.popleft()
        if len(self.recent) >= self.cap:
            return True
        self.recent.append(now)
        return False

    def told(self) -> bytes:
        copies = sum(self.keys.values()) - len(self.keys)
        times = {"first_at": self.first_at, "last_at": self.last_at}
        body = json.dumps({"keys": len(self.keys), "copies": copies, "refused": self.refused} | times).encode()
        return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


class Receiver(asyncio.Protocol):
    """HTTP/1.1 as far as our own client speaks it: one request after the other, each with its length."""

    def __init__(self, count: Count) -> None:
        self.count, self.buffer = count, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = self.buffer[: end + 2]
            whole = end + 4 + int(value_of(head.lower(), LENGTH) or 0)
            if len(self.buffer) < whole:
                return
            self.buffer = self.buffer[whole:]
            self._answer(head)

    def _answer(self, head: bytes) -> None:
        if head.startswith(b"POST /message "):
            reply = self.count.take(value_of(head, KEY))
            if self.count.latency_s:
                asyncio.get_running_loop().call_later(self.count.latency_s, self._write, reply)
                return
        elif head.startswith(b"POST /reset "):
            self.count.reset()
            reply = ACCEPTED
        else:
            reply = self.count.told()
        self._write(reply)

    def _write(self, reply: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(reply)


def value_of(head: bytes, name: bytes) -> bytes:
    begin = head.find(name)
    return head[begin + len(name) : head.find(END, begin)] if begin >= 0 else b""


async def receive(latency_ms: float, cap: int) -> None:
    """Serve until the process is ended; the first line printed is the port."""
    count = Count(latency_ms / 1000, cap)
    server = await asyncio.get_running_loop().create_server(lambda: Receiver(count), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201 - said to the process that started us
    await server.serve_forever()
