"""The clock of a measurement: it is told once where the due minute lies, and then costs what the real clock costs."""

from datetime import datetime, timedelta
from pathlib import Path

from care.kit.clock import SystemClock
from care.supervisor.bench_herd import DUE

BEFORE = timedelta(minutes=10)  # a tick that comes too early finds nothing due, and every plan looked at


class ToldClock(SystemClock):
    """Stands still before anything is due, until a file says by how many seconds real time is moved."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._ahead: timedelta | None = None

    def now(self) -> datetime:
        if self._ahead is None:
            if not self._file.exists():
                return DUE - BEFORE
            self._ahead = timedelta(seconds=float(self._file.read_text()))
        return super().now() + self._ahead
