"""A phone that listens: reads the stream of a conversation line by line, as a browser's EventSource does."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tests.web import Phone

PATIENCE_S = 15.0


@dataclass
class Listening:
    """An open stream: what came, oldest first."""

    status: int
    kind: str
    came: asyncio.Queue[dict[str, Any] | None] = field(default_factory=asyncio.Queue)

    async def next(self) -> dict[str, Any] | None:
        """The next line; None when the door closed the stream."""
        return await asyncio.wait_for(self.came.get(), PATIENCE_S)

    async def silence(self, seconds: float = 2.5) -> bool:
        await asyncio.sleep(seconds)
        return self.came.empty()


@asynccontextmanager
async def listening(phone: Phone, query: str = "", **headers: str) -> AsyncIterator[Listening]:
    address = f"{phone.url}/v1/chat/events{query}"
    async with phone.http.get(address, headers=phone.headers | headers, timeout=aiohttp.ClientTimeout()) as answer:
        opened = Listening(answer.status, answer.content_type)
        reading = asyncio.create_task(_read(answer, opened.came))
        try:
            yield opened
        finally:
            reading.cancel()


async def _read(answer: aiohttp.ClientResponse, came: asyncio.Queue[dict[str, Any] | None]) -> None:
    last_id = 0
    async for raw in answer.content:
        name, _, said = raw.decode().rstrip("\r\n").partition(": ")
        if name == "id":
            last_id = int(said)
        if name == "data":
            came.put_nowait({**json.loads(said), "event_id": last_id})
    came.put_nowait(None)
