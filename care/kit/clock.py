"""The only reader of a real clock: everything else is handed `now`."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The present moment in UTC, always with its zone."""


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class HandClock:
    """A clock somebody turns: rehearsals and tests."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def turn_to(self, moment: datetime) -> None:
        self._now = moment.astimezone(UTC)

    def advance(self, by: timedelta) -> None:
        self._now += by


class FileClock:
    """A hand clock several processes share: the file holds an offset in seconds added to the real time.

    A missing or unreadable file means no offset, so that a lost rehearsal file can never stop reminders.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def now(self) -> datetime:
        now = datetime.now(UTC)
        try:
            return now + timedelta(seconds=float(self._path.read_text()))
        except (OSError, ValueError, OverflowError):
            return now


def clock_of(file: Path | None) -> Clock:
    """The clock a process lives by: the real one, or that of a rehearsal (KAREZ_CLOCK_FILE)."""
    return FileClock(file) if file else SystemClock()


def stopwatch_s() -> float:
    """Seconds on a clock that never jumps, for measuring how long something took."""
    return time.perf_counter()
