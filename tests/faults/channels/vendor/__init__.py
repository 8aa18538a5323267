"""A channel to the receiver of the fault tests: found as every channel is, by its folder, in `tests.faults.sender` only."""

import os
from datetime import timedelta

import aiohttp

from care.channels.base import Abilities, Outgoing, Ports, Receipt, SendFailed
from care.messages.types import Cause


class Vendor:
    name = "vendor"

    def __init__(self, url: str, takes_key: bool) -> None:
        self.can = Abilities(voice=False, buttons=True, takes_key=takes_key)
        self.url = url
        self._http: aiohttp.ClientSession | None = None

    async def send(self, out: Outgoing) -> Receipt:
        self._http = self._http or aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        said = {"to": out.address, "text": out.content["text"]}
        async with self._http.post(self.url, json=said, headers={"Idempotency-Key": out.key}) as reply:
            if reply.status == 429:
                raise SendFailed(Cause.BUSY, again_after=timedelta(seconds=float(reply.headers["Retry-After"])))
            answer = await reply.json()
            if "error" in answer:  # the vendor's own words: it was not taken.  A bare 500 of a proxy would tell nothing
                raise SendFailed(Cause.UNREACHABLE if reply.status >= 500 else Cause.REFUSED, said=str(answer["error"]))
            return Receipt(answer["id"])


def make(ports: Ports) -> Vendor:
    return Vendor(os.environ["VENDOR_URL"], os.environ["VENDOR_TAKES_KEY"] == "yes")
