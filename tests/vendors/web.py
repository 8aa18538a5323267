"""Our own conversation in the place of a vendor: lines in memory, one a key, with a fault on request."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from care.channels.base import Ports, Post
from care.channels.notes import BriefNotes
from care.channels.web import make
from care.kit.clock import HandClock
from tests.vendors.base import Vendor
from tests.vendors.stand import Stand


@dataclass
class Lines(Vendor):
    """Takes a second copy of one key for the first."""

    keys: set[str] = field(default_factory=set)

    def refuse_next(self, preset: str) -> None:
        assert preset == "down"
        self.faults.append(preset)

    async def append(self, address: str, key: str, content: dict[str, Any]) -> None:
        fault = self.faults.popleft() if self.faults else ""
        if fault not in ("", "lose-answer"):
            raise ConnectionError
        if key not in self.keys:
            self.keys.add(key)
            self.take(address, "line", content)
        if fault == "lose-answer":
            raise ConnectionResetError


@asynccontextmanager
async def open_stand(clock: HandClock, tmp_path: Path) -> AsyncIterator[Stand]:
    vendor = Lines(clock, tmp_path / "web.jsonl")
    channel = make(Ports(vendor.append, lambda _: BriefNotes(clock.now), clock.now))
    yield Stand(channel, vendor, _post, "patient-1")
    await channel.close()


def _post(body: bytes, query: Mapping[str, str]) -> Post:
    return Post("POST", query, {}, body)
