"""New lines as they come: one look a second for everybody who listens, and one more for whoever has something new."""

import asyncio
from collections.abc import AsyncIterator

import anyio
from fastapi import Request

from api.patient.views import message_view
from api.state import Door
from care.conversation.record import LineView, last_line_id, lines_after, written_since
from care.kit.clock import stopwatch_s
from care.kit.database import Database
from care.people.linking import Phone, is_linked

LOOK_S, STREAM_S = 1.0, 15 * 60.0
# A line with a lower id may be committed after one with a higher id was seen: so far back every look begins.
OVERLAP = 1_000


class Unheard:
    """Up to which line each patient's conversation has grown since this process began to look."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._newest: dict[str, int] = {}
        self._last, self._looked_at = 0, 0.0
        self._one_looks = asyncio.Lock()

    async def newest(self, patient_id: str) -> int:
        """The patient's newest line, at most LOOK_S old; 0 when nothing came."""
        async with self._one_looks:
            now = stopwatch_s()
            if now - self._looked_at >= LOOK_S / 2:
                await self.look()
                self._looked_at = now
        return self._newest.get(patient_id, 0)

    async def look(self) -> None:
        async with self.database.look() as work:
            since = self._last or await last_line_id(work)
            fresh = await written_since(work, since - OVERLAP)
        self._newest |= fresh
        self._last = max(since, *fresh.values(), 0)


async def stream(
    request: Request, door: Door, unheard: Unheard, phone: Phone, after: int, closing: anyio.Event
) -> AsyncIterator[dict[str, str]]:
    """Events for one phone, fed from the table: nothing is lost between two connections, nor when the door is closing."""
    seen = -1  # the first look is for everything after `after`
    for _ in range(int(STREAM_S / LOOK_S)):
        if closing.is_set() or await request.is_disconnected():
            return
        newest = await unheard.newest(phone.patient_id)
        if newest > seen:
            lines = await _read(door, phone, after)
            if lines is None:
                return
            for line in lines:
                after = line.id
                view = await message_view(door, line, phone.audio)
                yield {"id": str(line.id), "event": "line", "data": view.model_dump_json()}
            seen = after if lines else newest  # a full page may have more behind it
        await asyncio.sleep(LOOK_S)


async def _read(door: Door, phone: Phone, after: int) -> list[LineView] | None:
    """None once the phone is no longer the patient's: it was open when it began to listen, which may be minutes ago."""
    async with door.database.look() as work:
        if not await is_linked(work, phone.id):
            return None
        return await lines_after(work, phone.patient_id, after)
