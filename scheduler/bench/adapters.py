"""One channel's adapter against a bare loop of the same client that sends the same bodies, in turns in one process."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
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
    sent: int = 0

    async def send_one(self) -> None:
        self.sent += 1
        now = CLOCK.now()
        contact = Contact(self.trial.address(self.sent), now, self.trial.opened_by)
        said = Said(f"message:{self.sent:026}", self.words, "kk-Cyrl", "medicine", "Karez", self.choices)
        for step in self.channel.plan(said, contact, now).steps:
            await self.channel.send(step)


@dataclass
class Bare:
    """Requests that were heard before, said again; the answer is read and not looked at."""

    http: aiohttp.ClientSession
    url: str
    heard: list[tuple[str, dict[str, str], bytes]]
    sent: int = 0

    async def send_one(self) -> None:
        path, headers, body = self.heard[self.sent % len(self.heard)]
        self.sent += 1
        async with self.http.post(self.url + path, data=body or None, headers=headers) as reply:
            await reply.read()


CLOCK = SystemClock()


async def measure(given: dict[str, Any]) -> dict[str, Any]:
    """Seconds of each round of `count` messages, `bare` and `ours`."""
    async with _ours(given) as ours, _session(given["at_once"]) as http:
        await _send(ours, KEPT, given["at_once"])
        bare = Bare(http, given["url"], [_read(each) for each in await _kept(http, given["url"])])
        settle_memory()
        told: dict[str, list[float]] = {"bare": [], "ours": []}
        for _ in range(given["rounds"]):
            told["bare"].append(await _send(bare, given["count"], given["at_once"]))
            told["ours"].append(await _send(ours, given["count"], given["at_once"]))
    return told


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
