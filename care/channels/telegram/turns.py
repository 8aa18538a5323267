"""One message a second to one chat: whoever is next waits for their own chat only."""

import asyncio
from collections.abc import Awaitable, Callable

from care.kit.clock import stopwatch_s

MANY = 10_000  # chats remembered before those whose turn is over are forgotten


class Turns:
    """`watch` and `pause`: the seconds of a clock, and waiting on it."""

    def __init__(
        self,
        apart_s: float,
        watch: Callable[[], float] = stopwatch_s,
        pause: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._apart_s, self._watch, self._pause = apart_s, watch, pause
        self._next_s: dict[str, float] = {}
        self._most = MANY

    async def take(self, chat: str, most_s: float) -> float:
        """Waits for the chat's turn.  Over `most_s` it takes none: how long it would have been, else 0."""
        now_s = self._watch()
        at_s = max(now_s, self._next_s.get(chat, now_s))
        if at_s - now_s > most_s:
            return at_s - now_s
        self._forget(now_s)
        self._next_s[chat] = at_s + self._apart_s
        if at_s > now_s:
            await self._pause(at_s - now_s)
        return 0.0

    def _forget(self, now_s: float) -> None:
        if len(self._next_s) < self._most:
            return
        self._next_s = {chat: at_s for chat, at_s in self._next_s.items() if at_s > now_s}
        self._most = max(MANY, 2 * len(self._next_s))  # or a herd would have all of them looked through at each message
