"""How often something may happen to one person within a day, counted where every process sees it."""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

DAY = timedelta(hours=24)


class Kept(Protocol):
    """Where the counts are: values with an end."""

    async def get(self, name: str) -> str | None: ...

    async def put(self, name: str, value: str, until: datetime) -> None: ...


@dataclass(frozen=True)
class DailyLimit:
    """At most so many within the 24 hours that begin with the first.  `key` hides who is counted."""

    kept: Kept
    now: Callable[[], datetime]
    key: str
    most: int

    async def take(self, who: str) -> timedelta | None:
        """Count one more.  None when it may happen, else how long until the next may."""
        name = self._name(who)
        count, until = self._read(await self.kept.get(name))
        if count >= self.most:
            return until - self.now()
        await self.kept.put(name, f"{count + 1} {until.isoformat()}", until)
        return None

    async def give_back(self, who: str) -> None:
        """It did not happen."""
        count, until = self._read(await self.kept.get(self._name(who)))
        if count:
            await self.kept.put(self._name(who), f"{count - 1} {until.isoformat()}", until)

    def _name(self, who: str) -> str:
        return "day-" + hmac.new(self.key.encode(), who.encode(), hashlib.sha256).hexdigest()[:32]

    def _read(self, value: str | None) -> tuple[int, datetime]:
        count, _, until = (value or "").partition(" ")
        return (int(count), datetime.fromisoformat(until)) if value else (0, self.now() + DAY)
