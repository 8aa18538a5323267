"""The channel of the measurement: one POST a message, by the client our senders use for vendors."""

from datetime import timedelta

import aiohttp

from care.channels.base import Abilities, Receipt, SendFailed, Step, Unheard
from care.kit.json_bytes import write_json

BUSY = 429
SENT = ("text", "buttons", "recording", "form")  # what a vendor is told: words, choices, and which sound goes with them


class Post(Unheard):
    """A vendor that takes a message as JSON under our key.  It has no folder: no hospital sends through it."""

    name = "bench"

    def __init__(self, url: str, sockets: int, per_second: float | None = None) -> None:
        self.url, self.sockets = url, sockets
        self.can = Abilities(voice=True, buttons=True, takes_key=True, sockets=sockets, per_second=per_second)
        self._http: aiohttp.ClientSession | None = None

    @property
    def http(self) -> aiohttp.ClientSession:
        if self._http is None:
            connector = aiohttp.TCPConnector(limit=self.sockets, keepalive_timeout=60)
            self._http = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        return self._http

    async def send(self, step: Step) -> Receipt:
        said = {name: step.body[name] for name in SENT}
        await self.post(step.key, write_json(said | {"to": step.address}))
        return Receipt(step.key)

    async def post(self, key: str, body: bytes) -> None:
        async with self.http.post(self.url, data=body, headers={"x-key": key, "content-type": "application/json"}) as reply:
            await reply.read()
            if reply.status == BUSY:
                raise SendFailed("busy", again_after=timedelta(seconds=float(reply.headers["retry-after"])))
            if reply.status != 200:
                raise SendFailed("unreachable", said=str(reply.status))

    async def close(self) -> None:
        if self._http:
            await self._http.close()
