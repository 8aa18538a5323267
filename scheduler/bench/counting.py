"""Counts what a process asks of its database, and how much memory it took."""

import re
import resource
from collections import Counter
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncEngine


class Writes:
    """Rows written by table, and transactions that wrote something."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.rows: Counter[str] = Counter()
        self.commits = self.statements = 0
        self._wrote: set[int] = set()
        self.before_s = processor_s()
        event.listen(engine.sync_engine, "after_cursor_execute", self._executed)
        event.listen(engine.sync_engine, "commit", self._committed)
        event.listen(engine.sync_engine, "rollback", lambda connection: self._wrote.discard(id(connection)))

    def _executed(
        self, connection: Connection, cursor: Any, statement: str, parameters: Any, context: Any, executemany: bool
    ) -> None:
        self.statements += 1
        if not (context and (context.isinsert or context.isupdate or context.isdelete)):
            return
        table = context.compiled.statement.table.name
        # SQLite counts the rows of a RETURNING only when they were fetched: they have been.
        count = max(cursor.rowcount, len(getattr(cursor, "_rows", ())))
        self.rows[table] += count
        if count:
            self._wrote.add(id(connection))

    def _committed(self, connection: Connection) -> None:
        self.commits += id(connection) in self._wrote
        self._wrote.discard(id(connection))

    def told(self) -> dict[str, Any]:
        cpu_s = processor_s() - self.before_s
        asked = {"rows": dict(self.rows), "commits": self.commits, "statements": self.statements}
        return asked | {"peak_mb": peak_mb(), "cpu_s": cpu_s}


def peak_mb() -> float:
    """The most memory this process had.  What the system tells as `ru_maxrss` begins with that of whoever started us."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


def processor_s() -> float:
    """Seconds of the processor this process has taken."""
    spent = resource.getrusage(resource.RUSAGE_SELF)
    return spent.ru_utime + spent.ru_stime
