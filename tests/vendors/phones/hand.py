"""Whoever sits before the page, told over HTTP: reads what stands on a telephone and presses what is there."""

import asyncio
import html
import re
from dataclasses import dataclass

import aiohttp

from care.kit.clock import stopwatch_s

BUBBLE = re.compile(r'<div class="bubble theirs">.*?</div>', re.DOTALL)
BUTTON = re.compile(r'name="number" value="(\d+)"><button class="choice" name="payload" value="([^"]*)"')
PATIENCE_S = 45.0  # WhatsApp lets one message through in six seconds
SOUND = re.compile(r'<audio [^>]*src="([^"]+)"')


@dataclass
class Hand:
    """One telephone in one app."""

    http: aiohttp.ClientSession
    url: str  # of the page
    row: str  # telegram/1

    async def screen(self) -> str:
        async with self.http.get(f"{self.url}/{self.row}") as answer:
            assert answer.status == 200, await answer.text()
            return html.unescape(await answer.text())

    async def bubbles(self) -> list[str]:
        """What the hospital said, as HTML, the oldest first."""
        return BUBBLE.findall(await self.screen())

    async def does(self, act: str, **fields: str) -> None:
        async with self.http.post(f"{self.url}/{self.row}/{act}", data=fields or {"-": ""}) as answer:
            assert answer.status == 200, await answer.text()

    async def presses(self, payload: str, act: str = "press") -> None:
        """The last button that comes back with this, as soon as it is there."""
        await self.until(f'name="payload" value="{payload}')
        found = [each for each in BUTTON.findall(await self.screen()) if each[1].startswith(payload)]
        await self.does(act, number=found[-1][0], payload=found[-1][1])

    async def until(self, words: str, patience_s: float = PATIENCE_S) -> None:
        """Wait until it stands on the screen."""
        begun_s = stopwatch_s()
        while words not in await self.screen():
            assert stopwatch_s() - begun_s < patience_s, f"there is no {words} among {await self.bubbles()}"
            await asyncio.sleep(0.2)

    async def hears(self) -> bytes:
        """The last recording."""
        found = SOUND.findall(await self.screen())
        async with self.http.get(self.url + found[-1]) as answer:
            assert answer.status == 200
            return await answer.read()
