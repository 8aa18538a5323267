"""The network between a phone and the door: it can be cut, lose what comes back, or be answered by somebody else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

LENGTH = b"content-length:"


@dataclass
class Wire:
    """Hands every byte on, until the weather changes."""

    behind: int  # the door's port
    is_cut: bool = False
    loses_answers: bool = False
    answers_itself: bytes = b""
    url: str = ""
    open: set[asyncio.StreamWriter] = field(default_factory=set)

    def cut(self) -> None:
        """Every connection ends, and no new one begins."""
        self.is_cut = True
        self._end_all()

    def mend(self) -> None:
        self.is_cut, self.loses_answers, self.answers_itself = False, False, b""

    def answer(self, status: str, body: str = "") -> None:
        """A box on the way answers in our place, as sign-in pages of a guest network do."""
        head = f"HTTP/1.1 {status}\r\ncontent-type: text/html\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
        self.answers_itself = (head + body).encode()
        self._end_all()

    def _end_all(self) -> None:
        for writer in tuple(self.open):
            writer.transport.abort()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open.add(writer)
        try:
            if self.answers_itself:
                await self._answer(reader, writer)
            elif not self.is_cut:
                await self._connect(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.open.discard(writer)
            writer.transport.abort() if self.is_cut else writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next((int(line[len(LENGTH) :]) for line in head.lower().split(b"\r\n") if line.startswith(LENGTH)), 0)
        await reader.readexactly(length)
        writer.write(self.answers_itself)
        await writer.drain()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers, door = await asyncio.open_connection("127.0.0.1", self.behind)
        ways = [asyncio.ensure_future(self._pass(reader, door, False)), asyncio.ensure_future(self._pass(answers, writer, True))]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        door.close()
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)

    async def _pass(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, is_answer: bool) -> None:
        while part := await source.read(65_536):
            if is_answer and self.loses_answers:
                continue
            target.write(part)
            await target.drain()


@asynccontextmanager
async def stretched(behind: int) -> AsyncIterator[Wire]:
    wire = Wire(behind)
    server = await asyncio.start_server(wire.carry, "127.0.0.1", 0)
    wire.url = "http://{}:{}".format(*server.sockets[0].getsockname())
    async with server:
        yield wire
        wire.cut()
