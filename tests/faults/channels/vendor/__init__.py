"""A channel to the receiver of the fault tests: found as every channel is, by its folder, in `tests.faults.sender` only."""

import os
from datetime import timedelta

import aiohttp

from care.channels.base import Abilities, Ports, Receipt, SendFailed, Step, Unheard
from care.messages.types import Cause


class Vendor(Unheard):
    name = "vendor"

    def __init__(self, url: str, takes_key: bool) -> None:
        self.can = Abilities(voice=False, buttons=True, takes_key=takes_key)
        self.url = url
        self._http: aiohttp.ClientSession | None = None

    async def send(self, step: Step) -> Receipt:
        self._http = self._http or aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        said = {"to": step.address, "text": step.body["text"]}
        async with self._http.post(self.url, json=said, headers={"Idempotency-Key": step.key}) as reply:
            if reply.status == 429:
                raise SendFailed(Cause.BUSY, again_after=timedelta(seconds=float(reply.headers["Retry-After"])))
            answer = await reply.json()
            if "error" in answer:  # the vendor's own words: it was not taken.  A bare 500 of a proxy would tell nothing
                raise SendFailed(Cause.UNREACHABLE if reply.status >= 500 else Cause.REFUSED, said=str(answer["error"]))
            return Receipt(answer["id"])


def make(ports: Ports) -> Vendor:
    return Vendor(os.environ["VENDOR_URL"], os.environ["VENDOR_TAKES_KEY"] == "yes")
