"""One channel's adapter against a bare loop of the same client that sends the same bodies, in turns in one process."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import aiohttp

from care.channels.base import Channel, Choice, Contact, Ports, Said
from care.channels.notes import BriefNotes
from care.channels.trial import Trial, find_trials
from care.kit.clock import SystemClock, stopwatch_s
from care.kit.collecting import settle_memory
from scheduler.bench.vendor import KEPT

OUR_OWN = {"host", "content-length", "accept", "accept-encoding", "user-agent", "connection"}  # the client writes these anew


@dataclass
class Ours:
    """The channel as a sender uses it: planned, then sent.  Each message goes to a person of its own."""

    channel: Channel
    trial: Trial
    words: str
    choices: tuple[Choice, ...]
    made: int = 0
    ready: list[tuple[Said, Contact]] = field(default_factory=list)

    def prepare(self, count: int) -> None:
        """What a sender hands over: the words, and who they are for."""
        for number in range(self.made, self.made + count):
            said = Said(f"message:{number:026}", self.words, "kk-Cyrl", "medicine", "Karez", self.choices)
            self.ready.append((said, Contact(self.trial.address(number), CLOCK.now(), self.trial.opened_by)))
        self.made += count

    async def send_one(self) -> None:
        said, contact = self.ready.pop()
        for step in self.channel.plan(said, contact, CLOCK.now()).steps:
            await self.channel.send(step)


@dataclass
class Bare:
    """Requests that were heard before, said again; the answer is read and not looked at."""

    http: aiohttp.ClientSession
    url: str
    heard: list[tuple[str, dict[str, str], bytes]]
    sent: int = 0

    def prepare(self, count: int) -> None:
        """Everything is there."""

    async def send_one(self) -> None:
        path, headers, body = self.heard[self.sent % len(self.heard)]
        self.sent += 1
        async with self.http.post(self.url + path, data=body or None, headers=headers) as reply:
            await reply.read()


CLOCK, SLICE = SystemClock(), 100


async def measure(given: dict[str, Any]) -> dict[str, list[float]]:
    """Seconds of each round of `count` messages, `bare` and `ours`."""
    async with _ours(given) as ours, _session(given["at_once"]) as http:
        await _send(ours, KEPT, given["at_once"])
        bare = Bare(http, given["url"], [_read(each) for each in await _kept(http, given["url"])])
        settle_memory()
        rounds = [await _round(bare, ours, given["count"], given["at_once"]) for _ in range(given["rounds"])]
    return {"bare": [bare_s for bare_s, _ in rounds], "ours": [ours_s for _, ours_s in rounds]}


async def _round(bare: Bare, ours: Ours, count: int, at_once: int) -> tuple[float, float]:
    """Seconds of each, a hundred messages at a time: what else the machine does meanwhile slows both."""
    bare_s = ours_s = 0.0
    for begun in range(0, count, SLICE):
        size = min(SLICE, count - begun)
        bare_s += await _send(bare, size, at_once)
        ours_s += await _send(ours, size, at_once)
    return bare_s, ours_s


@asynccontextmanager
async def _ours(given: dict[str, Any]) -> AsyncIterator[Ours]:
    async def append(address: str, key: str, content: dict[str, Any]) -> None:
        raise NotImplementedError("the channel has a vendor")

    notes = BriefNotes(CLOCK.now)
    channel = import_module(f"care.channels.{given['name']}").make(Ports(append, lambda _: notes, CLOCK.now))
    choices = tuple(Choice(label, payload) for label, payload in given["choices"])
    yield Ours(channel, find_trials()[given["name"]], given["words"], choices)
    await channel.close()


@asynccontextmanager
async def _session(at_once: int) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=at_once)) as http:
        yield http


async def _send(way: Ours | Bare, count: int, at_once: int) -> float:
    """Seconds for `count` messages, so many of them on the wire at once."""
    numbers = iter(range(count))

    async def one_socket(numbers: Iterator[int]) -> None:
        for _ in numbers:
            await way.send_one()

    way.prepare(count)
    began = stopwatch_s()
    await asyncio.gather(*(one_socket(numbers) for _ in range(at_once)))
    return stopwatch_s() - began


async def _kept(http: aiohttp.ClientSession, url: str) -> list[str]:
    async with http.get(f"{url}/kept") as reply:
        return list(json.loads(await reply.read()))


def _read(request: str) -> tuple[str, dict[str, str], bytes]:
    """Path, headers of the channel's own, and body."""
    head, _, body = request.partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    return first.split(" ")[1], {n: v for n, v in headers.items() if n.lower() not in OUR_OWN}, body.encode("latin-1")
