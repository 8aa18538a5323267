"""What channels remember while this process lives; for previews and tests, where nothing may be kept."""

from collections.abc import Callable
from datetime import datetime


class BriefNotes:
    """Values with an end, in memory."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._kept: dict[str, tuple[str, datetime]] = {}

    async def get(self, name: str) -> str | None:
        value, until = self._kept.get(name, ("", self._now()))
        return value if until > self._now() else None

    async def put(self, name: str, value: str, until: datetime) -> None:
        self._kept[name] = value, until

    async def forget(self, name: str, value: str) -> None:
        if self._kept.get(name, ("",))[0] == value:
            del self._kept[name]
