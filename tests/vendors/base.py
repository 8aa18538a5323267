"""What every stand-in has: a clock turned by hand, a log of what it took, and faults on request."""

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from aiohttp import web

from care.kit.clock import Clock

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
# What a fault does to one call: taken and the answer lost, answered too late, broken off, or a gateway's own page.
FAULTS = ("lose-answer", "late", "reset", "gateway-page", "garbage", "500")


@dataclass(frozen=True)
class Taken:
    """One message the vendor accepted."""

    at: datetime
    to: str
    what: str  # text, voice, notice, call
    body: dict[str, Any]


@dataclass
class Vendor:
    """One vendor.  Subclasses add routes in `routes` and call `take` for what they accepted."""

    clock: Clock
    log: Path | None = None  # append-only, one JSON line an accepted message: what the history checker reads
    taken: list[Taken] = field(default_factory=list)
    faults: deque[str] = field(default_factory=deque)
    late_s: float = 0.5
    url: str = ""
    sounds: dict[str, bytes] = field(default_factory=dict)  # what was played to patients, by a name in the message
    _runner: web.AppRunner | None = None

    def routes(self) -> list[web.RouteDef]:
        raise NotImplementedError

    def take(self, to: str, what: str, body: dict[str, Any]) -> int:
        """Accept a message; its number, from 1."""
        self.taken.append(Taken(self.clock.now(), to, what, body))
        if self.log:
            line = {"at": self.clock.now().isoformat(), "to": to, "what": what, "body": body}
            with self.log.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
        return len(self.taken)

    async def start(self, port: int = 0) -> str:
        """Its address; the same again after `stop` when the port is named."""
        app = web.Application(middlewares=[self._with_faults], client_max_size=64 * 1024 * 1024)
        app.add_routes(self.routes())
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self.url

    async def stop(self) -> None:
        """Nobody listens there any more."""
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    @web.middleware
    async def _with_faults(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        fault = self.faults.popleft() if self.faults else ""
        if fault == "reset":
            return self._break_off(request)
        if fault == "gateway-page":
            return web.Response(status=502, text="<html><h1>502 Bad Gateway</h1></html>", content_type="text/html")
        if fault == "500":
            return web.Response(status=500)
        answer = await handler(request)
        if fault == "lose-answer":
            return self._break_off(request)
        if fault == "late":
            await asyncio.sleep(self.late_s)
        return web.Response(text="{not json", content_type="application/json") if fault == "garbage" else answer

    @staticmethod
    def _break_off(request: web.Request) -> web.StreamResponse:
        assert request.transport
        request.transport.abort()
        return web.Response()
