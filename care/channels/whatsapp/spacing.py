"""Leaves the time between two messages to one person that Meta wants, and lets everybody else pass."""

from collections.abc import Callable
from datetime import timedelta

from care.channels.base import Cause, SendFailed
from care.channels.whatsapp.causes import PAIR_S

MANY = 4096  # people whose last message is remembered before those it no longer matters for are looked for and let go


class Spacing:
    """Knows when each person may be written to next, on a clock in seconds that never jumps."""

    def __init__(self, stopwatch_s: Callable[[], float]) -> None:
        self._stopwatch_s = stopwatch_s
        self._free_at_s: dict[str, float] = {}
        self._most = MANY

    def take(self, address: str) -> float:
        """This person's next moment: seconds until then.  Raises SendFailed(BUSY) when others wait for it already."""
        now_s = self._stopwatch_s()
        at_s = max(now_s, self._free_at_s.get(address, now_s))
        if at_s - now_s > PAIR_S:
            raise SendFailed(Cause.BUSY, again_after=timedelta(seconds=at_s - now_s), of_one=True)
        self._forget(now_s)
        self._free_at_s[address] = at_s + PAIR_S
        return at_s - now_s

    def is_through(self, address: str) -> None:
        """The call is over: Meta counts from when it took the message, on a slow line seconds after the person's turn."""
        free_at_s = self._stopwatch_s() + PAIR_S
        self._free_at_s[address] = max(free_at_s, self._free_at_s.get(address, free_at_s))

    def _forget(self, now_s: float) -> None:
        if len(self._free_at_s) <= self._most:
            return
        self._free_at_s = {each: free_s for each, free_s in self._free_at_s.items() if free_s > now_s}
        self._most = max(MANY, 2 * len(self._free_at_s))  # or a herd would have all of them looked through at each message
