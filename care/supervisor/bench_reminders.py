"""`karez bench reminders`: thousands due at one minute, from the due second until all have arrived and every row says so.

Beside our senders, in the same run and in turns: bare POSTs of the same client, an APScheduler job per reminder, and
marking before sending.  Each is a process of its own (`python -m scheduler.bench`), on a fresh copy of one database.
"""

import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from care.content.library import Library
from care.kit.ids import new_id
from care.kit.settings import Settings
from care.supervisor.bench_herd import Herd, write_herd
from care.supervisor.bench_report import Run, report
from care.supervisor.bench_runs import Sink, run_once, running_sink
from care.supervisor.local_servers import make_postgresql_database, running_nats, running_postgresql
from care.supervisor.prepare import CannotStart, make_home, migrate, open_keys

MOST_JOBS = 20_000  # an APScheduler job each for more would take minutes to add, and tell nothing new
Say = Callable[[str], object]


@dataclass(frozen=True)
class Asked:
    """What is to be measured."""

    database: str = "sqlite"
    workers: int = 1
    count: int = 2_000
    latency_ms: float = 0
    rounds: int = 3
    cap: int = 0
    sockets: int = 128
    only: str = ""


@dataclass
class Place:
    """Where it is measured: a home with a key, the herd's database, and how to make a copy of it."""

    home: Path
    socket: str = ""
    engine: str = "memory"
    copies: list[str] = field(default_factory=list)

    @property
    def herd_url(self) -> str:
        file = f"sqlite+aiosqlite:///{self.home / 'herd.db'}"
        return f"postgresql+psycopg://karez@/herd?host={self.socket}" if self.socket else file

    def copy(self) -> str:
        """The address of a fresh copy."""
        name = f"run{new_id().lower()[:12]}"
        if self.socket:
            return make_postgresql_database(self.socket, name, template="herd")
        for old in self.home.glob("run*.db*"):
            old.unlink()
        shutil.copy(self.home / "herd.db", self.home / f"{name}.db")
        return f"sqlite+aiosqlite:///{self.home / name}.db"


async def bench_reminders(settings: Settings, asked: Asked, say: Say) -> None:
    """Measure and print.  Raises CannotStart where a server is not installed."""
    if asked.database not in ("sqlite", "postgresql"):
        raise CannotStart(f"--database is {asked.database!r}; write sqlite or postgresql.")
    async with _place(settings, asked) as place:
        say(f"writing {asked.count} reminders that fall due at one minute ...")
        herd = await _herd(settings, asked, place)
        runs: list[Run] = []
        for number in range(asked.rounds):
            for kind in _kinds(asked):
                async with running_sink(place.home, asked.latency_ms, asked.cap) as sink:
                    runs.append(await _measure(settings, asked, place, herd, sink, kind))
                say(f"round {number + 1}  {runs[-1]}")
    report(runs, asked, say)


def _kinds(asked: Asked) -> tuple[str, ...]:
    if asked.only:
        return tuple(asked.only.split(","))
    if asked.cap:  # the others know no limit, and would only be refused
        return ("ours",)
    return ("raw", "ours") if asked.latency_ms else ("raw", "ours", "jobs", "mark")


@asynccontextmanager
async def _place(settings: Settings, asked: Asked) -> AsyncIterator[Place]:
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="karez-bench-")))
        place = Place(home)
        make_home(home)
        if asked.database == "postgresql":
            place.socket = stack.enter_context(running_postgresql())
            place.engine = stack.enter_context(running_nats(home))
            make_postgresql_database(place.socket, "herd")
        yield place


async def _herd(settings: Settings, asked: Asked, place: Place) -> Herd:
    master = open_keys(place.home)
    await migrate(place.herd_url)
    return await write_herd(place.herd_url, master, Library.load(settings.content), asked.count, "bench")


async def _measure(settings: Settings, asked: Asked, place: Place, herd: Herd, sink: Sink, kind: str) -> Run:
    count = min(herd.count, MOST_JOBS) if kind == "jobs" else herd.count
    url = place.copy()
    given: dict[str, Any] = {
        "url": f"{sink.url}/message",
        "sockets": asked.sockets,
        "per_second": asked.cap or None,
        "count": count,
        "sample": herd.sample,
        "jobs": url.replace("sqlite+aiosqlite", "sqlite"),
    }
    environment = {"HOME": str(place.home), "DATABASE": url, "ENGINE": place.engine, "CONTENT": str(settings.content.resolve())}
    environment |= {"DEMO": "true", "LOG_JSON": "true", "SENDERS": str(asked.workers)}
    return await run_once(kind, asked.workers, given, environment, sink)
