"""Recordings on their way: each is uploaded once, and from then on sent by the name Telegram gave it."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from care.channels.base import Cause, Notes, SendFailed, Sound
from care.channels.telegram.client import Line, Refused
from care.channels.telegram.failures import is_of_the_sound

MOST_BYTES = 1_000_000  # what is larger arrives as a file to be downloaded, and no longer speaks
KEPT = timedelta(days=90)
PATIENCE_S = 2.0  # for another's upload of the same sound
AGAIN = timedelta(seconds=2)
TRIES = 3  # of names that others have put meanwhile


class Sounds:
    """`notes` keep Telegram's name for each sound; a name is worth something to the same bot only."""

    def __init__(self, line: Line, notes: Notes, now: Callable[[], datetime]) -> None:
        self._line, self._notes, self._now = line, notes, now
        self._on_the_way: dict[str, asyncio.Event] = {}

    async def send(self, sound: Sound, asked: dict[str, Any]) -> dict[str, Any]:
        """The voice note with what is `asked` besides; Telegram's message.

        Raises Refused, Unreached or Lost, and SendFailed when the sound is none or is still being uploaded.
        """
        name = f"{self._line.bot_id}:{sound.name}"
        for _ in range(TRIES):
            known = await self._look_up(name)
            if not known:
                return await self._upload(name, sound, asked)
            try:
                return await self._line.call("sendVoice", asked | {"voice": known})
            except Refused as no:
                if not is_of_the_sound(no):
                    raise
                await self._notes.forget(name, known)
        raise SendFailed(Cause.BUSY, again_after=AGAIN)

    async def _look_up(self, name: str) -> str | None:
        """Telegram's name for it; a herd of reminders says the same, and waits for the first of it to bring the sound up."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    if going := self._on_the_way.get(name):
                        await going.wait()
                    known = await self._notes.get(name)
                    if known or name not in self._on_the_way:
                        return known
        except TimeoutError:
            raise SendFailed(Cause.BUSY, again_after=AGAIN) from None

    async def _upload(self, name: str, sound: Sound, asked: dict[str, Any]) -> dict[str, Any]:
        self._on_the_way[name] = asyncio.Event()  # before anything is waited for: nobody else begins
        try:
            content = await asyncio.to_thread(sound.read)
            if not content or len(content) > MOST_BYTES:
                raise SendFailed(Cause.OUR_BUG)
            sent = await self._line.call("sendVoice", asked, content)
            if "voice" in sent:
                await self._notes.put(name, sent["voice"]["file_id"], self._now() + KEPT)
            return sent
        finally:
            self._on_the_way.pop(name).set()
