"""A strict vendor in a process of its own: takes messages, writes down each one before it answers, and misbehaves as told."""

import asyncio
import json
import random
import sys
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web


@dataclass(frozen=True)
class Manners:
    """How it behaves: shares of requests, seconds, and how many requests it takes in one second."""

    seed: int = 0
    busy: float = 0.0  # answered 429 with Retry-After
    broken: float = 0.0  # answered 500 with its own error
    lost: float = 0.0  # taken, and the line is cut before the answer
    latency_s: float = 0.0
    cap: int = 0  # requests in one second above which all are answered 429; 0: none
    takes_key: bool = False  # drops a second copy of one key


@dataclass
class Receiver:
    manners: Manners
    log: Path
    taken: dict[str, str] = field(default_factory=dict)  # key -> our id
    recent: deque[float] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.manners.seed)

    async def take(self, request: web.Request) -> web.Response:
        await asyncio.sleep(self.manners.latency_s * self.dice.uniform(0.5, 1.5))
        key, said = request.headers.get("Idempotency-Key", ""), await request.json()
        if not key.startswith("message:") or not said.get("to") or not said.get("text"):
            return self._answer(400, "malformed", key, said, {"error": "no key, address or text"})
        if self._is_flooded() or self.dice.random() < self.manners.busy:
            return self._answer(429, "busy", key, said, {"error": "slow down"})
        if self.dice.random() < self.manners.broken:
            return self._answer(500, "broken", key, said, {"error": "internal, nothing was taken"})
        return self._keep(request, key, said)

    def _keep(self, request: web.Request, key: str, said: dict[str, Any]) -> web.Response:
        is_copy = self.manners.takes_key and key in self.taken
        self.taken.setdefault(key, f"v{len(self.taken)}")
        answer = self._answer(200, "dropped" if is_copy else "taken", key, said, {"id": self.taken[key]})
        if self.dice.random() < self.manners.lost and request.transport:
            request.transport.abort()
        return answer

    def _is_flooded(self) -> bool:
        now = time.monotonic()
        self.recent.append(now)
        while self.recent[0] < now - 1:
            self.recent.popleft()
        return bool(self.manners.cap) and len(self.recent) > self.manners.cap

    def _answer(self, status: int, did: str, key: str, said: dict[str, Any], answer: dict[str, Any]) -> web.Response:
        line = {"at": time.time(), "did": did, "key": key, "to": said.get("to")}
        with self.log.open("a") as log:
            log.write(json.dumps(line) + "\n")
        return web.json_response(answer, status=status, headers={"Retry-After": "20"} if status == 429 else {})


async def serve(port: int, log: Path, manners: Manners) -> None:
    app = web.Application()
    app.router.add_post("/send", Receiver(manners, log).take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2]), Manners(**json.loads(sys.argv[3]))))
